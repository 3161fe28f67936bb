package erpc.transport;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's own list of host names, read again when it has changed. Thread-safe. */
final class HostsFile {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  private final Path file;
  private volatile @Nullable Version version;

  private record Version(FileStamp stamp, HostsFileEntriesProvider entries) {}

  HostsFile(Path file) {
    this.file = file;
  }

  /** The addresses of a name, IPv4 first; none if it isn't listed. May block for a moment. */
  InetAddress[] addresses(String host) {
    FileStamp now = FileStamp.of(file);
    Version known = version;
    if (known == null || !known.stamp.equals(now)) {
      known = new Version(now, read());
      version = known;
    }
    String name = host.toLowerCase(Locale.ROOT);
    List<InetAddress> found = new ArrayList<>();
    found.addAll(known.entries.ipv4Entries().getOrDefault(name, List.of()));
    found.addAll(known.entries.ipv6Entries().getOrDefault(name, List.of()));
    return found.toArray(InetAddress[]::new);
  }

  private HostsFileEntriesProvider read() {
    HostsFileEntriesProvider.Parser parser = HostsFileEntriesProvider.parser();
    try {
      return parser.parse(file.toFile(), StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot read {}, names are looked up without it: {}", file, e.getMessage());
      return parser.parseSilently(Path.of("/dev/null").toFile());
    }
  }
}
