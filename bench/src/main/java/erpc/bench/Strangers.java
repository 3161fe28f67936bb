package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A process of peers that do what no honest one does, a fixed number of new ones a second, until
 * its input ends: {@code Strangers port perSecond [kind…]}, all kinds unless some are named.
 */
final class Strangers {
  /** As many stay connected at a time; the oldest makes room. */
  private static final int MOST_OPEN = 200;

  private static final int DRIPS_PER_SECOND = 1;

  /** What they do once they are connected. */
  enum Kind {
    NOISE,
    HALF_A_PREFACE,
    /** A conversation that stops somewhere. */
    TRUNCATED,
    SILENT,
    HTTP,
    /** Makes calls and never reads the answers. */
    DEAF,
    NOISE_AFTER_A_GREETING,
    /** Greets like anyone else, and answers no ping. */
    HALF_OPEN,
    /** Sends a conversation at a byte a second. */
    DRIPPING,
    GONE_AT_ONCE
  }

  private record Stranger(Socket socket, Kind kind, byte[] words) {}

  private static final byte[] PREFACE = {0x3b, (byte) 0xef, 0x5c, 1};
  private static final byte[] SETTINGS = {0, 0, 0, 8, 0, 0, 0, 0};
  private static final byte[] HTTP_GET =
      "GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DEAF_CALLS = 200;
  private static final int DEAF_BYTES = 4_000;

  private final InetSocketAddress server;
  private final Random random = new Random(1);
  private final List<Kind> kinds;
  private final int perSecond;
  private final ArrayDeque<Stranger> open = new ArrayDeque<>();
  private final ArrayDeque<Stranger> dripping = new ArrayDeque<>();
  private int count;
  private int dripped;

  private Strangers(int port, int perSecond, List<Kind> kinds) {
    this.kinds = kinds;
    this.perSecond = perSecond;
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public static void main(String[] args) throws Exception {
    List<Kind> kinds = Arrays.stream(args).skip(2).map(Kind::valueOf).toList();
    int perSecond = Integer.parseInt(args[1]);
    Strangers strangers =
        new Strangers(
            Integer.parseInt(args[0]), perSecond, kinds.isEmpty() ? List.of(Kind.values()) : kinds);
    long periodNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    var clock = Executors.newSingleThreadScheduledExecutor();
    var unused = clock.scheduleAtFixedRate(strangers::next, 0, periodNanos, TimeUnit.NANOSECONDS);
    System.out.println("attacking");
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      // Only the end matters.
    }
    System.exit(0);
  }

  /** The kinds take turns. */
  private void next() {
    try {
      Kind kind = kinds.get(count++ % kinds.size());
      Socket socket = new Socket();
      socket.connect(server, 1_000);
      byte[] words = words(kind);
      if (kind == Kind.GONE_AT_ONCE) {
        socket.close();
        return;
      }
      Stranger stranger = new Stranger(socket, kind, words);
      open.add(stranger);
      if (kind == Kind.DRIPPING) {
        dripping.add(stranger);
      } else {
        socket.getOutputStream().write(words);
      }
      if (open.size() > MOST_OPEN) {
        open.remove().socket.close();
      }
    } catch (IOException e) {
      // The server has closed it, as it should.
    }
    drip();
  }

  private byte[] words(Kind kind) {
    byte[] call = call(1, 100);
    return switch (kind) {
      case NOISE -> noise(1 + random.nextInt(2_000));
      case HALF_A_PREFACE -> Arrays.copyOf(PREFACE, 1 + random.nextInt(3));
      case TRUNCATED -> greeting(Arrays.copyOf(call, random.nextInt(call.length)));
      case SILENT, GONE_AT_ONCE -> new byte[0];
      case HTTP -> HTTP_GET;
      case DEAF -> {
        ByteBuffer calls = ByteBuffer.allocate(DEAF_CALLS * call(1, DEAF_BYTES).length);
        for (int id = 1; id <= DEAF_CALLS; id++) {
          calls.put(call(id, DEAF_BYTES));
        }
        yield greeting(calls.array());
      }
      case NOISE_AFTER_A_GREETING -> greeting(noise(500));
      case HALF_OPEN -> greeting(new byte[0]);
      case DRIPPING -> greeting(call);
    };
  }

  /** Each of those that drip gets its next byte once a second. */
  private void drip() {
    int due = (dripping.size() * DRIPS_PER_SECOND + perSecond - 1) / perSecond;
    for (int i = 0; i < due; i++) {
      Stranger stranger = dripping.remove();
      try {
        stranger.socket.getOutputStream().write(stranger.words[dripped++ % stranger.words.length]);
        dripping.add(stranger);
      } catch (IOException e) {
        // The server has closed it, as it should.
      }
    }
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] greeting(byte[] then) {
    return ByteBuffer.allocate(PREFACE.length + SETTINGS.length + then.length)
        .put(PREFACE)
        .put(SETTINGS)
        .put(then)
        .array();
  }

  private static byte[] call(int id, int bytes) {
    byte[] name = "bench.echo".getBytes(StandardCharsets.US_ASCII);
    int length = 1 + 1 + name.length + 4 + 1 + bytes;
    ByteBuffer out = ByteBuffer.allocate(8 + length);
    out.putInt((length << 8) | 0x82).putInt(id);
    out.put((byte) 3).put((byte) name.length).put(name).putInt(10_000).put((byte) 1);
    // A message of bytes in field 3, which is what the echo has.
    out.put((byte) 0x1a).put((byte) (((bytes - 3) & 0x7f) | 0x80)).put((byte) ((bytes - 3) >>> 7));
    return out.array();
  }
}
