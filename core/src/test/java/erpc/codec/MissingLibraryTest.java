package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import erpc.call.BodyType;
import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.client.Client;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library without its optional libraries, by a class loader that does not have them. */
class MissingLibraryTest {
  private static final Pattern OPTIONAL =
      Pattern.compile(".*(protobuf-java-util|gson|jackson|zstd-jni|lz4-java)[^/]*\\.jar");

  /** Called inside the class loader that lacks the libraries. */
  public static final class Uses {
    public static void nothing() {}

    public static void pb() {
      roundTrip("pb", Samples.hello());
    }

    public static void binary() {
      roundTrip("binary", new byte[] {1});
    }

    public static void jsonMessage() {
      roundTrip("json", Samples.hello());
    }

    public static void jsonObject() {
      roundTrip("json", Map.of("a", 1));
    }

    /** As a server does for each method it defines. */
    public static void defined() {
      PrintStream before = System.err;
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
      try {
        Codecs.standard().requireTaken(Method.unary("demo.a", byte[].class, byte[].class));
        Codecs.standard()
            .requireTaken(
                Method.unary("demo.b", Samples.hello().getClass(), Samples.hello().getClass()));
      } finally {
        System.setErr(before);
      }
      if (log.size() > 0) {
        throw new AssertionError(log.toString(StandardCharsets.UTF_8));
      }
    }

    public static void definedWithJson() {
      Codecs.standard().requireTaken(Method.unary("demo.b", byte[].class, byte[].class));
      Codecs.standard().requireTaken(Method.unary("demo.c", Map.class, Map.class));
    }

    public static void settingOfZstd() {
      Codecs.standard().requireUsable(null, "gzip");
      Codecs.standard().requireUsable("json", "zstd");
    }

    public static void clientWithLz4() {
      Client.builder().options("a.b", CallOptions.NONE.withCompression("lz4")).build().close();
    }

    public static void gzip() {
      compress("gzip");
    }

    public static void zstd() {
      compress("zstd");
    }

    public static void lz4() {
      compress("lz4");
    }

    private static void compress(String name) {
      Compression compression = Codecs.standard().compressionByName(name);
      compression.decompress(compression.compress(ByteBuffer.allocate(10)), 10);
    }

    private static void roundTrip(String name, Object message) {
      Codec codec = Codecs.standard().byName(name);
      codec.read(
          BodyType.of(Samples.typeOf(message)), ByteBuffer.wrap(BufferSink.bytes(codec, message)));
    }
  }

  private static void without(Pattern jars, String use) throws Throwable {
    List<String> entries =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !jars.matcher(entry).matches())
            .toList();
    URL[] urls = new URL[entries.size()];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = new File(entries.get(i)).toURI().toURL();
    }
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      loader.loadClass(Uses.class.getName()).getMethod(use).invoke(null);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @ParameterizedTest
  @CsvSource({"nothing", "pb", "binary", "gzip", "defined"})
  void whatNeedsNoneWorksWithoutAny(String use) {
    assertThatCode(() -> without(OPTIONAL, use)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "jsonMessage, com.google.protobuf:protobuf-java-util",
    "jsonObject, tools.jackson.core:jackson-databind",
    "zstd, com.github.luben:zstd-jni",
    "lz4, at.yawk.lz4:lz4-java",
    "definedWithJson, tools.jackson.core:jackson-databind",
    "settingOfZstd, com.github.luben:zstd-jni",
    "clientWithLz4, at.yawk.lz4:lz4-java",
  })
  void whatNeedsOneNamesIt(String use, String artifact) {
    assertThatIllegalStateException()
        .isThrownBy(() -> without(OPTIONAL, use))
        .withMessageContaining(artifact + ", which is missing: add it")
        .withCauseInstanceOf(NoClassDefFoundError.class);
  }

  @ParameterizedTest
  @CsvSource({
    "jackson-core, tools/jackson/core",
    "jackson-annotations, com/fasterxml/jackson/annotation",
  })
  void halfOfALibraryIsNotCalledMissing(String lacking, String named) {
    assertThatIllegalStateException()
        .isThrownBy(() -> without(Pattern.compile(".*/" + lacking + "-[^/]*"), "definedWithJson"))
        .withMessageContaining("jackson-databind, which is there (file:")
        .withMessageContaining("jackson-databind-")
        .withMessageContaining(named)
        .withCauseInstanceOf(LinkageError.class);
  }

  @Test
  void oneMissingLibraryDoesNotHarmTheOthers() {
    assertThatCode(() -> without(Pattern.compile(".*jackson.*"), "jsonMessage"))
        .doesNotThrowAnyException();
    assertThatCode(() -> without(Pattern.compile(".*(protobuf-java-util|gson).*"), "jsonObject"))
        .doesNotThrowAnyException();
    assertThat(OPTIONAL.matcher("/x/gson-2.8.9.jar").matches()).isTrue();
  }
}
