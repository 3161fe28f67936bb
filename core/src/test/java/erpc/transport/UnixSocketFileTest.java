package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers at one path, one of which takes its place while the other one looks. */
class UnixSocketFileTest {
  @TempDir Path folder;

  private final List<ServerSocketChannel> open = new ArrayList<>();
  private final AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});

  @AfterEach
  void close() throws IOException {
    for (ServerSocketChannel each : open) {
      each.close();
    }
  }

  private void bind(Path path) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      open.add(channel);
      channel.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private UnixSocketFile file(Path path) {
    return new UnixSocketFile(path, () -> meanwhile.get().run());
  }

  private UnixSocketFile placed(Path path) throws IOException {
    UnixSocketFile file = file(path);
    bind(Path.of(file.boundAddress().substring("unix:".length())));
    file.takePlace();
    return file;
  }

  private void takenByAnother(Path path) {
    try {
      Files.delete(path);
      bind(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class).fileKey();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void aServerThatClosesLeavesTheSocketOfOneThatTookItsPlaceMeanwhile() throws IOException {
    Path path = folder.resolve("s");
    UnixSocketFile file = placed(path);
    AtomicReference<Object> others = new AtomicReference<>();
    meanwhile.set(() -> {
      takenByAnother(path);
      try {
        others.set(key(path));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    file.remove();
    assertThat(key(path)).isEqualTo(others.get());
    assertThat(files()).containsExactly(path);
  }

  @Test
  void aServerThatClosesDeletesItsOwn() throws IOException {
    placed(folder.resolve("s")).remove();
    assertThat(files()).isEmpty();
  }

  @Test
  void aServerThatTookThePlaceOfADeadOneMeanwhileKeepsIt() throws IOException {
    Path path = folder.resolve("s");
    bind(path);
    open.remove(0).close(); // Its file stays.
    meanwhile.set(() -> takenByAnother(path));
    assertThatThrownBy(() -> placed(path)).hasMessageContaining("another server listens there");
    assertThat(files()).containsExactly(path);
  }
}
