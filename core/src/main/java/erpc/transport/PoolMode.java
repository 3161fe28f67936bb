package erpc.transport;

/** How the calls to one endpoint share connections. */
public enum PoolMode {
  /**
   * All calls over one connection, and over further ones while it backs up: the quickest, and what
   * a client gets unless it says otherwise.
   */
  SINGLE,
  /** Each call has a connection for itself while it lasts; they are kept for the next ones. */
  POOLED,
  /** Each call has a connection of its own, which is closed behind it. */
  SHORT
}
