package erpc.call;

/** What becomes of a call whose try has failed. */
public enum FailureMode {
  /** It fails, unless no server has had it and there is another endpoint to go to at once. */
  FAILFAST,

  /** It is tried again where that may help: the usual mode. */
  FAILOVER,

  /**
   * It goes to several endpoints at once. The first answer counts, and the other calls are
   * cancelled. Only idempotent unary methods fork; calls of others are made as by {@link
   * #FAILOVER}.
   */
  FORK
}
