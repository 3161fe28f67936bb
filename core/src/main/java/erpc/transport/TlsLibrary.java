package erpc.transport;

/** What does the work of TLS. */
public enum TlsLibrary {
  /** BoringSSL where it loads, else the JDK. */
  AUTO,
  /** The JDK's own. */
  JDK
}
