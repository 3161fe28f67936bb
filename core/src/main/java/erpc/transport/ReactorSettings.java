package erpc.transport;

import erpc.settings.Settings;

/**
 * What may be set of the event loops that a process's clients and servers share. Immutable.
 *
 * @param transport what moves the bytes: {@code auto}, {@code epoll}, {@code nio} or {@code
 *     io_uring}
 * @param loops how many event loops, or 0 for one a processor
 * @param tls the library for TLS: {@code auto} for BoringSSL where it loads, or {@code jdk}
 * @param maxBufferedBytes bytes of messages that arrive, wait or are to be sent, over all
 *     connections; more is refused with RESOURCE_EXHAUSTED. 0 for a quarter of the heap or of the
 *     direct memory, whichever is smaller
 * @param busyPoll whether event loops look for work again and again instead of sleeping until there
 *     is some: a call then waits for no wake-up, and each loop keeps a processor busy for ever.
 *     With epoll and NIO
 * @param dns what looks host names up: {@code auto} for the hosts file and the system's name
 *     servers, asked anew each time, or {@code jdk}
 */
public record ReactorSettings(
    TransportKind transport,
    int loops,
    TlsLibrary tls,
    long maxBufferedBytes,
    boolean busyPoll,
    HostLookup dns) {
  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final ReactorSettings DEFAULTS =
      new ReactorSettings(TransportKind.AUTO, 0, TlsLibrary.AUTO, 0, false, HostLookup.AUTO);

  /** Checks what was set. */
  public ReactorSettings {
    if (loops < 0) {
      throw new IllegalArgumentException("loops must not be negative, not " + loops);
    }
    if (maxBufferedBytes < 0) {
      throw new IllegalArgumentException(
          "maxBufferedBytes must not be negative, not " + maxBufferedBytes);
    }
  }

  /** These settings with the default for {@code dns}. */
  public ReactorSettings(
      TransportKind transport, int loops, TlsLibrary tls, long maxBufferedBytes, boolean busyPoll) {
    this(transport, loops, tls, maxBufferedBytes, busyPoll, HostLookup.AUTO);
  }

  /** These settings with so many loops; 0 for one a processor. */
  public ReactorSettings withLoops(int value) {
    return new ReactorSettings(transport, value, tls, maxBufferedBytes, busyPoll, dns);
  }

  /**
   * The defaults with what this process was told in their places: {@code -Derpc.transport=nio},
   * {@code ERPC_TRANSPORT=nio}, or the file {@code erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static ReactorSettings ofProcess() {
    Settings process = Settings.ofProcess();
    ReactorSettings settings = process.read("", DEFAULTS);
    process.check();
    return settings;
  }
}
