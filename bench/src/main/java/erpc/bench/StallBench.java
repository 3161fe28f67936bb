package erpc.bench;

import com.google.protobuf.ByteString;
import erpc.bench.wire.Echo;
import erpc.call.Request;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a hundred streams of one connection notice of one whose reader stands still: messages a
 * second of the other ninety-nine, in pairs of a run without and a run with it.
 */
final class StallBench {
  static final String USAGE =
      """
      erpc bench stalls [option…]: what streams of one connection notice of one whose reader stands still
        --rounds N       rounds of two runs: without such a one, and with it (5)
        --seconds N      seconds of each run (3)
        --streams N      how many there are (100)\
      """;

  private static final int WARM_SECONDS = 6;
  private static final int PAYLOAD_BYTES = 256;

  private int rounds = 5;
  private int seconds = 3;
  private int streams = 100;

  private StallBench() {}

  public static void main(String[] args) throws Exception {
    StallBench bench = new StallBench();
    if (Arguments.taken("erpc bench stalls", USAGE, args, bench::read)) {
      bench.run();
      System.exit(0);
    }
  }

  /** False if only help is wanted. */
  private boolean read(Arguments args) {
    for (String option = args.next(); option != null; option = args.next()) {
      switch (option) {
        case "--help", "-h" -> {
          return false;
        }
        case "--rounds" -> rounds = args.number();
        case "--seconds" -> seconds = args.number();
        case "--streams" -> streams = args.number();
        default -> throw args.unknown();
      }
    }
    return true;
  }

  private void run() throws Exception {
    Process server = Jvm.server();
    try (BufferedReader from = server.inputReader(StandardCharsets.UTF_8);
        Client client = Client.builder().reactor(Reactor.open(TransportKind.AUTO, 1)).build()) {
      String place = "ip://127.0.0.1:" + from.readLine();
      double unused = others(client, place, WARM_SECONDS, false);
      List<Double> ratios = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        double without = others(client, place, seconds, false);
        double with = others(client, place, seconds, true);
        ratios.add(with / without);
        System.out.printf(
            Locale.ROOT,
            "round %d: the other %d streams: %,.0f messages/s, and %,.0f beside one that stands still; ratio %.2f%n",
            round,
            streams - 1,
            without,
            with,
            with / without);
      }
      ratios.sort(null);
      System.out.printf(Locale.ROOT, "median ratio: %.2f%n", ratios.get(rounds / 2));
    } finally {
      server.destroyForcibly();
    }
  }

  /** Messages a second of all streams but the first, which reads too or stands still. */
  private double others(Client client, String place, int lasting, boolean stalled)
      throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    LongAdder messages = new LongAdder();
    LongAdder first = new LongAdder();
    List<Thread> readers = new ArrayList<>();
    try (Exchange<Echo, Echo> standing = open(client, place)) {
      if (!stalled) {
        readers.add(Thread.startVirtualThread(() -> read(standing, stop, first)));
      }
      for (int i = 1; i < streams; i++) {
        readers.add(
            Thread.startVirtualThread(() -> {
              try (Exchange<Echo, Echo> stream = open(client, place)) {
                read(stream, stop, messages);
              }
            }));
      }
      TimeUnit.SECONDS.sleep(1);
      messages.reset();
      long start = System.nanoTime();
      TimeUnit.SECONDS.sleep(lasting);
      double rate = messages.sum() * 1e9 / (System.nanoTime() - start);
      stop.set(true);
      for (Thread each : readers) {
        each.join();
      }
      return rate;
    }
  }

  private static Exchange<Echo, Echo> open(Client client, String place) {
    Echo message =
        Echo.newBuilder().setPayload(ByteString.copyFrom(new byte[PAYLOAD_BYTES])).build();
    return client.open(Request.of(ErpcSubject.SOURCE, message).at(place));
  }

  private static void read(Exchange<Echo, Echo> stream, AtomicBoolean stop, LongAdder messages) {
    while (!stop.get() && stream.next() != null) {
      messages.increment();
    }
  }
}
