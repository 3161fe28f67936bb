package erpc.transport;

import erpc.protocol.ClientConnection;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a client's connections are protected, and what it shows of itself on each of them.
 * Thread-safe; closed by who made it.
 */
public final class Security implements AutoCloseable {
  private final @Nullable Tls tls;
  private final boolean hasCertificate;

  /**
   * Plain text and no credentials where these are null.
   *
   * @throws IllegalArgumentException if a file of the settings is missing or bad, naming it
   */
  public Security(@Nullable TlsSettings settings) {
    this.tls = settings == null ? null : Tls.client(settings);
    this.hasCertificate = settings != null && settings.certificate() != null;
  }

  boolean isTls() {
    return tls != null;
  }

  /**
   * Before the socket is connected, on a thread where it may block.
   *
   * @throws IllegalArgumentException if nothing must be sent to this address
   */
  void prepare(ClientConnection dialling, SocketAddress remote, String address) {
    if (tls != null) {
      tls.requireName(address);
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

  /** Looks at files no more. */
  @Override
  public void close() {
    if (tls != null) {
      tls.close();
    }
  }
}
