package erpc.call;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What users' code has thrown, told and logged without trusting it: its own methods may throw, give
 * null or lead round in a circle. Nothing here ever throws.
 */
public final class Thrown {
  /** More causes, and what they have suppressed, are not looked at. */
  private static final int MOST_CAUSES = 50;

  private Thrown() {}

  /** Its class and message in one line, {@code IllegalStateException: disk full}. */
  public static String describe(Throwable thrown) {
    String text = message(thrown);
    return text.isEmpty() ? name(thrown) : name(thrown) + ": " + text;
  }

  /** Its class, without the package. */
  public static String name(Throwable thrown) {
    String whole = thrown.getClass().getName();
    return whole.substring(whole.lastIndexOf('.') + 1);
  }

  /** Its message, {@linkplain Printable made printable}; empty if it has none. */
  public static String message(Throwable thrown) {
    try {
      String text = thrown.getMessage();
      return text == null ? "" : Printable.of(text);
    } catch (Throwable e) {
      return "(its message cannot be had)";
    }
  }

  /** Logs it with its stack trace, or as much of that as can be had. */
  public static void warn(Logger log, String what, Throwable thrown) {
    try {
      log.warn(what, printable(thrown));
    } catch (Throwable e) {
      warnShortly(log, what, thrown);
    }
  }

  /** As {@link #warn}, for what needs somebody to look. */
  public static void error(Logger log, String what, Throwable thrown) {
    try {
      log.error(what, printable(thrown));
    } catch (Throwable e) {
      warnShortly(log, what, thrown);
    }
  }

  /** As {@link #warn(Logger, String, Throwable)} if a line is due, with how many were not. */
  public static void warn(Logger log, LineLimit lines, String what, Throwable thrown) {
    long more = lines.admit();
    if (more >= 0) {
      warn(log, what + leftOut(more), thrown);
    }
  }

  /** As {@link #error(Logger, String, Throwable)} if a line is due, with how many were not. */
  public static void error(Logger log, LineLimit lines, String what, Throwable thrown) {
    long more = lines.admit();
    if (more >= 0) {
      error(log, what + leftOut(more), thrown);
    }
  }

  private static String leftOut(long more) {
    return more == 0 ? "" : " (" + more + " more times since the last such line)";
  }

  private static void warnShortly(Logger log, String what, Throwable thrown) {
    try {
      log.warn("{}: {}", what, describe(thrown));
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }

  /** It, or, if printing it could throw or never end, something that stands for it. */
  static Throwable printable(Throwable thrown) {
    try {
      return isTame(thrown, Collections.newSetFromMap(new IdentityHashMap<>()))
          ? thrown
          : new StandIn(thrown);
    } catch (Throwable e) {
      return new StandIn(thrown);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same object, whatever its equals says
  private static boolean isTame(@Nullable Throwable thrown, Set<Throwable> seen) {
    Throwable each = thrown;
    while (each != null) {
      if (!seen.add(each) || seen.size() > MOST_CAUSES || each.toString() == null) {
        return false;
      }
      for (StackTraceElement frame : each.getStackTrace()) {
        if (frame == null) {
          return false;
        }
      }
      for (Throwable suppressed : each.getSuppressed()) {
        if (!isTame(suppressed, seen)) {
          return false;
        }
      }
      Throwable cause = each.getCause();
      if (cause == each) {
        return false;
      }
      each = cause;
    }
    return true;
  }

  /** Has the class, the message and the frames of another one, as far as these can be had. */
  private static final class StandIn extends Exception {
    private static final long serialVersionUID = 1;

    private final String text;

    StandIn(Throwable of) {
      super(null, null, false, true);
      String message = message(of);
      text = of.getClass().getName() + (message.isEmpty() ? "" : ": " + message);
      try {
        setStackTrace(of.getStackTrace());
      } catch (Throwable e) {
        setStackTrace(new StackTraceElement[0]);
      }
    }

    @Override
    public String getMessage() {
      return text;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
