package erpc.codegen;

import java.util.ArrayList;
import java.util.List;

/** Comments of a file of services as those of Java, whatever stands in them. */
final class Comments {
  private static final int WIDTH = 100;

  /** Characters of a comment that calls for a description may carry. */
  private static final int MOST_DESCRIBED = 4_000;

  private Comments() {}

  /** The lines of a comment without what is around them; none if there is nothing to say. */
  static List<String> lines(String comment) {
    List<String> lines = new ArrayList<>();
    for (String each : comment.strip().split("\\R", -1)) {
      lines.add(each.strip());
    }
    return comment.isBlank() ? List.of() : lines;
  }

  /**
   * Javadoc that shows a comment as it stands: markup, tags and unicode escapes mean nothing in it,
   * and it ends where the comment ends.
   *
   * @param comment shown first; may be empty
   * @param more a sentence or tag of ours behind it, or empty
   */
  static List<String> javadoc(String comment, String more, String indent) {
    List<String> text = new ArrayList<>();
    for (String paragraph : paragraphs(comment)) {
      if (!text.isEmpty()) {
        text.add("");
      }
      wrap((text.isEmpty() ? "" : "<p>") + escaped(paragraph), indent, text);
    }
    if (!more.isEmpty()) {
      if (!text.isEmpty()) {
        text.add("");
      }
      wrap(text.isEmpty() || more.startsWith("@") ? more : "<p>" + more, indent, text);
    }
    if (text.isEmpty()) {
      return text;
    }
    if (text.size() == 1 && (indent + "/** " + text.get(0) + " */").length() <= WIDTH) {
      return List.of(indent + "/** " + text.get(0) + " */");
    }
    List<String> lines = new ArrayList<>();
    lines.add(indent + "/**");
    text.forEach(each -> lines.add(indent + (each.isEmpty() ? " *" : " * " + each)));
    lines.add(indent + " */");
    return lines;
  }

  /** Lines that follow each other are one paragraph, as whoever shows Javadoc takes them. */
  private static List<String> paragraphs(String comment) {
    List<String> paragraphs = new ArrayList<>();
    StringBuilder now = new StringBuilder();
    for (String line : lines(comment)) {
      if (!line.isEmpty()) {
        now.append(now.length() == 0 ? "" : " ").append(line);
      } else if (now.length() > 0) {
        paragraphs.add(now.toString());
        now.setLength(0);
      }
    }
    if (now.length() > 0) {
      paragraphs.add(now.toString());
    }
    return paragraphs;
  }

  private static void wrap(String line, String indent, List<String> into) {
    int room = WIDTH - indent.length() - " * ".length();
    StringBuilder now = new StringBuilder();
    for (String word : line.split(" +", -1)) {
      if (now.length() > 0 && now.length() + 1 + word.length() > room) {
        into.add(now.toString());
        now.setLength(0);
      }
      now.append(now.length() == 0 ? "" : " ").append(word);
    }
    into.add(now.toString());
  }

  private static String escaped(String line) {
    StringBuilder out = new StringBuilder();
    line.codePoints()
        .forEach(each -> {
          switch (each) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '@' -> out.append("&#64;");
            case '\\' -> out.append("&#92;");
            case '{' -> out.append("&#123;");
            case '}' -> out.append("&#125;");
            case '/' -> out.append(ends(out, '*') ? "&#47;" : "/");
            case '*' -> out.append(ends(out, '/') ? "&#42;" : "*");
            default -> out.append(isShown(each) ? Character.toString(each) : "&#" + each + ";");
          }
        });
    return out.toString();
  }

  private static boolean ends(StringBuilder text, char with) {
    return text.length() > 0 && text.charAt(text.length() - 1) == with;
  }

  /** Not what changes the order in which the rest of a line is shown, or is nothing to be seen. */
  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** A Java string literal, of printable ASCII. */
  static String literal(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      switch (each) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          boolean plain = each >= ' ' && each < 0x7f;
          out.append(plain ? Character.toString(each) : String.format("\\u%04x", (int) each));
        }
      }
    }
    return out.append('"').toString();
  }

  /**
   * A comment as string literals that are to be joined, none of them much longer than so many
   * characters.
   */
  static List<String> pieces(String comment, int width) {
    String text = String.join("\n", lines(comment));
    if (text.length() > MOST_DESCRIBED) {
      text = text.substring(0, MOST_DESCRIBED) + "...";
    }
    List<String> pieces = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= text.length(); i++) {
      boolean full = i - begin >= width && text.charAt(i - 1) == ' ';
      if (i == text.length() || text.charAt(i - 1) == '\n' || full || i - begin >= 2 * width) {
        pieces.add(literal(text.substring(begin, i)));
        begin = i;
      }
    }
    return pieces;
  }
}
