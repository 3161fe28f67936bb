package erpc.transport;

import erpc.call.Thrown;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates, key and trust as they are on disk now: new connections get the newest that were
 * good, those that are open keep what they began with. Thread-safe; closed by who made it.
 */
public final class Tls implements AutoCloseable {
  /** What erpc is called in TLS's negotiation of protocols (ALPN). */
  static final String PROTOCOL = "erpc/1";

  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");
  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  private final TlsSettings settings;
  private final boolean server;
  private final SslProvider provider;
  private final Repeated looks;

  /** Written by the thread that looks at the files; publishes what it has loaded. */
  private volatile SslContext context;

  // Of the thread that looks at the files, which is started after they were first set.
  private String seen;
  private boolean broken;

  private Tls(TlsSettings settings, boolean server, SslProvider provider) {
    this.settings = settings;
    this.server = server;
    this.provider = provider;
    this.seen = stamp();
    this.context = load();
    this.looks =
        Repeated.start(
            "erpc-tls-reload",
            settings.reloadInterval(),
            this::look,
            LOG,
            "looking whether TLS files have changed");
  }

  /**
   * For the connections of a client.
   *
   * @throws IllegalArgumentException if a file is missing or bad, naming it
   */
  public static Tls client(TlsSettings settings) {
    return new Tls(settings, false, best());
  }

  /**
   * For the connections of a server.
   *
   * @throws IllegalArgumentException if there is no certificate, or a file is missing or bad,
   *     naming it
   */
  public static Tls server(TlsSettings settings) {
    return server(settings, best());
  }

  static Tls server(TlsSettings settings, SslProvider provider) {
    if (settings.certificate() == null) {
      throw new IllegalArgumentException("a server needs a certificate to speak TLS");
    }
    return new Tls(settings, true, provider);
  }

  /** BoringSSL where it loads; the setting {@code tls} may keep to the JDK's. */
  private static SslProvider best() {
    boolean jdk = ReactorSettings.ofProcess().tls() == TlsLibrary.JDK;
    return !jdk && OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  /** What speaks it, in words. */
  String library() {
    return provider == SslProvider.JDK ? "the JDK" : OpenSsl.versionString();
  }

  /** Whether a server serves plain text too. */
  boolean alsoPlain() {
    return settings.alsoPlain();
  }

  /** A server's end of a new connection. */
  SslHandler accept(ByteBufAllocator buffers, Duration timeout) {
    SslHandler handler = context.newHandler(buffers);
    handler.setHandshakeTimeoutMillis(timeout.toMillis());
    return handler;
  }

  /**
   * A client's end of a new connection.
   *
   * @throws IllegalArgumentException if the address has no host that a certificate could be for
   */
  SslHandler connect(ByteBufAllocator buffers, String address, Duration timeout) {
    SslHandler handler =
        context.newHandler(buffers, nameOf(address), SocketAddresses.port(address));
    handler.setHandshakeTimeoutMillis(timeout.toMillis());
    return handler;
  }

  /**
   * Checks that there is a name to hold an endpoint's certificate against.
   *
   * @throws IllegalArgumentException if there is none
   */
  void requireName(String address) {
    var unused = nameOf(address);
  }

  /** The name that the certificate of this endpoint must have. */
  private String nameOf(String address) {
    String set = settings.serverName();
    return set == null ? SocketAddresses.host(address) : set;
  }

  // ---- loading

  private SslContext load() {
    try {
      SslContextBuilder builder = server ? forServer() : forClient();
      return builder
          .sslProvider(provider)
          .protocols(VERSIONS)
          .trustManager(new ExplainingTrust(trusted()))
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  PROTOCOL))
          .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private SslContextBuilder forServer() {
    Identity own = identity();
    if (own == null) {
      throw new IllegalStateException("a server without a certificate");
    }
    return SslContextBuilder.forServer(own.key, own.chain)
        .clientAuth(
            switch (settings.clientCertificate()) {
              case NONE -> ClientAuth.NONE;
              case OPTIONAL -> ClientAuth.OPTIONAL;
              case REQUIRED -> ClientAuth.REQUIRE;
            });
  }

  private SslContextBuilder forClient() {
    SslContextBuilder builder =
        SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
    Identity own = identity();
    return own == null ? builder : builder.keyManager(own.key, own.chain);
  }

  private X509Certificate @Nullable [] trusted() {
    Path file = settings.trust();
    return file == null ? null : Pem.certificates(file);
  }

  private @Nullable Identity identity() {
    Path chainFile = settings.certificate();
    Path keyFile = settings.key();
    if (chainFile == null || keyFile == null) {
      return null;
    }
    Identity own = new Identity(Pem.certificates(chainFile), Pem.key(keyFile));
    Pem.requirePair(own.chain[0], own.key, keyFile);
    TlsTrial.require(provider, VERSIONS, own.key, own.chain, keyFile);
    return own;
  }

  private record Identity(X509Certificate[] chain, PrivateKey key) {}

  // ---- looking again

  private void look() {
    // Stamped before it is read: what changes meanwhile is seen the next time.
    String now = stamp();
    if (!now.equals(seen) || broken) {
      reload(!now.equals(seen));
      seen = now;
    }
  }

  private void reload(boolean changed) {
    try {
      context = load();
      broken = false;
      LOG.info("TLS files have changed; new connections use them");
    } catch (Throwable e) { // Whatever a library throws at a bad file; no memory is bad luck, too.
      if (changed) {
        LOG.error(
            "TLS files have changed and cannot be used, what was loaded before stays: {}",
            Thrown.message(e));
      }
      broken = true;
    }
  }

  private String stamp() {
    return stamp(settings.certificate()) + stamp(settings.key()) + stamp(settings.trust());
  }

  /** By content: a file may be written again in place, with the size and the time it had. */
  private static String stamp(@Nullable Path file) {
    if (file == null) {
      return "-";
    }
    try {
      return HexFormat.of().formatHex(sha256().digest(Pem.read(file))) + ";";
    } catch (IllegalArgumentException e) {
      return "unreadable;";
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Looks at the files no more. */
  @Override
  public void close() {
    looks.close();
  }
}
