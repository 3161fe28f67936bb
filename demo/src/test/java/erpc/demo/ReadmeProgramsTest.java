package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README has its reader type works: its programs one by one, and the calls to them. */
@Tag("processes")
class ReadmeProgramsTest {
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final String FIRST = "./erpc demo center";

  @TempDir Path folder;

  private final List<Started> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.reversed().forEach(Started::close);
  }

  @Test
  void theProgramsFindOneAnotherAndAnswerTheCalls() throws Exception {
    int center = Started.freePort();
    int server = Started.freePort();
    List<String> calls = new ArrayList<>();
    for (String command : commands()) {
      List<String> words = words(command.replace("8877", "" + server));
      switch (words.get(1)) {
        case "demo" -> start(center, words.subList(2, words.size()));
        case "call", "list", "explain" -> {
          calls.add(command);
          answered(command, center, words.subList(1, words.size()));
        }
        default -> throw new AssertionError("not known here: " + command);
      }
    }
    assertThat(calls).hasSizeGreaterThan(3);
  }

  private void start(int center, List<String> arguments) throws Exception {
    Started program = Started.demo(folder, center, arguments.toArray(String[]::new));
    started.add(program);
    switch (arguments.get(0)) {
      case "center" -> program.awaitOutput("listening on");
      case "server" -> program.awaitOutput("registered at the center");
      default -> assertThat(program.awaitEnd()).as(program.output()).isZero();
    }
  }

  private void answered(String command, int center, List<String> arguments) throws Exception {
    Started program = Started.program(erpc.tools.Main.class, folder, center, arguments);
    started.add(program);
    assertThat(program.awaitEnd()).as(command + ": " + program.output()).isZero();
    String expected = command.contains("echo") ? "hi" : "";
    assertThat(program.output())
        .as(command)
        .contains(arguments.getFirst().equals("explain") ? "CHANCE" : expected);
  }

  /** The block of the README that begins with the center. */
  private static List<String> commands() throws IOException {
    List<String> blocks =
        Documents.blocks("README.md", "sh").stream().filter(b -> b.startsWith(FIRST)).toList();
    assertThat(blocks).hasSize(1);
    return blocks.get(0).lines().toList();
  }

  /** As a shell splits a line. */
  static List<String> words(String line) {
    Matcher matcher = WORD.matcher(line);
    List<String> words = new ArrayList<>();
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words;
  }
}
