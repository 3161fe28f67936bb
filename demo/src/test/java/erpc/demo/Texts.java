package erpc.demo;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The texts for people that stand in sources: what errors say and what is logged, with … for what
 * varies.
 */
final class Texts {
  /** Anything, in a text and in the entry of a page. */
  static final String VARIES = "…";

  /** What has fewer words is a word of a program, unless it is given to an exception or a log. */
  private static final int SENTENCE_WORDS = 3;

  /** An entry of fewer words covers nothing but itself: too much would be meant by it. */
  private static final int COVERING_WORDS = 3;

  /** Covers all that one codec or compression says. */
  private static final Pattern OF_ONE = Pattern.compile("\\w+: " + VARIES);

  private static final Pattern FORMAT = Pattern.compile("%[0-9]*[sdxX]|\\{}");
  private static final Set<String> LOUD = Set.of("warn", "error", "info");
  private static final Set<String> QUIET = Set.of("debug", "trace");

  /** What they are given is no text for people. */
  private static final Set<String> LOOKING =
      Set.of("Pattern.compile", "contains", "startsWith", "endsWith", "equals");

  /** What only a fault of the JDK or of its own program makes throw. */
  private static final Set<String> NEVER_SEEN =
      Set.of(
          "AssertionError",
          "LinkageError",
          "ExceptionInInitializerError",
          "InvalidObjectException");

  /** Whoever sees it. */
  enum Reader {
    /** Who has called, in a status or an exception. */
    CALLER,
    /** Who reads the log. */
    LOG,
    /** One of the two: it is made here and said elsewhere. */
    EITHER
  }

  /**
   * A text.
   *
   * @param where file and line
   */
  record Text(Reader reader, String text, String where) {
    /** Whether an entry of a page is about it: it covers the text, or shows it within more. */
    boolean isIn(String entry) {
      boolean covers = words(entry) >= COVERING_WORDS || OF_ONE.matcher(entry).matches();
      return entry.equals(text)
          || (covers && pattern(entry).matcher(text).matches())
          || ((words(text) > 1 || !text.contains(VARIES)) && pattern(text).matcher(entry).find());
    }

    private static Pattern pattern(String text) {
      StringBuilder all = new StringBuilder();
      for (String each : text.split(VARIES, -1)) {
        all.append(all.isEmpty() ? "" : ".*").append(Pattern.quote(each));
      }
      return Pattern.compile(all.toString());
    }
  }

  private Texts() {}

  private static long words(String text) {
    return Stream.of(text.split("\\s"))
        .filter(word -> word.chars().anyMatch(Character::isLetter))
        .count();
  }

  /** All texts in the sources of these folders. */
  static List<Text> of(Path root, String... folders) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String each : folders) {
      try (Stream<Path> all = Files.walk(root.resolve(each))) {
        all.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Text> found = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        String name = root.relativize(Path.of(unit.getSourceFile().toUri())).toString();
        new Finder(unit, name, positions, found).scan(unit, null);
      }
    }
    return found;
  }

  /** The same of a source that is given, for tests of this. */
  static List<Text> in(String source) throws IOException {
    Path folder = Files.createTempDirectory("texts");
    Path file = Files.writeString(folder.resolve("Given.java"), source);
    try {
      return of(folder, "");
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  private static final class Finder extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final String name;
    private final SourcePositions positions;
    private final List<Text> found;
    private Reader reader = Reader.EITHER;
    private int leastWords = SENTENCE_WORDS;

    Finder(CompilationUnitTree unit, String name, SourcePositions positions, List<Text> found) {
      this.unit = unit;
      this.name = name;
      this.positions = positions;
      this.found = found;
    }

    // ---- what nobody reads

    @Override
    public Void visitAnnotation(AnnotationTree tree, Void unused) {
      return null;
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
      return tree.getName().contentEquals("toString") ? null : super.visitMethod(tree, null);
    }

    // ---- who reads it

    @Override
    public Void visitNewClass(NewClassTree tree, Void unused) {
      String type = tree.getIdentifier().toString();
      if (NEVER_SEEN.contains(type)) {
        return null;
      }
      if (type.equals("LastingLoop")) {
        return within(Reader.LOG, 1, () -> super.visitNewClass(tree, null));
      }
      return type.endsWith("Exception") || type.equals("ProtocolViolation")
          ? within(Reader.CALLER, 1, () -> super.visitNewClass(tree, null))
          : within(reader, SENTENCE_WORDS, () -> super.visitNewClass(tree, null));
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree tree, Void unused) {
      String called = tree.getMethodSelect().toString();
      String method = called.substring(called.lastIndexOf('.') + 1);
      boolean log = called.matches("(?i)log\\.\\w+") || called.startsWith("Thrown.");
      if ((log && QUIET.contains(method)) || LOOKING.contains(method) || LOOKING.contains(called)) {
        return null;
      }
      if (log && LOUD.contains(method)) {
        return within(Reader.LOG, 1, () -> super.visitMethodInvocation(tree, null));
      }
      if (called.equals("Repeated.start")) {
        return within(Reader.LOG, 2, () -> super.visitMethodInvocation(tree, null));
      }
      if (called.equals("Status.of")) {
        return within(Reader.CALLER, 1, () -> super.visitMethodInvocation(tree, null));
      }
      if (method.equals("formatted")) {
        text(((MemberSelectTree) tree.getMethodSelect()).getExpression());
        return within(reader, SENTENCE_WORDS, () -> scan(tree.getArguments(), null));
      }
      return within(reader, SENTENCE_WORDS, () -> super.visitMethodInvocation(tree, null));
    }

    private Void within(Reader to, int words, Runnable task) {
      Reader before = reader;
      int least = leastWords;
      reader = to;
      leastWords = words;
      task.run();
      reader = before;
      leastWords = least;
      return null;
    }

    // ---- the texts

    @Override
    public Void visitLiteral(LiteralTree tree, Void unused) {
      text(tree);
      return null;
    }

    @Override
    public Void visitBinary(BinaryTree tree, Void unused) {
      if (tree.getKind() == Tree.Kind.PLUS && shown(tree) != null) {
        text(tree);
        return null; // What stands in its holes is a part of it.
      }
      return super.visitBinary(tree, null);
    }

    private void text(ExpressionTree tree) {
      String shown = shown(tree);
      if (shown == null) {
        return;
      }
      String text =
          FORMAT
              .matcher(shown)
              .replaceAll(VARIES)
              .replaceAll("\\s+", " ")
              .replaceAll(VARIES + "+", VARIES)
              .strip();
      boolean piece = reader == Reader.CALLER && words(text) < 2 && text.contains(VARIES);
      if (words(text) >= leastWords && !piece) {
        long line = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, tree));
        found.add(new Text(reader, text, name + ":" + line));
      }
    }

    /** The text with … where it varies; null if this is no text. */
    private static String shown(ExpressionTree tree) {
      return switch (tree) {
        case LiteralTree literal -> literal.getValue() instanceof String string ? string : null;
        case ParenthesizedTree inner -> shown(inner.getExpression());
        case BinaryTree both when both.getKind() == Tree.Kind.PLUS -> {
          String left = shown(both.getLeftOperand());
          String right = shown(both.getRightOperand());
          yield left == null && right == null ? null : orVaries(left) + orVaries(right);
        }
        default -> null;
      };
    }

    private static String orVaries(String text) {
      return text == null ? VARIES : text;
    }
  }
}
