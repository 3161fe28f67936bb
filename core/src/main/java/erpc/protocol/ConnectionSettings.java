package erpc.protocol;

import erpc.settings.Configurable;
import erpc.settings.Ranges;
import java.time.Duration;
import java.util.Objects;

/** Limits and intervals of one connection. Immutable. */
public final class ConnectionSettings extends Configurable {
  /** What holds unless it is set otherwise. */
  public static final ConnectionSettings DEFAULTS = new ConnectionSettings();

  private int maxMessageBytes = 4 << 20;
  private int maxStreams = 131_072;
  private int maxAssemblyBytes = 64 << 20;
  private int maxBacklogBytes = 8 << 20;
  private Duration handshakeTimeout = Duration.ofSeconds(10);
  private Duration keepaliveInterval = Duration.ofSeconds(10);
  private Duration keepaliveTimeout = Duration.ofSeconds(5);
  private Duration writeTimeout = Duration.ofSeconds(30);
  private Duration progressTimeout = Duration.ofSeconds(30);
  private Duration maxAge = Duration.ZERO;
  private Duration idleTimeout = Duration.ofMinutes(15);
  private double connectionShare = 1;

  private ConnectionSettings() {}

  /** Largest message taken, unless its method has a limit of its own. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** These settings with another {@link #maxMessageBytes()}. */
  public ConnectionSettings withMaxMessageBytes(int value) {
    return changed(this, copy -> copy.maxMessageBytes = value);
  }

  /** Streams served at the same time on one connection. */
  public int maxStreams() {
    return maxStreams;
  }

  /** These settings with another {@link #maxStreams()}. */
  public ConnectionSettings withMaxStreams(int value) {
    return changed(this, copy -> copy.maxStreams = value);
  }

  /** Bytes held of messages that are not whole yet, on one connection. */
  public int maxAssemblyBytes() {
    return maxAssemblyBytes;
  }

  /** These settings with another {@link #maxAssemblyBytes()}. */
  public ConnectionSettings withMaxAssemblyBytes(int value) {
    return changed(this, copy -> copy.maxAssemblyBytes = value);
  }

  /** Bytes that may wait to be written; then writers wait or fail as not started. */
  public int maxBacklogBytes() {
    return maxBacklogBytes;
  }

  /** These settings with another {@link #maxBacklogBytes()}. */
  public ConnectionSettings withMaxBacklogBytes(int value) {
    return changed(this, copy -> copy.maxBacklogBytes = value);
  }

  /** How long the other side's preface may take. */
  public Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  /** These settings with another {@link #handshakeTimeout()}. */
  public ConnectionSettings withHandshakeTimeout(Duration value) {
    return changed(this, copy -> copy.handshakeTimeout = value);
  }

  /** Silence after which a ping is sent. */
  public Duration keepaliveInterval() {
    return keepaliveInterval;
  }

  /** These settings with another {@link #keepaliveInterval()}. */
  public ConnectionSettings withKeepaliveInterval(Duration value) {
    return changed(this, copy -> copy.keepaliveInterval = value);
  }

  /** Silence after a ping that ends the connection. */
  public Duration keepaliveTimeout() {
    return keepaliveTimeout;
  }

  /** These settings with another {@link #keepaliveTimeout()}. */
  public ConnectionSettings withKeepaliveTimeout(Duration value) {
    return changed(this, copy -> copy.keepaliveTimeout = value);
  }

  /** How long a peer may read nothing while bytes wait for it. */
  public Duration writeTimeout() {
    return writeTimeout;
  }

  /** These settings with another {@link #writeTimeout()}. */
  public ConnectionSettings withWriteTimeout(Duration value) {
    return changed(this, copy -> copy.writeTimeout = value);
  }

  /**
   * How long one side of a stream may wait for a message of the other, or for room for one, unless
   * its method has a limit of its own; and how long a frame, a unary call's message and each
   * further 16 KiB of a message may take to come.
   */
  public Duration progressTimeout() {
    return progressTimeout;
  }

  /** These settings with another {@link #progressTimeout()}. */
  public ConnectionSettings withProgressTimeout(Duration value) {
    return changed(this, copy -> copy.progressTimeout = value);
  }

  /**
   * How old a connection becomes, up to a tenth more or less; then no new calls go on it. Zero for
   * no limit.
   */
  public Duration maxAge() {
    return maxAge;
  }

  /** These settings with another {@link #maxAge()}. */
  public ConnectionSettings withMaxAge(Duration value) {
    return changed(this, copy -> copy.maxAge = value);
  }

  /** How long nobody may call before the connection is closed; zero for ever. */
  public Duration idleTimeout() {
    return idleTimeout;
  }

  /** These settings with another {@link #idleTimeout()}. */
  public ConnectionSettings withIdleTimeout(Duration value) {
    return changed(this, copy -> copy.idleTimeout = value);
  }

  /**
   * How much of each budget (calls in flight, bytes of messages) one connection may hold: this
   * factor times what is still free when it asks. With 1 one alone gets half, of two each a third.
   */
  public double connectionShare() {
    return connectionShare;
  }

  /** These settings with another {@link #connectionShare()}. */
  public ConnectionSettings withConnectionShare(double value) {
    return changed(this, copy -> copy.connectionShare = value);
  }

  /** These settings with another heartbeat. */
  public ConnectionSettings withKeepalive(Duration interval, Duration timeout) {
    return withKeepaliveInterval(interval).withKeepaliveTimeout(timeout);
  }

  /** These settings with other limits for how long a connection lives; zero for no limit. */
  public ConnectionSettings withLifetime(Duration age, Duration idle) {
    return withMaxAge(age).withIdleTimeout(idle);
  }

  @Override
  protected void check() {
    Ranges.positive("maxMessageBytes", maxMessageBytes);
    Ranges.positive("maxStreams", maxStreams);
    Ranges.positive("maxAssemblyBytes", maxAssemblyBytes);
    Ranges.positive("maxBacklogBytes", maxBacklogBytes);
    Ranges.positive("handshakeTimeout", handshakeTimeout);
    Ranges.positive("keepaliveInterval", keepaliveInterval);
    Ranges.positive("keepaliveTimeout", keepaliveTimeout);
    Ranges.positive("writeTimeout", writeTimeout);
    Ranges.positive("progressTimeout", progressTimeout);
    Objects.requireNonNull(maxAge, "maxAge");
    Objects.requireNonNull(idleTimeout, "idleTimeout");
    Ranges.positive("connectionShare", connectionShare);
  }
}
