package erpc.call;

import java.util.Objects;

/**
 * A name for something that filters leave in a call's {@link Context} for those behind them. Made
 * once and kept in a constant: two attributes are never the same, whatever their names. Immutable.
 *
 * <pre>{@code
 * static final Attribute<Tenant> TENANT = Attribute.named("tenant");
 * }</pre>
 *
 * @param <T> what it stands for
 */
@SuppressWarnings("UnusedTypeParameter") // It types what a context answers.
public final class Attribute<T> {
  private final String name;

  private Attribute(String name) {
    this.name = name;
  }

  /** A new attribute; the name is for people alone. */
  public static <T> Attribute<T> named(String name) {
    return new Attribute<>(Objects.requireNonNull(name, "name"));
  }

  @Override
  public String toString() {
    return name;
  }
}
