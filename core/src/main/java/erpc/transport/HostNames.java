package erpc.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Finds the addresses of host names: in the hosts file, else by asking the name servers and search
 * list of {@code resolv.conf}, each time anew. The JVM's own look-ups keep an answer for 30 s and a
 * failure for 10 s, so that callers would go on dialling addresses that are gone. Thread-safe.
 */
public final class HostNames {
  /** How long one name server may take to answer one question. */
  static final long QUERY_TIMEOUT_MILLIS = 2_000;

  /** How long a look-up may take in all, other servers and the search list included. */
  static final long LOOKUP_TIMEOUT_MILLIS = 10_000;

  /** Questions for the same name at the same time that are asked as one. */
  private static final int MAX_CONSOLIDATED = 1_024;

  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path NAME_SERVERS = Path.of("/etc/resolv.conf");

  private final boolean jdk;
  private final HostsFile hosts;
  private final Path nameServers;
  private final AtomicReference<@Nullable Asked> asked = new AtomicReference<>();

  /** Name servers as a version of the file named them. */
  private record Asked(FileStamp version, DnsNameResolver resolver) {}

  HostNames(boolean jdk, Path hosts, Path nameServers) {
    this.jdk = jdk;
    this.hosts = new HostsFile(hosts);
    this.nameServers = nameServers;
  }

  /** The process's own, as {@code erpc.dns} says. */
  public static HostNames ofProcess() {
    return OfProcess.NAMES;
  }

  /** Made when a name is first looked up. */
  private static final class OfProcess {
    static final HostNames NAMES =
        new HostNames(
            ReactorSettings.ofProcess().dns() == HostLookup.JDK || !isUsable(),
            HOSTS,
            NAME_SERVERS);
  }

  /** The thread that talks to name servers, for as long as the process lives. */
  private static final class Loop {
    static final EventLoopGroup LOOPS =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("erpc-dns", true), NioIoHandler.newFactory());
  }

  /**
   * Whether the system's name servers are where Unix keeps them and nobody has told the JDK others.
   */
  private static boolean isUsable() {
    String system = System.getProperty("os.name", "");
    return system.startsWith("Linux")
        && System.getProperty("jdk.net.hosts.file") == null
        && Files.isReadable(NAME_SERVERS);
  }

  /**
   * All addresses of a host name, or the address that is written there. Blocks, for ten seconds at
   * most; not for event loops.
   *
   * @throws UnknownHostException if there is no such name, or nobody who knows answers
   */
  public InetAddress[] addresses(String host) throws UnknownHostException {
    if (jdk || host.indexOf(':') >= 0 || NetUtil.isValidIpV4Address(host)) {
      return InetAddress.getAllByName(host);
    }
    InetAddress[] listed = hosts.addresses(host);
    if (listed.length > 0) {
      return listed;
    }
    if (isLocal(host)) {
      return new InetAddress[] {NetUtil.LOCALHOST4, NetUtil.LOCALHOST6}; // RFC 6761, 6.3
    }
    return ask(host);
  }

  private static boolean isLocal(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return name.equalsIgnoreCase("localhost");
  }

  private InetAddress[] ask(String host) throws UnknownHostException {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    resolver(host)
        .resolveAll(host)
        .addListener(done -> {
          if (done.isSuccess()) {
            @SuppressWarnings("unchecked") // What this resolver's futures hold.
            List<InetAddress> found = (List<InetAddress>) done.getNow();
            answer.complete(found);
          } else {
            answer.completeExceptionally(done.cause());
          }
        });
    try {
      return answer.get(LOOKUP_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).toArray(InetAddress[]::new);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw unknown(host, String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw unknown(host, "no answer within " + LOOKUP_TIMEOUT_MILLIS + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown(host, "interrupted while waiting for name servers", e);
    }
  }

  private static UnknownHostException unknown(String host, String why, Throwable cause) {
    var unknown = new UnknownHostException(host + ": " + why);
    unknown.initCause(cause);
    return unknown;
  }

  /** The resolver for what the file says now; name servers change when a machine moves. */
  private DnsNameResolver resolver(String host) throws UnknownHostException {
    FileStamp version = FileStamp.of(nameServers);
    Asked known = asked.get();
    if (known != null && known.version.equals(version)) {
      return known.resolver;
    }
    Asked made = new Asked(version, made(host));
    if (!asked.compareAndSet(known, made)) {
      made.resolver.close();
      return resolver(host);
    }
    if (known != null) {
      // Questions that are under way end first.
      var unused =
          Loop.LOOPS.schedule(known.resolver::close, LOOKUP_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }
    return made.resolver;
  }

  private DnsNameResolver made(String host) throws UnknownHostException {
    try {
      return new DnsNameResolverBuilder(Loop.LOOPS.next())
          .datagramChannelType(NioDatagramChannel.class)
          .socketChannelType(NioSocketChannel.class)
          .nameServerProvider(new UnixResolverDnsServerAddressStreamProvider(nameServers.toFile()))
          .hostsFileEntriesResolver((name, kinds) -> null) // Looked at before.
          .resolveCache(NoopDnsCache.INSTANCE)
          .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
          .cnameCache(NoopDnsCnameCache.INSTANCE)
          .queryTimeoutMillis(QUERY_TIMEOUT_MILLIS)
          .consolidateCacheSize(MAX_CONSOLIDATED)
          .build();
    } catch (IOException | RuntimeException e) {
      throw unknown(host, nameServers + " cannot be used (" + e.getMessage() + ")", e);
    }
  }
}
