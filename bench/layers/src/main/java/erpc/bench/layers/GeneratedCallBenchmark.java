package erpc.bench.layers;

import erpc.bench.wire.Echo;
import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Handlers;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Service;
import erpc.client.Client;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a generated client adds to a call. The client answers at once, by a filter around the call,
 * so that the difference is not lost in what a network takes.
 */
@State(Scope.Benchmark)
public class GeneratedCallBenchmark {
  private static final CallOptions OPTIONS = CallOptions.NONE.withTimeout(Duration.ofSeconds(1));

  private final Reply<Echo> reply = Reply.of(Echo.getDefaultInstance());
  private final Client client = Client.builder().filter((request, next) -> reply).build();
  private final Echo message = Echo.newBuilder().setId(7).setMsg("hello").build();
  private final Typed typed = client.of(Typed.SERVICE);
  private final Typed placed = client.of(Typed.SERVICE, "ip://127.0.0.1:1");

  /** As code is generated for a service of one method. */
  interface Typed {
    Method<Echo, Echo> ECHO = Method.unary("bench.Typed.Echo", Echo.class, Echo.class);

    Service<Typed> SERVICE =
        new Service<>("bench.Typed", List.of(ECHO)) {
          @Override
          public Typed client(Caller caller) {
            return new Typed() {
              @Override
              public Echo echo(Echo request) {
                return caller.call(ECHO, request, CallOptions.NONE);
              }

              @Override
              public Echo echo(Echo request, CallOptions options) {
                return caller.call(ECHO, request, options);
              }
            };
          }

          @Override
          public void bind(Typed implementation, Handlers handlers) {
            handlers.unary(ECHO, implementation::echo);
          }
        };

    Echo echo(Echo request);

    default Echo echo(Echo request, CallOptions options) {
      return echo(request);
    }
  }

  @TearDown
  public void close() {
    client.close();
  }

  /** The method by hand. */
  @Benchmark
  public Object send() {
    return client.send(Request.of(Typed.ECHO, message)).body();
  }

  /** The generated client. */
  @Benchmark
  public Object generated() {
    return typed.echo(message);
  }

  /** The method by hand, with options. */
  @Benchmark
  public Object sendWithOptions() {
    return client.send(Request.of(Typed.ECHO, message).withOptions(OPTIONS)).body();
  }

  /** The generated client, with options. */
  @Benchmark
  public Object generatedWithOptions() {
    return typed.echo(message, OPTIONS);
  }

  /** A generated client of one place. */
  @Benchmark
  public Object generatedAtAPlace() {
    return placed.echo(message);
  }
}
