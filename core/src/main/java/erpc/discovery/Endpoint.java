package erpc.discovery;

import erpc.call.Printable;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One address of a service. Immutable and thread-safe.
 *
 * @param address {@code host:port}, {@code [IPv6]:port} or {@code unix:/path}; kept in its usual
 *     form, names in lower case and IPv6 shortened, so that equal addresses are equal texts
 * @param weight share of the load relative to the other endpoints; 0 takes no calls as long as
 *     another one does
 * @param zone where it runs; empty if that is not known
 * @param methods full names of the methods it has; empty if that is not known, which stands for any
 * @param tags what else is said of it
 */
public record Endpoint(
    String address, int weight, String zone, Set<String> methods, Map<String, String> tags) {
  /** The weight of an endpoint of which nothing else is said. */
  public static final int DEFAULT_WEIGHT = 100;

  /** The tag that says which partition of a service's data it has: {@code 0/3} to {@code 2/3}. */
  public static final String PARTITION = "partition";

  private static final int MOST_PARTITIONS = 1_024;
  private static final Pattern PARTITION_FORM =
      Pattern.compile("(0|[1-9][0-9]{0,3})/([1-9][0-9]{0,3})");

  /**
   * Checks and copies what it is given.
   *
   * @throws IllegalArgumentException if the address is malformed or the weight negative
   */
  public Endpoint {
    if (weight < 0) {
      throw new IllegalArgumentException(
          "weight of " + Printable.of(address) + " is negative: " + weight);
    }
    Objects.requireNonNull(zone);
    address = Address.parse(address).toString();
    methods = Set.copyOf(methods);
    tags = Map.copyOf(tags);
  }

  /**
   * Whether a {@link #PARTITION} is one: a number from 0, a slash, and how many there are, 1,024 at
   * most.
   */
  public static boolean isPartition(String tag) {
    Matcher parts = PARTITION_FORM.matcher(tag);
    if (!parts.matches()) {
      return false;
    }
    int count = Integer.parseInt(parts.group(2));
    return count <= MOST_PARTITIONS && Integer.parseInt(parts.group(1)) < count;
  }

  /**
   * An endpoint of which only the address is known.
   *
   * @throws IllegalArgumentException if the address is malformed
   */
  public static Endpoint of(String address) {
    return of(address, DEFAULT_WEIGHT, "");
  }

  /**
   * An endpoint of which address, weight and zone are known.
   *
   * @throws IllegalArgumentException if the address is malformed or the weight negative
   */
  public static Endpoint of(String address, int weight, String zone) {
    return new Endpoint(address, weight, zone, Set.of(), Map.of());
  }

  /**
   * The list with each address once, in its order. Two entries with one address are the same
   * listener, as when a process has been replaced by another and its own entry has not ended: it is
   * as good as the better of them, and has the methods of both.
   */
  public static List<Endpoint> onePerAddress(List<Endpoint> endpoints) {
    Map<String, Endpoint> found = new LinkedHashMap<>();
    for (Endpoint each : endpoints) {
      found.merge(each.address, each, Endpoint::both);
    }
    return found.size() == endpoints.size() ? endpoints : List.copyOf(found.values());
  }

  /** Of what only one can count, the later one's. */
  private static Endpoint both(Endpoint one, Endpoint later) {
    boolean any = one.methods.isEmpty() || later.methods.isEmpty();
    Set<String> methods = any ? Set.of() : new HashSet<>(one.methods);
    if (!any) {
      methods.addAll(later.methods);
    }
    return new Endpoint(
        later.address, Math.max(one.weight, later.weight), later.zone, methods, later.tags);
  }

  /** True if it has the method, as far as is known. */
  public boolean serves(String method) {
    return methods.isEmpty() || methods.contains(method);
  }

  /**
   * The host, a name or an IP address without brackets.
   *
   * @throws IllegalStateException if this is a Unix socket
   */
  public String host() {
    return network().host();
  }

  /**
   * The port, 1 to 65535.
   *
   * @throws IllegalStateException if this is a Unix socket
   */
  public int port() {
    return network().port();
  }

  /** The absolute path of the Unix socket, or null if this is host and port. */
  public @Nullable String unixPath() {
    return Address.parse(address).unixPath();
  }

  /**
   * The address as sockets take it. Nothing is looked up: a host name stays unresolved, and so does
   * an IPv6 address whose zone this machine doesn't have.
   */
  public SocketAddress socketAddress() {
    Address parsed = Address.parse(address);
    String path = parsed.unixPath();
    if (path != null) {
      return UnixDomainSocketAddress.of(path);
    }
    return parsed.isLiteral()
        ? new InetSocketAddress(parsed.host(), parsed.port())
        : InetSocketAddress.createUnresolved(parsed.host(), parsed.port());
  }

  private Address network() {
    Address parsed = Address.parse(address);
    if (parsed.unixPath() != null) {
      throw new IllegalStateException(address + " has no host and port, it is a Unix socket");
    }
    return parsed;
  }
}
