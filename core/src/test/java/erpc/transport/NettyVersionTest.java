package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import erpc.client.Client;
import erpc.server.Server;
import erpc.transport.NettyVersion.Found;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting with other Nettys than erpc's, by class loaders that have them. */
class NettyVersionTest {
  private static final Pattern NETTY = Pattern.compile(".*/netty-(?!tcnative)[^/]*\\.jar");
  private static final Pattern SINCE_4_2 =
      Pattern.compile(".*/(MultiThreadIo|IoHandler|[A-Z]\\w*IoHandler).*");

  @TempDir Path folder;

  /** Called inside of such a class loader. */
  public static final class Uses {
    public static void server() {
      Server.builder().build().close();
    }

    public static void client() {
      Client.builder().build().close();
    }

    public static void reactor() {
      Reactor.open(TransportKind.NIO, 1).close();
    }

    public static void all() {
      server();
      client();
      reactor();
    }
  }

  /** A jar with the same classes, apart from those that came with 4.2 if it is to be older. */
  private Path changed(String jar, UnaryOperator<String> version, boolean packed)
      throws IOException {
    Path copy = folder.resolve(Path.of(jar).getFileName());
    try (JarFile from = new JarFile(jar)) {
      Manifest manifest = new Manifest(from.getManifest());
      Attributes main = manifest.getMainAttributes();
      String told = version.apply(main.getValue(Attributes.Name.IMPLEMENTATION_VERSION));
      main.put(Attributes.Name.IMPLEMENTATION_VERSION, told);
      if (packed) {
        main.put(Attributes.Name.IMPLEMENTATION_TITLE, "some program");
      }
      try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(copy), manifest)) {
        for (JarEntry each : from.stream().toList()) {
          boolean later =
              told.startsWith("4.1") && SINCE_4_2.matcher("/" + each.getName()).matches();
          boolean lost = packed && each.getName().endsWith("versions.properties");
          if (!each.getName().equals(JarFile.MANIFEST_NAME) && !later && !lost) {
            copy(from, each, to);
          }
        }
      }
    }
    return copy;
  }

  private static void copy(JarFile from, JarEntry entry, JarOutputStream to) throws IOException {
    to.putNextEntry(new JarEntry(entry.getName()));
    try (var in = from.getInputStream(entry)) {
      in.transferTo((OutputStream) to);
    }
    to.closeEntry();
  }

  private void with(UnaryOperator<String> version, boolean packed, String use) throws Throwable {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      boolean netty = NETTY.matcher(entry).matches();
      Path path = netty ? changed(entry, version, packed) : Path.of(entry);
      urls.add(path.toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      loader.loadClass(Uses.class.getName()).getMethod(use).invoke(null);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String logged(ThrowingAction action) throws Throwable {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }

  private interface ThrowingAction {
    void run() throws Throwable;
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "client", "reactor"})
  void refusesToStartWithA41AndSaysWhereItIsAndWhatToSet(String use) {
    assertThatIllegalStateException()
        .isThrownBy(() -> with(version -> "4.1.137.Final", false, use))
        .withMessageContaining("needs Netty 4.2, 4.2.18.Final or later")
        .withMessageContaining("netty-common 4.1.137.Final (file:" + folder)
        .withMessageContaining("<netty.version>4.2.18.Final</netty.version>")
        .withMessageContaining("ext['netty.version'] = '4.2.18.Final'");
  }

  @Test
  void warnsOnceOfA42ThatIsOlderThanItsOwn() throws Throwable {
    String log = logged(() -> with(version -> "4.2.15.Final", false, "all"));
    assertThat(log.lines().filter(line -> line.contains("4.2.15.Final"))).hasSize(1);
    assertThat(log).contains("erpc is made for Netty 4.2.18.Final").contains(folder.toString());
  }

  @Test
  void isSilentAboutItsOwnVersion() throws Throwable {
    assertThat(logged(() -> with(version -> version, false, "all"))).doesNotContain("erpc-bom");
  }

  /** A jar that is packed of several has one manifest, of the program. */
  @Test
  void isSilentWhereNothingTellsTheVersion() throws Throwable {
    assertThat(logged(() -> with(version -> "1.0.0", true, "all"))).doesNotContain("erpc-bom");
  }

  @Test
  void theVersionsAreWhatThePomSays() throws IOException {
    Path pom = Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("../pom.xml");
    assertThat(Files.readString(pom))
        .contains("<netty.version>" + NettyVersion.FLOOR + "</netty.version>")
        .contains("<version>" + StartLine.VERSION + "</version>\n  <packaging>pom");
  }

  @Test
  void judgesByTheOldestModule() {
    Found old = new Found("netty-handler", "4.2.9.Final", null);
    assertThat(
            NettyVersion.oldest(
                List.of(
                    new Found("netty-common", "4.2.18.Final", null),
                    old,
                    new Found("netty-buffer", "4.2.10.Final", null))))
        .isEqualTo(old);
    assertThat(NettyVersion.oldest(List.of())).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "4.1.999.Final, 4.2.0.Final",
    "4.2.9.Final, 4.2.10.Final",
    "4.2.18.Final, 4.3.0.Alpha1",
    "4.2.18.Final, 5.0.0-SNAPSHOT",
  })
  void ordersVersionsByTheirNumbers(String older, String newer) {
    assertThat(NettyVersion.rank(older)).isLessThan(NettyVersion.rank(newer));
  }

  @Test
  void makesNothingOfWhatIsNoVersion() {
    assertThatCode(() -> NettyVersion.rank("unknown")).doesNotThrowAnyException();
    assertThat(NettyVersion.rank("")).isNull();
    assertThat(NettyVersion.rank("4.x")).isNull();
  }
}
