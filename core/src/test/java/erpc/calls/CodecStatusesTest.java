package erpc.calls;

import static erpc.calls.Rig.failure;
import static erpc.calls.Rig.reply;
import static erpc.calls.Rig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.BodyType;
import erpc.call.Sink;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import erpc.server.Server;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The statuses of messages that cannot be encoded, decoded or compressed. */
@Timeout(60)
class CodecStatusesTest {
  private final Rig rig = new Rig();
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private EchoReply count(Object context, EchoRequest request) {
    runs.incrementAndGet();
    return reply(request.getMsg());
  }

  private static void assertLocal(Status status, Code code, Started started, String endpoint) {
    assertStatus(status, code, started, false, endpoint);
  }

  private static void assertRemote(Status status, Code code, Started started, Server server) {
    assertStatus(status, code, started, true, server.address());
  }

  private static void assertStatus(
      Status status, Code code, Started started, boolean remote, String endpoint) {
    assertThat(status.code()).as(status.toString()).isEqualTo(code);
    assertThat(status.started()).as(status.toString()).isEqualTo(started);
    assertThat(status.isRemote()).as(status.toString()).isEqualTo(remote);
    assertThat(status.endpoint()).as(status.toString()).isEqualTo(endpoint);
    assertThat(status.message()).as(status.toString()).isNotEmpty();
  }

  /** What it writes nobody can read, and what is to be read it writes itself. */
  private static Codec garbling() {
    Codec pb = Codecs.standard().byName("pb");
    return new Codec() {
      @Override
      public String name() {
        return "pb";
      }

      @Override
      public int id() {
        return pb.id();
      }

      @Override
      public boolean supports(BodyType<?> type) {
        return pb.supports(type);
      }

      @Override
      public void write(BodyType<?> type, Object message, Sink sink) {
        sink.write(new byte[] {-1, -1, -1}, 0, 3);
      }

      @Override
      public <T> T read(BodyType<T> type, ByteBuffer source) {
        return pb.read(type, source);
      }
    };
  }

  @Test
  void bodyThatCannotBeParsedIsInvalidArgumentAtTheServer() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client(Client.builder().codecs(Codecs.standard().replacing(garbling())));
    Status status = failure(() -> client.send(Rig.to(server)));
    assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.isRemote()).isTrue();
    assertThat(status.endpoint()).isEqualTo(server.address());
    assertThat(runs).hasValue(0);
  }

  @Test
  void bodyThatCannotBeParsedIsInternalAtTheCaller() throws Exception {
    Server server =
        rig.serve(Rig.servers().codecs(Codecs.standard().replacing(garbling())), this::count);
    Client client = rig.client();
    assertLocal(
        failure(() -> client.send(Rig.to(server))), Code.INTERNAL, Started.YES, server.address());
    assertLocal(
        failure(client.sendAsync(Rig.to(server))), Code.INTERNAL, Started.YES, server.address());
  }

  /** A codec of the user's own that only this side knows, or that breaks. */
  private record OwnCodec(String name, int id, RuntimeException onWrite, RuntimeException onRead)
      implements Codec {
    @Override
    public boolean supports(BodyType<?> type) {
      return true;
    }

    @Override
    public void write(BodyType<?> type, Object message, Sink sink) {
      if (onWrite != null) {
        throw onWrite;
      }
      sink.write(1);
    }

    @Override
    public <T> T read(BodyType<T> type, ByteBuffer source) {
      if (onRead != null) {
        throw onRead;
      }
      throw new CodecException("never read");
    }
  }

  @Test
  void codecThatOnlyTheCallerKnowsIsUnimplemented() throws Exception {
    Server server = rig.serve(this::count);
    Codecs own = Codecs.standard().with(new OwnCodec("own", 15, null, null));
    Client client = rig.client(Client.builder().codecs(own));
    Status status = failure(() -> client.send(Rig.to(server).withCodec("own")));
    assertRemote(status, Code.UNIMPLEMENTED, Started.NO, server);
    assertThat(runs).hasValue(0);
    await().until(() -> server.inFlight() == 0);
  }

  @Test
  void codecOrCompressionThatTheCallerDoesNotKnowIsUnimplemented() throws Exception {
    Server server = rig.serve(this::count);
    Client client = rig.client();
    assertLocal(
        failure(() -> client.send(Rig.to(server).withCodec("none"))),
        Code.UNIMPLEMENTED,
        Started.NO,
        server.address());
    assertLocal(
        failure(() -> client.send(Rig.to(server).withCompression("none"))),
        Code.UNIMPLEMENTED,
        Started.NO,
        server.address());
  }

  @Test
  void compressionThatOnlyTheCallerKnowsIsUnimplemented() throws Exception {
    Server server = rig.serve(this::count);
    Compression own =
        new Compression() {
          @Override
          public String name() {
            return "own";
          }

          @Override
          public int id() {
            return 15;
          }

          @Override
          public ByteBuffer compress(ByteBuffer source) {
            return source;
          }

          @Override
          public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
            return source;
          }
        };
    Client client = rig.client(Client.builder().codecs(Codecs.standard().with(own)));
    Status status = failure(() -> client.send(Rig.to(server).withCompression("own")));
    assertRemote(status, Code.UNIMPLEMENTED, Started.NO, server);
    assertThat(runs).hasValue(0);
  }

  @Test
  void codecThatBreaksFailsItsCallAndNothingElse() throws Exception {
    NullPointerException bug = new NullPointerException("a bug in a codec");
    OwnCodec cannotWrite = new OwnCodec("own", 15, bug, null);
    OwnCodec cannotRead = new OwnCodec("own", 15, null, bug);
    Server server =
        rig.serve(Rig.servers().codecs(Codecs.standard().with(cannotRead)), this::count);
    Client client = rig.client(Client.builder().codecs(Codecs.standard().with(cannotWrite)));
    Status local = failure(client.sendAsync(Rig.to(server).withCodec("own")));
    assertLocal(local, Code.INTERNAL, Started.NO, server.address());
    assertThat(local.message()).contains("NullPointerException");
    Client other = rig.client(Client.builder().codecs(Codecs.standard().with(cannotRead)));
    Status remote = failure(other.sendAsync(Rig.to(server).withCodec("own")));
    assertThat(remote.code()).isEqualTo(Code.INTERNAL);
    assertThat(remote.isRemote()).isTrue();
    assertThat(client.send(Rig.to(server)).body().getMsg()).isEqualTo("hi");
  }

  @Test
  void replyThatBreaksItsCodecEndsTheCall() throws Exception {
    RuntimeException bug = new NullPointerException("a bug in a codec");
    Codec pb = Codecs.standard().byName("pb");
    Server server = rig.serve(this::count);
    Codec breaking =
        new Codec() {
          @Override
          public String name() {
            return pb.name();
          }

          @Override
          public int id() {
            return pb.id();
          }

          @Override
          public boolean supports(BodyType<?> type) {
            return pb.supports(type);
          }

          @Override
          public void write(BodyType<?> type, Object message, Sink sink) {
            pb.write(type, message, sink);
          }

          @Override
          public <T> T read(BodyType<T> type, ByteBuffer source) {
            throw bug;
          }
        };
    Client client = rig.client(Client.builder().codecs(Codecs.standard().replacing(breaking)));
    for (int i = 0; i < 2; i++) {
      Status status =
          i == 0
              ? failure(client.sendAsync(Rig.to(server)))
              : failure(() -> client.send(Rig.to(server)));
      assertLocal(status, Code.INTERNAL, Started.YES, server.address());
      assertThat(status.message()).contains("NullPointerException");
    }
  }
}
