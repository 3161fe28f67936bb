package erpc.transport;

import erpc.call.Printable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a Unix socket that is listened on. The socket is bound under a name of its own and
 * then linked to its path: transports delete, without asking, what stands where they bind and, when
 * they close, what stands where they were bound. A socket at the path is replaced only if nobody
 * answers on it, any other file never; and only a file that is still this socket's is deleted.
 *
 * <p>Not thread-safe but for {@link #remove}.
 */
final class UnixSocketFile {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.transport");

  /** The file type in a Unix mode, and the one of sockets. */
  private static final int TYPE_MASK = 0170000;

  private static final int SOCKET = 0140000;

  /** How often another server may come or go at the path while this one takes its place. */
  private static final int TRIES = 10;

  private static final int NAME_RANGE = 36 * 36 * 36 * 36;

  private final Path path;
  private final Path bound;

  /** Runs between a look at the path and what is done there; what others do then, in tests. */
  private final Runnable meanwhile;

  /** The file's key while it is this one's. Written by who listens, then by whoever removes it. */
  private volatile @Nullable Object own;

  UnixSocketFile(Path path, Runnable meanwhile) {
    this.path = path;
    this.meanwhile = meanwhile;
    this.bound = sibling();
  }

  /** The file that listening on this address makes, or null if it makes none. */
  static @Nullable UnixSocketFile of(SocketAddress address) {
    if (address instanceof UnixDomainSocketAddress unix) {
      return new UnixSocketFile(unix.getPath(), () -> {});
    }
    return address instanceof io.netty.channel.unix.DomainSocketAddress unix
        ? new UnixSocketFile(Path.of(unix.path()), () -> {})
        : null;
  }

  /** A name beside the path that nobody uses, short because socket paths must be. */
  private Path sibling() {
    int number = ThreadLocalRandom.current().nextInt(NAME_RANGE);
    return path.resolveSibling("." + Integer.toString(number, Character.MAX_RADIX));
  }

  /** The address as users write it. */
  String address() {
    return "unix:" + path;
  }

  /** The address to bind before {@link #takePlace}. */
  String boundAddress() {
    return "unix:" + bound;
  }

  /**
   * Puts the bound socket at its path.
   *
   * @throws IOException if somebody listens there, if what is there is no socket, or if files
   *     cannot be made there
   */
  void takePlace() throws IOException {
    Object key = key(bound);
    try {
      for (int i = 0; i < TRIES; i++) {
        if (isPlaced()) {
          own = key;
          return;
        }
        clearAway();
      }
    } finally {
      Files.deleteIfExists(bound);
    }
    throw new IOException("other servers come and go there; give each a path of its own");
  }

  private boolean isPlaced() throws IOException {
    try {
      Files.createLink(path, bound);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return isMoved();
    }
  }

  /** Where a file cannot have two names. */
  private boolean isMoved() throws IOException {
    try {
      Files.move(bound, path);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Removes a socket that nobody answers on. */
  private void clearAway() throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!isSocket(found)) {
      throw new IOException(
          "there is a "
              + (found.isDirectory() ? "folder" : found.isSymbolicLink() ? "link" : "file")
              + " that is no socket; remove it or choose another path");
    }
    if (isAnswered(path)) {
      throw inUse();
    }
    meanwhile.run();
    // A living one may have got the number of the dead one, which had no use for it any more.
    if (!isDeleted(found.fileKey(), aside -> !isAnswered(aside))) {
      throw inUse();
    }
    LOG.info("replaced the socket {}, on which nobody answered", Printable.of(path.toString()));
  }

  /**
   * Deletes the file at the path if it is still this one, or gone: it is moved aside and then
   * looked at, since another server may take the place at any moment. What that has put there goes
   * back.
   *
   * @param check looks at it once more where nobody replaces it
   * @return false if it is another one
   */
  private boolean isDeleted(@Nullable Object key, Predicate<Path> check) throws IOException {
    Path aside = sibling();
    try {
      Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return true;
    }
    if (!Objects.equals(key, key(aside)) || !check.test(aside)) {
      putBack(aside);
      return false;
    }
    Files.deleteIfExists(aside);
    return true;
  }

  /** If a third one has taken the path meanwhile, it stays there. */
  private void putBack(Path aside) throws IOException {
    try {
      Files.createLink(path, aside);
    } catch (FileAlreadyExistsException e) {
      // It stays.
    } catch (UnsupportedOperationException | FileSystemException e) {
      moveBack(aside); // Where a file cannot have two names.
    }
    Files.deleteIfExists(aside);
  }

  private void moveBack(Path aside) throws IOException {
    try {
      Files.move(aside, path);
    } catch (FileAlreadyExistsException e) {
      // It stays.
    }
  }

  private static IOException inUse() {
    return new IOException("another server listens there; stop it or choose another path");
  }

  private boolean isSocket(BasicFileAttributes found) throws IOException {
    try {
      int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & TYPE_MASK) == SOCKET;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return found.isOther();
    }
  }

  /**
   * Whether somebody has the socket open; also if that cannot be found out. Doesn't wait: a server
   * that is busy accepting is alive.
   */
  private static boolean isAnswered(Path file) {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(file));
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Deletes the file if it is still this socket's. To be called before the socket is closed. */
  void remove() {
    Object key = own;
    own = null;
    try {
      if (key != null && key.equals(key(path))) {
        meanwhile.run();
        boolean unused = isDeleted(key, aside -> true);
      }
    } catch (IOException e) {
      LOG.warn(
          "cannot delete the socket file {}: {}",
          Printable.of(path.toString()),
          Printable.of(String.valueOf(e.getMessage())));
    }
  }

  /** What tells a file from others as long as it is open: its number; null if there is no file. */
  private static @Nullable Object key(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
