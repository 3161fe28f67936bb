package erpc.maven;

import erpc.codegen.CodegenException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.maven.model.Resource;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/**
 * Generates services and messages from the .proto files of a project, and has them compiled. It
 * does nothing if nothing has changed.
 */
@Mojo(
    name = "generate",
    defaultPhase = LifecyclePhase.GENERATE_SOURCES,
    requiresDependencyResolution = ResolutionScope.COMPILE,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the fields.
public final class GenerateMojo extends ProtoMojo {
  /** The folder of the .proto files. */
  @Parameter(defaultValue = "${project.basedir}/src/main/proto")
  private File source;

  /** The folder to write to; it is compiled with the project's own sources. */
  @Parameter(
      property = "erpc.output",
      defaultValue = "${project.build.directory}/generated-sources/erpc")
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
    getLog().info(generation.writeIfChanged());
  }
}
