package erpc.bench.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen, by its time; and the time itself, which passes from one event to the next.
 * What is due at the same time happens in the order in which it was asked for, so that a run can be
 * repeated. Not thread-safe.
 */
final class Events {
  /** Something that happens at a time. */
  @FunctionalInterface
  interface Event {
    void happens();
  }

  /** When it begins: not at 0, for policies may take any number as the time. */
  static final long BEGIN_NANOS = 1_000_000_000_000L;

  /** How many children a place of the heap has: four lie side by side in memory. */
  private static final int CHILDREN = 4;

  private long[] times = new long[1024];
  private long[] orders = new long[1024];
  private @Nullable Event[] events = new Event[1024];
  private int size;
  private long asked;
  private long happened;
  private long nowNanos = BEGIN_NANOS;

  /** The time, from an arbitrary origin. */
  long nowNanos() {
    return nowNanos;
  }

  /** How much has happened. */
  long happened() {
    return happened;
  }

  /** Something is to happen after so long. */
  void in(long nanos, Event what) {
    at(nowNanos + nanos, what);
  }

  /** Something is to happen at this time; now if it has passed. */
  void at(long nanos, Event what) {
    if (size == times.length) {
      grow();
    }
    long time = Math.max(nanos, nowNanos);
    long order = asked++;
    int place = size++;
    while (place > 0) {
      int parent = (place - 1) / CHILDREN;
      if (!isBefore(time, order, parent)) {
        break;
      }
      move(parent, place);
      place = parent;
    }
    put(place, time, order, what);
  }

  /** Lets time pass until then. */
  void run(long untilNanos) {
    while (size > 0 && times[0] <= untilNanos) {
      nowNanos = times[0];
      happened++;
      take().happens();
    }
    nowNanos = Math.max(nowNanos, untilNanos);
  }

  private Event take() {
    Event first = events[0];
    size--;
    Event last = events[size];
    if (first == null || last == null) {
      throw new AssertionError("the heap has a hole");
    }
    sink(times[size], orders[size], last);
    events[size] = null;
    return first;
  }

  /** Puts the last one where it belongs, from the top. */
  private void sink(long time, long order, Event what) {
    int place = 0;
    int child = 1;
    while (child < size) {
      int first = child;
      for (int other = child + 1; other < Math.min(child + CHILDREN, size); other++) {
        if (isBefore(times[other], orders[other], first)) {
          first = other;
        }
      }
      if (isBefore(time, order, first)) {
        break;
      }
      move(first, place);
      place = first;
      child = place * CHILDREN + 1;
    }
    put(place, time, order, what);
  }

  private boolean isBefore(long time, long order, int place) {
    return time < times[place] || (time == times[place] && order < orders[place]);
  }

  private void move(int from, int to) {
    times[to] = times[from];
    orders[to] = orders[from];
    events[to] = events[from];
  }

  private void put(int place, long time, long order, Event what) {
    times[place] = time;
    orders[place] = order;
    events[place] = what;
  }

  private void grow() {
    times = Arrays.copyOf(times, 2 * size);
    orders = Arrays.copyOf(orders, 2 * size);
    events = Arrays.copyOf(events, 2 * size);
  }
}
