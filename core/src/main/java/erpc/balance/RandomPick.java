package erpc.balance;

/** Picks at random, with a chance in proportion to weight. Thread-safe. */
final class RandomPick implements Balancer {
  @Override
  public Picker picker(Candidates candidates) {
    return Pick::draw;
  }

  @Override
  public String toString() {
    return "random";
  }
}
