package erpc.bench.driver;

import java.util.List;

/**
 * What a client does while it is measured.
 *
 * @param kind how calls are made
 * @param callers calls in flight, or threads that call
 * @param perSecond calls per second, of {@link Kind#RATE} only
 */
public record Work(Kind kind, int callers, int perSecond) {
  /** How calls are made. */
  public enum Kind {
    /** A fixed number in flight, each answer making the next call. */
    ASYNC,
    /** Virtual threads, each of which calls and waits, again and again. */
    VIRTUAL,
    /** The same with platform threads. */
    PLATFORM,
    /**
     * A fixed rate, whatever becomes of the calls before; timed from when each call was due, so
     * that no wait is hidden.
     */
    RATE,
    /** Messages one way on one stream; one message counts as a call. */
    STREAM
  }

  /** So many calls in flight. */
  public static Work async(int inFlight) {
    return new Work(Kind.ASYNC, inFlight, 0);
  }

  /** So many virtual threads. */
  public static Work virtual(int threads) {
    return new Work(Kind.VIRTUAL, threads, 0);
  }

  /** So many platform threads. */
  public static Work platform(int threads) {
    return new Work(Kind.PLATFORM, threads, 0);
  }

  /** So many calls per second. */
  public static Work rate(int perSecond) {
    return new Work(Kind.RATE, 0, perSecond);
  }

  /** One stream. */
  public static Work stream() {
    return new Work(Kind.STREAM, 1, 0);
  }

  /** This work as words of a command. */
  public List<String> words() {
    return List.of(kind.name(), Integer.toString(callers), Integer.toString(perSecond));
  }

  static Work of(String[] words, int from) {
    return new Work(
        Kind.valueOf(words[from]),
        Integer.parseInt(words[from + 1]),
        Integer.parseInt(words[from + 2]));
  }
}
