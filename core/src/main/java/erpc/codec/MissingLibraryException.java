package erpc.codec;

import org.jspecify.annotations.Nullable;

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

  /**
   * An exception that tells a library that is not there from one that does not load.
   *
   * @param jar where it is; null if it isn't
   */
  MissingLibraryException(
      String what, String artifact, @Nullable String jar, @Nullable Throwable cause) {
    super(
        what
            + " needs "
            + artifact
            + (jar == null
                ? ", which is missing: add it to the class path"
                : ", which is there ("
                    + jar
                    + ") but does not load, as what it needs itself is missing or of another version"
                    + (cause == null ? "" : " (" + cause + ")")
                    + ": add it with all that its pom names, in the versions that it names"),
        cause);
    this.what = what;
  }

  /** What needs the library, without its name: this may be told to the other side. */
  public String what() {
    return what;
  }
}
