package erpc.call;

/** A message that says nothing; every codec carries it. There is one. */
public final class Empty {
  /** The one there is. */
  public static final Empty MESSAGE = new Empty();

  private Empty() {}

  @Override
  public String toString() {
    return "Empty";
  }
}
