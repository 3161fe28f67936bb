package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Another commit's benchmarks.
 *
 * @param name the commit
 * @param jars the folder of its module {@code bench} and all that it needs
 */
record OtherCommit(String name, Path jars) {
  private static final Pattern LISTED = Pattern.compile("(\\S+)\\s+(.*): \\[(.*)]");

  /** A cell as the commit's own {@code --list} names it. */
  record Listed(String name, String title, List<String> subjects) {
    /** What a line says; null if that is no cell. */
    static @org.jspecify.annotations.Nullable Listed of(String line) {
      Matcher matcher = LISTED.matcher(line.strip());
      return matcher.matches()
          ? new Listed(
              matcher.group(1), matcher.group(2), List.of(matcher.group(3).split(", *", -1)))
          : null;
    }
  }

  String classPath() {
    return jars + "/*";
  }

  /** Its cells, as it says itself. */
  List<Listed> cells() throws IOException {
    List<Listed> cells = new ArrayList<>(listed("--list"));
    cells.addAll(listed("--list", "--sweep"));
    return cells;
  }

  private List<Listed> listed(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("-cp", classPath(), "erpc.bench.Bench"));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<Listed> cells = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Listed cell = Listed.of(line);
        if (cell != null) {
          cells.add(cell);
        }
      }
    }
    if (cells.isEmpty()) {
      throw new IOException(
          name + " does not name its cells: " + String.join(" ", command) + " printed none");
    }
    return cells;
  }

  /** Why a cell cannot be measured of this commit; empty if it can. */
  String lacks(Cell cell, List<Listed> listed) {
    for (Listed each : listed) {
      if (each.name.equals(cell.name())) {
        if (!each.subjects.contains("erpc")) {
          return name + " does not measure erpc in its cell '" + cell.name() + "'";
        }
        return each.title.equals(cell.title())
            ? ""
            : name + " has another cell of this name: '" + each.title + "'";
      }
    }
    return name + " has no cell '" + cell.name() + "'";
  }
}
