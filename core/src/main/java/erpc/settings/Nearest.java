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

  /** Characters to insert, delete or exchange (Levenshtein), one row of the table at a time. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int exchanged = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(exchanged, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
