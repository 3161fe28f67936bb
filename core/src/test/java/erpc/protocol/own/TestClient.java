package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.ManualTicker;
import erpc.protocol.MemoryBudget;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's end of a connection without socket or clock. */
final class TestClient {
  /** One call and how it ended. */
  static final class Call extends ClientStream {
    @Nullable Status status;
    Metadata headersSeen = Metadata.EMPTY;
    Metadata trailersSeen = Metadata.EMPTY;
    byte @Nullable [] reply;
    int replyEncoding;
    int maxReply = 4 << 20;
    boolean reusable;
    Object owner = this;

    Call(
        RouteName route,
        long deadlineNanos,
        Metadata metadata,
        @Nullable TraceContext trace,
        boolean oneway,
        byte[] body) {
      begin(owner, route, deadlineNanos, metadata, trace, oneway);
      message(5, body, body.length, Ownership.SHARED);
    }

    /** The same object as another call. */
    void again(RouteName route, long deadlineNanos, byte[] body) {
      owner = new Object();
      begin(owner, route, deadlineNanos, Metadata.EMPTY, null, false);
      message(5, body, body.length, Ownership.SHARED);
      status = null;
    }

    /** Its body is the caller's again once it has been started. */
    void give(byte[] body) {
      message(5, body, body.length, Ownership.GIVEN);
    }

    void lend(byte[] body) {
      message(5, body, body.length, Ownership.LENT);
    }

    @Override
    protected boolean isReusable() {
      return reusable;
    }

    @Override
    protected boolean isOf(Object call) {
      return owner == call;
    }

    @Override
    protected void onEnd(
        Status status,
        Metadata headers,
        Metadata trailers,
        int encoding,
        @Nullable ByteBuf in,
        int length) {
      if (this.status != null) {
        throw new IllegalStateException("ended twice: " + this.status + ", " + status);
      }
      this.status = status;
      headersSeen = headers;
      trailersSeen = trailers;
      replyEncoding = encoding;
      if (in != null) {
        byte[] bytes = new byte[length];
        in.getBytes(in.readerIndex(), bytes);
        reply = bytes;
      }
    }

    @Override
    protected int maxReplyBytes() {
      return maxReply;
    }

    Status.@Nullable Code code() {
      return status == null ? null : status.code();
    }

    Status.@Nullable Started started() {
      return status == null ? null : status.started();
    }
  }

  final MemoryBudget memory = new MemoryBudget(1 << 30);
  final ManualTicker ticker = new ManualTicker();
  final EmbeddedChannel channel = new EmbeddedChannel();
  final ClientConnection connection;

  TestClient() {
    this(ConnectionSettings.DEFAULTS, ClientConnection.LAST_ID);
  }

  TestClient(ConnectionSettings settings, int lastId) {
    channel.freezeTime();
    channel.config().setAllocator(Frames.UNCOUNTED);
    connection = new ClientConnection(channel.eventLoop(), settings, ticker, memory, lastId);
    channel.pipeline().addLast(connection);
  }

  static TestClient greeted() {
    TestClient client = new TestClient();
    client.receive(Frames.GREETING);
    client.sent();
    return client;
  }

  Call call(String name, byte[] body) {
    return start(new RouteName(name, 0), Metadata.EMPTY, null, false, body);
  }

  /** One that waits for long. */
  Call patient(String name, Duration timeout) {
    long end = ticker.nanos() + timeout.toNanos();
    Call call = new Call(new RouteName(name, 0), end, Metadata.EMPTY, null, false, new byte[1]);
    connection.start(call);
    channel.runPendingTasks();
    return call;
  }

  long deadline() {
    return ticker.nanos() + TimeUnit.SECONDS.toNanos(1);
  }

  /** A call that is still to be started. */
  Call prepared(String name, byte[] body) {
    return new Call(new RouteName(name, 0), deadline(), Metadata.EMPTY, null, false, body);
  }

  Call start(
      RouteName route,
      Metadata metadata,
      @Nullable TraceContext trace,
      boolean oneway,
      byte[] body) {
    Call call = new Call(route, deadline(), metadata, trace, oneway, body);
    connection.start(call);
    channel.runPendingTasks();
    return call;
  }

  /** Opens a stream of messages that ends within a second. */
  Call stream(RouteName route, Inbox in, Outbox out) {
    Call call = new Call(route, deadline(), Metadata.EMPTY, null, false, new byte[0]);
    call.streams(in, out, ticker.nanos(), TimeUnit.SECONDS.toNanos(30), false);
    connection.start(call);
    channel.runPendingTasks();
    return call;
  }

  void receive(byte[]... parts) {
    channel.writeInbound(Unpooled.wrappedBuffer(Frames.concat(parts)));
    channel.runPendingTasks();
  }

  byte[] sentBytes() {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return Frames.bytes(all);
  }

  List<Frames.Frame> sent() {
    return Frames.parse(sentBytes());
  }

  void advance(Duration by) {
    ticker.advance(by);
    channel.advanceTimeBy(by.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }
}
