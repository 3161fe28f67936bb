package erpc.settings;

import java.time.Duration;

/** What settings check of their values: the error begins with the value's name. */
public final class Ranges {
  private Ranges() {}

  /**
   * Makes sure of a number.
   *
   * @throws IllegalArgumentException if it is smaller than 1 or larger than what it may be at most
   */
  public static void within(String name, long value, long most) {
    positive(name, value);
    if (value > most) {
      throw new IllegalArgumentException(name + " must be at most " + most + ", not " + value);
    }
  }

  /**
   * Makes sure of a number.
   *
   * @throws IllegalArgumentException if it is smaller than 1
   */
  public static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  /**
   * Makes sure of a factor.
   *
   * @throws IllegalArgumentException if it is zero, negative, or no number
   */
  public static void positive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  /**
   * Makes sure of a duration.
   *
   * @throws IllegalArgumentException if it is zero or negative
   */
  public static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  /**
   * Makes sure of a duration that may be zero.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static void notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, not " + value);
    }
  }
}
