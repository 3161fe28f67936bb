package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What users of a module may call is a file beside its sources, so that each change of it is seen
 * in a review. The module {@code tools} exports nothing: its surface is the command line.
 */
class PublicSurfaceTest {
  private static final Path ROOT = DocumentsTest.root();

  /** As many types as one can learn. */
  private static final int MOST_TYPES = 110;

  /**
   * Types that are public because other packages of erpc use them; users have no business with
   * them, and they may change with every version.
   */
  private static final Set<String> FOR_SISTERS =
      Set.of(
          "erpc.CenterProvider",
          "erpc.ProcessSettings",
          "erpc.call.Caller", // for generated code, as are Handlers
          "erpc.call.Context.Origin",
          "erpc.call.Ending",
          "erpc.call.Handlers",
          "erpc.call.LastingLoop",
          "erpc.call.LineLimit",
          "erpc.call.Names",
          "erpc.call.Printable",
          "erpc.call.Thrown",
          "erpc.codec.MessageBytes",
          "erpc.codec.Room",
          "erpc.codec.SpareArrays",
          "erpc.discovery.CenterCalls",
          "erpc.discovery.CenterLine",
          "erpc.discovery.CenterMethods",
          "erpc.discovery.CenterResolver",
          "erpc.discovery.Registrar",
          "erpc.discovery.Scheduler",
          "erpc.protocol.FairShare",
          "erpc.protocol.Incomplete",
          "erpc.protocol.LogLimit",
          "erpc.protocol.LoneCalls.Lone", // for who answers one call at a time, likewise
          "erpc.protocol.Refusals",
          "erpc.protocol.RouteName",
          "erpc.protocol.Scratch",
          "erpc.protocol.ServerLoad", // for who tells loads, which another protocol need not do
          "erpc.protocol.Unpacked",
          "erpc.server.ExitHook",
          "erpc.settings.Ranges",
          "erpc.settings.Settings",
          "erpc.settings.SettingsProvider",
          "erpc.trace.ObservedCall",
          "erpc.trace.Observers",
          "erpc.transport.ConnectionLimit",
          "erpc.transport.EndpointPool",
          "erpc.transport.HostNames",
          "erpc.transport.Listening",
          "erpc.transport.Protocols",
          "erpc.transport.Security",
          "erpc.transport.SocketAddresses",
          "erpc.transport.StartLine",
          "erpc.transport.Tls",
          "erpc.center.Center.Provider",
          "erpc.center.CenterSettings.Known");

  private static final Set<String> OF_OBJECT = Set.of("equals", "hashCode", "toString", "clone");
  private static final Set<String> OF_ENUMS = Set.of("values", "valueOf");

  /** The published modules, with the packages that are for users. */
  @SuppressWarnings("ImmutableEnumChecker") // List.of is.
  enum Module {
    CORE(
        "erpc",
        "erpc.balance",
        "erpc.call",
        "erpc.client",
        "erpc.codec",
        "erpc.discovery",
        "erpc.protocol",
        "erpc.server",
        "erpc.settings",
        "erpc.trace",
        "erpc.transport"),
    CENTER("erpc.center"),
    TESTING("erpc.testing");

    private final List<String> exports;

    Module(String... exports) {
      this.exports = List.of(exports);
    }

    Path folder() {
      return ROOT.resolve(name().toLowerCase(Locale.ROOT));
    }

    Path file() {
      return folder().resolve("api.txt");
    }
  }

