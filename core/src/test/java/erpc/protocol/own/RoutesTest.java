package erpc.protocol.own;

import static erpc.protocol.own.Frames.concat;
import static erpc.protocol.own.Frames.frame;
import static erpc.protocol.own.Frames.hex;
import static erpc.protocol.own.Frames.request;
import static erpc.protocol.own.Frames.u16;
import static erpc.protocol.own.Frames.u32;
import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Status;
import erpc.protocol.RouteName;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers stand for methods on the connection that they were given on, and nowhere else. */
class RoutesTest {
  private static int routeIn(List<Frames.Frame> sent) {
    Frames.Frame last = sent.get(sent.size() - 1);
    assertThat(last.type()).isEqualTo(Wire.RESPONSE);
    return (last.payload()[0] & Wire.RESPONSE_ROUTE) == 0
        ? 0
        : last.in().skipBytes(1).readUnsignedShort();
  }

  private static byte[] byNumber(int stream, int number) {
    return frame(
        Wire.REQUEST | Wire.END,
        stream,
        concat(new byte[] {Wire.REQUEST_TIMEOUT}, u16(number), u32(1_000), new byte[] {5}));
  }

  private static int called(TestServer server, int stream, String name) {
    server.receive(request(stream, name));
    return routeIn(server.sent());
  }

  @Test
  void areGivenInTheOrderOfFirstCallsByName() {
    TestServer server = TestServer.greeted();
    server.ownNumbers.put("a.late", 77);
    server.ownNumbers.put("a.early", 3);
    assertThat(called(server, 1, "a.late")).isEqualTo(1);
    assertThat(called(server, 2, "a.early")).isEqualTo(2);
    assertThat(called(server, 3, "a.late")).isEqualTo(1);
    server.receive(byNumber(4, 2), byNumber(5, 1), byNumber(6, 3));
    assertThat(server.calls.subList(3, 6).stream().map(call -> call.method))
        .as("what the server calls them; 0 for one that was not given")
        .containsExactly(3, 77, 0);
    server.channel.finishAndReleaseAll();
  }

  @Test
  void endWithTheLastThatFits() {
    GivenRoutes routes = new GivenRoutes();
    for (int i = 1; i <= Wire.MAX_ROUTES; i++) {
      assertThat(routes.number(10_000 - i)).isEqualTo(i);
    }
    assertThat(routes.number(1)).isZero();
    assertThat(routes.number(9_999)).isEqualTo(1);
    assertThat(routes.method(Wire.MAX_ROUTES)).isEqualTo(10_000 - Wire.MAX_ROUTES);
    assertThat(routes.method(0)).isZero();
    assertThat(routes.method(0xffff)).isZero();
    assertThat(routes.number(0)).isZero();
  }

  @Test
  void aNumberGivenElsewhereMeansNothingHere() throws IOException {
    try (Reactor reactor = Reactor.open(TransportKind.NIO, 1);
        Server server = Server.builder().reactor(reactor).build()) {
      for (int i = 0; i < 5_000; i++) {
        server.handle(
            Method.unary("demo.m" + i, byte[].class, byte[].class), (context, request) -> request);
      }
      server.listen("127.0.0.1:0");
      try (RawPeer one = RawPeer.of(server.address());
          RawPeer other = RawPeer.of(server.address())) {
        one.send(Frames.GREETING, request(1, "demo.m4999"));
        assertThat(routeIn(List.of(one.next(Wire.RESPONSE)))).isEqualTo(1);
        other.send(Frames.GREETING, byNumber(1, 1));
        Frames.Frame refused = other.next(Wire.RESPONSE);
        assertThat(refused.code()).isEqualTo(12);
        assertThat(refused.isNotStarted()).isTrue();
        other.send(request(2, "demo.m7"));
        assertThat(routeIn(List.of(other.next(Wire.RESPONSE)))).isEqualTo(1);
        one.send(byNumber(2, 1));
        assertThat(one.next(Wire.RESPONSE).code()).isZero();
        one.send(byNumber(3, 2));
        assertThat(one.next(Wire.RESPONSE).code()).isEqualTo(12);
        one.send(request(4, "demo.none"));
        assertThat(routeIn(List.of(one.next(Wire.RESPONSE)))).isZero();
        one.send(request(5, "demo.m0"));
        assertThat(routeIn(List.of(one.next(Wire.RESPONSE)))).isEqualTo(2);
      }
    }
  }

  @Test
  void aClientKeepsToWhatANumberWasGivenFor() {
    TestClient client = TestClient.greeted();
    RouteName one = new RouteName("demo.one", 0);
    RouteName two = new RouteName("demo.two", 1);
    client.start(one, Metadata.EMPTY, null, false, new byte[0]);
    client.receive(frame(Wire.RESPONSE | Wire.END, 1, hex("20 0007 05")));
    client.start(two, Metadata.EMPTY, null, false, new byte[0]);
    client.receive(frame(Wire.RESPONSE | Wire.END, 2, hex("20 0007 05")));
    Status ended = client.connection.whyClosed();
    assertThat(ended).isNotNull();
    assertThat(ended.message()).contains("route number 7");
    client.channel.finishAndReleaseAll();
  }
}
