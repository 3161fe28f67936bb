package erpc.call;

/**
 * How much it matters that a call is served, most first: who has too much to do sheds the least
 * critical calls first. Calls made while a call is handled inherit its criticality unless they say
 * their own.
 */
public enum Criticality {
  /** Somebody waits, and its failure is seen by users: shed last. */
  CRITICAL,
  /** What a call is that says nothing. */
  DEFAULT,
  /** May fail now and then: what is done again anyway, or has a worse answer at hand. */
  SHEDDABLE,
  /** May fail for hours: batch work, shed first. */
  SHEDDABLE_LATER;

  private static final Criticality[] BY_NUMBER = values();

  /** The number on the wire: 0 for the most critical. */
  @SuppressWarnings("EnumOrdinal") // the constants stand in the order of the wire's numbers
  public int number() {
    return ordinal();
  }

  /** The criticality of a number; one beyond the known ones is the least critical. */
  public static Criticality of(int number) {
    return BY_NUMBER[Math.clamp(number, 0, BY_NUMBER.length - 1)];
  }
}
