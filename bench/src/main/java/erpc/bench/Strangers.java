package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A process of peers that do what no honest one does, a fixed number of new ones a second, until
 * its input ends: {@code Strangers port perSecond [kind…]}, all kinds unless some are named. With 0
 * a second it does as much as it can.
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
    GONE_AT_ONCE,
    /** Says most of a frame. */
    HALF_A_FRAME,
    /** Begins messages and doesn't go on with them. */
    HALF_A_MESSAGE,
    /** Makes calls, with the longest timeout, and sends no message. */
    NO_MESSAGE,
    /** Makes a call whose message becomes a thousand times as long. */
    BOMB,
    /** Makes calls and cancels them. */
    RESETS,
    PINGS,
    /** Gives credit, a byte at a time. */
    CREDITS,
    /** Makes calls, as anybody may, but as many as it can. */
    CALLS;

    /** Whether it costs the server processor time, and not only what it holds. */
    boolean burns() {
      return compareTo(BOMB) >= 0;
    }
  }

  private record Stranger(Socket socket, Kind kind, byte[] words) {}

  private final InetSocketAddress server;
  private final StrangerWords words = new StrangerWords();
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
    if (perSecond == 0) {
      Thread.ofPlatform().daemon().start(strangers::flood);
    } else {
      long periodNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
      var clock = Executors.newSingleThreadScheduledExecutor();
      var unused = clock.scheduleAtFixedRate(strangers::next, 0, periodNanos, TimeUnit.NANOSECONDS);
    }
    System.out.println("attacking");
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      // Only the end matters.
    }
    System.exit(0);
  }

  /** As much as one thread can do, on few connections if that does it. */
  private void flood() {
    while (true) {
      Kind kind = kinds.get(count++ % kinds.size());
      byte[] more = words.more(kind, 1);
      if (more.length == 0) {
        next();
        continue;
      }
      try (Socket socket = new Socket()) {
        socket.connect(server, 1_000);
        discard(socket);
        socket.getOutputStream().write(words.of(kind));
        for (int id = 1 + StrangerWords.streams(); id > 0; id += StrangerWords.streams()) {
          socket.getOutputStream().write(words.more(kind, id));
        }
      } catch (IOException e) {
        // The server has closed it, as it should.
      }
    }
  }

  /** Reads what is answered, so that nothing but its rate is held against it. */
  private static void discard(Socket socket) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            var unused = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  /** The kinds take turns. */
  private void next() {
    try {
      Kind kind = kinds.get(count++ % kinds.size());
      Socket socket = new Socket();
      socket.connect(server, 1_000);
      byte[] said = words.of(kind);
      if (kind == Kind.GONE_AT_ONCE) {
        socket.close();
        return;
      }
      Stranger stranger = new Stranger(socket, kind, said);
      open.add(stranger);
      if (kind == Kind.DRIPPING) {
        dripping.add(stranger);
      } else {
        socket.getOutputStream().write(said);
      }
      if (open.size() > MOST_OPEN) {
        open.remove().socket.close();
      }
    } catch (IOException e) {
      // The server has closed it, as it should.
    }
    drip();
  }

  /** Each of those that drip gets its next byte once per second. */
  private void drip() {
    int due = perSecond == 0 ? 0 : (dripping.size() * DRIPS_PER_SECOND + perSecond - 1) / perSecond;
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
}
