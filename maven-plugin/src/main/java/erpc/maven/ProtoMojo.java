package erpc.maven;

import erpc.codegen.CodegenException;
import erpc.codegen.Outputs;
import erpc.codegen.Protoc;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Resource;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/** What all goals have in common: where files are, and which protoc reads them. */
@SuppressWarnings("NullAway.Init") // Maven sets the fields.
abstract class ProtoMojo extends AbstractMojo {
  private static final String BY_HAND = "default-cli";

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  private MavenSession session;

  @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
  private MojoExecution execution;

  @Inject private RepositorySystem repositories;

  /** Folders in which imports are looked for before the project's dependencies. */
  @Parameter private @Nullable List<File> imports;

  /**
   * The protoc to run. If none is named, it is {@code com.google.protobuf:protoc} in the version of
   * the project's protobuf-java, so that the messages fit what runs them.
   */
  @Parameter(property = "erpc.protoc")
  private @Nullable File protoc;

  /** How long protoc may run, in seconds. */
  @Parameter(property = "erpc.protocTimeoutSeconds", defaultValue = "120")
  private int protocTimeoutSeconds;

  /** Whether to generate the messages too; without them another plugin has to. */
  @Parameter(property = "erpc.messages", defaultValue = "true")
  private boolean messages;

  /** Whether the jar holds the .proto files, for projects that import them. */
  @Parameter(property = "erpc.protosInJar", defaultValue = "true")
  private boolean protosInJar;

  /** Does nothing. */
  @Parameter(property = "erpc.skip", defaultValue = "false")
  private boolean skip;

  /** The folder of the .proto files. */
  abstract Path source();

  /** The folder to write to. */
  abstract Path output();

  /** Folders of this project that imports are looked for in besides. */
  List<Path> otherSources() {
    return List.of();
  }

  /** Tells the build of what is generated, and of what goes into the jar. */
  abstract void announce(MavenProject to, @Nullable Resource protos);

  /** Does what the goal is for. */
  abstract void run(Generation generation)
      throws CodegenException, IOException, InterruptedException;

  @Override
  public final void execute() throws MojoExecutionException, MojoFailureException {
    if (skip) {
      getLog().info("Skipped.");
      return;
    }
    try {
      announce(project, protosInJar && Files.isDirectory(source()) ? resource(source()) : null);
      claimOutput();
      Protoc.Input input = input();
      if (input.files().isEmpty() && new Outputs(output()).current().isEmpty()) {
        getLog().info("There are no .proto files in " + source());
        return;
      }
      run(generation(input));
    } catch (CodegenException e) {
      // A line of its own, in which an editor finds the file.
      throw new MojoFailureException("\n" + e.getMessage());
    } catch (IOException e) {
      throw new MojoExecutionException("cannot read or write a file: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MojoExecutionException("interrupted while protoc ran", e);
    }
  }

  private static Resource resource(Path folder) {
    Resource resource = new Resource();
    resource.setDirectory(folder.toString());
    resource.addInclude("**/*.proto");
    resource.setFiltering(false);
    return resource;
  }

  /** Of two executions that write to one folder each would delete what the other has written. */
  private void claimOutput() throws CodegenException {
    @SuppressWarnings("unchecked") // A map of what plugins like.
    Map<Object, Object> claims = getPluginContext();
    String own = execution.getExecutionId();
    if (claims == null || own.equals(BY_HAND)) {
      return;
    }
    Object other = claims.putIfAbsent("output " + output(), own);
    if (other != null && !other.equals(own)) {
      throw new CodegenException(
          "the executions '%s' and '%s' write to %s; give each an <output> of its own"
              .formatted(other, own, output()));
    }
  }

  private Protoc.Input input() throws CodegenException, IOException {
    List<Path> folders = new ArrayList<>(otherSources());
    if (imports != null) {
      imports.forEach(each -> folders.add(each.toPath()));
    }
    folders.addAll(new ImportedProtos(work().resolve("imports")).of(project.getArtifacts()));
    List<Path> sources = Files.isDirectory(source()) ? List.of(source()) : List.of();
    return Protoc.Input.of(folders, sources, messages);
  }

  private Generation generation(Protoc.Input input) throws CodegenException {
    Path binary = input.files().isEmpty() ? Path.of("none") : binary();
    Protoc runs =
        Protoc.at(binary)
            .within(Duration.ofSeconds(protocTimeoutSeconds))
            .warningsTo(words -> getLog().warn(words));
    Path state = work().resolve(execution.getGoal() + "-" + execution.getExecutionId() + ".state");
    return new Generation(execution.getVersion(), binary, runs, input, output(), state);
  }

  /** The protoc that was named, or the project's own. */
  private Path binary() throws CodegenException {
    return protoc == null
        ? new ProtocArtifact(repositories, session.getRepositorySession()).of(project)
        : protoc.toPath();
  }

  private Path work() {
    return Path.of(project.getBuild().getDirectory()).resolve("erpc");
  }
}
