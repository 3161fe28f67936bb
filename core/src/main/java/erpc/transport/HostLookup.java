package erpc.transport;

/** What looks host names up. */
public enum HostLookup {
  /**
   * The hosts file and the name servers of {@code /etc/resolv.conf}, asked anew each time; where
   * the system has no such file, the JDK.
   */
  AUTO,
  /** The JDK, with its cache and all that the system's own resolver knows. */
  JDK
}
