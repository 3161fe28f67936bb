package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.codec.SpareArrays;
import erpc.protocol.CallHead;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.InboundCall;
import erpc.protocol.LoneCalls;
import erpc.protocol.MemoryBudget;
import erpc.protocol.MessageSink;
import erpc.protocol.MessageSource;
import erpc.protocol.Responder;
import erpc.protocol.ServerCalls;
import erpc.protocol.ServerLoad;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A server's end of a connection without socket or clock, and a record of the calls it let in. */
final class TestServer extends TestEnd implements ServerCalls {
  /** One call as it came. */
  final class Call implements InboundCall {
    final Responder responder;
    final @Nullable String name;
    final int number;
    final int method;
    final long timeoutNanos;
    final Metadata metadata;
    final boolean oneway;
    final @Nullable TraceContext trace;
    final List<byte[]> messages = new ArrayList<>();
    final List<Integer> encodings = new ArrayList<>();
    final List<Status> cancelled = new ArrayList<>();

    int answers;
    boolean underWay;
    @Nullable MessageSource requests;
    @Nullable MessageSink replies;

    private Call(CallHead head, Responder responder) {
      this.responder = responder;
      name = head.name();
      number = head.route();
      method = head.method();
      timeoutNanos = head.timeoutNanos();
      metadata = head.metadata();
      oneway = head.isOneway();
      trace = head.trace();
    }

    @Override
    public int maxMessageBytes() {
      return maxMessageBytes;
    }

    @Override
    public int route() {
      return name == null ? 1 : ownNumbers.getOrDefault(name, 1);
    }

    @Override
    public long deadlineNanos() {
      long left = timeoutNanos < 0 ? TimeUnit.SECONDS.toNanos(1) : timeoutNanos;
      return ticker.nanos() + left;
    }

    @Override
    public void message(int encoding, ByteBuf in, int length) {
      byte[] bytes = new byte[length];
      in.getBytes(in.readerIndex(), bytes);
      messages.add(bytes);
      encodings.add(encoding);
      if (echo) {
        answer(bytes);
      }
    }

    @Override
    public @Nullable Thread thread() {
      return null;
    }

    @Override
    public boolean isStreaming() {
      return name != null && streaming.test(name);
    }

    @Override
    public long progressNanos() {
      return TimeUnit.SECONDS.toNanos(30);
    }

    @Override
    public void open(MessageSource in, MessageSink out) {
      requests = in;
      replies = out;
    }

    @Override
    public void interrupted() {}

    @Override
    public boolean isUnderWay() {
      return underWay;
    }

    void answer(byte[] bytes) {
      int encoding = encodings.isEmpty() ? 5 : encodings.get(0);
      responder.reply(
          Metadata.EMPTY, Metadata.EMPTY, encoding, bytes, bytes.length, Ownership.SHARED);
    }

    @Override
    public void cancelled(Status why) {
      cancelled.add(why);
    }
  }

  final MemoryBudget memory;
  final LoneCalls loneCalls = new LoneCalls();
  final ServerConnection connection;
  final List<Call> calls = new ArrayList<>();
  int maxMessageBytes = 4 << 20;
  boolean echo = true;
  ServerLoad load = new ServerLoad(0, 0);
  Predicate<String> streaming = name -> name.startsWith("stream.");

  /** What the server calls its methods; 1 if it isn't said. */
  final Map<String, Integer> ownNumbers = new HashMap<>();

  /** Of tests before this one, which would count as a little more than was asked for. */
  private static void forgetSpareArrays() {
    for (int least = 1 << 15; least <= 1 << 25; least *= 2) {
      byte[] spare = SpareArrays.takeSpare(least);
      while (spare != null) {
        spare = SpareArrays.takeSpare(least);
      }
    }
  }

  TestServer() {
    this(ConnectionSettings.DEFAULTS);
  }

  TestServer(ConnectionSettings settings) {
    this(settings, 1 << 30);
  }

  TestServer(ConnectionSettings settings, long maxBufferedBytes) {
    this(settings, new MemoryBudget(maxBufferedBytes));
  }

  TestServer(ConnectionSettings settings, MemoryBudget memory) {
    this(settings, memory, EmbeddedChannel::eventLoop);
  }

  private TestServer(
      ConnectionSettings settings, MemoryBudget memory, Function<EmbeddedChannel, EventLoop> loop) {
    this.memory = memory;
    forgetSpareArrays();
    connection = new ServerConnection(loop.apply(channel), settings, ticker, this);
    channel.pipeline().addLast(connection);
  }

  /** One whose event loop is seen through something. */
  static TestServer over(Function<EmbeddedChannel, EventLoop> loop) {
    return new TestServer(ConnectionSettings.DEFAULTS, new MemoryBudget(1 << 30), loop);
  }

  /** One that has exchanged prefaces; what it sent for that is gone. */
  static TestServer greeted() {
    return greeted(ConnectionSettings.DEFAULTS);
  }

  static TestServer greeted(ConnectionSettings settings) {
    return greeted(settings, 1 << 30);
  }

  static TestServer greeted(ConnectionSettings settings, long maxBufferedBytes) {
    TestServer server = new TestServer(settings, maxBufferedBytes);
    server.receive(Frames.GREETING);
    server.sent();
    return server;
  }

  @Override
  public ServerLoad load() {
    return load;
  }

  @Override
  public LoneCalls loneCalls() {
    return loneCalls;
  }

  @Override
  public MemoryBudget memory() {
    return memory;
  }

  @Override
  public InboundCall begin(CallHead head, Responder responder, @Nullable InboundCall over) {
    Call call = new Call(head, responder);
    calls.add(call);
    return call;
  }

  @Override
  ServerConnection connection() {
    return connection;
  }

  /** Ends it as {@link TestEnd#finish()}, and sees that no call was cancelled twice. */
  @Override
  void finish() {
    super.finish();
    for (Call call : calls) {
      assertThat(call.cancelled).as("a call ends once").hasSizeLessThanOrEqualTo(1);
    }
  }
}
