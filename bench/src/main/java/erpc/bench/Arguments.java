package erpc.bench;

import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The words of a command line, one after the other. Not thread-safe. */
public final class Arguments {
  private final Iterator<String> words;
  private String last = "";

  /** These words. */
  public Arguments(String... words) {
    this.words = List.of(words).iterator();
  }

  /**
   * Has a command take its arguments. If they are wrong it ends the process with 2, saying why.
   *
   * @param reader takes them; false if only help is wanted
   * @return false if there is nothing to run, for help was wanted and has been given
   */
  public static boolean taken(
      String command, String usage, String[] args, Predicate<Arguments> reader) {
    try {
      if (reader.test(new Arguments(args))) {
        return true;
      }
      System.out.println(usage);
    } catch (IllegalArgumentException e) {
      System.err.println(command + ": " + e.getMessage());
      System.exit(2);
    }
    return false;
  }

  /** The next option or name, or null if there is none. */
  public @Nullable String next() {
    if (!words.hasNext()) {
      return null;
    }
    last = words.next();
    return last;
  }

  /**
   * The word behind the option that came last.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String word() {
    if (!words.hasNext()) {
      throw new IllegalArgumentException(last + " needs a value");
    }
    return words.next();
  }

  /**
   * The value of the option, which is to have a form.
   *
   * @param form a regular expression for all of it
   * @param formInWords the same for people
   * @throws IllegalArgumentException if there is none, or another one
   */
  public String word(String form, String formInWords) {
    String word = word();
    if (!word.matches(form)) {
      throw new IllegalArgumentException(last + " takes " + formInWords + ", not '" + word + "'");
    }
    return word;
  }

  /**
   * The number behind the option that came last.
   *
   * @throws IllegalArgumentException if there is none
   */
  public int number() {
    String word = word();
    if (!word.matches("[1-9][0-9]{0,6}")) {
      throw new IllegalArgumentException(last + " takes a number above 0, not '" + word + "'");
    }
    return Integer.parseInt(word);
  }

  /** What to say of an option that nobody knows. */
  public IllegalArgumentException unknown() {
    return new IllegalArgumentException("unknown option " + last + "; --help lists them");
  }
}
