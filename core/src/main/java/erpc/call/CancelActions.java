package erpc.call;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to run when a call is cancelled. A call usually has one or two of them, but one that
 * makes ten thousand nested calls has as many, and taking one away must not look at the others. Not
 * thread-safe.
 */
final class CancelActions {
  /** So many are looked through; more are looked up. */
  private static final int FEW = 8;

  private Runnable[] few = new Runnable[2];
  private int count; // of the few

  /** How often each is in here, once they were many. */
  private @Nullable IdentityHashMap<Runnable, Integer> many;

  void add(Runnable action) {
    if (many == null && count == FEW) {
      many = new IdentityHashMap<>(4 * FEW);
      for (Runnable each : few) {
        many.merge(each, 1, Integer::sum);
      }
      few = new Runnable[0];
      count = 0;
    }
    if (many != null) {
      many.merge(action, 1, Integer::sum);
      return;
    }
    if (count == few.length) {
      few = Arrays.copyOf(few, Math.max(2, 2 * count));
    }
    few[count++] = action;
  }

  /** Takes away one that is the same object, once. */
  @SuppressWarnings("ReferenceEquality") // the same object, whatever its equals says
  void remove(Runnable action) {
    if (many != null) {
      many.computeIfPresent(action, (same, times) -> times == 1 ? null : times - 1);
      return;
    }
    for (int i = count - 1; i >= 0; i--) {
      if (few[i] == action) {
        count--;
        System.arraycopy(few, i + 1, few, i, count - i);
        few = Arrays.copyOf(few, count); // Holds nothing that was taken away.
        return;
      }
    }
  }

  /** All of them; in the order in which they were added if they are few. */
  List<Runnable> all() {
    if (many == null) {
      return Arrays.asList(Arrays.copyOf(few, count));
    }
    List<Runnable> all = new ArrayList<>(many.size());
    many.forEach((action, times) -> {
      for (int i = 0; i < times; i++) {
        all.add(action);
      }
    });
    return all;
  }
}
