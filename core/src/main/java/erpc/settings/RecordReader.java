package erpc.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes records of what their components are set to. */
final class RecordReader {
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
  RecordReader(
      Function<String, Source.@Nullable Value> find, Set<String> keys, List<String> problems) {
    this.find = find;
    this.keys = keys;
    this.problems = problems;
  }

  <R extends Record> R read(String prefix, Class<R> type, R defaults) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] before = new Object[components.length];
    @Nullable Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      before[i] = componentOf(defaults, components[i]);
      values[i] = value(prefix + components[i].getName(), components[i], before[i]);
    }
    if (Arrays.equals(values, before)) {
      return defaults;
    }
    try {
      return make(type, values);
    } catch (IllegalArgumentException e) {
      explain(prefix, type, before, values, e);
      return defaults;
    }
  }

  private @Nullable Object value(String key, RecordComponent component, @Nullable Object before) {
    if (component.getType().isRecord()) {
      return nested(key + ".", component.getType().asSubclass(Record.class), (Record) before);
    }
    keys.add(key);
    Source.Value set = find.apply(key);
    if (set == null) {
      return before;
    }
    try {
      return Values.parse(component, set.text());
    } catch (IllegalArgumentException e) {
      problems.add(key + ": " + e.getMessage() + "; it is set " + set.origin());
      return before;
    }
  }

  /** A record that is null by default stays null unless one of its components is set. */
  private <R extends Record> @Nullable R nested(
      String prefix, Class<R> type, @Nullable Record before) {
    if (before != null) {
      return read(prefix, type, type.cast(before));
    }
    R defaults = defaultsOf(type);
    R read = read(prefix, type, defaults);
    return read.equals(defaults) ? null : read;
  }

  private static <R extends Record> R defaultsOf(Class<R> type) {
    try {
      return type.cast(type.getField("DEFAULTS").get(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " needs a public DEFAULTS to be set from outside", e);
    }
  }

  /** Finds the component that a constructor complains of, or several, by setting one at a time. */
  private void explain(
      String prefix,
      Class<? extends Record> type,
      @Nullable Object[] before,
      @Nullable Object[] values,
      IllegalArgumentException together) {
    RecordComponent[] components = type.getRecordComponents();
    boolean found = false;
    for (int i = 0; i < components.length; i++) {
      @Nullable Object[] one = before.clone();
      one[i] = values[i];
      try {
        Record unused = make(type, one);
      } catch (IllegalArgumentException e) {
        found = true;
        String key = prefix + components[i].getName();
        Source.Value set = find.apply(key);
        problems.add(
            key + ": " + e.getMessage() + (set == null ? "" : "; it is set " + set.origin()));
      }
    }
    if (!found) {
      problems.add(prefix + "*: " + together.getMessage());
    }
  }

  private static @Nullable Object componentOf(Record owner, RecordComponent component) {
    try {
      return component.getAccessor().invoke(owner);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static <R extends Record> R make(Class<R> type, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException("cannot make a " + type, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type, e);
    }
  }
}
