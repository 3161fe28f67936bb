package erpc.codec;

import org.jspecify.annotations.Nullable;

/**
 * A body that cannot be written or read; the message says what was wrong, without any of its
 * content.
 */
public final class CodecException extends RuntimeException {
  private final boolean tooLarge;

  public CodecException(String message) {
    this(message, null);
  }

  public CodecException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private CodecException(String message, @Nullable Throwable cause, boolean tooLarge) {
    super(message, cause);
    this.tooLarge = tooLarge;
  }

  /**
   * An exception for a body that passes a limit in bytes: nothing is wrong with it but its size.
   */
  public static CodecException tooLarge(String message) {
    return new CodecException(message, null, true);
  }

  /** True if only its size was wrong, so that the status is RESOURCE_EXHAUSTED. */
  public boolean isTooLarge() {
    return tooLarge;
  }
}
