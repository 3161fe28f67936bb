package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.protocol.CallHead;
import erpc.protocol.RouteName;
import erpc.protocol.ServerLoad;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The vectors that other languages may use, {@code vectors/wire.json}: their fields make their
 * bytes, and this implementation reads and writes them so.
 */
class WireVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final List<String> TYPES =
      List.of(
          "PING", "AUTH", "REQUEST", "RESPONSE", "DATA", "CREDIT", "RESET", "GOAWAY", "SETTINGS");

  /** One vector: its bytes, and what they mean. */
  record Vector(Map<String, Object> fields) {
    boolean has(String field) {
      return fields.containsKey(field);
    }

    String text(String field) {
      return (String) value(field);
    }

    byte[] bytes(String field) {
      return HEX.parseHex(text(field));
    }

    long number(String field) {
      return ((Number) value(field)).longValue();
    }

    List<?> list(String field) {
      return (List<?>) value(field);
    }

    private Object value(String field) {
      Object value = fields.get(field);
      assertThat(value).as("%s of %s", field, fields.get("name")).isNotNull();
      return value;
    }

    boolean isFlag(String flag) {
      return list("flags").contains(flag);
    }

    int kind() {
      int type = TYPES.indexOf(text("type"));
      int kind = type < 0 ? Integer.parseInt(text("type")) : type;
      kind |= isFlag("END") ? 0x80 : 0;
      kind |= isFlag("TICK") ? 0x40 : 0;
      kind |= isFlag("MORE") ? 0x20 : 0;
      return kind | (isFlag("ACK") ? 0x10 : 0);
    }

    @Override
    public String toString() {
      return text("name");
    }
  }

  static List<Vector> all() {
    InputStream json = WireVectorsTest.class.getResourceAsStream("/vectors/wire.json");
    List<Map<String, Object>> read =
        JsonMapper.builder().build().readValue(json, new TypeReference<>() {});
    return read.stream().map(LinkedHashMap::new).map(Vector::new).toList();
  }

  static Stream<Arguments> frames() {
    return all().stream().filter(vector -> vector.has("type")).map(Arguments::of);
  }

  private static Stream<Arguments> ofType(String type) {
    return frames().filter(a -> ((Vector) a.get()[0]).text("type").equals(type));
  }

  static Stream<Arguments> requests() {
    return ofType("REQUEST");
  }

  static Stream<Arguments> responses() {
    return ofType("RESPONSE");
  }

  @Test
  void thereIsOneForEachFrameTypeAndOptionalField() {
    List<Vector> vectors = all().stream().filter(v -> !v.has("refused") && !v.has("ends")).toList();
    assertThat(vectors.get(0).text("hex")).isEqualTo("3bef5c01");
    Set<String> seen = new HashSet<>();
    for (Vector vector : vectors.subList(1, vectors.size())) {
      vector.fields.keySet().forEach(field -> seen.add(vector.text("type") + "." + field));
      vector.list("flags").forEach(flag -> seen.add("flag." + flag));
    }
    assertThat(seen).contains("flag.END", "flag.TICK", "flag.MORE", "flag.ACK");
    for (String type : TYPES) {
      assertThat(seen).contains(type + ".hex");
    }
    for (String field :
        List.of(
            "route",
            "method",
            "timeout",
            "trace",
            "metadata",
            "oneway",
            "retried",
            "extension",
            "criticality",
            "total",
            "message")) {
      assertThat(seen).contains("REQUEST." + field);
    }
    for (String field :
        List.of(
            "code",
            "details",
            "headers",
            "trailers",
            "notStarted",
            "route",
            "retryAfter",
            "extension",
            "load",
            "passedOn",
            "message")) {
      assertThat(seen).contains("RESPONSE." + field);
    }
  }

  // ---- fields to bytes, apart from the code under test

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void fieldsMakeTheBytes(Vector vector) {
    ByteBuf out = Unpooled.buffer();
    if (vector.isFlag("TICK")) {
      out.writeInt((int) vector.number("tick"));
    }
    writePayload(vector, out);
    byte[] payload = Frames.bytes(out);
    byte[] frame = Frames.frame(vector.kind(), (int) vector.number("stream"), payload);
    assertThat(HEX.formatHex(frame)).isEqualTo(vector.text("hex"));
  }

  private static void writePayload(Vector vector, ByteBuf out) {
    switch (vector.text("type")) {
      case "AUTH" -> {
        byte[] scheme = Frames.text(vector.text("scheme"));
        out.writeByte(scheme.length).writeBytes(scheme);
        write16(out, vector.bytes("credential"));
      }
      case "REQUEST" -> {
        out.writeBytes(requestHead(vector));
        writeData(vector, out);
      }
      case "RESPONSE" -> {
        out.writeBytes(responseHead(vector));
        writeData(vector, out);
      }
      case "DATA" -> writeData(vector, out);
      case "CREDIT" -> out.writeInt((int) vector.number("amount"));
      case "RESET" -> out.writeByte((int) vector.number("code"));
      case "GOAWAY" -> {
        out.writeInt((int) vector.number("last")).writeByte((int) vector.number("code"));
        write16(out, Frames.text(vector.text("text")));
      }
      case "SETTINGS" ->
          vector
              .list("settings")
              .forEach(pair -> {
                List<?> setting = (List<?>) pair;
                out.writeShort(((Number) setting.get(0)).intValue());
                out.writeInt(((Number) setting.get(1)).intValue());
              });
      default -> out.writeBytes(vector.bytes("content"));
    }
  }

  private static @Nullable TraceContext trace(Vector vector) {
    if (!vector.has("trace")) {
      return null;
    }
    ByteBuf in = Unpooled.wrappedBuffer(vector.bytes("trace"));
    return TraceContext.of(in.readLong(), in.readLong(), in.readLong(), in.readUnsignedByte());
  }

  private static byte[] requestHead(Vector vector) {
    ByteBuf out = Unpooled.buffer();
    int fields = vector.has("method") ? 0x01 : 0;
    fields |= vector.has("timeout") ? 0x02 : 0;
    fields |= vector.has("trace") ? 0x04 : 0;
    fields |= vector.has("metadata") ? 0x08 : 0;
    fields |= vector.has("oneway") ? 0x10 : 0;
    fields |= vector.has("retried") ? 0x20 : 0;
    fields |= vector.has("extension") ? 0x80 : 0;
    out.writeByte(fields);
    if (vector.has("method")) {
      out.writeBytes(Frames.named(vector.text("method")));
    } else {
      out.writeShort((int) vector.number("route"));
    }
    if (vector.has("timeout")) {
      out.writeInt((int) vector.number("timeout"));
    }
    if (vector.has("trace")) {
      out.writeBytes(vector.bytes("trace"));
    }
    writeBlock(vector, "metadata", out);
    writeBytes(vector, "extension", out);
    return Frames.bytes(out);
  }

  private static byte[] responseHead(Vector vector) {
    ByteBuf out = Unpooled.buffer();
    int fields = vector.has("code") ? 0x01 : 0;
    fields |= vector.has("details") ? 0x02 : 0;
    fields |= vector.has("headers") ? 0x04 : 0;
    fields |= vector.has("trailers") ? 0x08 : 0;
    fields |= vector.has("notStarted") ? 0x10 : 0;
    fields |= vector.has("route") ? 0x20 : 0;
    fields |= vector.has("retryAfter") ? 0x40 : 0;
    fields |= vector.has("extension") ? 0x80 : 0;
    out.writeByte(fields);
    if (vector.has("code")) {
      out.writeByte((int) vector.number("code"));
      write16(out, Frames.text(vector.text("text")));
    }
    writeBytes(vector, "details", out);
    writeBlock(vector, "headers", out);
    writeBlock(vector, "trailers", out);
    if (vector.has("route")) {
      out.writeShort((int) vector.number("route"));
    }
    if (vector.has("retryAfter")) {
      out.writeInt((int) vector.number("retryAfter"));
    }
    writeBytes(vector, "extension", out);
    return Frames.bytes(out);
  }

  private static void writeData(Vector vector, ByteBuf out) {
    out.writeBytes(dataPart(vector));
  }

  private static byte[] dataPart(Vector vector) {
    ByteBuf out = Unpooled.buffer();
    if (vector.has("encoding")) {
      out.writeByte((int) vector.number("encoding"));
    }
    if (vector.has("total")) {
      out.writeInt((int) vector.number("total"));
    }
    for (String field : List.of("message", "part")) {
      if (vector.has(field)) {
        out.writeBytes(vector.bytes(field));
      }
    }
    return Frames.bytes(out);
  }

  private static void writeBytes(Vector vector, String field, ByteBuf out) {
    if (vector.has(field)) {
      write16(out, vector.bytes(field));
    }
  }

  private static void write16(ByteBuf out, byte[] bytes) {
    out.writeShort(bytes.length).writeBytes(bytes);
  }

  private static void writeBlock(Vector vector, String field, ByteBuf out) {
    if (vector.has(field)) {
      byte[][] entries =
          metadata(vector, field).entries().stream()
              .map(entry -> Frames.entry(entry.key(), entry.toBytes()))
              .toArray(byte[][]::new);
      write16(out, Frames.concat(entries));
    }
  }

  private static Metadata metadata(Vector vector, String field) {
    if (!vector.has(field)) {
      return Metadata.EMPTY;
    }
    Metadata.Builder metadata = Metadata.builder();
    for (Object pair : vector.list(field)) {
      List<?> entry = (List<?>) pair;
      metadata.addRaw((String) entry.get(0), HEX.parseHex((String) entry.get(1)));
    }
    return metadata.build();
  }

  // ---- bytes to fields, by this implementation

  private static ByteBuf payload(Vector vector) {
    ByteBuf in = Unpooled.wrappedBuffer(vector.bytes("hex"));
    return in.skipBytes(Wire.HEADER_BYTES + (vector.isFlag("TICK") ? Wire.TICK_BYTES : 0));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void aServerReadsARequest(Vector vector) {
    ByteBuf in = payload(vector);
    CallHead head = new CallHead();
    RequestHead.read(head, in, in.writerIndex());
    assertThat(head.name()).isEqualTo(vector.has("method") ? vector.text("method") : null);
    assertThat(head.route()).isEqualTo(vector.has("route") ? (int) vector.number("route") : 0);
    assertThat(head.timeoutNanos())
        .isEqualTo(
            vector.has("timeout") ? vector.number("timeout") * 1_000_000 : CallHead.NO_TIMEOUT);
    assertThat(head.trace()).isEqualTo(trace(vector));
    assertThat(head.metadata()).isEqualTo(metadata(vector, "metadata"));
    assertThat(head.isOneway()).isEqualTo(vector.has("oneway"));
    assertThat(head.isRetried()).isEqualTo(vector.has("retried"));
    assertThat(head.criticality()).isEqualTo(criticality(vector));
    assertThat(Frames.bytes(in)).isEqualTo(dataPart(vector));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("responses")
  void aClientReadsAResponse(Vector vector) {
    ByteBuf in = payload(vector);
    ResponseHead head = ResponseHead.read(in.readUnsignedByte(), in, in.writerIndex());
    assertThat(head.status.code().number())
        .isEqualTo(vector.has("code") ? (int) vector.number("code") : 0);
    if (vector.has("code")) {
      assertThat(head.status.message()).isEqualTo(vector.text("text"));
      assertThat(head.status.started() == Status.Started.NO).isEqualTo(vector.has("notStarted"));
    }
    assertThat(head.status.details())
        .isEqualTo(vector.has("details") ? vector.bytes("details") : new byte[0]);
    assertThat(head.headers).isEqualTo(vector.has("headers") ? metadata(vector, "headers") : null);
    assertThat(head.trailers).isEqualTo(metadata(vector, "trailers"));
    assertThat(head.route).isEqualTo(vector.has("route") ? (int) vector.number("route") : 0);
    assertThat(head.status.retryAfter()).isEqualTo(retryAfter(vector));
    assertThat(head.status.isPassedOn()).isEqualTo(vector.has("passedOn"));
    assertThat(head.load).isEqualTo(load(vector));
    assertThat(Frames.bytes(in)).isEqualTo(dataPart(vector));
  }

  private static Criticality criticality(Vector vector) {
    return vector.has("criticality")
        ? Criticality.of((int) vector.number("criticality"))
        : Criticality.DEFAULT;
  }

  private static @Nullable Duration retryAfter(Vector vector) {
    return vector.has("retryAfter") ? Duration.ofMillis(vector.number("retryAfter")) : null;
  }

  private static @Nullable ServerLoad load(Vector vector) {
    if (!vector.has("load")) {
      return null;
    }
    List<?> load = vector.list("load");
    return new ServerLoad(((Number) load.get(0)).longValue(), ((Number) load.get(1)).longValue());
  }

  /** Whether its extension is one that this implementation writes, byte by byte. */
  private static boolean isWritten(Vector vector) {
    return !vector.has("extension")
        || (!vector.text("name").contains("unknown")
            && !vector.text("name").contains("says more")
            && (vector.has("criticality") || vector.has("load") || vector.has("passedOn")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void theirReceiverTakesThem(Vector vector) {
    boolean toServer = !vector.text("sender").equals("server");
    boolean toClient = !vector.text("sender").equals("client");
    if (toServer) {
      TestServer server = TestServer.greeted();
      server.echo = false;
      if (!vector.text("type").equals("REQUEST")) {
        server.receive(Frames.opening(20, "a.b", 1));
      }
      server.receive(vector.bytes("hex"));
      assertThat(server.ended()).isEmpty();
      server.channel.finishAndReleaseAll();
    }
    if (toClient) {
      TestClient client = TestClient.greeted();
      IntStream.range(0, 20).forEach(i -> client.call("a.b", new byte[0]));
      if (vector.has("part") && !vector.has("total")) {
        int stream = (int) vector.number("stream");
        client.receive(Frames.data(Wire.MORE, stream, Frames.hex("05 00000009 61")));
      }
      client.receive(vector.bytes("hex"));
      assertThat(client.connection.whyClosed()).isNull();
      client.channel.finishAndReleaseAll();
    }
  }

  // ---- fields to bytes, by this implementation

  @ParameterizedTest(name = "{0}")
  @MethodSource("responses")
  void aServerWritesAResponse(Vector vector) {
    if (!isWritten(vector)) {
      return;
    }
    ByteBuf out = Unpooled.buffer();
    Status status = Status.OK;
    if (vector.has("code")) {
      status =
          Status.of(Status.Code.of((int) vector.number("code")), vector.text("text"))
              .withDetails(vector.has("details") ? vector.bytes("details") : new byte[0])
              .withStarted(vector.has("notStarted") ? Status.Started.NO : Status.Started.YES)
              .withRetryAfter(retryAfter(vector));
      status = vector.has("passedOn") ? status.asPassedOn() : status;
    }
    Metadata headers = metadata(vector, "headers");
    Metadata trailers = metadata(vector, "trailers");
    int route = vector.has("route") ? (int) vector.number("route") : 0;
    ResponseHead.write(out, status, headers, trailers, route, load(vector));
    assertThat(out.readableBytes())
        .isLessThanOrEqualTo(ResponseHead.most(status, headers, trailers));
    assertThat(Frames.bytes(out)).isEqualTo(responseHead(vector));
  }

  private static List<Vector> writable() {
    List<Vector> found = new ArrayList<>();
    requests()
        .map(arguments -> (Vector) arguments.get()[0])
        .filter(vector -> vector.has("timeout") && vector.number("timeout") == 1_000)
        .filter(vector -> vector.has("message"))
        .filter(WireVectorsTest::isWritten)
        .forEach(found::add);
    return found;
  }

  @Test
  void aClientWritesARequest() {
    assertThat(writable()).hasSizeGreaterThan(4);
    for (Vector vector : writable()) {
      TestClient client = TestClient.greeted();
      RouteName name = new RouteName("demo.echo", 3);
      if (vector.has("route")) {
        client.start(name, Metadata.EMPTY, null, false, new byte[0]);
        byte[] route = Frames.u16((int) vector.number("route"));
        client.receive(
            Frames.frame(0x83, 1, Frames.concat(new byte[] {0x20}, route, new byte[] {5})));
      }
      client.sent();
      TraceContext trace = trace(vector);
      client.says(criticality(vector), vector.has("retried"));
      client.start(
          name, metadata(vector, "metadata"), trace, vector.has("oneway"), vector.bytes("message"));
      Frames.Frame sent = client.sent().get(0);
      assertThat(sent.kind() | Wire.TICK).isEqualTo(vector.kind() | Wire.TICK);
      ByteBuf in = sent.in().skipBytes(sent.has(Wire.TICK) ? Wire.TICK_BYTES : 0);
      byte[] expected = Frames.bytes(payload(vector));
      // The test's client sends bytes as they are.
      expected[requestHead(vector).length] = 5;
      assertThat(Frames.bytes(in)).as(vector.toString()).isEqualTo(expected);
      client.channel.finishAndReleaseAll();
    }
  }
}
