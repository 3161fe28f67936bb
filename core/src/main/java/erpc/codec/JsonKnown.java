package erpc.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Year;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What JSON does with the JDK's own types: which it carries, and what to use for the others. */
final class JsonKnown {
  private static final Set<Class<?>> VALUES =
      Set.of(
          boolean.class,
          Boolean.class,
          byte.class,
          Byte.class,
          short.class,
          Short.class,
          int.class,
          Integer.class,
          long.class,
          Long.class,
          float.class,
          Float.class,
          double.class,
          Double.class,
          char.class,
          Character.class,
          String.class,
          BigInteger.class,
          BigDecimal.class,
          Year.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class,
          Object.class);

  private static final Set<Class<?>> CONTAINERS =
      Set.of(
          List.class,
          ArrayList.class,
          LinkedList.class,
          Vector.class,
          CopyOnWriteArrayList.class,
          Set.class,
          HashSet.class,
          LinkedHashSet.class,
          EnumSet.class,
          CopyOnWriteArraySet.class,
          SortedSet.class,
          NavigableSet.class,
          TreeSet.class,
          ConcurrentSkipListSet.class,
          Map.class,
          HashMap.class,
          LinkedHashMap.class,
          EnumMap.class,
          SortedMap.class,
          NavigableMap.class,
          TreeMap.class,
          ConcurrentMap.class,
          ConcurrentHashMap.class,
          ConcurrentSkipListMap.class,
          Optional.class);

  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("java.lang.Number", "use long, double or BigDecimal"),
          Map.entry("java.lang.CharSequence", "use String"),
          Map.entry("java.lang.Comparable", "use the type itself"),
          Map.entry("java.io.Serializable", "use the type itself, or Object"),
          Map.entry("java.lang.Class", "no class is ever chosen by a text; use String"),
          Map.entry("java.lang.Iterable", "use List or Set"),
          Map.entry("java.util.Collection", "use List or Set"),
          Map.entry("java.util.Calendar", "use ZonedDateTime"),
          Map.entry("java.util.GregorianCalendar", "use ZonedDateTime"),
          Map.entry("java.util.TimeZone", "use ZoneId"),
          Map.entry("java.util.BitSet", "use long[] or Set<Integer>"),
          Map.entry("java.util.regex.Pattern", "use String"),
          Map.entry("java.net.URL", "use URI"),
          Map.entry("java.io.File", "use String"),
          Map.entry("java.nio.file.Path", "use String"),
          Map.entry("java.nio.ByteBuffer", "use byte[]"));

  private JsonKnown() {}

  /** Whether values of this very type are carried, whatever they hold. */
  static boolean isCarried(Class<?> type) {
    return VALUES.contains(type)
        || JsonScalars.contains(type)
        || JsonNode.class.isAssignableFrom(type);
  }

  /** Whether this collection, map or optional is carried if what is in it is. */
  static boolean isContainer(Class<?> type) {
    return CONTAINERS.contains(type);
  }

  static boolean isEntry(Class<?> type) {
    return type == Map.Entry.class;
  }

  /** Whether keys of maps may be of this type. */
  static boolean isKey(Class<?> type) {
    return JsonScalars.isKey(type);
  }

  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  /** What to use instead of a type that has a better one; null if there is none known. */
  static @Nullable String instead(Class<?> type) {
    return INSTEAD.get(type.getName());
  }

  /** What to use instead of a type of the JDK or of protobuf. */
  static String advice(Class<?> type) {
    String name = type.getName();
    String known = INSTEAD.get(name);
    if (known != null) {
      return known;
    }
    if (name.startsWith("java.sql.")) {
      return "use the types of java.time";
    }
    if (name.startsWith("java.util.concurrent.atomic.")) {
      return "use what it holds";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "use Map";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "use List or Set";
    }
    if (CharSequence.class.isAssignableFrom(type)) {
      return "use String";
    }
    if (!isJdk(type)) {
      return "make the whole message protobuf, or put its bytes into a byte[]";
    }
    return "use a type that JSON has, or write it by @JsonSerialize and @JsonDeserialize";
  }
}
