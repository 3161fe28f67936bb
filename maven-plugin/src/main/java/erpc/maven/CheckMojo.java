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
 * For projects that check generated code in: fails if it is not what the .proto files say, and has
 * it compiled. It runs before the compiler, whose errors would not tell why.
 */
@Mojo(
    name = "check",
    defaultPhase = LifecyclePhase.GENERATE_SOURCES,
    requiresDependencyResolution = ResolutionScope.COMPILE,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the fields.
public final class CheckMojo extends ProtoMojo {
  /** The folder of the .proto files. */
  @Parameter(defaultValue = "${project.basedir}/src/main/proto")
  private File source;

  /** The folder of the generated code, which {@code mvn erpc:generate} writes. */
  @Parameter(property = "erpc.output", required = true)
  private File output;

  @Override
  Path source() {
    return source.toPath();
  }

  @Override
  Path output() {
    return output.toPath();
  }

  @Override
  void announce(MavenProject to, @Nullable Resource protos) {
    to.addCompileSourceRoot(output.getPath());
    if (protos != null) {
      to.addResource(protos);
    }
  }

  @Override
  void run(Generation generation) throws CodegenException, IOException, InterruptedException {
    List<String> differences = generation.differences();
    if (!differences.isEmpty()) {
      throw new CodegenException(
          "The generated code is not what the .proto files say. mvn erpc:generate writes it anew.\n"
              + String.join("\n", differences));
    }
  }
}
