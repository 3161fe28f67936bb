package erpc.maven;

import erpc.codegen.CodegenException;
import erpc.codegen.Protoc;
import java.nio.file.Path;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/**
 * The protoc of a project, from Maven's repositories. Its version is that of the project's
 * protobuf-java: messages that a newer protoc generated fail when they are loaded.
 */
final class ProtocArtifact {
  private static final String GROUP = "com.google.protobuf";
  private static final String RUNTIME = "protobuf-java";
  private static final String BY_HAND =
      "; to run another protoc, name it by <protoc>FILE</protoc> or -Derpc.protoc=FILE";

  private final RepositorySystem repositories;
  private final RepositorySystemSession session;

  ProtocArtifact(RepositorySystem repositories, RepositorySystemSession session) {
    this.repositories = repositories;
    this.session = session;
  }

  Path of(MavenProject project) throws CodegenException {
    String version = version(project);
    String system = System.getProperty("os.name", "");
    String machine = System.getProperty("os.arch", "");
    String classifier =
        Protoc.classifier(system, machine)
            .orElseThrow(() ->
                new CodegenException(
                    "Maven's repository has no protoc for " + system + " on " + machine + BY_HAND));
    DefaultArtifact wanted = new DefaultArtifact(GROUP, "protoc", classifier, "exe", version);
    ArtifactRequest request =
        new ArtifactRequest(wanted, project.getRemoteProjectRepositories(), null);
    try {
      return repositories.resolveArtifact(session, request).getArtifact().getFile().toPath();
    } catch (ArtifactResolutionException e) {
      throw new CodegenException(
          "cannot get protoc in the version of the project's protobuf-java: "
              + e.getMessage()
              + BY_HAND,
          e);
    }
  }

  static String version(MavenProject project) throws CodegenException {
    return project.getArtifacts().stream()
        .filter(each -> each.getGroupId().equals(GROUP) && each.getArtifactId().equals(RUNTIME))
        .map(Artifact::getVersion)
        .findFirst()
        .orElseThrow(() ->
            new CodegenException(
                "the project does not depend on %s:%s, whose version says which protoc to run; add"
                        .formatted(GROUP, RUNTIME)
                    + " io.github.edte.erpc:erpc, which brings it"
                    + BY_HAND));
  }
}
