package erpc.transport;

import io.netty.util.Version;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the Netty on the class path is one that erpc works with. Other frameworks' BOMs manage
 * older ones, and a program with those would end in a NoClassDefFoundError that tells nobody why.
 * Looked at once per process.
 */
final class NettyVersion {
  /** What erpc is built and tested with; the parent pom says the same. */
  static final String FLOOR = "4.2.18.Final";

  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  /**
   * A class of each module that erpc uses; what all have in common first, as of several that are as
   * old the first is named. One that was added since 4.1 may not be there.
   */
  private static final List<Part> MODULES =
      List.of(
          new Part("netty-common", () -> io.netty.util.Version.class),
          new Part("netty-buffer", () -> io.netty.buffer.ByteBuf.class),
          new Part("netty-transport", () -> io.netty.channel.Channel.class),
          new Part("netty-codec-base", () -> io.netty.handler.codec.ByteToMessageDecoder.class),
          new Part("netty-handler", () -> io.netty.handler.ssl.SslHandler.class),
          new Part("netty-resolver-dns", () -> io.netty.resolver.dns.DnsNameResolver.class),
          new Part("netty-transport-classes-epoll", () -> io.netty.channel.epoll.Epoll.class),
          new Part("netty-transport-classes-io_uring", () -> io.netty.channel.uring.IoUring.class),
          new Part("netty-transport-native-unix-common", () -> io.netty.channel.unix.Socket.class));

  /**
   * A module of Netty.
   *
   * @param type a class of it, or what throws if that is not there
   */
  private record Part(String name, Supplier<Class<?>> type) {}

  private static final Pattern NUMBERS = Pattern.compile("^(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

  /**
   * A module as it was found.
   *
   * @param jar where, or null if the class loader doesn't tell
   */
  record Found(String module, String version, @Nullable String jar) {
    /** As a number that is the higher the newer it is. */
    long rank() {
      return Objects.requireNonNull(NettyVersion.rank(version));
    }

    @Override
    public String toString() {
      return module + " " + version + (jar == null ? "" : " (" + jar + ")");
    }
  }

  /** Why erpc refuses to start; null if it doesn't. */
  private static final @Nullable String REFUSAL = look();

  private NettyVersion() {}

  /**
   * Returns if erpc can work with the Netty that is there, or if nothing tells which one it is.
   *
   * @throws IllegalStateException saying what was found, where, and what to set
   */
  static void require() {
    if (REFUSAL != null) {
      throw new IllegalStateException(REFUSAL);
    }
  }

  private static @Nullable String look() {
    Found oldest =
        oldest(MODULES.stream().map(NettyVersion::found).filter(Objects::nonNull).toList());
    String wrong = oldest == null ? null : wrong(oldest);
    if (wrong == null) {
      return null;
    }
    if (isTooOld(Objects.requireNonNull(oldest))) {
      return wrong;
    }
    LOG.warn("{}", wrong);
    return null;
  }

  /** The module of the oldest version; null if there is none. */
  static @Nullable Found oldest(List<Found> modules) {
    Found oldest = null;
    for (Found each : modules) {
      if (oldest == null || each.rank() < oldest.rank()) {
        oldest = each;
      }
    }
    return oldest;
  }

  /** Whether erpc cannot start with it, as it has none of the classes that came with 4.2. */
  static boolean isTooOld(Found module) {
    return module.rank() < Objects.requireNonNull(rank("4.2.0"));
  }

  /** What is to be said of the oldest module; null if nothing is wrong with it. */
  static @Nullable String wrong(Found oldest) {
    if (oldest.rank() >= Objects.requireNonNull(rank(FLOOR))) {
      return null;
    }
    return (isTooOld(oldest)
            ? "erpc cannot start: it needs Netty 4.2, "
            : "erpc is made for Netty ")
        + FLOOR
        + " or later, and found "
        + oldest
        + ". Often the BOM of another framework manages an older one. Maven: import erpc-bom before"
        + " other BOMs, or with Spring Boot's parent set <netty.version>"
        + FLOOR
        + "</netty.version> in <properties>. Gradle with Spring's plugin: ext['netty.version'] = '"
        + FLOOR
        + "'";
  }

  private static @Nullable Found found(Part module) {
    try {
      Class<?> type = module.type.get();
      String version = version(module.name, type);
      return version == null || rank(version) == null
          ? null
          : new Found(module.name, version, jar(type));
    } catch (LinkageError | SecurityException e) {
      return null; // Whoever needs it will say so.
    }
  }

  /**
   * The version that the jar of a class tells; null if that has lost it. The manifest of a jar that
   * is packed of several is another program's.
   */
  private static @Nullable String version(String module, Class<?> type) {
    var descriptor = type.getModule().getDescriptor();
    if (descriptor != null && descriptor.name().startsWith("io.netty.")) {
      return descriptor.rawVersion().orElse(null);
    }
    Package own = type.getPackage();
    String title = own.getImplementationTitle();
    if (title != null && title.startsWith("Netty")) {
      return own.getImplementationVersion();
    }
    Version told = Version.identify(type.getClassLoader()).get(module);
    return told == null ? null : told.artifactVersion();
  }

  private static @Nullable String jar(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null ? null : source.getLocation().toString();
  }

  /** A version as a number, the higher the newer; null if it doesn't begin with three numbers. */
  static @Nullable Long rank(String version) {
    Matcher numbers = NUMBERS.matcher(version);
    return numbers.find()
        ? (Long.parseLong(numbers.group(1)) * 10_000 + Long.parseLong(numbers.group(2))) * 10_000
            + Long.parseLong(numbers.group(3))
        : null;
  }
}
