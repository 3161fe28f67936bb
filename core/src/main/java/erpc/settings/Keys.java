package erpc.settings;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of a class of settings: its fields, in their order. Immutable. */
record Keys(List<Field> fields) {
  private static final ClassValue<Keys> KNOWN =
      new ClassValue<>() {
        @Override
        protected Keys computeValue(Class<?> type) {
          return new Keys(
              Arrays.stream(type.getDeclaredFields())
                  .filter(Keys::isKey)
                  .map(Keys::opened)
                  .toList());
        }
      };

  static Keys of(Class<?> type) {
    return KNOWN.get(type);
  }

  private static boolean isKey(Field field) {
    return !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic();
  }

  private static Field opened(Field field) {
    field.setAccessible(true);
    return field;
  }

  /** What these settings have, by the names of their keys. */
  Map<String, @Nullable Object> values(Configurable settings) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    fields.forEach(field -> values.put(field.getName(), value(settings, field)));
    return values;
  }

  /** What these settings have under a key. */
  static @Nullable Object value(Configurable settings, Field key) {
    try {
      return key.get(settings);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot read " + key, e);
    }
  }

  /** Sets a key of settings that nobody else sees yet. */
  static void set(Configurable settings, Field key, @Nullable Object value) {
    try {
      key.set(settings, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot set " + key, e);
    }
  }
}
