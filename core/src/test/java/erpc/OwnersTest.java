package erpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaFieldAccess.AccessType;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A field is written by one class: its own, with what is nested in it or extends it, or the one
 * that it was made for. So whoever reads that class knows which thread writes it, and in what
 * order. Which lock a field is written under is checked by the compiler: see GuardedBy.
 */
class OwnersTest {
  /** Those that several classes write, and why that is in order. */
  private static final Map<String, String> SHARED =
      Map.of(
          "erpc.protocol.own.Outbound.queuedBefore", "its sender, then whoever took the queue",
          "erpc.protocol.own.Outbound.queuedBytes", "its sender, then whoever took the queue");

  private static final String GUARDED_BY = "com.google.errorprone.annotations.concurrent.GuardedBy";

  private static final Set<String> HANDLES =
      Set.of(
          "java.lang.invoke.VarHandle",
          "java.util.concurrent.atomic.AtomicIntegerFieldUpdater",
          "java.util.concurrent.atomic.AtomicLongFieldUpdater",
          "java.util.concurrent.atomic.AtomicReferenceFieldUpdater");

  private static final Pattern HANDLED = Pattern.compile("\\.class,\\s*\"(\\w+)\"");

  /** Its modifiers and type, and its name. */
  private static final Pattern FIELD =
      Pattern.compile(
          "^ +((?:private |static |volatile )+(?!final)[\\w.<>?, @\\[\\]]+) (\\w+)(?: = .*)?;");

  private static final Pattern WRITER = Pattern.compile("\\b([Ww]ritten|[Ss]et)\\s+by\\b");

  private static final Path BASE = Path.of(System.getProperty("basedir", "."));

  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(BASE.resolve("target/classes"));

  @Test
  void fieldIsWrittenByOneClass() {
    Map<String, Set<String>> shared = new TreeMap<>();
    writers()
        .forEach((field, by) -> {
          if (by.size() > 1) {
            shared.put(field, by);
          }
        });
    // Exactly these: who gives one of them a single owner takes it off the list.
    assertThat(shared).containsOnlyKeys(SHARED.keySet());
  }

  private static Map<String, Set<String>> writers() {
    Map<String, Set<String>> writers = new HashMap<>();
    for (JavaClass each : CLASSES) {
      for (JavaFieldAccess access : each.getFieldAccessesFromSelf()) {
        JavaField field = access.getTarget().resolveMember().orElse(null);
        if (access.getAccessType() == AccessType.SET && field != null && isOurs(field)) {
          writers
              .computeIfAbsent(field.getFullName(), unused -> new HashSet<>())
              .add(writer(each, field).getName());
        }
      }
    }
    assertThat(writers).containsKeys("erpc.server.ServerCall.ranHere");
    return writers;
  }

  private static boolean isOurs(JavaField field) {
    return CLASSES.contain(field.getOwner().getName());
  }

  /** Who writes it: its own class stands for all that extend it or are nested in it. */
  private static JavaClass writer(JavaClass writing, JavaField field) {
    JavaClass owner = outermost(field.getOwner());
    JavaClass writer = outermost(writing);
    return writer.isAssignableTo(owner.getName()) ? owner : writer;
  }

  private static JavaClass outermost(JavaClass of) {
    return of.getEnclosingClass().map(OwnersTest::outermost).orElse(of);
  }

  @Test
  void fieldBehindAHandleIsWrittenByItsOwnClass() {
    // What a handle writes is none of the accesses above: nobody else must get hold of it.
    Set<String> lent =
        CLASSES.stream()
            .flatMap(each -> each.getFields().stream())
            .filter(field -> HANDLES.contains(field.getRawType().getName()))
            .filter(field -> !field.getModifiers().contains(JavaModifier.PRIVATE))
            .map(JavaField::getFullName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(lent).isEmpty();
  }

  @Test
  void commentSaysWhoWritesEachFieldThatThreadsShare() throws IOException {
    List<String> silent = new ArrayList<>();
    int found = 0;
    try (Stream<Path> files = Files.walk(BASE.resolve("src/main/java"))) {
      for (Path each : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        List<String> lines = Files.readAllLines(each);
        for (int field : sharedFields(lines)) {
          found++;
          if (!WRITER.matcher(commentAt(lines, field)).find()) {
            silent.add(each.getFileName() + ": " + lines.get(field).strip());
          }
        }
      }
    }
    assertThat(found).isGreaterThan(100);
    assertThat(silent).as("say by whom it is written, or set, and what that publishes").isEmpty();
  }

  /** The lines of fields that are volatile, or that a handle of the same file names. */
  private static List<Integer> sharedFields(List<String> lines) {
    Set<String> handled =
        HANDLED
            .matcher(String.join("\n", lines))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    List<Integer> fields = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher field = FIELD.matcher(lines.get(i));
      if (field.find()
          && (field.group(1).contains("volatile") || handled.contains(field.group(2)))) {
        fields.add(i);
      }
    }
    return fields;
  }

  /** What is said beside a field, or above it and others. */
  private static String commentAt(List<String> lines, int field) {
    String line = lines.get(field);
    StringBuilder comment = new StringBuilder(line.substring(line.indexOf(';')));
    int above = field - 1;
    while (FIELD.matcher(lines.get(above)).find()) {
      above--;
    }
    for (; lines.get(above).strip().matches("(//|/\\*|\\*).*"); above--) {
      comment.insert(0, lines.get(above).strip().replaceFirst("^(//|/?\\*+/?)", "") + " ");
    }
    return comment.toString();
  }

  @Test
  void typesUsersCompileAgainstHaveNoAnnotationOfAnArtifactTheyLack() throws IOException {
    Set<String> annotated =
        CLASSES.stream()
            .filter(each ->
                each.getMembers().stream().anyMatch(member -> member.isAnnotatedWith(GUARDED_BY)))
            .map(each -> each.getName().replace('$', '.'))
            .collect(Collectors.toCollection(TreeSet::new));
    // With -Werror they could not compile: javac warns of an annotation that it does not find.
    assertThat(annotated).contains("erpc.client.Cluster").doesNotContainAnyElementsOf(surface());
  }

  /** The types of the public surface. */
  private static Set<String> surface() throws IOException {
    Set<String> types =
        Files.readAllLines(BASE.resolve("api.txt")).stream()
            .filter(line -> line.contains(" = "))
            .map(line -> line.substring(0, line.indexOf(" = ")))
            .collect(Collectors.toSet());
    assertThat(types).contains("erpc.client.Client", "erpc.call.Context");
    return types;
  }
}
