package erpc.protocol.own;

import erpc.call.Criticality;
import erpc.call.Metadata;
import erpc.call.Status;
import erpc.call.TraceContext;
import erpc.codec.Ownership;
import erpc.protocol.ConnectionSettings;
import erpc.protocol.MemoryBudget;
import erpc.protocol.OutboundCall;
import erpc.protocol.RouteName;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's end of a connection without socket or clock. */
final class TestClient extends TestEnd {
  /** One call and how it ended. */
  static final class Call implements OutboundCall {
    final ClientStream stream;
    @Nullable Status status;
    Metadata headersSeen = Metadata.EMPTY;
    Metadata trailersSeen = Metadata.EMPTY;
    byte @Nullable [] reply;
    int replyEncoding;
    int maxReply = 4 << 20;
    boolean recyclable;
    Object owner = this;

    private RouteName route;
    private long deadlineNanos;
    private Metadata metadata;
    private @Nullable TraceContext trace;
    private final boolean oneway;
    private Criticality criticality = Criticality.DEFAULT;
    private boolean retried;

    Call(
        ClientConnection connection,
        RouteName route,
        long deadlineNanos,
        Metadata metadata,
        @Nullable TraceContext trace,
        boolean oneway,
        byte[] body) {
      this.route = route;
      this.deadlineNanos = deadlineNanos;
      this.metadata = metadata;
      this.trace = trace;
      this.oneway = oneway;
      stream = new ClientStream(connection, this);
      stream.begin();
      stream.message(5, body, body.length, Ownership.SHARED);
    }

    /** The same objects as another call. */
    void again(RouteName route, long deadlineNanos, byte[] body) {
      owner = new Object();
      this.route = route;
      this.deadlineNanos = deadlineNanos;
      metadata = Metadata.EMPTY;
      trace = null;
      status = null;
      stream.begin();
      stream.message(5, body, body.length, Ownership.SHARED);
    }

    private void says(Criticality how, boolean again) {
      criticality = how;
      retried = again;
      stream.begin();
    }

    boolean start() {
      return stream.start();
    }

    void cancel(Object of, Status why) {
      stream.cancel(of, why);
    }

    boolean withdraw(Object of) {
      return stream.withdraw(of);
    }

    /** Its body is the caller's again once it has been started. */
    void give(byte[] body) {
      stream.message(5, body, body.length, Ownership.GIVEN);
    }

    void lend(byte[] body) {
      stream.message(5, body, body.length, Ownership.LENT);
    }

    @Override
    public Object owner() {
      return owner;
    }

    @Override
    public RouteName route() {
      return route;
    }

    @Override
    public long deadlineNanos() {
      return deadlineNanos;
    }

    @Override
    public Metadata metadata() {
      return metadata;
    }

    @Override
    public @Nullable TraceContext trace() {
      return trace;
    }

    @Override
    public boolean isRetried() {
      return retried;
    }

    @Override
    public Criticality criticality() {
      return criticality;
    }

    @Override
    public boolean isOneway() {
      return oneway;
    }

    @Override
    public int maxReplyBytes() {
      return maxReply;
    }

    @Override
    public boolean isRecyclable() {
      return recyclable;
    }

    @Override
    public void ended(
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

    Status.@Nullable Code code() {
      return status == null ? null : status.code();
    }

    Status.@Nullable Started started() {
      return status == null ? null : status.started();
    }
  }

  final MemoryBudget memory = new MemoryBudget(1 << 30);
  final ClientConnection connection;
  private Criticality criticality = Criticality.DEFAULT;
  private boolean retried;

  TestClient() {
    this(ConnectionSettings.DEFAULTS, ClientConnection.LAST_ID);
  }

  TestClient(ConnectionSettings settings, int lastId) {
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
    Call call =
        new Call(connection, new RouteName(name, 0), end, Metadata.EMPTY, null, false, new byte[1]);
    call.start();
    channel.runPendingTasks();
    return call;
  }

  long deadline() {
    return ticker.nanos() + TimeUnit.SECONDS.toNanos(1);
  }

  /** A call that is still to be started. */
  Call prepared(String name, byte[] body) {
    return new Call(
        connection, new RouteName(name, 0), deadline(), Metadata.EMPTY, null, false, body);
  }

  /** What calls that are started from now on say of themselves. */
  void says(Criticality how, boolean again) {
    criticality = how;
    retried = again;
  }

  Call start(
      RouteName route,
      Metadata metadata,
      @Nullable TraceContext trace,
      boolean oneway,
      byte[] body) {
    Call call = new Call(connection, route, deadline(), metadata, trace, oneway, body);
    call.says(criticality, retried);
    call.start();
    channel.runPendingTasks();
    return call;
  }

  /** Opens a stream of messages that ends within a second. */
  Call stream(RouteName route, Inbox in, Outbox out) {
    Call call = new Call(connection, route, deadline(), Metadata.EMPTY, null, false, new byte[0]);
    call.stream.messages(in, out, ticker.nanos(), TimeUnit.SECONDS.toNanos(30), false);
    call.start();
    channel.runPendingTasks();
    return call;
  }

  @Override
  ClientConnection connection() {
    return connection;
  }
}
