package erpc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Handlers;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FakeTest {
  /** As code is generated for a service. */
  interface Words {
    Method<byte[], byte[]> SAY = Method.unary("test.Words.Say", byte[].class, byte[].class);
    Method<byte[], byte[]> JOIN =
        Method.clientStreaming("test.Words.Join", byte[].class, byte[].class);
    Method<byte[], byte[]> SPLIT =
        Method.serverStreaming("test.Words.Split", byte[].class, byte[].class);

    Service<Words> SERVICE =
        new Service<>("test.Words", List.of(SAY, JOIN, SPLIT)) {
          @Override
          public Words client(Caller caller) {
            return new Words() {
              @Override
              public byte[] say(byte[] request) {
                return caller.call(SAY, request, CallOptions.NONE);
              }

              @Override
              public byte[] join(Incoming<byte[]> requests) {
                return caller.clientStream(JOIN, requests, CallOptions.NONE);
              }

              @Override
              public Incoming<byte[]> split(byte[] request) {
                return caller.serverStream(SPLIT, request, CallOptions.NONE);
              }
            };
          }

          @Override
          public void bind(Words implementation, Handlers handlers) {
            handlers.unary(SAY, implementation::say);
            handlers.clientStream(JOIN, implementation::join);
            handlers.serverStream(SPLIT, implementation::split);
          }
        };

    byte[] say(byte[] request);

    byte[] join(Incoming<byte[]> requests);

    Incoming<byte[]> split(byte[] request);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void itAnswersWhatItWasTold() {
    Words words =
        Fake.of(Words.SERVICE)
            .answering(Words.SAY, request -> bytes("hello " + text(request)))
            .collecting(Words.JOIN, requests -> requests.next())
            .streaming(Words.SPLIT, request -> Incoming.of(List.of(request, request)))
            .client();
    assertThat(text(words.say(bytes("you")))).isEqualTo("hello you");
    assertThat(text(words.join(Incoming.of(List.of(bytes("a"), bytes("b")))))).isEqualTo("a");
    assertThat(words.split(bytes("a"))).hasSize(2);
  }

  @Test
  void itMayBeServed() throws Exception {
    Fake<Words> fake = Fake.of(Words.SERVICE).answering(Words.SAY, request -> request);
    try (Server server = Server.builder().build().handle(Words.SERVICE, fake.client());
        Client client = Client.builder().build()) {
      server.listen("127.0.0.1:0");
      Words words = client.of(Words.SERVICE, "ip://" + server.address());
      assertThat(text(words.say(bytes("a")))).isEqualTo("a");
      assertThatThrownBy(() -> words.join(Incoming.of(List.of())))
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED));
    }
  }

  @Test
  void whatItWasNotToldItSays() {
    assertThatThrownBy(() -> Fake.of(Words.SERVICE).client().say(bytes("a")))
        .hasMessageContaining("the fake of test.Words was not told what answers test.Words.Say");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fake.of(Words.SERVICE).answering(Words.JOIN, request -> request))
        .withMessageContaining("test.Words.Join is CLIENT_STREAMING");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Fake.of(Words.SERVICE)
                .answering(Method.unary("other.m", byte[].class, byte[].class), request -> request))
        .withMessageContaining("has no method other.m");
  }
}
