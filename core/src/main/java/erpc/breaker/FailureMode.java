package erpc.breaker;

/** What becomes of a call whose try has failed. */
public enum FailureMode {
  /** It fails, unless no server has had it and there is another endpoint to go to at once. */
  FAILFAST,

  /** It is tried again where that may help. */
  FAILOVER
}
