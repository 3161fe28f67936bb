package erpc.tools;

import erpc.call.Status;
import erpc.client.Explanation;
import erpc.discovery.wire.Instance;
import erpc.discovery.wire.InstanceLease;
import erpc.protocol.ServerLoad;
import erpc.server.wire.MethodDescription;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON texts: whether one is well-formed, and how it is shown. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final PrettyPrinter PRINTER =
      new DefaultPrettyPrinter(
          Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER));

  /** Controls beyond those that JSON escapes anyway, and what turns the direction of writing. */
  private static final Pattern UNSAFE =
      Pattern.compile("[\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]");

  private Json() {}

  /**
   * Makes sure that this is one JSON value.
   *
   * @throws IllegalArgumentException saying what is wrong and where
   */
  static void check(String text) {
    JsonNode value;
    try {
      value = MAPPER.readTree(text);
    } catch (JacksonException e) {
      // It describes its own source there, which is the argument of the command.
      String why = e.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
      throw new IllegalArgumentException(why + place(e.getLocation()), e);
    }
    if (value.isMissingNode()) {
      throw new IllegalArgumentException("there is nothing; an empty message is {}");
    }
  }

  private static String place(TokenStreamLocation at) {
    return at == null || at.getLineNr() < 1
        ? ""
        : ", at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /**
   * The text with a line for each field, and with nothing in it that a terminal would obey.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String pretty(String text) {
    check(text);
    return safe(MAPPER.writer().with(PRINTER).writeValueAsString(MAPPER.readTree(text)));
  }

  /**
   * The text in one line, and with nothing in it that a terminal would obey.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static String line(String text) {
    check(text);
    return safe(MAPPER.writeValueAsString(MAPPER.readTree(text)));
  }

  /** A call's end for programs, in one line. */
  static String status(Status status) {
    ObjectNode about = MAPPER.createObjectNode();
    about.put("code", status.code().name()).put("message", status.message());
    about.put("started", status.started().name());
    about.put("remote", status.isRemote()).put("endpoint", status.endpoint());
    ObjectNode all = MAPPER.createObjectNode();
    all.set("status", about);
    return safe(MAPPER.writeValueAsString(all));
  }

  /** What a center knows for programs, one line per instance. */
  static String instance(Instance instance, CenterOption.Listed found) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("service", instance.getService()).put("address", found.address(instance));
    InstanceLease lease = found.lease(instance);
    line.put("state", lease.getState()).put("ageMillis", lease.getAgeMillis());
    line.put("weight", ListCommand.weight(instance)).put("zone", instance.getZone());
    ArrayNode methods = line.putArray("methods");
    instance.getMethodsList().stream().sorted().forEach(methods::add);
    line.put("instance", instance.getId());
    return safe(MAPPER.writeValueAsString(line));
  }

  /**
   * What a server says of a method for programs, in one line.
   *
   * @param types the types that it needs as text, by their names
   */
  static String method(MethodDescription of, boolean deprecated, Map<String, String> types) {
    ObjectNode line = MAPPER.createObjectNode();
    line.put("method", of.getName()).put("service", Descriptions.service(of));
    line.put("kind", Descriptions.kind(of).name());
    line.put("request", of.getRequestType()).put("reply", of.getReplyType());
    line.put("idempotent", of.getIdempotent()).put("deprecated", deprecated);
    ArrayNode codecs = line.putArray("codecs");
    of.getCodecsList().forEach(codecs::add);
    line.put("comment", of.getComment());
    ObjectNode texts = line.putObject("types");
    types.forEach(texts::put);
    return safe(MAPPER.writeValueAsString(line));
  }

  /** Where a call would go, for programs, in one line; times are in milliseconds. */
  static String explanation(Explanation of) {
    ObjectNode all = MAPPER.createObjectNode();
    all.put("address", of.address()).put("place", of.place()).put("method", of.method());
    all.put("balancer", of.balancer()).put("clientZone", of.clientZone());
    all.put("criticality", of.criticality().name()).put("affinityKey", of.affinityKey());
    all.put("codec", of.codec()).put("timeoutMillis", millis(of.timeout()));
    all.put("tryTimeoutMillis", millis(of.tryTimeout())).put("maxAttempts", of.maxAttempts());
    all.put("idempotent", of.idempotent()).put("retryTokens", of.retryTokens());
    all.put("tryTimeoutPercentile", of.tryTimeoutPercentile());
    all.put("tryLimitMillis", millis(of.tryLimit())).put("failureMode", of.failureMode().name());
    all.put("forks", of.forks()).put("hedging", of.hedging());
    all.put("hedgeDelayMillis", millis(of.hedgeDelay()));
    ArrayNode codes = all.putArray("retryOn");
    of.retryOn().stream().sorted().forEach(each -> codes.add(each.name()));
    all.put("madeForRetry", of.madeForRetry());
    all.put("medianMillis", of.medianLatency().isZero() ? null : millis(of.medianLatency()));
    all.put("panic", of.panic()).put("subset", of.subset());
    ObjectNode modes = all.putObject("protection");
    of.protection().forEach((name, mode) -> modes.put(name, mode.name()));
    all.put("exact", of.isExact()).put("picks", of.picks());
    all.put("fails", of.none());
    if (of.none() > 0) {
      all.put("failsCode", of.whyNone().code().name()).put("failsWhy", of.whyNone().message());
    }
    ArrayNode endpoints = all.putArray("endpoints");
    of.endpoints().forEach(each -> endpoints.add(candidate(each)));
    return safe(MAPPER.writeValueAsString(all));
  }

  private static ObjectNode candidate(Explanation.Candidate of) {
    ObjectNode all = MAPPER.createObjectNode();
    all.put("address", of.address()).put("zone", of.zone()).put("chance", of.chance());
    all.put("leftOutBy", of.leftOutBy()).put("why", of.why()).put("verdict", of.verdict());
    all.put("weight", of.weight()).put("effectiveWeight", of.effectiveWeight());
    all.put("startingShare", of.startingShare()).put("state", of.state().name());
    all.put("inFlight", of.inFlight()).put("load", of.load());
    ServerLoad said = of.reported();
    all.put("serverInFlight", said == null ? null : said.callsInFlight());
    all.put("serverStartDelayMillis", said == null ? null : said.startDelayMicros() / 1e3);
    all.put("latency", of.latency() <= 0 ? null : of.latency());
    return all.put("leftAloneMillis", of.leftAlone().toMillis());
  }

  private static @Nullable Double millis(@Nullable Duration time) {
    return time == null ? null : time.toNanos() / 1e6;
  }

  private static String safe(String json) {
    return UNSAFE
        .matcher(json)
        .replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
  }
}
