package erpc.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.client.ClientSettings;
import erpc.discovery.Resolvers;
import erpc.transport.PoolSettings;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All classes of settings have one shape, in which they can grow. */
class ConfigurableTest {
  /** Those that are right only together, and are set together. */
  private static final Set<String> SET_TOGETHER =
      Set.of("TlsSettings.certificate", "TlsSettings.key");

  static Stream<Class<?>> classes() {
    Deque<Class<?>> found = new ArrayDeque<>();
    KnownSettings.ALL.forEach(each -> found.add(each.defaults().getClass()));
    found.add(Resolvers.Settings.class);
    Set<Class<?>> all = new LinkedHashSet<>();
    while (!found.isEmpty()) {
      Class<?> type = found.remove();
      if (all.add(type)) {
        Keys.of(type).fields().stream()
            .map(Field::getType)
            .filter(Configurable.class::isAssignableFrom)
            .forEach(found::add);
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("classes")
  void isFinalAndHasNoConstructorThatGrows(Class<?> type) {
    assertThat(Modifier.isFinal(type.getModifiers())).isTrue();
    assertThat(type.getDeclaredConstructors())
        .allMatch(each ->
            type == PoolSettings.class // one of three values, which stays as it is
                || (each.getParameterCount() == 0 && Modifier.isPrivate(each.getModifiers())));
    assertThat(Keys.of(type).fields()).allMatch(key -> Modifier.isPrivate(key.getModifiers()));
  }

  @ParameterizedTest
  @MethodSource("classes")
  void hasAnAccessorAndAWitherOfEachKey(Class<?> type) throws Exception {
    Configurable defaults = defaultsOf(type);
    for (Field key : Keys.of(type).fields()) {
      Object value = Keys.value(defaults, key);
      assertThat(type.getMethod(key.getName()).invoke(defaults)).isEqualTo(value);
      if (SET_TOGETHER.contains(type.getSimpleName() + "." + key.getName())) {
        continue;
      }
      String name = key.getName();
      Method wither =
          type.getMethod(
              "with" + Character.toUpperCase(name.charAt(0)) + name.substring(1), key.getType());
      if (value != null) {
        assertThat(wither.invoke(defaults, value)).isEqualTo(defaults).isNotSameAs(defaults);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("classes")
  void hasDefaultsThatPassItsOwnCheck(Class<?> type) {
    assertThatCode(defaultsOf(type)::check).doesNotThrowAnyException();
  }

  private static Configurable defaultsOf(Class<?> type) {
    try {
      return (Configurable) type.getField("DEFAULTS").get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void aWitherChangesACopyAndNothingElse() {
    ClientSettings changed = ClientSettings.DEFAULTS.withMaxAttempts(7);
    assertThat(ClientSettings.DEFAULTS.maxAttempts()).isEqualTo(3);
    assertThat(changed.maxAttempts()).isEqualTo(7);
    assertThat(changed).isNotEqualTo(ClientSettings.DEFAULTS);
    assertThat(changed.withMaxAttempts(3))
        .isEqualTo(ClientSettings.DEFAULTS)
        .hasSameHashCodeAs(ClientSettings.DEFAULTS);
  }

  @Test
  void aWitherChecksAtOnce() {
    assertThatThrownBy(() -> ClientSettings.DEFAULTS.withMaxAttempts(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxAttempts must be positive, not 0");
  }

  @Test
  void saysWhatItHas() {
    assertThat(PoolSettings.DEFAULTS)
        .hasToString("PoolSettings{mode=SINGLE, maxConnections=4, idleTimeout=PT30S}");
  }
}
