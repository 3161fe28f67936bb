package erpc.server;

import erpc.call.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a caller is told who asks for a method that is not there: which ones are. Made once per
 * change of the methods, since it is read on event loops. Immutable.
 */
final class Offered {
  /** What is said of the names, in characters at most: all of a status's text is 1,024. */
  static final int MAX_LENGTH = 400;

  /** Services of erpc's own begin so; nobody misspells them by hand. */
  private static final String OWN = "erpc";

  private final Map<String, String> byService = new TreeMap<>();
  private final String services;

  /** These methods, in order. */
  Offered(List<Route<?, ?>> methods) {
    Map<String, StringBuilder> names = new LinkedHashMap<>();
    StringBuilder all = new StringBuilder();
    for (Route<?, ?> route : methods) {
      Method<?, ?> method = route.method();
      String service = method.service();
      if (!service.equals(OWN) && !service.startsWith(OWN + ".")) {
        StringBuilder known = names.get(service);
        if (known == null) {
          append(all, service);
          known = new StringBuilder();
          names.put(service, known);
        }
        append(known, method.name().substring(service.length() + 1));
      }
    }
    names.forEach((service, list) -> byService.put(service, list.toString()));
    services = all.toString();
  }

  /** Adds a name as long as there is room, and then a sign that there are more. */
  private static void append(StringBuilder to, String name) {
    if (!to.isEmpty() && to.charAt(to.length() - 1) == '…') {
      return; // Shorter ones that would fit would look as if there were no others.
    }
    if (to.length() + 2 + name.length() <= MAX_LENGTH) {
      to.append(to.isEmpty() ? "" : ", ").append(name);
    } else {
      to.append(to.isEmpty() ? "…" : ", …");
    }
  }

  /** What there is of the method's service, or else which services there are. */
  String insteadOf(String method) {
    int dot = method.lastIndexOf('.');
    String service = dot < 0 ? "" : method.substring(0, dot);
    String names = byService.get(service);
    if (names != null) {
      return "; it has these of " + service + ": " + names;
    }
    return services.isEmpty() ? "; it has none yet" : "; it has these services: " + services;
  }
}
