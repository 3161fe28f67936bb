package erpc.transport;

/** What a call that is given to an endpoint now can expect. */
public enum EndpointState {
  /** Nobody has dialled yet. */
  IDLE,
  /** Dialling; calls wait. */
  CONNECTING,
  /** Connected. */
  READY,
  /** The last attempt failed and the next is not due; calls fail as not started. */
  BACKING_OFF,
  /** Closed by its owner. */
  CLOSED
}
