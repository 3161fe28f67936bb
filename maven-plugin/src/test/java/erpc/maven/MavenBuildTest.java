package erpc.maven;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.maven.RealProject.Built;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of docs/codegen.md, made of what the page shows: one {@code <plugin>} entry, one
 * {@code .proto}, and a program.
 */
@Tag("processes")
class MavenBuildTest {
  private static final String PAGE = "../docs/codegen.md";
  private static final String METHOD = "  rpc Hello(HelloRequest) returns (HelloReply);\n";

  @TempDir Path work;

  private static String pom() throws IOException {
    return """
    <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <groupId>com.example</groupId>
      <artifactId>shop</artifactId>
      <version>1</version>
      <properties>
        <maven.compiler.release>21</maven.compiler.release>
        <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
      </properties>
      <dependencies>
        <dependency>
          <groupId>io.github.edte.erpc</groupId>
          <artifactId>erpc</artifactId>
          <version>%1$s</version>
        </dependency>
      </dependencies>
      <build>
        <plugins>
          <plugin>
            <artifactId>maven-resources-plugin</artifactId>
            <version>%2$s</version>
          </plugin>
          <plugin>
            <artifactId>maven-compiler-plugin</artifactId>
            <version>%3$s</version>
          </plugin>
          %4$s
        </plugins>
      </build>
    </project>
    """
        .formatted(
            RealProject.version(),
            RealProject.pinned("maven-resources-plugin"),
            RealProject.pinned("maven-compiler-plugin"),
            shown("xml"));
  }

  /** The first block of a kind in the page. */
  private static String shown(String kind) throws IOException {
    String page = Files.readString(Path.of(PAGE));
    int from = page.indexOf("```" + kind + "\n") + kind.length() + 4;
    return page.substring(from, page.indexOf("```", from));
  }

  @Test
  void generatesCompilesAndSaysWhereAMethodIsMissing() throws Exception {
    RealProject project = new RealProject(work);
    project.write("pom.xml", pom());
    project.write("src/main/proto/shop/greeter.proto", shown("proto"));
    project.write("src/main/java/shop/Shop.java", shown("java"));
    generatesAndCompiles(project);
    theProgramMakesACall(project);
    checkNamesWhatIsMissing(project);
    aNewMethodIsMissedByTheCompiler(project);
    aBrokenFileIsToldByProtoc(project);
  }

  private static void generatesAndCompiles(RealProject project) throws Exception {
    Built built = project.maven("compile", "erpc:generate@default");
    assertThat(built.code()).as(built.out()).isZero();
    assertThat(built.out()).contains("0 deleted").containsOnlyOnce("Nothing has changed");
    assertThat(project.file("target/generated-sources/erpc/shop/Greeter.java")).exists();
    assertThat(project.file("target/classes/shop/Shop.class")).exists();
    assertThat(project.file("target/classes/shop/greeter.proto")).exists();
    assertThat(
            project.file(
                "target/erpc/imports/com.google.protobuf.protobuf-java-"
                    + RealProject.protobuf()
                    + "/google/protobuf/timestamp.proto"))
        .exists();
  }

  private static void theProgramMakesACall(RealProject project) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    URL[] classes = {project.file("target/classes").toUri().toURL()};
    try (URLClassLoader loader =
        new URLClassLoader(classes, MavenBuildTest.class.getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader
          .loadClass("shop.Shop")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("hello erpc");
  }

  private static void checkNamesWhatIsMissing(RealProject project) throws Exception {
    String folder = "target/generated-sources/erpc";
    Path gone = project.file(folder + "/shop/Greeter.java");
    Files.delete(gone);
    Built checked = project.maven("erpc:check", "-Derpc.output=" + folder);
    assertThat(checked.code()).as(checked.out()).isEqualTo(1);
    assertThat(checked.out()).contains("mvn erpc:generate writes it anew", "missing " + gone);
    assertThat(gone).doesNotExist();
  }

  private static void aNewMethodIsMissedByTheCompiler(RealProject project) throws Exception {
    String bye = METHOD.replace("Hello(", "Bye(");
    project.write(
        "src/main/proto/shop/greeter.proto", shown("proto").replace(METHOD, METHOD + bye));
    Built built = project.maven("compile");
    assertThat(built.code()).isEqualTo(1);
    assertThat(built.out())
        .contains("Shop.java:[7,")
        .contains("PoliteGreeter is not abstract and does not override abstract method bye(");
  }

  private static void aBrokenFileIsToldByProtoc(RealProject project) throws Exception {
    project.write(
        "src/main/proto/shop/greeter.proto", shown("proto").replace("string text", "string"));
    Built built = project.maven("generate-sources");
    assertThat(built.code()).isEqualTo(1);
    assertThat(built.out())
        .contains("shop/greeter.proto:12:")
        .contains("BUILD FAILURE")
        .doesNotContain("\tat ");
  }
}
