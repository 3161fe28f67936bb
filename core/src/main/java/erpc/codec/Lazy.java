package erpc.codec;

import java.net.URL;
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
  private final String probe;
  private final Supplier<T> maker;
  private final AtomicBoolean logged = new AtomicBoolean();

  /** Written by whoever needs it and finds none; publishes the part as its maker left it. */
  private volatile @Nullable T value;

  /**
   * Why there is none; a library that is missing stays so while the process lives. Written by
   * whoever needed it.
   */
  private volatile @Nullable LinkageError missing;

  /**
   * Not made yet.
   *
   * @param what what needs the library, as {@code zstd}
   * @param artifact the library's coordinates, {@code group:name}
   * @param probe the name of a class of the library itself, by which its jar is found
   */
  Lazy(String what, String artifact, String probe, Supplier<T> maker) {
    this.what = what;
    this.artifact = artifact;
    this.probe = probe;
    this.maker = maker;
  }

  /**
   * The part.
   *
   * @throws MissingLibraryException naming the artifact if the library is missing or does not load,
   *     with the reason as its cause; the log of this process names it once
   */
  T value() {
    T made = valueIfThere();
    if (made != null) {
      return made;
    }
    LinkageError cause = missing;
    MissingLibraryException why = new MissingLibraryException(what, artifact, jar(), cause);
    if (logged.compareAndSet(false, true)) {
      LOG.warn("{} ({})", why.getMessage(), String.valueOf(cause));
    }
    throw why;
  }

  /** Where the library is though it does not load: its own dependencies lack, or do not fit. */
  private @Nullable String jar() {
    ClassLoader loader = Lazy.class.getClassLoader();
    String name = probe.replace('.', '/') + ".class";
    URL found = loader == null ? ClassLoader.getSystemResource(name) : loader.getResource(name);
    return found == null
        ? null
        : found.toString().replaceFirst("^jar:", "").replaceFirst("!/.*", "");
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
