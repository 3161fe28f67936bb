package erpc.call;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The type of a method's request or reply: of a class, {@code BodyType.of(Order.class)}; of a
 * generic type, {@code new BodyType<List<Order>>() {}}, made once and kept in a constant; or {@link
 * #EMPTY}. It may bring code of its own for some codecs. Immutable and thread-safe.
 *
 * @param <T> the messages
 */
public class BodyType<T> {
  private static final ClassValue<BodyType<?>> OF_CLASSES =
      new ClassValue<>() {
        @Override
        protected BodyType<?> computeValue(Class<?> type) {
          return new BodyType<>(type, type, Map.of());
        }
      };

  /** Of messages that say nothing. */
  public static final BodyType<Empty> EMPTY = of(Empty.class);

  private final Type type;
  private final Class<T> raw;
  private final Map<String, BodyCode<T>> codes;

  /**
   * The type that stands between the angle brackets of a subclass, as in {@code new
   * BodyType<List<Order>>() {}}.
   *
   * @throws IllegalArgumentException if there stands none, or one with a type variable or a
   *     wildcard in it
   */
  @SuppressWarnings("unchecked") // What stands there is T.
  protected BodyType() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType self)
        || self.getRawType() != BodyType.class) {
      throw new IllegalArgumentException(
          "write the type between the brackets: new BodyType<List<Order>>() {}");
    }
    type = self.getActualTypeArguments()[0];
    raw = (Class<T>) raw(type);
    codes = Map.of();
  }

  private BodyType(Type type, Class<T> raw, Map<String, BodyCode<T>> codes) {
    this.type = type;
    this.raw = raw;
    this.codes = codes;
  }

  /** The type of a class; the same object each time. */
  @SuppressWarnings("unchecked") // Made for this class.
  public static <T> BodyType<T> of(Class<T> type) {
    return (BodyType<T>) OF_CLASSES.get(type);
  }

  /**
   * This type with code of its own for one codec, which then asks neither the class nor its fields;
   * as generated code has it.
   *
   * @param codec the codec's name, {@code pb}, {@code json}
   */
  public final BodyType<T> with(String codec, BodyCode<T> code) {
    Map<String, BodyCode<T>> more = new TreeMap<>(codes);
    more.put(Objects.requireNonNull(codec, "codec"), Objects.requireNonNull(code, "code"));
    return new BodyType<>(type, raw, Map.copyOf(more));
  }

  private static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> {
        for (Type argument : generic.getActualTypeArguments()) {
          Class<?> unused = raw(argument);
        }
        yield (Class<?>) generic.getRawType();
      }
      case GenericArrayType array ->
          Array.newInstance(raw(array.getGenericComponentType()), 0).getClass();
      default ->
          throw new IllegalArgumentException(
              "'" + type.getTypeName() + "' says no type: write one, as in List<Order>");
    };
  }

  /** The class, without what stands between its brackets. */
  public final Class<T> raw() {
    return raw;
  }

  /** The whole type: a class, or a generic type. */
  public final Type type() {
    return type;
  }

  /** Whether it brings code of its own, for whatever codec. */
  public final boolean hasCode() {
    return !codes.isEmpty();
  }

  /** Its own code for the codec of this name, or null. */
  public final @Nullable BodyCode<T> code(String codec) {
    return codes.isEmpty() ? null : codes.get(codec);
  }

  /** Whether an object is of this class; what it holds is not looked at. */
  public final boolean isInstance(@Nullable Object message) {
    // Nearly always of just that class, which is quicker to see than a subclass.
    return message != null && (message.getClass() == raw || raw.isInstance(message));
  }

  /**
   * The object as one of this type; what it holds is not looked at.
   *
   * @throws ClassCastException if it is none
   */
  @SuppressWarnings("unchecked") // It is of just this class.
  public final T cast(Object message) {
    return message.getClass() == raw ? (T) message : raw.cast(message);
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof BodyType<?> that && type.equals(that.type) && codes.equals(that.codes);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  /** The type as in a program, {@code java.util.List<shop.Order>}. */
  @Override
  public final String toString() {
    return type.getTypeName();
  }
}
