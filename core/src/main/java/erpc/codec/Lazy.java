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

  /** A library that is missing stays so while the process lives. */
  private volatile boolean missing;

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
    T made = value;
    if (made == null) {
      made = make();
      value = made;
    }
    return made;
  }

  private T make() {
    MissingLibraryException why = new MissingLibraryException(what, artifact);
    if (missing) {
      throw why;
    }
    try {
      return maker.get();
    } catch (LinkageError e) {
      missing = true;
      if (told.compareAndSet(false, true)) {
        LOG.warn("{} ({})", why.getMessage(), e.toString());
      }
      why.initCause(e);
      throw why;
    }
  }
}
