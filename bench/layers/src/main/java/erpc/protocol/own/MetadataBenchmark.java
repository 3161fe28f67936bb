package erpc.protocol.own;

import erpc.call.Metadata;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Metadata of three entries, 93 bytes on the wire: two of text and one of bytes. */
@State(Scope.Thread)
public class MetadataBenchmark {
  private final Metadata metadata =
      Metadata.of("tenant", "bench-0042")
          .with("request-id", "5b1c9d2e-7a40")
          .with("signature-bin", new byte[32]);
  private final ByteBuf out = Unpooled.directBuffer(1 << 10);
  private final ByteBuf in = Unpooled.directBuffer(1 << 10);

  /** Fills the buffer that is read. */
  public MetadataBenchmark() {
    MetadataBlock.write(metadata, in);
  }

  /**
   * Writes the block. Bounded by copying it; it should allocate nothing but the copies that {@link
   * Metadata.Entry#toBytes()} makes.
   */
  @Benchmark
  public int encode() {
    out.clear();
    MetadataBlock.write(metadata, out);
    return out.writerIndex();
  }

  /**
   * Reads the block. Bounded by looking at each byte once and allocating a key and a value for each
   * entry.
   */
  @Benchmark
  public Metadata decode() {
    in.readerIndex(0);
    return MetadataBlock.read(in, in.writerIndex());
  }
}
