package erpc.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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

  /** How long nothing must be asked before the thread that asks ends. */
  private static final long IDLE_MILLIS = 10_000;

  /** Questions for the same name at the same time that are asked as one. */
  private static final int MAX_CONSOLIDATED = 1_024;

  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path NAME_SERVERS = Path.of("/etc/resolv.conf");

  private final boolean jdk;
  private final HostsFile hosts;
  private final Path nameServers;
  private final long idleMillis;

  @GuardedBy("this")
  private @Nullable EventLoopGroup loop; // its thread talks to name servers; ends when idle

  @GuardedBy("this")
  private @Nullable Asked asked;

  @GuardedBy("this")
  private int asking;

  @GuardedBy("this")
  private long questions;

  @GuardedBy("this")
  private boolean isLookedAt; // whether it is idle

  /** Name servers as a version of the file named them. */
  private record Asked(FileStamp version, DnsNameResolver resolver) {}

  HostNames(boolean jdk, Path hosts, Path nameServers, long idleMillis) {
    this.jdk = jdk;
    this.hosts = new HostsFile(hosts);
    this.nameServers = nameServers;
    this.idleMillis = idleMillis;
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
            NAME_SERVERS,
            IDLE_MILLIS);
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
    DnsNameResolver resolver = begin(host);
    try {
      return ask(host, resolver);
    } finally {
      end();
    }
  }

  private static InetAddress[] ask(String host, DnsNameResolver resolver)
      throws UnknownHostException {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    resolver
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
  private synchronized DnsNameResolver begin(String host) throws UnknownHostException {
    FileStamp version = FileStamp.of(nameServers);
    Asked known = asked;
    if (known == null || !known.version.equals(version)) {
      EventLoopGroup running = running();
      Asked made = new Asked(version, made(host, running));
      asked = made;
      if (known != null) {
        // Questions that are under way end first.
        var unused =
            running.schedule(known.resolver::close, LOOKUP_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      }
      known = made;
    }
    asking++;
    questions++;
    return known.resolver;
  }

  @GuardedBy("this")
  private EventLoopGroup running() {
    EventLoopGroup found = loop;
    if (found == null) {
      found =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("erpc-dns", true), NioIoHandler.newFactory());
      loop = found;
    }
    return found;
  }

  private synchronized void end() {
    asking--;
    if (asking == 0 && !isLookedAt) {
      lookLater();
    }
  }

  @GuardedBy("this")
  private void lookLater() {
    EventLoopGroup running = loop;
    isLookedAt = running != null;
    if (running != null) {
      long last = questions;
      var unused = running.schedule(() -> endIfIdle(last), idleMillis, TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the thread if nothing was asked after this question; the next one starts another. */
  private synchronized void endIfIdle(long last) {
    isLookedAt = false;
    EventLoopGroup ended = loop;
    if (asking > 0 || ended == null) {
      return; // Whoever asks looks again when he has his answer.
    }
    if (questions != last) {
      lookLater();
      return;
    }
    Asked known = asked;
    asked = null;
    loop = null;
    if (known != null) {
      known.resolver.close();
    }
    ended.shutdownGracefully(0, LOOKUP_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private DnsNameResolver made(String host, EventLoopGroup running) throws UnknownHostException {
    try {
      return new DnsNameResolverBuilder(running.next())
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
