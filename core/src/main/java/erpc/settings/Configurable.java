package erpc.settings;

import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one thing: immutable, read from outside by {@link Settings}, changed in a copy. Those
 * with equal values are equal.
 *
 * <p>A class of settings is final and has a private constructor without parameters. Each of its
 * private fields is a key and begins with its default. For each there is an accessor of its name
 * and, as a rule, a {@code with…} that returns {@link #changed}. More fields can be added without
 * breaking anyone's code.
 */
public abstract class Configurable implements Cloneable {
  /** For the final classes of settings. */
  protected Configurable() {}

  /**
   * Checks each value, and those that must fit together. No value is read from these settings
   * before it has passed.
   *
   * @throws IllegalArgumentException naming the value that cannot be used, and what would be right
   */
  protected abstract void check();

  /**
   * A copy of settings with a change.
   *
   * @param change sets fields of the copy, which nobody else sees yet
   * @throws IllegalArgumentException if the changed copy doesn't pass its {@link #check()}
   */
  protected static <S extends Configurable> S changed(S original, Consumer<S> change) {
    @SuppressWarnings("unchecked") // A clone is of its original's class.
    S copy = (S) original.clone();
    change.accept(copy);
    copy.check();
    // The fields cannot be final and are never written again: whoever gets the copy, even by a
    // race, sees them as if they were.
    VarHandle.releaseFence();
    return copy;
  }

  @Override
  protected final Configurable clone() {
    try {
      return (Configurable) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("settings can be cloned", e);
    }
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Configurable that
        && that.getClass() == getClass()
        && Keys.of(getClass()).values(this).equals(Keys.of(getClass()).values(that));
  }

  @Override
  public final int hashCode() {
    return Keys.of(getClass()).values(this).hashCode();
  }

  /** The class and each value by its name. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + Keys.of(getClass()).values(this);
  }
}
