package erpc.bench;

import erpc.bench.driver.Ending;
import erpc.bench.wire.Echo;
import erpc.call.Context;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.client.ClientBuilder;
import erpc.client.ClientSettings;
import erpc.client.ProtectionSettings;
import erpc.server.Server;
import erpc.server.ServerBuilder;
import erpc.server.ServerSettings;
import erpc.settings.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A server of one level of services: each call makes one of the level below. Prints its port;
 * {@code calls} is answered with the number of calls that have come, {@code sick} and {@code good}
 * with a dot, and from then on it answers UNAVAILABLE or not. Ends with its input; at SIGTERM it
 * closes first.
 */
final class LevelServer {
  /** The words that stand for nothing below, and for no center. */
  static final String NONE = "none";

  /** Below are servers that the center knows. */
  static final String BY_NAME = "by-name";

  private static final long TAKES_MILLIS = 1;

  private final LongAdder calls = new LongAdder();
  private final int level;
  private final boolean idempotent;
  private final Client client;
  private final @Nullable String below;
  private volatile boolean sick;

  private LevelServer(int level, boolean idempotent, Client client, String below) {
    this.level = level;
    this.idempotent = idempotent;
    this.client = client;
    this.below = below.equals(NONE) ? null : below;
  }

  /**
   * What its process is started with.
   *
   * @param timeout what its calls get, if the call that it handles has not less
   */
  static String[] arguments(
      int level,
      boolean idempotent,
      String port,
      String center,
      String below,
      Mode protection,
      Duration timeout) {
    return new String[] {
      Integer.toString(level),
      Boolean.toString(idempotent),
      port,
      center,
      below,
      protection.name(),
      Long.toString(timeout.toMillis())
    };
  }

  /** The method that servers of a level answer. */
  static Method<Echo, Echo> method(int level, boolean idempotent) {
    Method<Echo, Echo> method = Method.unary("bench.level" + level, Echo.class, Echo.class);
    return idempotent ? method.idempotent() : method;
  }

  /** A call of a level. */
  static Request<Echo, Echo> request(int level, boolean idempotent, String place) {
    Request<Echo, Echo> request =
        Request.of(method(level, idempotent), Echo.newBuilder().setId(1).build());
    return place.equals(BY_NAME) ? request : request.at(place);
  }

  /** A client as servers and drivers have it, with protection or without. */
  static ClientBuilder client(String center, Mode protection, Duration timeout) {
    ClientSettings settings =
        ClientSettings.DEFAULTS
            .withTimeout(timeout)
            .withProtection(ProtectionSettings.DEFAULTS.withAll(protection));
    ClientBuilder builder = Client.builder().settings(settings);
    return center.equals(NONE) ? builder : builder.center(center);
  }

  /** Runs until its input ends, or at SIGTERM until it has closed. */
  public static void main(String[] args) {
    Ending.with(() -> {
      String center = args[3];
      Mode protection = Mode.valueOf(args[5]);
      Duration timeout = Duration.ofMillis(Long.parseLong(args[6]));
      Client client = client(center, protection, timeout).build();
      new LevelServer(Integer.parseInt(args[0]), Boolean.parseBoolean(args[1]), client, args[4])
          .answer(args[2], !center.equals(NONE), protection);
    });
  }

  private void answer(String port, boolean registers, Mode protection) throws IOException {
    ServerBuilder builder =
        Server.builder()
            .settings(
                ServerSettings.DEFAULTS.withShedding(protection).withConcurrencyLimit(protection));
    if (registers) {
      builder.register(client.centerCalls());
    }
    Server server = builder.build().handle(method(level, idempotent), this::handle);
    server.closeOnExit().listen("127.0.0.1:" + port);
    String address = server.address();
    System.out.println(address.substring(address.lastIndexOf(':') + 1));
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("calls")) {
        System.out.println(calls.sum());
      } else {
        sick = line.equals("sick");
        System.out.println(".");
      }
    }
  }

  private Echo handle(Context context, Echo request) throws InterruptedException {
    calls.increment();
    if (sick) {
      throw Status.of(Status.Code.UNAVAILABLE, "as it was told to").toException();
    }
    String place = below;
    if (place != null) {
      return client.send(request(level + 1, idempotent, place)).body();
    }
    TimeUnit.MILLISECONDS.sleep(TAKES_MILLIS);
    return request;
  }
}
