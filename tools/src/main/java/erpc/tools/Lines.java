package erpc.tools;

import erpc.call.Printable;

/** Lines of a text in which strangers' words stand: indented, safe to print, and not too many. */
final class Lines {
  /** What is shown of one server at most, in characters. */
  static final int MAX_LENGTH = 4 * 1024 * 1024;

  private final StringBuilder text = new StringBuilder();
  private int taken;

  /**
   * Adds a line.
   *
   * @param depth how often it is indented
   * @throws CallFailure if all lines together pass the limit
   */
  void add(int depth, String line) throws CallFailure {
    String shown = Printable.of(line);
    long length = (long) taken + text.length() + 2L * depth + shown.length() + 1;
    if (length > MAX_LENGTH) {
      throw new CallFailure(
          "what the server describes takes more than "
              + MAX_LENGTH
              + " characters to show; ask for one method");
    }
    text.repeat("  ", depth).append(shown).append('\n');
  }

  /** Adds the lines of a comment, if there is one. */
  void comment(int depth, String comment) throws CallFailure {
    if (comment.isBlank()) {
      return;
    }
    // The blanks around it are those between the marks of the comment and its text.
    String bare = comment.replace("\t", "  ").stripTrailing().stripIndent().strip();
    for (String line : bare.split("\\R", -1)) {
      add(depth, ("// " + line).stripTrailing());
    }
  }

  /** Adds an empty line unless there is nothing yet. */
  void gap() throws CallFailure {
    if (!text.isEmpty()) {
      add(0, "");
    }
  }

  /** What has been added since the last call of this. What was taken counts for the limit. */
  String take() {
    String all = text.toString();
    taken += all.length();
    text.setLength(0);
    return all;
  }
}
