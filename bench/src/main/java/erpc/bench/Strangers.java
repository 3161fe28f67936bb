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
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A process of peers that do what no honest one does, a fixed number of new ones a second, until
 * its input ends: {@code Strangers port perSecond [kind…]}.
 */
final class Strangers {
  /** As many stay connected at a time; the oldest makes room. */
  private static final int MOST_OPEN = 200;

  private static final int[] ALL_KINDS = {0, 1, 2, 3, 4, 5, 6, 7};

  private static final byte[] PREFACE = {0x3b, (byte) 0xef, 0x5c, 1};
  private static final byte[] SETTINGS = {0, 0, 0, 8, 0, 0, 0, 0};
  private static final byte[] HTTP =
      "GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DEAF_CALLS = 200;
  private static final int DEAF_BYTES = 4_000;

  private final InetSocketAddress server;
  private final Random random = new Random(1);
  private final int[] kinds;
  private final ArrayDeque<Socket> open = new ArrayDeque<>();
  private int count;

  private Strangers(int port, int[] kinds) {
    this.kinds = kinds;
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public static void main(String[] args) throws Exception {
    int[] kinds = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
    Strangers strangers =
        new Strangers(Integer.parseInt(args[0]), kinds.length == 0 ? ALL_KINDS : kinds);
    long periodNanos = TimeUnit.SECONDS.toNanos(1) / Integer.parseInt(args[1]);
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
      Socket socket = new Socket();
      socket.connect(server, 1_000);
      boolean stays = behave(socket, kinds[count++ % kinds.length]);
      if (stays) {
        open.add(socket);
      } else {
        socket.close();
      }
      dripOneByte();
      if (open.size() > MOST_OPEN) {
        open.remove().close();
      }
    } catch (IOException e) {
      // The server has closed one of them, as it should.
    }
  }

  private boolean behave(Socket socket, int kind) throws IOException {
    switch (kind) {
      case 0 -> socket.getOutputStream().write(noise(1 + random.nextInt(2_000)));
      case 1 -> socket.getOutputStream().write(PREFACE, 0, 1 + random.nextInt(3));
      case 2 -> truncated(socket);
      case 3 -> {
        // Silence.
      }
      case 4 -> socket.getOutputStream().write(HTTP);
      case 5 -> deaf(socket);
      case 6 -> {
        greet(socket);
        socket.getOutputStream().write(noise(500));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void greet(Socket socket) throws IOException {
    socket.getOutputStream().write(PREFACE);
    socket.getOutputStream().write(SETTINGS);
  }

  /** A conversation that stops somewhere. */
  private void truncated(Socket socket) throws IOException {
    byte[] call = call(1, 100);
    greet(socket);
    socket.getOutputStream().write(Arrays.copyOf(call, random.nextInt(call.length)));
  }

  /** Makes calls and never reads their answers. */
  private static void deaf(Socket socket) throws IOException {
    greet(socket);
    for (int id = 1; id <= DEAF_CALLS; id++) {
      socket.getOutputStream().write(call(id, DEAF_BYTES));
    }
  }

  /** One of those that stay sends a byte now and then. */
  private void dripOneByte() throws IOException {
    Socket oldest = open.poll();
    if (oldest != null) {
      // One that the server has closed throws here, and is gone.
      oldest.getOutputStream().write(0);
      open.add(oldest);
    }
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
