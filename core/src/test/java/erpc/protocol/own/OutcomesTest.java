package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.codec.Ownership;
import erpc.protocol.MemoryShare;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What may end a call, in every order in which it can reach the event loop, which is all there is
 * to how they interleave: the loop alone decides. One outcome is left, and whole.
 */
@Timeout(60)
class OutcomesTest {
  /** What ends a call at a server. */
  private enum End {
    REPLY,
    FAILURE,
    SECOND_REPLY,
    DEADLINE,
    CANCEL,
    DRAIN,
    LOSS
  }

  /** The loop of an embedded channel, and the thread that it takes for its own or not. */
  private static final class Loop {
    boolean elsewhere;

    EventLoop around(EmbeddedChannel channel) {
      return (EventLoop)
          Proxy.newProxyInstance(
              EventLoop.class.getClassLoader(),
              new Class<?>[] {EventLoop.class},
              (proxy, method, args) -> {
                if (method.getName().equals("inEventLoop")) {
                  return !elsewhere;
                }
                try {
                  return method.invoke(channel.eventLoop(), args);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  /** Every three of them, in every order: by then all is decided. */
  private static <T> List<List<T>> orders(T[] of) {
    List<List<T>> all = new ArrayList<>();
    for (T first : of) {
      for (T second : of) {
        for (T third : of) {
          if (first != second && first != third && second != third) {
            all.add(List.of(first, second, third));
          }
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 40_000, 400_000})
  void ofACallAtAServerIsOneAndWhole(int bytes) {
    for (List<End> order : orders(End.values())) {
      for (boolean promptly : new boolean[] {true, false}) {
        Served served = new Served(bytes, promptly);
        order.forEach(served::happens);
        served.settle();
        served.check(order);
      }
    }
  }

  /** A call at a server whose handler has its message. */
  private static final class Served {
    final Loop loop = new Loop();
    final TestServer server = TestServer.over(loop::around);
    final TestServer.Call call;
    final byte[] body;

    /** Whether what a handler hands over reaches the event loop before anything else happens. */
    final boolean promptly;

    final List<Frames.Frame> sent = new ArrayList<>();

    Served(int bytes, boolean promptly) {
      this.promptly = promptly;
      server.echo = false;
      byte fields = Wire.REQUEST_NAME | Wire.REQUEST_TIMEOUT;
      byte[] head = Frames.concat(new byte[] {fields}, Frames.named("demo.echo"), Frames.u32(1000));
      byte[] request = Frames.concat(head, new byte[] {5, 1});
      server.receive(Frames.GREETING, Frames.frame(Wire.REQUEST | Wire.END, 1, request));
      server.sent();
      call = server.calls.get(0);
      body = new byte[bytes];
      Arrays.fill(body, (byte) 7);
    }

    void happens(End end) {
      if (!server.isOpen() && (end == End.CANCEL || end == End.LOSS)) {
        return;
      }
      switch (end) {
        case REPLY -> reply(body);
        case SECOND_REPLY -> reply(Arrays.copyOf(body, body.length / 2));
        case FAILURE ->
            elsewhere(() ->
                call.responder.respond(
                    Status.of(Status.Code.ABORTED, "failed"), Metadata.EMPTY, Metadata.EMPTY));
        case DEADLINE -> server.advance(Duration.ofMillis(1_100));
        case CANCEL -> server.receive(Frames.reset(1, Status.Code.CANCELLED.number()));
        case DRAIN -> {
          server.connection.endCalls(Status.of(Status.Code.UNAVAILABLE, "draining"));
          server.channel.runPendingTasks();
        }
        case LOSS -> server.channel.close();
      }
      if (promptly) {
        settle();
      }
    }

    void settle() {
      server.channel.runPendingTasks();
      sent.addAll(server.sent());
    }

    private void reply(byte[] with) {
      elsewhere(() ->
          call.responder.reply(
              Metadata.EMPTY, Metadata.EMPTY, 5, with, with.length, Ownership.GIVEN));
    }

    private void elsewhere(Runnable task) {
      loop.elsewhere = true;
      try {
        task.run();
      } finally {
        loop.elsewhere = false;
      }
    }

    void check(List<End> order) {
      List<Frames.Frame> ends =
          sent.stream().filter(each -> each.type() == Wire.RESPONSE && each.has(Wire.END)).toList();
      assertThat(ends).as("%s", order).hasSizeLessThanOrEqualTo(1);
      assertThat(call.cancelled).as("%s", order).hasSizeLessThanOrEqualTo(1);
      boolean ok = !ends.isEmpty() && ends.get(0).code() == 0;
      if (!ends.isEmpty() || !server.isOpen()) {
        assertThat(server.memory.heldBytes()).as("%s", order).isLessThan(MemoryShare.STEP_BYTES);
      }
      if (ok) {
        boolean second = order.indexOf(End.REPLY) < 0;
        boolean either = order.containsAll(List.of(End.REPLY, End.SECOND_REPLY));
        if (either) {
          second = order.indexOf(End.SECOND_REPLY) < order.indexOf(End.REPLY);
        }
        int whole = second ? body.length / 2 : body.length;
        assertThat(messageBytes()).as("%s", order).isEqualTo(whole);
      } else if (body.length < Wire.SENT_DATA_BYTES) {
        assertThat(messageBytes()).as("%s", order).isZero();
      }
      if (promptly) {
        checkFirst(order, ends, ok);
      }
    }

    private void checkFirst(List<End> order, List<Frames.Frame> ends, boolean ok) {
      End first = order.get(0);
      if (first == End.CANCEL || first == End.LOSS) {
        assertThat(ends).as("%s", order).isEmpty();
      } else if (body.length < Wire.STREAM_WINDOW) { // Or it waits, and other things may happen.
        assertThat(ends).as("%s", order).hasSize(1);
        assertThat(ok).as("%s", order).isEqualTo(first == End.REPLY || first == End.SECOND_REPLY);
      }
    }

    /** Bytes of the message in all that was sent, after what stands before them. */
    private int messageBytes() {
      int sum = 0;
      for (Frames.Frame each : sent) {
        if (each.type() == Wire.DATA || each.type() == Wire.RESPONSE) {
          for (byte b : each.payload()) {
            sum += b == 7 ? 1 : 0;
          }
        }
      }
      return sum;
    }
  }

  /** What ends a call at a client. */
  private enum Told {
    REPLY,
    RESET,
    DEADLINE,
    CANCEL,
    WITHDRAW,
    GOAWAY,
    LOSS
  }

  @Test
  void ofACallAtAClientIsOneAndWhole() {
    byte[] reply = {0, 5, 7, 7, 7};
    for (List<Told> order : orders(Told.values())) {
      TestClient client = TestClient.greeted();
      TestClient.Call call = client.call("demo.echo", new byte[10]);
      assertThat(client.sent()).hasSize(1);
      boolean withdrawn = false;
      for (Told told : order) {
        boolean received = told == Told.REPLY || told == Told.RESET || told == Told.GOAWAY;
        if (received && !client.isOpen()) {
          continue;
        }
        switch (told) {
          case REPLY -> client.receive(Frames.frame(Wire.RESPONSE | Wire.END, 1, reply));
          case RESET -> client.receive(Frames.reset(1, Status.Code.ABORTED.number()));
          case DEADLINE -> client.advance(Duration.ofMillis(1_100));
          case CANCEL -> {
            call.cancel(call.owner, Status.of(Status.Code.CANCELLED, "cancelled"));
            client.channel.runPendingTasks();
          }
          case WITHDRAW -> withdrawn |= call.withdraw(call.owner);
          case GOAWAY ->
              client.receive(
                  Frames.frame(
                      Wire.GOAWAY, 0, Frames.concat(Frames.u32(0), new byte[] {14, 0, 0})));
          case LOSS -> client.channel.close();
        }
        client.channel.runPendingTasks();
      }
      assertThat(withdrawn).as("%s", order).isFalse();
      Status status = call.status;
      boolean ends = order.stream().anyMatch(told -> told != Told.WITHDRAW);
      assertThat(status != null).as("%s", order).isEqualTo(ends); // once, or it would have thrown
      if (status != null && status.isOk()) {
        assertThat(call.reply).as("%s", order).containsExactly(7, 7, 7);
      } else {
        assertThat(call.reply).as("%s", order).isNull();
      }
    }
  }
}
