package erpc.discovery;

import java.util.Map;
import java.util.Set;

/** One address of a service. */
public record Endpoint(String address, int weight, String zone, Set<String> methods, Map<String, String> tags) {}
