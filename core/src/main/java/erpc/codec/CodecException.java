package erpc.codec;

import org.jspecify.annotations.Nullable;

/**
 * A body that cannot be written or read; the message says what was wrong, without any of its
 * content.
 */
public final class CodecException extends RuntimeException {
  public CodecException(String message) {
    super(message);
  }

  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
