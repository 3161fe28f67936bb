package erpc.maven;

import erpc.codegen.CodegenException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.model.Resource;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/**
 * Generates services and messages from the .proto files of a project's tests, which may import the
 * others of the project. It does nothing if nothing has changed.
 */
@Mojo(
    name = "generate-test",
    defaultPhase = LifecyclePhase.GENERATE_TEST_SOURCES,
    requiresDependencyResolution = ResolutionScope.TEST,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the fields.
public final class GenerateTestMojo extends ProtoMojo {
  /** The folder of the tests' .proto files. */
  @Parameter(defaultValue = "${project.basedir}/src/test/proto")
  private File testSource;

  /** The folder of the project's other .proto files. */
  @Parameter(defaultValue = "${project.basedir}/src/main/proto")
  private File source;

  /** The folder to write to; it is compiled with the project's tests. */
  @Parameter(
      property = "erpc.testOutput",
      defaultValue = "${project.build.directory}/generated-test-sources/erpc")
  private File testOutput;

  @Override
  Path source() {
    return testSource.toPath();
  }

  @Override
  Path output() {
    return testOutput.toPath();
  }

  @Override
  List<Path> otherSources() {
    return source.isDirectory() ? List.of(source.toPath()) : List.of();
  }

  @Override
  void announce(MavenProject to, @Nullable Resource protos) {
    to.addTestCompileSourceRoot(testOutput.getPath());
    if (protos != null) {
      to.addTestResource(protos);
    }
  }

  @Override
  void run(Generation generation) throws CodegenException, IOException, InterruptedException {
    getLog().info(generation.writeIfChanged());
  }
}