  @ParameterizedTest
  @EnumSource
  void isWhatTheFileSays(Module module) throws Exception {
    Path file = module.file();
    String surface = surface(module);
    if (Boolean.getBoolean("api.write")) {
      Files.writeString(file, surface);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as(
            "%s is not the public surface; look whether each change is meant, and write it anew with:"
                + " mvn -pl demo -am test -Dtest=PublicSurfaceTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dapi.write=true",
            ROOT.relativize(file))
        .isEqualTo(surface);
  }

  @Test
  void isSmallEnoughToBeLearnt() throws Exception {
    assertThat(types(Module.CORE)).hasSizeLessThanOrEqualTo(MOST_TYPES);
  }

  @Test
  void whatIsForSistersIsStillThere() throws Exception {
    Set<String> there = new TreeSet<>();
    for (Module module : Module.values()) {
      allTypes(module).forEach(type -> there.add(name(type)));
    }
    assertThat(there).containsAll(FOR_SISTERS);
  }

  @Test
  void theModuleExportsThesePackagesAndThoseOfMessages() throws IOException {
    String descriptor = Files.readString(ROOT.resolve("core/src/main/module/module-info.java"));
    List<String> exported =
        Pattern.compile("exports ([\\w.]+);")
            .matcher(descriptor)
            .results()
            .map(each -> each.group(1))
            .filter(each -> !each.endsWith(".wire")) // generated, for the center and tools
            .toList();
    assertThat(exported).containsExactlyElementsOf(Module.CORE.exports);
  }

  private static String surface(Module module) throws Exception {
    TreeSet<String> lines = new TreeSet<>();
    for (Class<?> type : types(module)) {
      lines.add(name(type) + parameters(type.getTypeParameters()) + " = " + described(type));
      members(type).forEach(member -> lines.add(name(type) + "." + described(member)));
    }
    return String.join("\n", lines) + "\n";
  }

  /** The public types for users. */
  private static List<Class<?>> types(Module module) throws Exception {
    return allTypes(module).stream().filter(type -> !isForSisters(type)).toList();
  }

  private static boolean isForSisters(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return FOR_SISTERS.contains(name(type)) || (outer != null && isForSisters(outer));
  }

  /** The public types of the packages that are for users, and those within them. */
  private static List<Class<?>> allTypes(Module module) throws Exception {
    Path classes = module.folder().resolve("target/classes");
    List<Class<?>> types = new ArrayList<>();
    for (String name : module.exports) {
      for (Path file : classFiles(classes.resolve(name.replace('.', '/')))) {
        String simple = file.getFileName().toString().replaceFirst("\\.class$", "");
        Class<?> type = Class.forName(name + "." + simple, false, loader());
        if (isPublic(type)) {
          types.add(type);
        }
      }
    }
    return types;
  }

  private static ClassLoader loader() {
    return PublicSurfaceTest.class.getClassLoader();
  }

  private static List<Path> classFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(each -> each.toString().endsWith(".class")).sorted().toList();
    }
  }

  private static boolean isPublic(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers())
        && !type.isAnonymousClass()
        && (outer == null || isPublic(outer));
  }

  private static List<Member> members(Class<?> type) {
    List<Member> members = new ArrayList<>();
    members.addAll(Arrays.asList(type.getDeclaredFields()));
    members.addAll(Arrays.asList(type.getDeclaredConstructors()));
    members.addAll(Arrays.asList(type.getDeclaredMethods()));
    boolean open = !Modifier.isFinal(type.getModifiers());
    members.removeIf(each ->
        each.isSynthetic()
            || !(Modifier.isPublic(each.getModifiers())
                || (open && Modifier.isProtected(each.getModifiers())))
            || (each instanceof Method && OF_OBJECT.contains(each.getName()))
            || (type.isEnum() && each instanceof Method && OF_ENUMS.contains(each.getName())));
    return members;
  }

  private static String described(Class<?> type) {
    StringBuilder out = new StringBuilder();
    int modifiers = type.getModifiers() & ~(Modifier.PUBLIC | Modifier.INTERFACE | Modifier.STATIC);
    if (type.isInterface()) {
      out.append(type.isSealed() ? "sealed interface" : "interface");
    } else if (type.isRecord()) {
      out.append("record");
    } else if (type.isEnum()) {
      out.append("enum");
    } else {
      out.append((Modifier.toString(modifiers) + " class").strip());
      if (type.getSuperclass() != Object.class) {
        out.append(" extends ").append(shown(type.getAnnotatedSuperclass()));
      }
    }
    AnnotatedType[] interfaces = type.getAnnotatedInterfaces();
    if (interfaces.length > 0) {
      out.append(type.isInterface() ? " extends " : " implements ").append(shown(interfaces));
    }
    return out.toString();
  }

  private static String described(Member member) {
    return switch (member) {
      case Field field ->
          field.getName()
              + ": "
              + (field.isEnumConstant()
                  ? "constant"
                  : words(field.getModifiers()) + shown(field.getAnnotatedType()));
      case Constructor<?> constructor -> "new" + called(constructor) + words(constructor);
      case Method method ->
          method.getName()
              + parameters(method.getTypeParameters())
              + called(method)
              + ": "
              + words(method)
              + shown(method.getAnnotatedReturnType());
      default -> throw new AssertionError(member);
    };
  }

  private static String called(Executable member) {
    return "(" + shown(member.getAnnotatedParameterTypes()) + ")";
  }

  private static String words(Executable member) {
    boolean isDefault = member instanceof Method method && method.isDefault();
    int left = member.getModifiers() & ~Modifier.TRANSIENT & ~Modifier.VOLATILE;
    return (isDefault ? "default " : "") + words(left);
  }

  /** What matters to who calls or overrides. */
  private static String words(int modifiers) {
    int shown = Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT;
    String words = Modifier.toString(modifiers & shown);
    return words.isEmpty() ? "" : words + " ";
  }

  private static String parameters(TypeVariable<?>[] variables) {
    if (variables.length == 0) {
      return "";
    }
    return Arrays.stream(variables)
        .map(each -> {
          String bounds =
              Arrays.stream(each.getAnnotatedBounds())
                  .map(PublicSurfaceTest::shown)
                  .filter(bound -> !bound.equals("Object"))
                  .collect(Collectors.joining(" & "));
          return bounds.isEmpty() ? each.getName() : each.getName() + " extends " + bounds;
        })
        .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String shown(AnnotatedType... types) {
    return Arrays.stream(types).map(PublicSurfaceTest::shown).collect(Collectors.joining(", "));
  }

  /** Without the packages that everybody knows. */
  private static String shown(AnnotatedType type) {
    return type.toString()
        .replace("@org.jspecify.annotations.Nullable()", "@Nullable")
        .replaceAll("\\bjava\\.(lang|util|time|util\\.concurrent|util\\.function)\\.(?=[A-Z])", "")
        .replace('$', '.');
  }

  private static String name(Class<?> type) {
    return type.getName().replace('$', '.');
  }
}
