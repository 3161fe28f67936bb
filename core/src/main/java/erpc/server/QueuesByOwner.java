package erpc.server;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Queue;

/**
 * What waits, taken out by owner in turn, so that an owner with much waits for itself. Not
 * thread-safe.
 */
final class QueuesByOwner<T> {
  private record Line<T>(Object owner, Queue<T> waiting) {}

  private final Queue<Line<T>> lines = new ArrayDeque<>();
  private final IdentityHashMap<Object, Line<T>> byOwner = new IdentityHashMap<>();
  private int size;

  /** Puts it behind what waits of the same owner. */
  void add(Object owner, T item) {
    Line<T> line = byOwner.get(owner);
    if (line == null) {
      line = new Line<>(owner, new ArrayDeque<>());
      byOwner.put(owner, line);
      lines.add(line);
    }
    line.waiting.add(item);
    size++;
  }

  /**
   * Takes what the owner whose turn it is has waited with longest.
   *
   * @throws java.util.NoSuchElementException if nothing waits
   */
  T remove() {
    Line<T> line = lines.remove();
    T first = line.waiting.remove();
    size--;
    if (line.waiting.isEmpty()) {
      byOwner.remove(line.owner);
    } else {
      lines.add(line);
    }
    return first;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }
}
