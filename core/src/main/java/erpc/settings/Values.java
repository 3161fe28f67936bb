package erpc.settings;

import erpc.call.Printable;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Texts as the values that fields of settings take. */
final class Values {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,19}) ?([A-Za-z]*)");

  private static final Map<String, ChronoUnit> TIME_UNITS =
      Map.of(
          "ns", ChronoUnit.NANOS,
          "us", ChronoUnit.MICROS,
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  private static final Map<String, Integer> SIZE_SHIFTS =
      Map.of("", 0, "B", 0, "KiB", 10, "MiB", 20, "GiB", 30);

  private Values() {}

  /**
   * The text as this field's value.
   *
   * @throws IllegalArgumentException saying what the text is not, and what to write instead
   * @throws IllegalStateException if fields of this type cannot be set by a text
   */
  static Object parse(Field key, String text) {
    Class<?> type = key.getType();
    if (type == int.class || type == long.class) {
      long most = type == int.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
      long value = key.getName().endsWith("Bytes") ? size(text, most) : number(text, most);
      return type == int.class ? (Object) Math.toIntExact(value) : (Object) value;
    }
    if (type == double.class) {
      return decimal(text);
    }
    if (type == boolean.class) {
      return bool(text);
    }
    if (type == Duration.class) {
      return duration(text);
    }
    if (type == String.class) {
      return text;
    }
    if (type == Path.class) {
      return path(text);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    if (isListOfStrings(key.getGenericType())) {
      return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
    }
    throw new IllegalStateException("no setting can be of type " + key.getGenericType());
  }

  private static boolean isListOfStrings(Type type) {
    return type instanceof ParameterizedType list
        && list.getRawType() == List.class
        && list.getActualTypeArguments()[0] == String.class;
  }

  private static long number(String text, long most) {
    try {
      long value = Long.parseLong(text);
      if (value >= -most && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw isNot(text, "a whole number up to " + most);
  }

  private static double decimal(String text) {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw isNot(text, "a number (write 1 or 0.5)");
  }

  private static boolean bool(String text) {
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw isNot(text, "true or false");
  }

  private static long size(String text, long most) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    Integer shift = matcher.matches() ? SIZE_SHIFTS.get(matcher.group(2)) : null;
    if (shift == null) {
      throw isNot(text, "a size (write 4MiB, 64KiB, 1GiB, or a number of bytes)");
    }
    try {
      long value = Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
      if (value <= most) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Said below.
    }
    throw isNot(text, "a size up to " + most + " bytes");
  }

  private static Duration duration(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    ChronoUnit unit = matcher.matches() ? TIME_UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw isNot(text, "a duration (write 250ms, 10s, 5m)");
    }
    try {
      Duration value = Duration.of(Long.parseLong(matcher.group(1)), unit);
      long unused = value.toNanos(); // What uses it counts in nanoseconds.
      return value;
    } catch (ArithmeticException | NumberFormatException e) {
      throw isNot(text, "a duration of less than 292 years");
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw isNot(text, "a path: " + e.getReason());
    }
  }

  private static Object constant(Class<?> type, String text) {
    List<Object> constants = List.of(type.getEnumConstants());
    return constants.stream()
        .filter(each -> name(each).equals(text))
        .findFirst()
        .orElseThrow(() ->
            isNot(
                text,
                constants.stream()
                    .map(Values::name)
                    .collect(Collectors.joining(", ", "one of ", ""))));
  }

  private static String name(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static IllegalArgumentException isNot(String text, String what) {
    return new IllegalArgumentException("'" + Printable.of(text) + "' is not " + what);
  }
}
