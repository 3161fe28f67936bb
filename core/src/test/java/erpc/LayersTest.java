package erpc;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Imports only point down the list of layers; skipping is allowed, climbing and sideways are not.
 */
class LayersTest {
  /** From the top down; packages beside each other never see each other. */
  private static final List<Set<String>> LAYERS =
      List.of(
          Set.of("erpc"),
          Set.of("erpc.client", "erpc.server"),
          Set.of("erpc.endpoints"),
          Set.of("erpc.discovery"),
          Set.of("erpc.balance", "erpc.breaker"),
          Set.of("erpc.trace"),
          Set.of("erpc.transport"),
          Set.of("erpc.protocol.own"),
          Set.of("erpc.protocol"),
          Set.of("erpc.codec"),
          Set.of("erpc.settings"),
          Set.of("erpc.call"));

  /** Messages that protoc writes: words for any layer, in packages that are no layer. */
  private static final Set<String> GENERATED = Set.of("erpc.discovery.wire", "erpc.server.wire");

  static {
    // What other libraries are made of is not asked: names are enough.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPath(Path.of(System.getProperty("basedir", "."), "target/classes"));

  @Test
  void everyPackageIsInTheList() {
    Set<String> known =
        LAYERS.stream()
            .flatMap(Set::stream)
            .collect(Collectors.toCollection(java.util.HashSet::new));
    known.addAll(GENERATED);
    Set<String> written =
        CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
    assertThat(written).contains("erpc.call", "erpc.client").isSubsetOf(known);
  }

  @TestFactory
  Stream<DynamicTest> importsOnlyPointDown() {
    List<DynamicTest> tests = new ArrayList<>();
    List<String> above = new ArrayList<>();
    for (Set<String> layer : LAYERS) {
      for (String name : layer) {
        List<String> forbidden = new ArrayList<>(above);
        layer.stream().filter(beside -> !beside.equals(name)).forEach(forbidden::add);
        tests.add(DynamicTest.dynamicTest(name, () -> seesNoneOf(name, forbidden)));
      }
      above.addAll(layer);
    }
    return tests.stream();
  }

  private static void seesNoneOf(String layer, List<String> forbidden) {
    noClasses()
        .that()
        .resideInAPackage(layer)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(forbidden.toArray(String[]::new))
                .as("reside above or beside it: " + forbidden))
        .allowEmptyShould(true) // A layer that is still to come.
        .check(CLASSES);
  }

  @Test
  void nettyIsSeenOnlyWhereBytesAre() {
    only("io.netty..", "erpc.transport", "erpc.protocol..", "erpc.client", "erpc.server");
    // Above the transport only its buffers cross.
    noClasses()
        .that()
        .resideInAnyPackage("erpc.client", "erpc.server")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty.bootstrap..", "io.netty.handler..", "io.netty.resolver..")
        .check(CLASSES);
  }

  @Test
  void onlyTheListOfProtocolsKnowsErpcsOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage("erpc.protocol.own")
        .and()
        .doNotHaveFullyQualifiedName("erpc.transport.Protocols")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("erpc.protocol.own")
        .check(CLASSES);
  }

  @Test
  void librariesOfCodecsAreSeenOnlyThere() {
    only("tools.jackson..", "erpc.codec");
    only("com.fasterxml..", "erpc.codec");
    only("com.google.gson..", "erpc.codec");
    only("com.google.protobuf.util..", "erpc.codec");
    only("com.github.luben..", "erpc.codec");
    only("net.jpountz..", "erpc.codec");
  }

  @Test
  void nothingElseIsImported() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    "java..",
                    "javax.net.ssl..",
                    "javax.security.auth..",
                    // The JVM's own dump of threads, the only place where virtual ones have stacks.
                    "com.sun.management..",
                    "erpc..",
                    "io.netty..",
                    "com.google.protobuf..",
                    "com.google.gson..",
                    "org.slf4j..",
                    "org.jspecify..",
                    "com.google.errorprone.annotations.concurrent..",
                    "tools.jackson..",
                    "com.fasterxml.jackson.annotation..",
                    "com.github.luben..",
                    "net.jpountz..")
                .or(describe("are primitive", LayersTest::isPrimitive)))
        .check(CLASSES);
  }

  private static boolean isPrimitive(JavaClass type) {
    return type.getBaseComponentType().isPrimitive();
  }

  private static void only(String library, String... packages) {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }
}
