package erpc.settings;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The word that somebody may have meant. */
final class Nearest {
  private Nearest() {}

  /** The candidate that takes the fewest edits, or null if even that one is another word. */
  static @Nullable String of(String typed, List<String> candidates) {
    String nearest = null;
    int fewest = typed.length() / 2;
    for (String candidate : candidates) {
      int edits = edits(typed.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < fewest) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Whether the candidate was meant but for one slip: a character too many, too few, another. */
  static boolean isOneSlip(String typed, String candidate) {
    return Math.abs(typed.length() - candidate.length()) <= 1
        && edits(typed.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT)) <= 1;
  }

  /**
   * Characters to insert, delete, exchange, or swap with the next one (optimal string alignment),
   * three rows of the table at a time.
   */
  private static int edits(String from, String to) {
    int[] before = new int[to.length() + 1];
    int[] above = new int[to.length() + 1];
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] free = before;
      before = above;
      above = row;
      row = free;
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int exchanged = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(exchanged, 1 + Math.min(above[j], row[j - 1]));
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
    }
    return row[to.length()];
  }
}
