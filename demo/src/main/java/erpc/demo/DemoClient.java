package erpc.demo;

import static java.util.concurrent.TimeUnit.SECONDS;

import erpc.Erpc;
import erpc.call.RpcException;
import erpc.call.Status;
import java.io.PrintStream;
import java.time.Duration;

/** A client: it knows names of methods and a service, and the center knows who answers them. */
final class DemoClient {
  private static final int ECHOES = 4;
  private static final int STEADY_CALLS_PER_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration TRY_TIMEOUT = Duration.ofSeconds(3);

  private final PrintStream out;

  DemoClient(PrintStream out) {
    this.out = out;
  }

  /**
   * Calls each method by name and prints what comes back.
   *
   * @throws RpcException if nobody is found in a minute, or a call fails
   */
  void run() throws InterruptedException {
    HelloResponse hello = helloOnceFound(HelloRequest.newBuilder().setName("erpc").build());
    out.println("demo.hello {name: \"erpc\"}  ->  \"" + hello.getMsg() + "\"");

    for (int i = 1; i <= ECHOES; i++) {
      EchoReply reply = echo("hi " + i);
      String said = "demo.echo  {msg: \"hi " + i + "\"}  ->  \"" + reply.getMsg() + "\"";
      out.println(said + ", answered by " + reply.getServedBy());
    }
    count();
    greet(Erpc.of(Greeter.SERVICE));
  }

  /** The same by the interface that is generated from {@code demo.proto}. */
  private void greet(Greeter greeter) {
    HelloResponse hello = greeter.hello(HelloRequest.newBuilder().setName("you").build());
    out.println("Greeter.hello({name: \"you\"})  ->  \"" + hello.getMsg() + "\"");

    StringBuilder numbers = new StringBuilder();
    try (var replies = greeter.count(CountRequest.newBuilder().setN(3).build())) {
      for (CountReply each : replies) {
        numbers.append(' ').append(each.getNumber());
      }
    }
    out.println("Greeter.count({n: 3})  ->" + numbers);
  }

  /** Replies are printed as they come. */
  private void count() {
    out.print("demo.count {n: 3}  ->");
    CountRequest request = CountRequest.newBuilder().setN(3).build();
    try (var replies = Erpc.client().open(DemoMethods.COUNT, request)) {
      for (CountReply each : replies) {
        out.print(" " + each.getNumber());
      }
    }
    out.println();
  }

  private static EchoReply echo(String msg) {
    return Erpc.client().call(DemoMethods.ECHO, EchoRequest.newBuilder().setMsg(msg).build());
  }

  /** A call by name waits, to its deadline, for a center and a server; this one waits longer. */
  private HelloResponse helloOnceFound(HelloRequest request) throws InterruptedException {
    long start = System.nanoTime();
    while (true) {
      try {
        return Erpc.call("demo.hello", request, HelloResponse.class, TRY_TIMEOUT);
      } catch (RpcException e) {
        long left = PATIENCE.minusNanos(System.nanoTime() - start).toSeconds();
        if (left <= 0 || !mayPass(e.code())) {
          throw e;
        }
        out.println("nobody answers demo.hello yet: " + e.status().message());
        out.println(
            "  ./erpc demo center and ./erpc demo server start who does; trying for "
                + left
                + " s more");
        SECONDS.sleep(e.code() == Status.Code.UNAVAILABLE ? 1 : 0);
      }
    }
  }

  private static boolean mayPass(Status.Code code) {
    return code == Status.Code.DEADLINE_EXCEEDED || code == Status.Code.UNAVAILABLE;
  }

  /**
   * Calls demo.echo again and again for so long, and says each second who answered.
   *
   * @return true if no call failed
   */
  boolean keepCalling(Duration howLong) throws InterruptedException {
    Tally total = new Tally();
    for (long second = 0; second < howLong.toSeconds(); second++) {
      Tally tally = new Tally();
      for (int i = 0; i < STEADY_CALLS_PER_SECOND; i++) {
        echo(tally);
        Thread.sleep(1_000 / STEADY_CALLS_PER_SECOND);
      }
      out.println(tally);
      total.add(tally);
    }
    if (howLong.isPositive()) {
      out.println("in all: " + total);
    }
    return total.failed() == 0;
  }

  private void echo(Tally tally) {
    try {
      tally.answered(echo("again").getServedBy());
    } catch (RpcException e) {
      out.println("demo.echo failed: " + e.status());
      tally.failedOne();
    }
  }
}
