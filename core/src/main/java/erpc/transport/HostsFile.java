package erpc.transport;

import erpc.call.LineLimit;
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
  private final LineLimit lines = new LineLimit();

  /** Written by any thread that has read the file; one that comes late is found out of date. */
  private volatile @Nullable Version version;

  private record Version(FileStamp stamp, HostsFileEntriesProvider entries) {}

  HostsFile(Path file) {
    this.file = file;
  }

  /** The addresses of a name, IPv4 first; none if it isn't listed. May block for a moment. */
  InetAddress[] addresses(String host) {
    Version now = current();
    if (now == null) {
      return new InetAddress[0];
    }
    String name = host.toLowerCase(Locale.ROOT);
    List<InetAddress> found = new ArrayList<>();
    found.addAll(now.entries.ipv4Entries().getOrDefault(name, List.of()));
    found.addAll(now.entries.ipv6Entries().getOrDefault(name, List.of()));
    return found.toArray(InetAddress[]::new);
  }

  /**
   * What the file says now. If it cannot be read, as when there are no file descriptors left, what
   * it said last holds until it can, or null if that is nothing.
   */
  private @Nullable Version current() {
    Version known = version;
    FileStamp now = FileStamp.of(file);
    if (known != null && known.stamp.equals(now)) {
      return known;
    }
    try {
      HostsFileEntriesProvider entries =
          HostsFileEntriesProvider.parser()
              .parse(file.toFile(), StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
      Version read = new Version(now, entries);
      version = read;
      return read;
    } catch (IOException | RuntimeException e) {
      long more = lines.admit();
      if (more >= 0) {
        LOG.warn(
            "cannot read {}, names are looked up {}: {} ({} more like it since the last line)",
            file,
            known == null ? "without it" : "in what it said before",
            e.getMessage(),
            more);
      }
      return known;
    }
  }
}
