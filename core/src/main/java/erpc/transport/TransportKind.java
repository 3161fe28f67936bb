package erpc.transport;

import java.util.Locale;

/** What moves the bytes. */
public enum TransportKind {
  /** Linux epoll where its native library loads, else NIO. */
  AUTO,
  /** Linux epoll through Netty's native library. */
  EPOLL,
  /** The JDK's selector; everywhere. */
  NIO,
  /**
   * Linux io_uring through Netty's native library, the artifact netty-transport-native-io_uring.
   */
  IO_URING,
  /**
   * No sockets: connections inside this process, for tests. Addresses are names that can be
   * anything.
   */
  MEMORY;

  /** The kind as settings spell it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind of this name, as settings spell it: {@code auto}, {@code epoll}, {@code nio}, {@code
   * io_uring}, {@code memory}.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  public static TransportKind named(String name) {
    for (TransportKind kind : values()) {
      if (kind.word().equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "transport '" + name + "' is not one of auto, epoll, nio, io_uring, memory");
  }
}
