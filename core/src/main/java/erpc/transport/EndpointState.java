package erpc.transport;

/** What a call that is given to an endpoint now can expect. */
public enum EndpointState {
  /** Nobody has dialled yet. */
  IDLE,
  /** Dialling; calls wait. */
  CONNECTING,
  /** Connected. */
  READY,
  /**
   * The connection failed and the next attempt is not due; calls fail as not started, unless it had
   * worked for a while: then the first of them dials.
   */
  BACKING_OFF,
  /** Closed by its owner. */
  CLOSED
}
