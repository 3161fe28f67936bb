package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import erpc.call.Request;
import erpc.call.Status;
import erpc.client.Client;
import erpc.discovery.Endpoint;
import erpc.discovery.Resolver;
import erpc.discovery.Resolvers;
import erpc.server.Server;
import erpc.transport.TlsSettings;
import erpc.transport.TransportKind;
import io.netty.handler.ssl.OpenSsl;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the files of TLS, and which names count. */
@Timeout(60)
class TlsFilesTest {
  @TempDir Path folder;
  private Rig rig;
  private Authority authority;

  @BeforeEach
  void open() throws Exception {
    rig = new Rig(TransportKind.NIO);
    authority = new Authority(folder.resolve("good"), "Test CA");
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** A call on a new connection. */
  private @Nullable Status outcome(Server server) {
    try (Client client = Client.builder().reactor(rig.reactor).tls(authority.client()).build()) {
      client.send(Rig.to(server).withTimeout(Duration.ofSeconds(5)));
      return null;
    } catch (erpc.call.RpcException e) {
      return e.status();
    }
  }

  @Test
  void keyAndCertificateMayStandInOneFile() throws Exception {
    X509Bundle bundle = authority.sign(Authority.good());
    Path both = folder.resolve("both.pem");
    Files.writeString(
        both,
        "Bag Attributes\n    friendlyName: somebody\n"
            + bundle.getPrivateKeyPEM()
            + "subject=CN = somebody\n"
            + bundle.getCertificatePathPEM());
    Server server = rig.serve(Rig.servers().tls(TlsSettings.server(both, both)), Rig::echo);
    assertThat(outcome(server)).isNull();
  }

  @Test
  void keysThatTheLibraryCannotUseAreRefusedAtTheStartAndNeverReplaceGoodOnes() throws Exception {
    assertThat(OpenSsl.isAvailable()).isTrue();
    TlsSettings good = authority.server();
    Server server = rig.serve(Rig.servers().tls(good), Rig::echo);
    assertThat(outcome(server)).isNull();
    UnaryOperator<CertificateBuilder> ed25519 =
        builder -> builder.algorithm(CertificateBuilder.Algorithm.ed25519);
    TlsSettings bad = authority.write("bad", authority.sign(ed25519.apply(Authority.good())));
    assertThatThrownBy(() -> Server.builder().tls(bad).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bad.key")
        .hasMessageContaining("erpc.tls=jdk");
    authority.server(ed25519); // Over the good one.
    await()
        .during(good.reloadInterval().multipliedBy(3))
        .atMost(Duration.ofSeconds(30))
        .until(() -> outcome(server) == null);
  }

  /** As what is thrown once a file system, here of an archive, has been closed. */
  @Test
  void whateverIsThrownAtALookWhatWasLoadedStaysAndNoThreadDiesOfIt() throws Exception {
    TlsSettings good = authority.server();
    FileSystem archive =
        FileSystems.newFileSystem(folder.resolve("files.zip"), Map.of("create", "true"));
    TlsSettings archived =
        TlsSettings.server(
                copied(archive, "c.pem", Objects.requireNonNull(good.certificate())),
                copied(archive, "c.key", Objects.requireNonNull(good.key())))
            .withReloadInterval(Duration.ofMillis(10));
    AtomicReference<@Nullable Throwable> uncaught = new AtomicReference<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    try {
      Server server = rig.serve(Rig.servers().tls(archived), Rig::echo);
      archive.close();
      await()
          .during(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(30))
          .until(() -> outcome(server) == null && uncaught.get() == null);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  private static Path copied(FileSystem to, String name, Path file) throws Exception {
    return Files.copy(file, to.getPath("/" + name));
  }

  @Test
  void filesWrittenAgainInPlaceWithTheSizeAndTimeTheyHadAreNoticed() throws Exception {
    TlsSettings settings = authority.server();
    Server server = rig.serve(Rig.servers().tls(settings), Rig::echo);
    assertThat(outcome(server)).isNull();
    // A stranger's certificate and key, made to fill as many bytes.
    Authority stranger = new Authority(folder.resolve("stranger"), "Test CB");
    X509Bundle other = stranger.sign(Authority.good());
    rewrite(Objects.requireNonNull(settings.certificate()), other.getCertificatePathPEM());
    rewrite(Objects.requireNonNull(settings.key()), other.getPrivateKeyPEM());
    await().atMost(Duration.ofSeconds(20)).until(() -> outcome(server) != null);
  }

  private static void rewrite(Path file, String text) throws Exception {
    long size = Files.size(file);
    FileTime time = Files.getLastModifiedTime(file);
    StringBuilder padded = new StringBuilder(text);
    while (padded.length() < size) {
      padded.append('\n');
    }
    try (var out = Files.newOutputStream(file)) {
      out.write(padded.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    Files.setLastModifiedTime(file, time);
  }

  @Test
  void certificatesAreHeldAgainstTheNameThatAPlaceWasAskedFor() throws Exception {
    TlsSettings named =
        authority.server(others ->
            new CertificateBuilder().ecp256().subject("CN=somebody").addSanDnsName("demo.example"));
    Server server = rig.serve(Rig.servers().tls(named), Rig::echo);
    assertThat(askAt(server, "demo.example")).isNull();
    assertThat(Objects.requireNonNull(askAt(server, "other.example")).message())
        .contains("demo.example");
    assertThat(Objects.requireNonNull(askAt(server, null)).code())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  private @Nullable Status askAt(Server server, @Nullable String serverName) {
    Resolver named =
        new Resolver() {
          @Override
          public String scheme() {
            return "named";
          }

          @Override
          public Watch watch(String where, Listener listener) {
            listener.endpoints(List.of(Endpoint.of(server.address())));
            return () -> {};
          }

          @Override
          public @Nullable String serverName(String where) {
            return serverName;
          }
        };
    try (Client client =
        Client.builder()
            .reactor(rig.reactor)
            .tls(authority.client())
            .resolvers(Resolvers.standard().with(named))
            .build()) {
      client.send(
          Request.of(Rig.ECHO, Rig.request("hi"))
              .at("named://place")
              .withTimeout(Duration.ofSeconds(5)));
      return null;
    } catch (erpc.call.RpcException e) {
      return e.status();
    }
  }
}
