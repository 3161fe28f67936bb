package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's programs as processes of their own, over real sockets. */
@Tag("processes")
class ProgramsTest {
  @TempDir Path folder;

  @Test
  void findOneAnotherWithTheCenterStartedLast() throws Exception {
    int port = Started.freePort();
    try (Started server = Started.demo(folder, port, "server", "--port", "0");
        Started client = Started.demo(folder, port, "client")) {
      server.awaitOutput("no center yet");
      client.awaitOutput("nobody answers demo.hello yet");
      try (Started center = Started.demo(folder, port, "center")) {
        assertThat(client.awaitEnd()).as(client.output()).isZero();
        server.awaitOutput("registered at the center");
        assertThat(client.output())
            .contains("\"hello erpc\"", "\"hi 4\", answered by process")
            .contains("Greeter.hello({name: \"you\"})  ->  \"hello you\"")
            .contains("Greeter.count({n: 3})  -> 1 2 3");
        assertThat(center.output()).contains("listening on 127.0.0.1:" + port);
        assertOneLineEach(server.output());
        assertOneLineEach(center.output());
      }
    }
  }

  /**
   * {@code 12:34:56.789 INFO server - text}: no stack trace, no thread names, nothing from
   * libraries.
   */
  private static void assertOneLineEach(String log) {
    assertThat(log.lines())
        .isNotEmpty()
        .allMatch(Pattern.compile("[0-9:.]{12} (INFO|WARN) \\w+ - .+").asMatchPredicate());
  }

  @Test
  void runTogetherAndOutliveAServer() throws Exception {
    int first = Started.freePort();
    int second = Started.freePort();
    try (Started demo = Started.demo(folder, Started.freePort(), "--ports", first + "," + second)) {
      demo.awaitOutput("answered by server");
      List<ProcessHandle> children = demo.handle().descendants().toList();
      assertThat(children).hasSize(4);
      assertThat(demo.awaitEnd()).as(demo.output()).isZero();
      assertThat(children).noneMatch(ProcessHandle::isAlive);
      assertThat(demo.output())
          .contains("answered by server " + first, "answered by server " + second)
          .contains("Server " + first + " is killed")
          .containsPattern(
              "\\[client] +100 calls of demo.echo: 100 by server " + second + ", 0 failed")
          .containsPattern("\\[client] +in all: 400 calls .* 0 failed")
          .doesNotContain("Exception");
      assertThat(demo.output().lines().toList().getLast()).startsWith("everything worked");
    }
  }

  @Test
  void leaveNobodyBehindWhenTheOneWhoStartedThemIsKilled() throws Exception {
    String ports = Started.freePort() + "," + Started.freePort();
    try (Started demo = Started.demo(folder, Started.freePort(), "--ports", ports)) {
      demo.awaitOutput("answered by server");
      List<ProcessHandle> children = demo.handle().descendants().toList();
      assertThat(children).hasSize(4);
      demo.handle().destroyForcibly();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    }
  }

  @Test
  void sayWhoseThePortIsThatTheyCannotHave() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Started demo =
            Started.demo(
                folder,
                Started.freePort(),
                "--ports",
                Started.freePort() + "," + taken.getLocalPort());
        Started server =
            Started.demo(
                folder, Started.freePort(), "server", "--port", "" + taken.getLocalPort())) {
      for (Started each : List.of(demo, server)) {
        assertThat(each.awaitEnd()).isEqualTo(1);
        assertThat(each.output())
            .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
            .contains("Address already in use", "lsof -i :" + taken.getLocalPort())
            .doesNotContain("Exception", "(..)");
      }
    }
  }
}
