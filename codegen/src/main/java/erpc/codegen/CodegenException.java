package erpc.codegen;

/**
 * Code cannot be generated; the message is for whoever wrote the files, and may have several lines.
 */
public final class CodegenException extends Exception {
  private static final long serialVersionUID = 1;

  /** With what is wrong, where, and what to do. */
  public CodegenException(String message) {
    super(message);
  }

  /** With what is wrong, and what it came from. */
  public CodegenException(String message, Throwable cause) {
    super(message, cause);
  }
}
