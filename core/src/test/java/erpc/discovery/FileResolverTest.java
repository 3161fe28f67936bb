package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileResolverTest {
  private static final Duration POLL = Duration.ofMillis(500);

  /** In this time a change must be told. */
  private static final Duration SOON = POLL.plus(FileResolver.SETTLE);

  @TempDir Path directory;

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Heard heard = new Heard();
  private Path file;
  private Resolver.Watch watch;

  @BeforeEach
  void name() {
    file = directory.resolve("demo.list");
  }

  @AfterEach
  void close() {
    if (watch != null) {
      watch.close();
    }
  }

  private void watch() {
    watch = new FileResolver(scheduler, POLL).watch(file.toString(), heard);
    scheduler.advance(FileResolver.SETTLE);
  }

  private void pass(Duration time) {
    scheduler.advance(time);
  }

  private static void write(Path path, String text) throws IOException {
    Files.writeString(path, text);
  }

  private String failure(String what) {
    return "file://" + file + ": " + what + "; the last good list, if any, stays in use";
  }

  @Test
  void tellsTheListAtOnce() throws IOException {
    write(file, "a:1 weight=5 zone=z\nb:2\n");
    watch();
    assertThat(heard.lists)
        .containsExactly(List.of(Endpoint.of("a:1", 5, "z"), Endpoint.of("b:2")));
  }

  @Test
  void seesARewriteOnce() throws IOException {
    write(file, "a:1\n");
    watch();
    write(file, "b:2\n");
    pass(SOON);
    pass(Duration.ofMinutes(1));
    assertThat(heard.all).containsExactly(List.of("a:1"), List.of("b:2"));
  }

  @Test
  void seesARewriteThatKeepsSizeAndTime() throws IOException {
    write(file, "a:1\n");
    FileTime time = Files.getLastModifiedTime(file);
    watch();
    write(file, "b:2\n");
    Files.setLastModifiedTime(file, time);
    pass(SOON);
    assertThat(heard.last()).isEqualTo(List.of("b:2"));
  }

  @Test
  void seesARenameOver() throws IOException {
    write(file, "a:1\n");
    watch();
    Path next = directory.resolve("next");
    write(next, "b:2\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    pass(SOON);
    assertThat(heard.last()).isEqualTo(List.of("b:2"));
  }

  @Test
  void seesASymlinkSwap() throws IOException {
    // As a mounted ConfigMap does it: demo.list -> current/demo.list, current -> one -> two.
    swap("one", "a:1\n");
    Files.createSymbolicLink(file, Path.of("current", "demo.list"));
    watch();
    assertThat(heard.last()).isEqualTo(List.of("a:1"));
    swap("two", "b:2\n");
    pass(SOON);
    assertThat(heard.all).containsExactly(List.of("a:1"), List.of("b:2"));
  }

  private void swap(String name, String text) throws IOException {
    Files.createDirectory(directory.resolve(name));
    write(directory.resolve(name).resolve("demo.list"), text);
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of(name));
    Files.move(
        link,
        directory.resolve("current"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void doesNotTellAHalfWrittenFile() throws IOException {
    write(file, "a:1\nb:2\nc:3\n");
    watch();
    write(file, "d:4\n");
    pass(POLL);
    write(file, "d:4\ne:5\nf:6");
    pass(FileResolver.SETTLE);
    write(file, "d:4\ne:5\nf:678\n");
    pass(FileResolver.SETTLE);
    assertThat(heard.all).hasSize(1);
    pass(FileResolver.SETTLE);
    assertThat(heard.all)
        .containsExactly(List.of("a:1", "b:2", "c:3"), List.of("d:4", "e:5", "f:678"));
  }

  @Test
  void doesNotTellThatTheFileIsGoneBetweenADeleteAndACreate() throws IOException {
    write(file, "a:1\n");
    watch();
    Files.delete(file);
    pass(POLL);
    write(file, "a:1\n");
    pass(Duration.ofMinutes(1));
    assertThat(heard.all).containsExactly(List.of("a:1"));
  }

  @Test
  void keepsTheLastListWhenALineIsBroken() throws IOException {
    write(file, "a:1\n");
    watch();
    write(file, "b:2\nc:3 weight=many\n");
    pass(SOON);
    pass(Duration.ofMinutes(1));
    assertThat(heard.failures)
        .containsExactly(
            Status.of(
                Status.Code.UNAVAILABLE,
                failure("line 2: weight 'many' is not a whole number from 0 to 1000000")));
    assertThat(heard.lists).hasSize(1);
    write(file, "b:2\nc:3 weight=1\n");
    pass(SOON);
    assertThat(heard.last()).isEqualTo(List.of("b:2", "c:3"));
  }

  @Test
  void aFileThatIsNotThereYetFailsAndLaterAppears() throws IOException {
    watch();
    assertThat(heard.all).containsExactly(failure("no such file"));
    write(file, "a:1\n");
    pass(SOON);
    assertThat(heard.last()).isEqualTo(List.of("a:1"));
  }

  @Test
  void aFileThatGoesAndComesBackUnchangedIsTold() throws IOException {
    write(file, "a:1\n");
    watch();
    Files.delete(file);
    pass(SOON);
    assertThat(heard.last()).isEqualTo(failure("no such file"));
    write(file, "a:1\n");
    pass(SOON);
    assertThat(heard.all).containsExactly(List.of("a:1"), failure("no such file"), List.of("a:1"));
  }

  @Test
  void onlyCommentsAreAnEmptyListAndNothingAtAllIsAFailure() throws IOException {
    write(file, "a:1\n");
    watch();
    write(file, "");
    pass(SOON);
    assertThat(heard.last())
        .isEqualTo(
            failure("empty; to say that there are no endpoints, leave a line with a # in it"));
    write(file, "# nobody\n");
    pass(SOON);
    assertThat(heard.last()).isEqualTo(List.of());
  }

  @Test
  void refusesWhatIsNoRegularFile() throws IOException {
    Files.createDirectory(file);
    watch();
    assertThat(heard.all).containsExactly(failure("not a regular file"));
  }

  @Test
  void refusesAFileThatIsTooLarge() throws IOException {
    write(file, "a:1\n#" + "x".repeat(FileResolver.MAX_BYTES - 5));
    watch();
    assertThat(heard.last()).isEqualTo(List.of("a:1"));
    write(file, "a:1\n#" + "x".repeat(FileResolver.MAX_BYTES - 4));
    pass(SOON);
    assertThat(heard.last()).isEqualTo(failure("larger than the limit of 1048576 bytes"));
  }

  @Test
  void bytesThatAreNoTextAreABrokenLine() throws IOException {
    Files.write(file, new byte[] {'a', ':', '1', '\n', (byte) 0xff, (byte) 0xfe, ':', '2', '\n'});
    watch();
    assertThat((String) heard.last()).contains("line 2: address '\ufffd\ufffd:2' has");
  }

  @Test
  void looksNoMoreOnceClosed() throws IOException {
    write(file, "a:1\n");
    watch();
    watch.close();
    assertThat(scheduler.untilNext()).isNull();
    write(file, "b:2\n");
    pass(Duration.ofMinutes(1));
    assertThat(heard.all).hasSize(1);
  }

  @Test
  void refusesPlacesThatAreNoAbsolutePath() {
    for (String where : List.of("etc/demo.list", "", "/etc/", "/etc/\u0000")) {
      assertThatThrownBy(() -> new FileResolver(scheduler, POLL).watch(where, heard))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("must be absolute and name a file, as in file:///etc/demo.list");
    }
    assertThat(scheduler.untilNext()).isNull();
  }

  @Test
  void seesChangesWithinASecondByDefault() throws IOException {
    write(file, "a:1\n");
    watch = Resolvers.standard().resolver("file").watch(file.toString(), heard);
    // The bound of the promise and as much again for a busy machine.
    Duration bound = Duration.ofSeconds(2);
    await().atMost(bound).until(() -> heard.last().equals(List.of("a:1")));
    write(file, "b:2\n");
    await().atMost(bound).until(() -> heard.last().equals(List.of("b:2")));
    Path next = directory.resolve("next");
    write(next, "c:3\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    await().atMost(bound).until(() -> heard.last().equals(List.of("c:3")));
    assertThat(Resolvers.Settings.DEFAULTS.filePoll().plus(FileResolver.SETTLE))
        .isLessThan(Duration.ofSeconds(1));
  }
}
