package erpc.codec;

import erpc.call.BodyType;
import erpc.call.Sink;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message as it travels: what a codec wrote and a compression made of it. Not thread-safe; once
 * written it is only read.
 */
public final class MessageBytes extends Sink {
  private static final int COMPRESSION_SHIFT = 4;
  private static final int CODEC_MASK = 0x0f;
  private static final int FIRST_BYTES = 256;
  private static final byte[] NOTHING = {};

  /** A longer array is not kept for the messages to come. */
  private static final int MOST_KEPT_BYTES = 16 * 1024;

  private static final ThreadLocal<MessageBytes> OF_THREAD =
      ThreadLocal.withInitial(() -> new MessageBytes(MOST_KEPT_BYTES, true));

  private final int mostKeptBytes;

  /** Whether large arrays come from those that its thread has spare, as an event loop's do. */
  private final boolean usesSpares;

  private int limit;
  private byte[] array = NOTHING;
  private int length;
  private int encoding;
  private Ownership ownership = Ownership.SHARED;

  /** What the next message is written into, if this is used again. */
  private byte[] kept = NOTHING;

  private boolean writing;

  private MessageBytes(int mostKeptBytes, boolean usesSpares) {
    this.mostKeptBytes = mostKeptBytes;
    this.usesSpares = usesSpares;
  }

  /**
   * One whose memory serves one message after the other, see {@link #encodeAgain}; for a sender of
   * many.
   *
   * @param mostKeptBytes messages that are longer, and uncompressed, get an array of their own
   */
  public static MessageBytes reusable(int mostKeptBytes) {
    return new MessageBytes(mostKeptBytes, false);
  }

  /**
   * Encodes a message.
   *
   * @param type what it is declared as
   * @param limit the most bytes it may take before compression
   * @throws CodecException if it cannot be represented; with {@link CodecException#isTooLarge()} if
   *     it passes the limit
   */
  public static MessageBytes encode(
      BodyType<?> type, Object message, Codec codec, @Nullable Compression compression, int limit) {
    MessageBytes bytes = new MessageBytes(0, false);
    bytes.fill(type, message, codec, compression, limit);
    return bytes;
  }

  /** The calling thread's own to encode into, which should be one of few, as an event loop. */
  public static MessageBytes ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Encodes a message into the memory of this one: what is returned is valid until the next message
   * is encoded here, and if it is {@linkplain Ownership#LENT lent} so is its array.
   *
   * @throws CodecException as {@link #encode} does
   */
  public MessageBytes encodeAgain(
      BodyType<?> type, Object message, Codec codec, @Nullable Compression compression, int limit) {
    if (writing) {
      // A codec that makes a call while it writes.
      return encode(type, message, codec, compression, limit);
    }
    writing = true;
    array = kept;
    try {
      fill(type, message, codec, compression, limit);
      return ownership == Ownership.LENT ? this : handedOver();
    } finally {
      writing = false;
      array = kept; // and no long one, also if the message could not be written
    }
  }

  /** Its message as that of another object, so that this one doesn't hold a long one for ever. */
  private MessageBytes handedOver() {
    MessageBytes whole = new MessageBytes(0, false);
    whole.array = array;
    whole.length = length;
    whole.encoding = encoding;
    whole.ownership = ownership;
    return whole;
  }

  private void fill(
      BodyType<?> type,
      Object message,
      Codec codec,
      @Nullable Compression compression,
      int atMost) {
    limit = atMost;
    length = 0;
    Bodies.write(type, message, codec, this);
    encoding = codec.id();
    if (writing && array.length <= mostKeptBytes) {
      kept = array;
    }
    if (compression != null) {
      ByteBuffer compressed = compression.compress(ByteBuffer.wrap(array, 0, length));
      array = arrayOf(compressed);
      length = compressed.remaining();
      encoding |= compression.id() << COMPRESSION_SHIFT;
      // Whoever compresses may have kept it.
      ownership = Ownership.SHARED;
    } else {
      ownership = array == kept && length > 0 ? Ownership.LENT : Ownership.GIVEN;
    }
  }

  /** Says that others will read it too, before it is handed to any of them. */
  public void share() {
    ownership = Ownership.SHARED;
  }

  /** Whose the array is, if whoever had it encoded lets go of it. */
  public Ownership ownership() {
    return ownership;
  }

  /**
   * Decodes a message that came with an encoding both of whose halves are known here.
   *
   * @param limit the most bytes that decompression may make of it
   * @throws CodecException if the bytes are no such message
   */
  public static <T> T decode(
      Codec codec,
      @Nullable Compression compression,
      ByteBuffer source,
      BodyType<T> type,
      int limit) {
    return decode(codec, compression, source, type, limit, null);
  }

  /**
   * Decodes as the other does.
   *
   * @param room what counts a compressed message as what it becomes, or null for nothing
   */
  public static <T> T decode(
      Codec codec,
      @Nullable Compression compression,
      ByteBuffer source,
      BodyType<T> type,
      int limit,
      @Nullable Room room) {
    if (compression == null) {
      return Bodies.read(type, source, codec);
    }
    return Bodies.read(
        type,
        room == null
            ? compression.decompress(source, limit)
            : compression.decompress(source, limit, room),
        codec);
  }

  /** The number of the codec in an encoding. */
  public static int codecId(int encoding) {
    return encoding & CODEC_MASK;
  }

  /** The number of the compression in an encoding, 0 for none. */
  public static int compressionId(int encoding) {
    return encoding >>> COMPRESSION_SHIFT & CODEC_MASK;
  }

  /** Codec in the low four bits, compression in the high four. */
  public int encoding() {
    return encoding;
  }

  /** The bytes, from index 0 on; not a copy. */
  public byte[] array() {
    return array;
  }

  /** How many of the array's bytes are the message. */
  public int length() {
    return length;
  }

  @Override
  public ByteBuffer reserve(int bytes) {
    int at = claim(bytes); // which may make the array anew
    return ByteBuffer.wrap(array, at, bytes);
  }

  /**
   * What {@link #reserve} does without a buffer: the bytes to be filled are those of {@link
   * #array()} from the returned index on.
   */
  int claim(int bytes) {
    grow(bytes, bytes);
    int at = length;
    length += bytes;
    return at;
  }

  @Override
  public void write(int b) {
    grow(1, FIRST_BYTES);
    array[length++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    grow(count, FIRST_BYTES);
    System.arraycopy(source, offset, array, length, count);
    length += count;
  }

  /** Makes room; the first array has the size that is known to be needed, later ones double. */
  private void grow(int bytes, int atLeast) {
    if (bytes > limit - length) {
      throw CodecException.tooLarge(
          "message passes the limit of " + limit + " bytes (maxMessageBytes)");
    }
    if (length + bytes > array.length) {
      int first = writing ? Math.max(bytes, FIRST_BYTES) : Math.max(bytes, atLeast);
      int wanted = length == 0 ? first : Math.max(2 * length, length + bytes);
      // Messages of event loops alone, for spare arrays are a thread's.
      array = usesSpares && length == 0 ? SpareArrays.take(wanted) : Arrays.copyOf(array, wanted);
    }
  }

  private static byte[] arrayOf(ByteBuffer buffer) {
    if (buffer.hasArray() && buffer.arrayOffset() + buffer.position() == 0) {
      return buffer.array();
    }
    byte[] copy = new byte[buffer.remaining()];
    buffer.duplicate().get(copy);
    return copy;
  }
}
