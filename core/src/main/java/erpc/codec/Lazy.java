package erpc.codec;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part that needs an optional library: made at its first use, so that no class of a library that
 * is not there is ever linked. Thread-safe; the maker may run more than once.
 */
final class Lazy<T> {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.codec");

  private final String what;
  private final String artifact;
  private final Supplier<T> maker;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile @Nullable T value;

  /** Why there is none; a library that is missing stays so while the process lives. */
  private volatile @Nullable LinkageError missing;

  Lazy(String what, String artifact, Supplier<T> maker) {
    this.what = what;
    this.artifact = artifact;
    this.maker = maker;
  }

  /**
   * The part.
   *
   * @throws MissingLibraryException naming the artifact if the library is missing; the log of this
   *     process names it once
   */
  T value() {
    T made = valueIfThere();
    if (made != null) {
      return made;
    }
    MissingLibraryException why = new MissingLibraryException(what, artifact);
    LinkageError cause = missing;
    if (cause != null) {
      why.initCause(cause);
      if (told.compareAndSet(false, true)) {
        LOG.warn("{} ({})", why.getMessage(), cause.toString());
      }
    }
    throw why;
  }

  /** The part, or null if its library is missing, for whoever can do without: nothing is logged. */
  @Nullable T valueIfThere() {
    T made = value;
    if (made == null && missing == null) {
      try {
        made = maker.get();
        value = made;
      } catch (LinkageError e) {
        missing = e;
      }
    }
    return made;
  }
}
