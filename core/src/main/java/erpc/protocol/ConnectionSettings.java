package erpc.protocol;

import erpc.settings.Ranges;
import java.time.Duration;

/**
 * Limits and intervals of one connection. Immutable.
 *
 * @param maxMessageBytes largest message taken, unless its method has a limit of its own
 * @param maxStreams streams served at the same time on one connection
 * @param maxAssemblyBytes bytes held of messages that are not whole yet, on one connection
 * @param maxBacklogBytes bytes that may wait to be written; then writers wait or fail as not
 *     started
 * @param handshakeTimeout how long the other side's preface may take
 * @param keepaliveInterval silence after which a ping is sent
 * @param keepaliveTimeout silence after a ping that ends the connection
 * @param writeTimeout how long a peer may read nothing while bytes wait for it
 * @param progressTimeout how long one side of a stream may wait for a message of the other, or for
 *     room for one, unless its method has a limit of its own; and how long a frame, a unary call's
 *     message and each further 16 KiB of a message may take to come
 * @param maxAge how old a connection becomes, up to a tenth more or less; then no new calls go on
 *     it. Zero for no limit
 * @param idleTimeout how long nobody may call before the connection is closed; zero for ever
 * @param connectionShare how much of each budget (calls in flight, bytes of messages) one
 *     connection may hold: this factor times what is still free when it asks. With 1 one alone gets
 *     half, of two each a third
 */
public record ConnectionSettings(
    int maxMessageBytes,
    int maxStreams,
    int maxAssemblyBytes,
    int maxBacklogBytes,
    Duration handshakeTimeout,
    Duration keepaliveInterval,
    Duration keepaliveTimeout,
    Duration writeTimeout,
    Duration progressTimeout,
    Duration maxAge,
    Duration idleTimeout,
    double connectionShare) {

  /** What holds unless it is set otherwise. */
  public static final ConnectionSettings DEFAULTS =
      new ConnectionSettings(
          4 << 20,
          131_072,
          64 << 20,
          8 << 20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ZERO,
          Duration.ofMinutes(15),
          1);

  /** Checks what was set. */
  public ConnectionSettings {
    Ranges.positive("maxMessageBytes", maxMessageBytes);
    Ranges.positive("maxStreams", maxStreams);
    Ranges.positive("maxAssemblyBytes", maxAssemblyBytes);
    Ranges.positive("maxBacklogBytes", maxBacklogBytes);
    Ranges.positive("handshakeTimeout", handshakeTimeout);
    Ranges.positive("keepaliveInterval", keepaliveInterval);
    Ranges.positive("keepaliveTimeout", keepaliveTimeout);
    Ranges.positive("writeTimeout", writeTimeout);
    Ranges.positive("progressTimeout", progressTimeout);
    Ranges.positive("connectionShare", connectionShare);
  }

  /** These settings with another limit for one message. */
  public ConnectionSettings withMaxMessageBytes(int value) {
    return new ConnectionSettings(
        value,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        handshakeTimeout,
        keepaliveInterval,
        keepaliveTimeout,
        writeTimeout,
        progressTimeout,
        maxAge,
        idleTimeout,
        connectionShare);
  }

  /** These settings with another heartbeat. */
  public ConnectionSettings withKeepalive(Duration interval, Duration timeout) {
    return new ConnectionSettings(
        maxMessageBytes,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        handshakeTimeout,
        interval,
        timeout,
        writeTimeout,
        progressTimeout,
        maxAge,
        idleTimeout,
        connectionShare);
  }

  /** These settings with another time for the other side's preface. */
  public ConnectionSettings withHandshakeTimeout(Duration value) {
    return new ConnectionSettings(
        maxMessageBytes,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        value,
        keepaliveInterval,
        keepaliveTimeout,
        writeTimeout,
        progressTimeout,
        maxAge,
        idleTimeout,
        connectionShare);
  }

  /** These settings with another limit for streams that make no progress. */
  public ConnectionSettings withProgressTimeout(Duration value) {
    return new ConnectionSettings(
        maxMessageBytes,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        handshakeTimeout,
        keepaliveInterval,
        keepaliveTimeout,
        writeTimeout,
        value,
        maxAge,
        idleTimeout,
        connectionShare);
  }

  /** These settings with other limits for how long a connection lives; zero for no limit. */
  public ConnectionSettings withLifetime(Duration age, Duration idle) {
    return new ConnectionSettings(
        maxMessageBytes,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        handshakeTimeout,
        keepaliveInterval,
        keepaliveTimeout,
        writeTimeout,
        progressTimeout,
        age,
        idle,
        connectionShare);
  }

  /** These settings with another share of what all connections may hold together. */
  public ConnectionSettings withConnectionShare(double factor) {
    return new ConnectionSettings(
        maxMessageBytes,
        maxStreams,
        maxAssemblyBytes,
        maxBacklogBytes,
        handshakeTimeout,
        keepaliveInterval,
        keepaliveTimeout,
        writeTimeout,
        progressTimeout,
        maxAge,
        idleTimeout,
        factor);
  }
}
