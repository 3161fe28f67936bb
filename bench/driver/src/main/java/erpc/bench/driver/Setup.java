package erpc.bench.driver;

import com.google.protobuf.ByteString;
import erpc.bench.wire.Echo;
import java.util.Arrays;
import java.util.List;

/**
 * How a subject is set up, the same way at both ends.
 *
 * @param payloadBytes size of the payload
 * @param connections connections that share the calls
 * @param inlineHandler whether the handler runs on the I/O thread; else as is usual for the
 *     subject, on virtual threads where it can
 * @param inlineCallbacks whether the ends of asynchronous calls run on the I/O thread
 * @param tls a folder with {@code key.pem} and {@code cert.pem} for TLS, or empty for plain text
 * @param compression name of a compression, or empty
 * @param gateway whether what is called makes the same call itself, of a server beside the client;
 *     with an inline handler it then waits for that without a thread
 * @param servers servers over which the client spreads its calls, on one port of several loopback
 *     addresses, all in the server's process
 */
public record Setup(
    int payloadBytes,
    int connections,
    boolean inlineHandler,
    boolean inlineCallbacks,
    String tls,
    String compression,
    boolean gateway,
    int servers) {
  /** What most cells have: 32 bytes, one connection, everything inline, plain. */
  public static final Setup USUAL = new Setup(32, 1, true, true, "", "", false, 1);

  /** This setup with another payload. */
  public Setup withPayload(int bytes) {
    return new Setup(
        bytes, connections, inlineHandler, inlineCallbacks, tls, compression, gateway, servers);
  }

  /** This setup with so many connections. */
  public Setup withConnections(int count) {
    return new Setup(
        payloadBytes, count, inlineHandler, inlineCallbacks, tls, compression, gateway, servers);
  }

  /** This setup with handlers and callbacks where they are by default. */
  public Setup withDefaults() {
    return new Setup(payloadBytes, connections, false, false, tls, compression, gateway, servers);
  }

  /** This setup with inline handlers and callbacks where they are by default. */
  public Setup withDefaultCallbacks() {
    return new Setup(
        payloadBytes, connections, inlineHandler, false, tls, compression, gateway, servers);
  }

  /** This setup with TLS by the files in a folder. */
  public Setup withTls(String folder) {
    return new Setup(
        payloadBytes,
        connections,
        inlineHandler,
        inlineCallbacks,
        folder,
        compression,
        gateway,
        servers);
  }

  /** This setup with a compression. */
  public Setup withCompression(String name) {
    return new Setup(
        payloadBytes, connections, inlineHandler, inlineCallbacks, tls, name, gateway, servers);
  }

  /** This setup with a gateway between the client and what echoes. */
  public Setup withGateway() {
    return new Setup(
        payloadBytes, connections, inlineHandler, inlineCallbacks, tls, compression, true, servers);
  }

  /** This setup with so many servers. */
  public Setup withServers(int count) {
    return new Setup(
        payloadBytes,
        connections,
        inlineHandler,
        inlineCallbacks,
        tls,
        compression,
        gateway,
        count);
  }

  /** The message that is echoed. Its payload is text of a kind, so that it can be compressed. */
  public Echo message() {
    byte[] payload = new byte[payloadBytes];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) ('a' + i * i % 26);
    }
    return Echo.newBuilder()
        .setId(42)
        .setMsg("bench")
        .setPayload(ByteString.copyFrom(payload))
        .build();
  }

  /** This setup as words of a command line. */
  public List<String> words() {
    return List.of(
        Integer.toString(payloadBytes),
        Integer.toString(connections),
        Boolean.toString(inlineHandler),
        Boolean.toString(inlineCallbacks),
        "tls=" + tls,
        "compression=" + compression,
        "gateway=" + gateway,
        "servers=" + servers);
  }

  /** What {@link #words()} said, from that place in a command line. */
  static Setup of(String[] args, int from) {
    String[] words = Arrays.copyOfRange(args, from, from + 8);
    return new Setup(
        Integer.parseInt(words[0]),
        Integer.parseInt(words[1]),
        Boolean.parseBoolean(words[2]),
        Boolean.parseBoolean(words[3]),
        words[4].substring("tls=".length()),
        words[5].substring("compression=".length()),
        "gateway=true".equals(words[6]), // an older driver doesn't say
        words[7] == null ? 1 : Integer.parseInt(words[7].substring("servers=".length())));
  }
}
