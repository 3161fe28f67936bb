package erpc.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents of the repository, for tests of what they say. */
final class Documents {
  static final Path ROOT = root();

  private static final Pattern FENCED = Pattern.compile("(?ms)^```([^\n]*)\n(.*?)^```$");
  private static final Set<String> NOT_OURS = Set.of("target", "node_modules", "build");

  private Documents() {}

  /**
   * A fenced block of a document.
   *
   * @param kind what stands behind its opening fence: {@code java}, {@code sh example}, or nothing
   */
  record Block(String kind, String text) {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.zh-CN.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** All of them, by their paths below the root. */
  static List<String> all() throws IOException {
    List<String> found = new ArrayList<>();
    collect(ROOT, found);
    return found.stream().sorted().toList();
  }

  private static void collect(Path folder, List<String> into) throws IOException {
    List<Path> entries;
    try (Stream<Path> files = Files.list(folder)) {
      entries = files.toList();
    }
    for (Path each : entries) {
      String name = each.getFileName().toString();
      if (Files.isDirectory(each)) {
        if (!name.startsWith(".") && !NOT_OURS.contains(name)) {
          collect(each, into);
        }
      } else if (name.endsWith(".md")) {
        into.add(ROOT.relativize(each).toString());
      }
    }
  }

  static String text(String document) throws IOException {
    return Files.readString(ROOT.resolve(document));
  }

  /** Its fenced blocks, in order. */
  static List<Block> blocks(String document) throws IOException {
    Matcher matcher = FENCED.matcher(text(document));
    List<Block> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return found;
  }

  /** The text of its fenced blocks of one kind, in order. */
  static List<String> blocks(String document, String kind) throws IOException {
    return blocks(document).stream()
        .filter(each -> each.kind().equals(kind))
        .map(Block::text)
        .toList();
  }

  /** It without its fenced blocks. */
  static String prose(String document) throws IOException {
    return FENCED.matcher(text(document)).replaceAll("");
  }
}
