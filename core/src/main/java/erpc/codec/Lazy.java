package erpc.codec;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A part that needs an optional library: made at its first use, so that no class of a library that
 * is not there is ever linked. Thread-safe; the maker may run more than once.
 */
final class Lazy<T> {
  private final String what;
  private final String artifact;
  private final Supplier<T> maker;
  private volatile @Nullable T value;

  Lazy(String what, String artifact, Supplier<T> maker) {
    this.what = what;
    this.artifact = artifact;
    this.maker = maker;
  }

  /**
   * The part.
   *
   * @throws IllegalStateException naming the artifact if the library is missing
   */
  T value() {
    T made = value;
    if (made == null) {
      try {
        made = maker.get();
      } catch (LinkageError e) {
        throw new IllegalStateException(
            what
                + " needs "
                + artifact
                + ", which is missing or cannot be loaded: add it to the class path",
            e);
      }
      value = made;
    }
    return made;
  }
}
