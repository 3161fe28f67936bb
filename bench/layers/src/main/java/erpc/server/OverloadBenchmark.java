package erpc.server;

import erpc.call.Method;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.CallHead;
import erpc.protocol.MemoryBudget;
import erpc.protocol.Responder;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/**
 * What a server's protection costs a unary call that passes: when it comes, when its handler begins
 * and when it ends. Its last clock reading is in it, which only this needs.
 */
@State(Scope.Benchmark)
public class OverloadBenchmark {
  private static final int BATCH = 1_000;
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long WAITED_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final Method<byte[], byte[]> METHOD =
      Method.unary("bench.echo", byte[].class, byte[].class);

  /** Asked for nothing while no call is refused. */
  private static final Responder NOBODY =
      (Responder)
          Proxy.newProxyInstance(
              Responder.class.getClassLoader(),
              new Class<?>[] {Responder.class},
              (proxy, method, arguments) -> {
                throw new IllegalStateException("a call was refused");
              });

  private final ServerStack stack = stack();

  private static ServerStack stack() {
    MethodTable methods = new MethodTable(Ticker.system());
    methods.add(METHOD, (context, message) -> message, Execution.virtual());
    MemoryBudget memory = new MemoryBudget(0);
    return new ServerStack(
        methods, Health.addTo(methods), new Admission(1_000, memory), memory, Server.builder());
  }

  /** The calls of one connection. */
  @State(Scope.Thread)
  public static class Calls {
    private final CallHead head = new CallHead();
    private long failures;
    private @Nullable StagedCall staged;
    private @Nullable Overload overload;

    @Setup
    public void begin(OverloadBenchmark of) {
      head.calls(METHOD.name());
      staged = new Call(of.stack);
      overload = of.stack.overload;
    }

    private StagedCall come() {
      long nowNanos = System.nanoTime();
      head.times(nowNanos, TIMEOUT_NANOS);
      StagedCall call = Objects.requireNonNull(staged);
      call.begin(head);
      return call;
    }

    private void pass() {
      StagedCall call = come();
      Overload protection = Objects.requireNonNull(overload);
      Status refused = protection.begin(call);
      if (refused == null) {
        refused = protection.begins(call, call.receivedNanos() + WAITED_NANOS);
        protection.end(call, Status.OK);
      }
      failures += refused == null ? 0 : 1;
    }

    /** Handlers' threads are virtual; others say nothing of how long calls wait. */
    private void inTurn(Runnable each) {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < BATCH; i++) {
                  each.run();
                }
              });
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (failures > 0) {
        throw new IllegalStateException(failures + " calls were refused");
      }
    }
  }

  /** By one thread. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void call(Calls calls) {
    calls.inTurn(calls::pass);
  }

  /** By two threads, the time is that of one call. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(BATCH)
  public void callOfTwo(Calls calls) {
    calls.inTurn(calls::pass);
  }

  /** What of that is there without protection: the head is read, the method found. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void bareCall(Calls calls) {
    calls.inTurn(calls::come);
  }

  /** The same by two threads. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(BATCH)
  public void bareCallOfTwo(Calls calls) {
    calls.inTurn(calls::come);
  }

  /** A call as far as stages know it. */
  private static final class Call extends StagedCall {
    Call(ServerStack stack) {
      super(stack, NOBODY);
    }
  }
}
