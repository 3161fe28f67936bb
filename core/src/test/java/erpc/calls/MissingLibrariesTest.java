package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import erpc.call.BodyType;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.Sink;
import erpc.call.Status;
import erpc.call.Status.Code;
import erpc.call.Status.Started;
import erpc.client.Client;
import erpc.client.Exchange;
import erpc.codec.Codec;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.codec.MissingLibraryException;
import erpc.server.Server;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Codecs and compressions whose library one side lacks, and types that no codec takes. */
@Timeout(30)
class MissingLibrariesTest {
  private static final Method<Note, Note> CHANGE =
      Method.unary("demo.change", Note.class, Note.class);

  record Note(int a) {}

  record Lossy(List<BitSet> bits) {}

  private final Rig rig = new Rig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** JSON without Jackson. */
  private static final class NoJson implements Codec {
    @Override
    public String name() {
      return "json";
    }

    @Override
    public int id() {
      return 2;
    }

    @Override
    public boolean supports(BodyType<?> type) {
      return true;
    }

    @Override
    public void write(BodyType<?> type, Object message, Sink sink) {
      throw new MissingLibraryException("json", "org.example:json");
    }

    @Override
    public <T> T read(BodyType<T> type, ByteBuffer source) {
      throw new MissingLibraryException("json", "org.example:json");
    }
  }

  private record Shrink(boolean missing) implements Compression {
    @Override
    public String name() {
      return "shrink";
    }

    @Override
    public int id() {
      return 15;
    }

    @Override
    public ByteBuffer compress(ByteBuffer source) {
      if (missing) {
        throw new MissingLibraryException("shrink", "org.example:shrink");
      }
      return ByteBuffer.allocate(source.remaining()).put(source).flip();
    }

    @Override
    public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
      return compress(source);
    }
  }

  private static void assertMissingAtTheServer(Status status, String what) {
    assertThat(status.code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(status.isRemote()).isTrue();
    assertThat(status.message())
        .isEqualTo(
            what + " needs a library that the server doesn't have; the server's log names it");
  }

  @Test
  void whatTheServerLacksIsUnimplementedWithoutItsName() throws Exception {
    Server server =
        rig.serve(
            Rig.servers().codecs(Codecs.standard().replacing(new NoJson()).with(new Shrink(true))),
            Rig::echo);
    server.handle(CHANGE, (context, request) -> request);
    server.handleStream(
        Method.bidirectional("demo.chat", Note.class, Note.class),
        (context, requests, replies) -> replies.send(new Note(1)));
    Client client = rig.client(Client.builder().codecs(Codecs.standard().with(new Shrink(false))));
    Status json =
        Rig.failure(
            () -> client.send(Request.of(CHANGE, new Note(1)).at("ip://" + server.address())));
    assertMissingAtTheServer(json, "json");
    assertThat(json.started()).isEqualTo(Started.NO);
    assertMissingAtTheServer(
        Rig.failure(() -> client.send(Rig.to(server).withCompression("shrink"))), "shrink");
    try (Exchange<Note, Note> chat =
        client.open(
            Request.opening(Method.bidirectional("demo.chat", Note.class, Note.class))
                .at("ip://" + server.address()))) {
      assertMissingAtTheServer(Rig.failure(chat::reply), "json");
    }
  }

  @Test
  void whatTheCallerLacksIsUnimplementedAndNamed() throws Exception {
    Server server =
        rig.serve(Rig.servers().codecs(Codecs.standard().with(new Shrink(false))), Rig::echo);
    Client client =
        rig.client(
            Client.builder()
                .codecs(Codecs.standard().replacing(new NoJson()).with(new Shrink(true))));
    Status status = Rig.failure(() -> client.send(Rig.to(server).withCompression("shrink")));
    assertThat(status.code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(status.message()).contains("org.example:shrink");
    Status json =
        Rig.failure(
            () -> client.send(Request.of(CHANGE, new Note(1)).at("ip://" + server.address())));
    assertThat(json.code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(json.message()).contains("org.example:json");
  }

  @Test
  void typesThatNoCodecTakesAreRefusedWhenTheMethodIsDefined() throws Exception {
    Server server = rig.serve(Rig::echo);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            server.handle(
                Method.unary("demo.lossy", Note.class, Lossy.class),
                (context, request) -> new Lossy(List.of())))
        .withMessage(
            "method demo.lossy has a reply that no codec takes: codec json doesn't take"
                + " erpc.calls.MissingLibrariesTest$Lossy: its bits[] (java.util.BitSet) would"
                + " not come back equal: use long[] or Set<Integer>");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            server.handleStream(
                Method.bidirectional("demo.lossy", Lossy.class, Note.class),
                (context, requests, replies) -> {}))
        .withMessageContaining("method demo.lossy has a request that no codec takes");
    Method<Lossy, Note> lossy = Method.unary("demo.lossy", Lossy.class, Note.class);
    Status status =
        Rig.failure(() ->
            rig.client()
                .send(Request.of(lossy, new Lossy(List.of())).at("ip://" + server.address())));
    assertThat(status.code()).isEqualTo(Code.UNIMPLEMENTED);
    assertThat(status.isRemote()).isFalse();
    assertThat(status.message()).contains("demo.lossy: codec json doesn't take", "its bits[]");
  }
}
