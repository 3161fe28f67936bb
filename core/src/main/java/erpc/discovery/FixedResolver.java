package erpc.discovery;

import erpc.call.Printable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Places that say themselves who is there: {@code ip}, {@code list} and {@code unix}. */
record FixedResolver(String scheme, Function<String, List<Endpoint>> parser) implements Resolver {
  /** The most endpoints a list may name. */
  static final int MAX_LIST = 1_000;

  /** {@code ip://127.0.0.1:8877} or {@code ip://[::1]:8877}. */
  static Resolver ip() {
    return new FixedResolver("ip", FixedResolver::one);
  }

  /** {@code list://a:1,b:2}; of what stands twice the first counts. */
  static Resolver list() {
    return new FixedResolver("list", FixedResolver::several);
  }

  /** {@code unix:///run/demo.sock}. */
  static Resolver unix() {
    return new FixedResolver("unix", where -> List.of(Endpoint.of(Address.unix(where).toString())));
  }

  @Override
  public Watch watch(String where, Listener listener) {
    List<Endpoint> endpoints;
    try {
      endpoints = parser.apply(where);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          scheme + "://" + Printable.of(where) + ": " + e.getMessage(), e);
    }
    Delivery delivery = new Delivery(scheme + "://" + Printable.of(where), listener);
    delivery.endpoints(endpoints);
    return delivery;
  }

  private static List<Endpoint> one(String where) {
    Address address = Address.parse(where);
    if (address.unixPath() != null) {
      throw new IllegalArgumentException(
          "ip:// takes an IP address and a port; a Unix socket is unix://" + address.unixPath());
    }
    if (!address.isLiteral()) {
      throw new IllegalArgumentException(
          "'"
              + address.host()
              + "' is a host name and ip:// takes an IP address; use dns://"
              + address);
    }
    return List.of(Endpoint.of(address.toString()));
  }

  private static List<Endpoint> several(String where) {
    String[] parts = where.split(",", -1);
    if (parts.length > MAX_LIST) {
      throw new IllegalArgumentException(
          parts.length + " endpoints pass the limit of " + MAX_LIST + "; use file://");
    }
    return Arrays.stream(parts).map(part -> Endpoint.of(part.strip())).distinct().toList();
  }
}
