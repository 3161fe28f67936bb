package erpc.settings;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes settings of what their keys are set to. */
final class SettingsReader {
  private final Function<String, Source.@Nullable Value> find;
  private final Set<String> keys;
  private final List<String> problems;

  /**
   * Reads by these means.
   *
   * @param find what a key is set to, or null
   * @param keys gets every key there is
   * @param problems gets what cannot be used
   */
  SettingsReader(
      Function<String, Source.@Nullable Value> find, Set<String> keys, List<String> problems) {
    this.find = find;
    this.keys = keys;
    this.problems = problems;
  }

  /** All that is set is taken together, because some values are right only together. */
  <S extends Configurable> S read(String prefix, S defaults) {
    Map<Field, @Nullable Object> set = new LinkedHashMap<>();
    for (Field key : Keys.of(defaults.getClass()).fields()) {
      Object before = Keys.value(defaults, key);
      Object value = value(prefix + key.getName(), key, before);
      if (!Objects.equals(value, before)) {
        set.put(key, value);
      }
    }
    if (set.isEmpty()) {
      return defaults;
    }
    try {
      return Configurable.changed(
          defaults, copy -> set.forEach((key, value) -> Keys.set(copy, key, value)));
    } catch (IllegalArgumentException e) {
      explain(prefix, defaults, set, e);
      return defaults;
    }
  }

  private @Nullable Object value(String name, Field key, @Nullable Object before) {
    if (Configurable.class.isAssignableFrom(key.getType())) {
      return nested(
          name + ".", key.getType().asSubclass(Configurable.class), (Configurable) before);
    }
    keys.add(name);
    Source.Value set = find.apply(name);
    if (set == null) {
      return before;
    }
    try {
      return Values.parse(key, set.text());
    } catch (IllegalArgumentException e) {
      problems.add(name + ": " + e.getMessage() + "; it is set " + set.origin());
      return before;
    }
  }

  /** Settings that are null by default stay null unless one of their keys is set. */
  private @Nullable Configurable nested(
      String prefix, Class<? extends Configurable> type, @Nullable Configurable before) {
    if (before != null) {
      return read(prefix, before);
    }
    Configurable defaults = defaultsOf(type);
    Configurable read = read(prefix, defaults);
    return read.equals(defaults) ? null : read;
  }

  private static Configurable defaultsOf(Class<? extends Configurable> type) {
    try {
      return type.cast(type.getField("DEFAULTS").get(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " needs a public DEFAULTS to be set from outside", e);
    }
  }

  /** Finds the key that settings complain of, or several, by setting one at a time. */
  private <S extends Configurable> void explain(
      String prefix,
      S defaults,
      Map<Field, @Nullable Object> set,
      IllegalArgumentException together) {
    boolean found = false;
    for (Map.Entry<Field, @Nullable Object> one : set.entrySet()) {
      try {
        S unused =
            Configurable.changed(defaults, copy -> Keys.set(copy, one.getKey(), one.getValue()));
      } catch (IllegalArgumentException e) {
        found = true;
        String name = prefix + one.getKey().getName();
        Source.Value value = find.apply(name);
        problems.add(
            name + ": " + e.getMessage() + (value == null ? "" : "; it is set " + value.origin()));
      }
    }
    if (!found) {
      problems.add(prefix + "*: " + together.getMessage());
    }
  }
}
