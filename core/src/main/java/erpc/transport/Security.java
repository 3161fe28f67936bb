package erpc.transport;

import erpc.call.Thrown;
import erpc.protocol.DialledConnection;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a client's connections are protected, and what it shows of itself on each of them.
 * Thread-safe; closed by who made it.
 */
public final class Security implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  private final @Nullable Tls tls;
  private final boolean hasCertificate;
  private final @Nullable Credentials credentials;
  private final Set<DialledConnection> open = ConcurrentHashMap.newKeySet();
  private final @Nullable Repeated asks;

  /** Written by any thread that has heard of another one, before it shows that. */
  private volatile @Nullable String shown;

  /**
   * Plain text and no credentials where these are null.
   *
   * @throws IllegalArgumentException if a file of the settings is missing or bad, naming it
   */
  public Security(@Nullable TlsSettings settings, @Nullable Credentials credentials) {
    this.credentials = credentials;
    this.tls = settings == null ? null : Tls.client(settings);
    this.hasCertificate = settings != null && settings.certificate() != null;
    this.asks =
        credentials == null || credentials.perCall()
            ? null
            : Repeated.start(
                "erpc-credentials",
                credentials.refreshInterval(),
                () -> askAgain(credentials),
                LOG,
                "asking whether credentials have changed");
  }

  boolean isTls() {
    return tls != null;
  }

  /** Whether {@link #prepare} asks the user's code. */
  boolean asksUser() {
    return credentials != null;
  }

  /**
   * Before the socket is connected, on a thread where it may block.
   *
   * @throws IllegalArgumentException if nothing must be sent to this address, or there is no token
   */
  void prepare(DialledConnection dialling, List<SocketAddress> remotes, String address) {
    if (tls != null) {
      tls.requireName(address);
    }
    Credentials used = credentials;
    if (used == null) {
      return;
    }
    if (tls == null && !used.allowPlainText() && !remotes.stream().allMatch(Security::staysHere)) {
      throw new IllegalArgumentException(
          "credentials are not sent to "
              + address
              + " in plain text: use TLS, or Credentials.withPlainTextAllowed()");
    }
    if (!used.perCall()) {
      show(dialling, ask(used));
    }
  }

  private void show(DialledConnection connection, String token) {
    connection.bearer(token);
    open.add(connection);
    showAll(token);
    connection.onClose(() -> open.remove(connection));
  }

  /** Shows a token that has changed on every connection, whoever was first to hear of it. */
  private void showAll(String token) {
    if (!token.equals(shown)) {
      shown = token;
      open.forEach(this::showNewest);
    }
  }

  /** Looks again after it: another thread may have shown a newer one just before. */
  private void showNewest(DialledConnection connection) {
    String newest;
    do {
      newest = Objects.requireNonNull(shown);
      connection.bearer(newest);
    } while (!newest.equals(shown));
  }

  private static String ask(Credentials used) {
    try {
      return Objects.requireNonNull(used.token().get(), "the supplier gave null");
    } catch (Throwable e) {
      throw new IllegalArgumentException(
          "there are no credentials to show: " + Thrown.describe(e), e);
    }
  }

  /** Whether nobody else can listen on the way there. */
  private static boolean staysHere(SocketAddress remote) {
    return remote instanceof InetSocketAddress inet
        ? inet.getAddress() != null && inet.getAddress().isLoopbackAddress()
        : true;
  }

  // ---- tokens that change

  private void askAgain(Credentials used) {
    if (open.isEmpty()) {
      return;
    }
    try {
      showAll(ask(used));
    } catch (IllegalArgumentException e) {
      LOG.warn("connections keep the credentials they have: {}", e.getMessage());
    }
  }

  /** Puts TLS on a new channel; calls go over it once {@code done} has run. */
  void protect(
      Channel channel, String address, Duration timeout, Runnable done, Consumer<String> failed) {
    channel
        .pipeline()
        .addLast(
            Objects.requireNonNull(tls).connect(channel.alloc(), address, timeout),
            new ClientHandshake(hasCertificate, done, failed));
  }

  /** Looks at files and asks for tokens no more. */
  @Override
  public void close() {
    if (asks != null) {
      asks.close();
    }
    if (tls != null) {
      tls.close();
    }
  }
}
