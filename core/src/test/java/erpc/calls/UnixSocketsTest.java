package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Server;
import erpc.transport.Reactor;
import erpc.transport.TransportKind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who may take a path that a Unix socket is to have, with every transport that has such sockets.
 */
class UnixSocketsTest {
  @TempDir Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Reactor reactor(TransportKind kind) {
    Reactor reactor = Reactor.open(kind, 1);
    open.add(reactor);
    return reactor;
  }

  private Server server(Reactor reactor, String answer) {
    Server server = Rig.servers().reactor(reactor).build();
    open.add(server);
    return server.handle(Rig.ECHO, (context, request) -> Rig.reply(answer));
  }

  private String ask(Reactor reactor, Path path) {
    try (Client client = Client.builder().reactor(reactor).build()) {
      return client
          .send(Request.of(Rig.ECHO, Rig.request("who")).at("unix://" + path).withTimeout(Rig.LONG))
          .body()
          .getMsg();
    }
  }

  /** The file of a server that was killed. */
  private static void leaveSocketFile(Path path) throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void aLivingServerKeepsItsPath(TransportKind kind) throws Exception {
    Path path = folder.resolve("s");
    Reactor reactor = reactor(kind);
    server(reactor, "first").listen("unix:" + path);
    Server second = server(reactor, "second");
    assertThatThrownBy(() -> second.listen("unix:" + path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unix:" + path)
        .hasMessageContaining("another server listens there");
    assertThat(ask(reactor, path)).isEqualTo("first");
    second.close();
    assertThat(ask(reactor, path)).isEqualTo("first");
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void theSocketOfAKilledServerIsReplaced(TransportKind kind) throws Exception {
    Path path = folder.resolve("s");
    leaveSocketFile(path);
    Reactor reactor = reactor(kind);
    Server server = server(reactor, "new").listen("unix:" + path);
    assertThat(server.address()).isEqualTo("unix:" + path);
    assertThat(ask(reactor, path)).isEqualTo("new");
    server.close();
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void whatIsNoSocketIsNeverDeleted(TransportKind kind) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "precious");
    Path other = Files.writeString(folder.resolve("other"), "too");
    Path link = Files.createSymbolicLink(folder.resolve("link"), other);
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
    Path directory = Files.createDirectory(folder.resolve("directory"));
    Reactor reactor = reactor(kind);
    for (Path path : List.of(file, link, dangling, directory)) {
      Server server = server(reactor, "never");
      assertThatThrownBy(() -> server.listen("unix:" + path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unix:" + path)
          .hasMessageContaining("is no socket");
      server.close();
    }
    assertThat(file).hasContent("precious");
    assertThat(link).isSymbolicLink().hasContent("too");
    assertThat(dangling).isSymbolicLink();
    assertThat(folder.toFile().list()).hasSize(5);
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void aServerThatLeavesDeletesOnlyItsOwnSocket(TransportKind kind) throws Exception {
    Path path = folder.resolve("s");
    Reactor reactor = reactor(kind);
    Server old = server(reactor, "old").listen("unix:" + path);
    Files.delete(path); // As a script does before it starts the next one.
    server(reactor, "new").listen("unix:" + path);
    old.close();
    assertThat(ask(reactor, path)).isEqualTo("new");
  }
}
