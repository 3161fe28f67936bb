package erpc.client;

import erpc.call.Filter;
import erpc.transport.Credentials;
import erpc.transport.Security;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for the calls of a service that was given something of its own, of the center, or of
 * all others. Calls of different policies share no connection, so nothing that one shows of itself
 * is shown to the peers of another. Each is equal to itself alone.
 */
final class ServicePolicy {
  private final Cluster.Balancing balancing;
  private final Security security;
  private final List<Filter> attemptFilters;

  /**
   * A policy.
   *
   * @param perCall what each of its calls shows, or null
   * @param usual the filters around each try of all calls
   */
  ServicePolicy(
      Cluster.Balancing balancing,
      Security security,
      @Nullable Credentials perCall,
      List<Filter> usual) {
    this.balancing = balancing;
    this.security = security;
    if (perCall == null) {
      this.attemptFilters = List.copyOf(usual);
    } else {
      List<Filter> all = new ArrayList<>(usual);
      all.add(new CallToken(perCall)); // Innermost: no filter needs to see the token.
      this.attemptFilters = List.copyOf(all);
    }
  }

  /** How its calls are spread over endpoints. */
  Cluster.Balancing balancing() {
    return balancing;
  }

  /** How its connections are protected, and what is shown on them. */
  Security security() {
    return security;
  }

  /** Around each try, the first one outermost. */
  List<Filter> attemptFilters() {
    return attemptFilters;
  }
}
