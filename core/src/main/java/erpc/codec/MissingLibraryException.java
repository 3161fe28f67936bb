package erpc.codec;

/**
 * A codec or compression needs an optional library that is not on the class path, or cannot be
 * loaded from there. Whoever calls gets UNIMPLEMENTED.
 */
public final class MissingLibraryException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final String what;

  /**
   * An exception that says what to do.
   *
   * @param what what needs it, as {@code zstd}
   * @param artifact the library's coordinates, {@code group:name}
   */
  public MissingLibraryException(String what, String artifact) {
    super(
        what
            + " needs "
            + artifact
            + ", which is missing or cannot be loaded: add it to the class path");
    this.what = what;
  }

  /** What needs the library, without its name: this may be told to the other side. */
  public String what() {
    return what;
  }
}
