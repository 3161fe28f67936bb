package erpc.transport;

import erpc.settings.Configurable;
import erpc.settings.Settings;
import java.util.Objects;

/** What may be set of the event loops that a process's clients and servers share. Immutable. */
public final class ReactorSettings extends Configurable {
  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final ReactorSettings DEFAULTS = new ReactorSettings();

  private TransportKind transport = TransportKind.AUTO;
  private int loops = 0;
  private TlsLibrary tls = TlsLibrary.AUTO;
  private long maxBufferedBytes = 0;
  private boolean busyPoll = false;
  private HostLookup dns = HostLookup.AUTO;

  private ReactorSettings() {}

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

  /** What moves the bytes: {@code auto}, {@code epoll}, {@code nio} or {@code io_uring}. */
  public TransportKind transport() {
    return transport;
  }

  /** These settings with another {@link #transport()}. */
  public ReactorSettings withTransport(TransportKind value) {
    return changed(this, copy -> copy.transport = value);
  }

  /** How many event loops, or 0 for one per processor. */
  public int loops() {
    return loops;
  }

  /** These settings with so many loops; 0 for one per processor. */
  public ReactorSettings withLoops(int value) {
    return changed(this, copy -> copy.loops = value);
  }

  /** The library for TLS: {@code auto} for BoringSSL where it loads, or {@code jdk}. */
  public TlsLibrary tls() {
    return tls;
  }

  /** These settings with another {@link #tls()}. */
  public ReactorSettings withTls(TlsLibrary value) {
    return changed(this, copy -> copy.tls = value);
  }

  /**
   * Bytes of messages that arrive, wait or are to be sent, over all connections; more is refused
   * with RESOURCE_EXHAUSTED. 0 for a quarter of the heap or of the direct memory, whichever is
   * smaller.
   */
  public long maxBufferedBytes() {
    return maxBufferedBytes;
  }

  /** These settings with another {@link #maxBufferedBytes()}. */
  public ReactorSettings withMaxBufferedBytes(long value) {
    return changed(this, copy -> copy.maxBufferedBytes = value);
  }

  /**
   * Whether event loops look for work again and again instead of sleeping until there is some: a
   * call then waits for no wake-up, and each loop keeps a processor busy for ever. With epoll and
   * NIO.
   */
  public boolean busyPoll() {
    return busyPoll;
  }

  /** These settings with another {@link #busyPoll()}. */
  public ReactorSettings withBusyPoll(boolean value) {
    return changed(this, copy -> copy.busyPoll = value);
  }

  /**
   * What looks host names up: {@code auto} for the hosts file and the system's name servers, asked
   * anew each time, or {@code jdk}.
   */
  public HostLookup dns() {
    return dns;
  }

  /** These settings with another {@link #dns()}. */
  public ReactorSettings withDns(HostLookup value) {
    return changed(this, copy -> copy.dns = value);
  }

  @Override
  protected void check() {
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(tls, "tls");
    Objects.requireNonNull(dns, "dns");
    if (loops < 0) {
      throw new IllegalArgumentException("loops must not be negative, not " + loops);
    }
    if (maxBufferedBytes < 0) {
      throw new IllegalArgumentException(
          "maxBufferedBytes must not be negative, not " + maxBufferedBytes);
    }
  }
}
