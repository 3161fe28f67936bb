package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.ManualTicker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameWriterTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext context = channel.pipeline().firstContext();
  private final ManualTicker ticker = new ManualTicker(Duration.ofMillis(0x1_0000_1000L).toNanos());

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /** What each flush handed over, buffer by buffer. */
  private List<byte[]> written() {
    List<byte[]> written = new ArrayList<>();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      written.add(Frames.bytes(part));
      part.release();
    }
    return written;
  }

  private static void ping(FrameWriter writer, long content) {
    writer.end(writer.begin(Wire.PING, 0, Wire.PING_BYTES).writeLong(content));
  }

  @Test
  void putsATickOnTheFirstFrameOfEachFlush() {
    FrameWriter writer = new FrameWriter(context, ticker, true);
    for (int i = 0; i < 2; i++) {
      ping(writer, 1);
      ping(writer, 2);
      writer.flush();
      ticker.advance(Duration.ofMillis(1));
    }
    List<byte[]> written = written();
    assertThat(written).hasSize(2);
    byte[] later = Frames.hex("000008 00 00000000 0000000000000002");
    assertThat(written.get(0))
        .isEqualTo(
            Frames.concat(Frames.hex("00000c 40 00000000 00001000 0000000000000001"), later));
    assertThat(written.get(1))
        .isEqualTo(
            Frames.concat(Frames.hex("00000c 40 00000000 00001001 0000000000000001"), later));
    assertThat(writer.flushes()).isEqualTo(2);
  }

  @Test
  void halfAFrameNeverLeaves() {
    FrameWriter writer = new FrameWriter(context, ticker, false);
    ping(writer, 1);
    ByteBuf unused = writer.begin(Wire.PING, 0, Wire.PING_BYTES).writeInt(2);
    ping(writer, 3); // Whoever wrote the one before has thrown.
    unused = writer.begin(Wire.PING, 0, Wire.PING_BYTES).writeInt(4);
    writer.flush();
    byte[] first = Frames.hex("000008 00 00000000 0000000000000001");
    byte[] third = Frames.hex("000008 00 00000000 0000000000000003");
    assertThat(written()).containsExactly(Frames.concat(first, third));
  }

  @Test
  void sendsNoTicksUnlessItIsToldTo() {
    FrameWriter writer = new FrameWriter(context, ticker, false);
    ping(writer, 1);
    writer.flush();
    assertThat(written().get(0)).isEqualTo(Frames.hex("000008 00 00000000 0000000000000001"));
  }

  @Test
  void framesThatAreFinishedGetTheirTickToo() {
    FrameWriter writer = new FrameWriter(context, ticker, true);
    byte[] two = Frames.concat(Frames.data(0, 3, (byte) 1, (byte) 7), Frames.data(0, 3, (byte) 1));
    byte[] inside = Frames.concat(new byte[5], two, new byte[5]);
    for (int i = 0; i < 2; i++) {
      writer.frames(3, inside, 5, 5 + two.length, 2);
    }
    writer.flush();
    byte[] ticking = Frames.hex("000006 44 00000003 00001000 0107 000001 04 00000003 01");
    assertThat(written()).containsExactly(Frames.concat(ticking, two));
  }

  @Test
  void framesThatAreFinishedCountTowardsAFlush() {
    FrameWriter writer = new FrameWriter(context, ticker, true);
    byte[] two = Frames.concat(Frames.data(0, 3, (byte) 1), Frames.data(0, 3, (byte) 1));
    for (int i = 0; i < 31; i++) {
      writer.frames(3, two, 0, two.length, 2);
    }
    ping(writer, 1);
    writer.flushIfMany();
    assertThat(writer.flushes()).isZero();
    ping(writer, 2);
    writer.flushIfMany();
    assertThat(writer.flushes()).isOne();
  }

  @Test
  void writesNothingWithoutAFrame() {
    FrameWriter writer = new FrameWriter(context, ticker, true);
    writer.flush();
    assertThat(writer.flushes()).isZero();
    assertThat(written()).isEmpty();
  }

  @Test
  void keepsFramesOfManyBuffersInOrder() {
    FrameWriter writer = new FrameWriter(context, ticker, false);
    for (int i = 0; i < 10_000; i++) {
      ping(writer, i);
    }
    byte[] large = new byte[Wire.MAX_DATA_BYTES];
    writer.end(writer.begin(Wire.DATA, 9, large.length).writeBytes(large));
    writer.flush();
    List<Frames.Frame> frames = Frames.parse(Frames.concat(written().toArray(byte[][]::new)));
    assertThat(frames).hasSize(10_001);
    for (int i = 0; i < 10_000; i++) {
      assertThat(frames.get(i).in().readLong()).isEqualTo(i);
    }
    assertThat(frames.get(10_000).payload()).hasSize(large.length);
  }

  @Test
  void handsOverEarlyWhatTheOtherSideCanBeginWith() {
    FrameWriter writer = new FrameWriter(context, ticker, false);
    for (int i = 1; i < 200; i++) {
      ping(writer, i);
      writer.flushIfMany();
      assertThat(writer.flushes()).isEqualTo(i / 64);
    }
    writer.flush();
    writer.end(writer.begin(Wire.DATA, 9, 9_000).writeBytes(new byte[9_000]));
    writer.flushIfMany();
    assertThat(writer.isEmpty()).isFalse();
    writer.end(writer.begin(Wire.DATA, 9, 9_000).writeBytes(new byte[9_000]));
    writer.flushIfMany();
    assertThat(writer.isEmpty()).isTrue();
    assertThat(Frames.parse(Frames.concat(written().toArray(byte[][]::new)))).hasSize(201);
  }

  @Test
  void handsOverEarlyByNumberAloneWhatIsEncrypted() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    channel.pipeline().addFirst(new SslHandler(engine));
    FrameWriter writer = new FrameWriter(context, ticker, false);
    for (int i = 1; i <= 64; i++) {
      assertThat(writer.flushes()).isZero();
      writer.end(writer.begin(Wire.DATA, 9, 9_000).writeBytes(new byte[9_000]));
      writer.flushIfMany();
    }
    assertThat(writer.flushes()).isEqualTo(1);
  }

  @Test
  void givesBackWhatWasNotWritten() {
    FrameWriter writer = new FrameWriter(context, ticker, false);
    ByteBuf out = writer.begin(Wire.PING, 0, Wire.PING_BYTES);
    writer.release();
    assertThat(out.refCnt()).isZero();
    assertThat(writer.isEmpty()).isTrue();
    writer.flush();
    assertThat(written()).isEmpty();
  }
}
