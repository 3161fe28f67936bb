package com.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import erpc.call.Attribute;
import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.MessageFilter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.server.Server;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A filter that traces a server's calls, as a user writes it: public API alone. */
@Timeout(60)
class TracingFilterTest {
  private static final Method<StringValue, StringValue> CHAT =
      Method.bidirectional("front.chat", StringValue.class, StringValue.class);
  private static final Method<StringValue, StringValue> UPPER =
      Method.unary("back.upper", StringValue.class, StringValue.class);

  private static final Attribute<Span> SPAN = Attribute.named("span");

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** What is known of one call. */
  private static final class Span {
    final String method;
    final TraceContext trace;
    final long parentId;
    volatile @Nullable Status status;

    Span(String method, TraceContext trace, long parentId) {
      this.method = method;
      this.trace = trace;
      this.parentId = parentId;
    }
  }

  /** One span per call, and one line per message. */
  private final class Tracing implements Filter {
    private final RandomGenerator random = new SplittableRandom(1);

    private synchronized Span begun(Request<?, ?> request, @Nullable TraceContext from) {
      TraceContext own = from == null ? TraceContext.root(random, true) : from.child(random);
      Span span = new Span(request.method().name(), own, from == null ? 0 : from.spanId());
      spans.add(span);
      return span;
    }

    @Override
    public Reply<?> call(Request<?, ?> request, Next next) throws Exception {
      Context context = Objects.requireNonNull(Context.current());
      Span span = begun(request, context.trace());
      Status status = Status.OK;
      try {
        return context.withTrace(span.trace).with(SPAN, span).call(() -> next.call(request));
      } catch (RpcException e) {
        status = e.status();
        throw e;
      } finally {
        span.status = status;
      }
    }

    @Override
    public MessageFilter messages(Request<?, ?> request) {
      return new MessageFilter() {
        private Object line(String way, Object message) {
          Span span = Objects.requireNonNull(Objects.requireNonNull(Context.current()).get(SPAN));
          lines.add(span.method + " " + way + " " + ((StringValue) message).getValue());
          return message;
        }

        @Override
        public Object request(Object message) {
          return line("<", message);
        }

        @Override
        public Object reply(Object message) {
          return line(">", message);
        }

        @Override
        public void ended(Status status) {
          lines.add(request.method() + " " + status.code());
        }
      };
    }
  }

  @Test
  void makesSpansOverTwoHopsAndALineForEachMessage() throws Exception {
    Tracing tracing = new Tracing();
    try (Client client = Client.builder().build();
        Server back =
            Server.builder()
                .filter(tracing)
                .build()
                .handle(
                    UPPER,
                    (context, request) -> {
                      if (request.getValue().isEmpty()) {
                        throw new IllegalStateException("a test");
                      }
                      return StringValue.of(request.getValue().toUpperCase(Locale.ROOT));
                    })
                .listen("127.0.0.1:0");
        Server front =
            Server.builder()
                .filter(tracing)
                .build()
                .handleStream(
                    CHAT,
                    (context, requests, replies) -> {
                      for (StringValue each : requests) {
                        replies.send(
                            client
                                .send(
                                    Request.of(UPPER, each)
                                        .at("ip://" + back.address())
                                        .withTimeout(Duration.ofSeconds(20)))
                                .body());
                      }
                    })
                .listen("127.0.0.1:0")) {
      try (Exchange<StringValue, StringValue> chat =
          client.open(Request.opening(CHAT).at("ip://" + front.address()))) {
        chat.send(StringValue.of("a"));
        assertThat(chat.next()).isEqualTo(StringValue.of("A"));
        chat.send(StringValue.of(""));
        assertThatThrownBy(chat::next).isInstanceOf(RpcException.class);
      }
      await().until(() -> lines.size() == 4);
    }
    assertThat(lines)
        .containsExactly(
            "front.chat < a", "front.chat > A", "front.chat < ", "front.chat INTERNAL");
    assertThat(spans)
        .extracting(span -> span.method)
        .containsExactly("front.chat", "back.upper", "back.upper");
    Span parent = spans.get(0);
    assertThat(parent.parentId).isZero();
    assertThat(spans.subList(1, 3))
        .allSatisfy(child -> {
          assertThat(child.parentId).isEqualTo(parent.trace.spanId());
          assertThat(child.trace.traceIdLow()).isEqualTo(parent.trace.traceIdLow());
        });
    assertThat(spans)
        .extracting(span -> Objects.requireNonNull(span.status).code())
        .containsExactly(Status.Code.INTERNAL, Status.Code.OK, Status.Code.INTERNAL);
  }
}
