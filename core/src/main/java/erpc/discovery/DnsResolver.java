package erpc.discovery;

import erpc.call.Printable;
import erpc.call.Status;
import erpc.call.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All addresses of a host name, asked for again and again: {@code dns://demo.example:8877}.
 *
 * <p>If all endpoints refuse, it is asked again at once, but not twice within a second. With the
 * JDK's look-ups ({@code erpc.dns=jdk}) the JVM caches what it is told ({@code
 * networkaddress.cache.ttl}, 30 s unless set, and 10 s for failures), so a change may take that
 * much longer to be seen.
 */
final class DnsResolver implements Resolver {
  /** The first pause after a failure; it doubles up to {@link #MAX_RETRY}. */
  static final Duration MIN_RETRY = Duration.ofSeconds(1);

  /** The longest pause after a failure. */
  static final Duration MAX_RETRY = Duration.ofSeconds(30);

  /** Each pause is longer or shorter by up to this share, so that clients don't ask in step. */
  static final double JITTER = 0.2;

  /** Finds the addresses of a name; may block. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final Scheduler scheduler;
  private final Supplier<? extends RandomGenerator> random;
  private final Duration refresh;
  private final Ticker ticker;

  DnsResolver(
      Lookup lookup,
      Scheduler scheduler,
      Supplier<? extends RandomGenerator> random,
      Duration refresh) {
    this(lookup, scheduler, random, refresh, Ticker.system());
  }

  DnsResolver(
      Lookup lookup,
      Scheduler scheduler,
      Supplier<? extends RandomGenerator> random,
      Duration refresh,
      Ticker ticker) {
    this.ticker = ticker;
    this.lookup = lookup;
    this.scheduler = scheduler;
    this.random = random;
    this.refresh = refresh;
  }

  @Override
  public String scheme() {
    return "dns";
  }

  @Override
  public Watch watch(String where, Listener listener) {
    String source = "dns://" + Printable.of(where);
    Address address = parse(source, where);
    Delivery delivery = new Delivery(source, listener);
    if (address.isLiteral()) {
      delivery.endpoints(List.of(Endpoint.of(address.toString())));
      return delivery;
    }
    return Polling.start(scheduler, ticker, delivery, new Look(source, address, delivery));
  }

  @Override
  public @Nullable String serverName(String where) {
    Address address = parse("dns://" + Printable.of(where), where);
    return address.isLiteral() ? null : address.host();
  }

  private static Address parse(String source, String where) {
    Address address;
    try {
      address = Address.parse(where);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
    }
    if (address.unixPath() != null) {
      throw new IllegalArgumentException(
          source
              + ": dns:// takes a host name and a port; a Unix socket is unix://"
              + address.unixPath());
    }
    return address;
  }

  private Duration jittered(Duration pause) {
    double factor = 1 + JITTER * (2 * random.get().nextDouble() - 1);
    return Duration.ofNanos((long) (pause.toNanos() * factor));
  }

  /** One watch; its looks never overlap and each sees what the one before it left. */
  private final class Look implements Supplier<Duration> {
    private final String source;
    private final Address address;
    private final Delivery delivery;
    private Duration retry = MIN_RETRY;

    Look(String source, Address address, Delivery delivery) {
      this.source = source;
      this.address = address;
      this.delivery = delivery;
    }

    @Override
    public Duration get() {
      try {
        delivery.endpoints(ask());
        retry = MIN_RETRY;
        return jittered(refresh);
      } catch (UnknownHostException e) {
        return failed("no name server knows '" + address.host() + "', or none answers", retry);
      } catch (IOException | RuntimeException e) {
        return failed("looking up '" + address.host() + "' failed: " + e, retry);
      }
    }

    /** In order of their texts: name servers shuffle them, and that is no change. */
    private List<Endpoint> ask() throws IOException {
      InetAddress[] found = lookup.addresses(address.host());
      if (found.length == 0) {
        throw new UnknownHostException(address.host());
      }
      return Arrays.stream(found)
          .map(each -> Endpoint.of(Address.of(each, address.port()).toString()))
          .distinct()
          .sorted(Comparator.comparing(Endpoint::address))
          .toList();
    }

    private Duration failed(String what, Duration pause) {
      retry = pause.multipliedBy(2).compareTo(MAX_RETRY) < 0 ? pause.multipliedBy(2) : MAX_RETRY;
      delivery.failed(Status.of(Status.Code.UNAVAILABLE, source + ": " + Printable.of(what)));
      return jittered(pause);
    }
  }
}
