package erpc.call;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where a call stands in a trace, as W3C Trace Context has it: the trace's id, the id of the span
 * that made the call, and flags. Immutable and thread-safe.
 */
public final class TraceContext {
  /** The flag that says that the trace is recorded. */
  public static final int SAMPLED = 1;

  private static final int TEXT_LENGTH = 55; // of 00-{32}-{16}-{2}
  private static final HexFormat HEX = HexFormat.of();

  private final long traceIdHigh;
  private final long traceIdLow;
  private final long spanId;
  private final byte flags;

  private TraceContext(long traceIdHigh, long traceIdLow, long spanId, byte flags) {
    this.traceIdHigh = traceIdHigh;
    this.traceIdLow = traceIdLow;
    this.spanId = spanId;
    this.flags = flags;
  }

  /**
   * A context of these parts.
   *
   * @param traceIdHigh the first eight bytes of the trace's id
   * @param traceIdLow the last eight
   * @param spanId the id of the span that is the parent of what comes next
   * @param flags one byte; bit 0 is {@link #SAMPLED}
   * @throws IllegalArgumentException if the trace's or the span's id is all zeros, or the flags
   *     pass one byte
   */
  public static TraceContext of(long traceIdHigh, long traceIdLow, long spanId, int flags) {
    if (!isValid(traceIdHigh, traceIdLow, spanId) || (flags & ~0xff) != 0) {
      throw new IllegalArgumentException(
          "trace context "
              + text(traceIdHigh, traceIdLow, spanId, (byte) flags)
              + " must have a trace id and a span id that are not zero, and flags of one byte");
    }
    return new TraceContext(traceIdHigh, traceIdLow, spanId, (byte) flags);
  }

  /** Whether these are ids of a trace and a span, which zeros are not. */
  public static boolean isValid(long traceIdHigh, long traceIdLow, long spanId) {
    return (traceIdHigh | traceIdLow) != 0 && spanId != 0;
  }

  /** A new trace, and the first span of it. */
  public static TraceContext root(RandomGenerator random, boolean sampled) {
    return new TraceContext(
        random.nextLong(), nonZero(random), nonZero(random), (byte) (sampled ? SAMPLED : 0));
  }

  private static long nonZero(RandomGenerator random) {
    long id = random.nextLong();
    while (id == 0) {
      id = random.nextLong();
    }
    return id;
  }

  /**
   * Reads the value of a {@code traceparent} header. Of a later version than 00 it takes what 00
   * has, as the standard wants it.
   *
   * @throws IllegalArgumentException if it is malformed, or an id is all zeros
   */
  public static TraceContext parse(String traceparent) {
    if (!isWellFormed(traceparent)) {
      throw new IllegalArgumentException(
          "'"
              + Printable.of(traceparent)
              + "' is no traceparent: 00-{32 hex digits}-{16 hex digits}-{2 hex digits}, in lower"
              + " case");
    }
    return of(
        HexFormat.fromHexDigitsToLong(traceparent, 3, 19),
        HexFormat.fromHexDigitsToLong(traceparent, 19, 35),
        HexFormat.fromHexDigitsToLong(traceparent, 36, 52),
        HexFormat.fromHexDigits(traceparent, 53, TEXT_LENGTH));
  }

  private static boolean isWellFormed(String text) {
    if (text.length() < TEXT_LENGTH || text.startsWith("ff")) {
      return false;
    }
    for (int i = 0; i < TEXT_LENGTH; i++) {
      char c = text.charAt(i);
      boolean isDash = i == 2 || i == 35 || i == 52;
      if (isDash ? c != '-' : !isLowerHex(c)) {
        return false;
      }
    }
    return text.length() == TEXT_LENGTH
        || (!text.startsWith("00") && text.charAt(TEXT_LENGTH) == '-');
  }

  private static boolean isLowerHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /** The same trace, seen from another span of it. */
  public TraceContext withSpanId(long id) {
    return of(traceIdHigh, traceIdLow, id, flags());
  }

  /** The same trace, seen from a new span of it. */
  public TraceContext child(RandomGenerator random) {
    return new TraceContext(traceIdHigh, traceIdLow, nonZero(random), flags);
  }

  /** The same, recorded or not. */
  public TraceContext withSampled(boolean sampled) {
    int others = flags & ~SAMPLED;
    return new TraceContext(
        traceIdHigh, traceIdLow, spanId, (byte) (sampled ? others | SAMPLED : others));
  }

  /** The first eight bytes of the trace's id. */
  public long traceIdHigh() {
    return traceIdHigh;
  }

  /** The last eight bytes of the trace's id. */
  public long traceIdLow() {
    return traceIdLow;
  }

  /** The id of the span that is the parent of what comes next. */
  public long spanId() {
    return spanId;
  }

  /** All flags, 0 to 255. */
  public int flags() {
    return flags & 0xff;
  }

  /** Whether the trace is recorded. */
  public boolean isSampled() {
    return (flags & SAMPLED) != 0;
  }

  /** The trace's id as 32 hex digits, as logs show it. */
  public String traceIdText() {
    return HEX.toHexDigits(traceIdHigh) + HEX.toHexDigits(traceIdLow);
  }

  /** The span's id as 16 hex digits. */
  public String spanIdText() {
    return HEX.toHexDigits(spanId);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TraceContext that
        && traceIdHigh == that.traceIdHigh
        && traceIdLow == that.traceIdLow
        && spanId == that.spanId
        && flags == that.flags;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(traceIdHigh ^ traceIdLow ^ spanId) + flags;
  }

  /** As a {@code traceparent} header carries it: {@code 00-{trace id}-{span id}-{flags}}. */
  @Override
  public String toString() {
    return text(traceIdHigh, traceIdLow, spanId, flags);
  }

  private static String text(long high, long low, long span, byte flags) {
    return "00-"
        + HEX.toHexDigits(high)
        + HEX.toHexDigits(low)
        + "-"
        + HEX.toHexDigits(span)
        + "-"
        + HEX.toHexDigits(flags);
  }
}
