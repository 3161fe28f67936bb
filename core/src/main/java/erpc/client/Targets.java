package erpc.client;

import erpc.call.Printable;
import erpc.call.Target;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a client's calls of bare names go, if not where the center says. Immutable. */
final class Targets {
  private final @Nullable Where ofAll;
  private final Map<String, Where> byService;

  /** A place without a method. */
  record Where(String scheme, String where) {
    /**
     * Reads a place.
     *
     * @throws IllegalArgumentException saying how a place looks
     */
    static Where parse(String place) {
      int mark = place.indexOf("://");
      if (mark <= 0 || mark + 3 == place.length()) {
        throw new IllegalArgumentException(
            "target '"
                + Printable.of(place)
                + "' must be scheme://where, as in dns://orders:9443 or ip://127.0.0.1:8877");
      }
      return new Where(place.substring(0, mark), place.substring(mark + 3));
    }
  }

  /**
   * Targets of one client.
   *
   * @param ofAll where services go that are not named, or null for where the center says
   */
  Targets(@Nullable Where ofAll, Map<String, Where> byService) {
    this.ofAll = ofAll;
    this.byService = Map.copyOf(byService);
  }

  /** Where calls to this target go. */
  Target of(Target called) {
    if (!called.scheme().equals(Target.CENTER)) {
      return called;
    }
    Where found = byService.getOrDefault(called.where(), ofAll);
    return found == null ? called : new Target(found.scheme, found.where, called.method());
  }
}
