package erpc.balance;

/**
 * Says for each hash which endpoint has it, in proportion to weight. What it says depends on the
 * set of endpoints alone, not on their order. Immutable.
 */
@FunctionalInterface
interface KeyTable {
  /** The index of an endpoint; {@link Balancer#NONE} if none has any weight. */
  int at(long hash);
}
