package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Service;
import erpc.call.Status;
import erpc.client.Client;
import erpc.server.Server;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that has got a method and fields, between programs of which some know them not. */
class EvolutionTest {
  private static final String OLD =
      """
      syntax = "proto3";
      package evolving;
      option java_multiple_files = true;
      service Greeter {
        rpc Hello(HelloRequest) returns (HelloReply);
      }
      message HelloRequest {
        string name = 1;
      }
      message HelloReply {
        string text = 1;
      }
      """;

  private static final String NEW =
      OLD.replace("(HelloReply);", "(HelloReply);\n  rpc Part(HelloRequest) returns (HelloReply);")
          .replace("name = 1;", "name = 1;\n  string language = 2;")
          .replace("text = 1;", "text = 1;\n  string language = 2;");

  @TempDir Path folder;

  private Version old;
  private Version now;

  /** A service as one state of its file has it, called and answered by JSON. */
  private static final class Version implements AutoCloseable {
    private final URLClassLoader loader;

    Version(Path folder, String proto) throws Exception {
      Path classes = Files.createDirectories(folder.resolve("classes"));
      String said = Javac.compile(Generated.sources(folder, proto), classes);
      assertThat(said).isEmpty();
      loader =
          new URLClassLoader(
              new URL[] {classes.toUri().toURL()}, EvolutionTest.class.getClassLoader());
    }

    private Class<?> contract() throws ReflectiveOperationException {
      return loader.loadClass("evolving.Greeter");
    }

    @SuppressWarnings("unchecked")
    private Service<Object> service() throws ReflectiveOperationException {
      return (Service<Object>) contract().getField("SERVICE").get(null);
    }

    Server serve(UnaryOperator<String> hello) throws Exception {
      Object implementation =
          Proxy.newProxyInstance(
              loader,
              new Class<?>[] {contract()},
              (proxy, method, arguments) ->
                  read(hello.apply(text(arguments[0])), method.getReturnType()));
      return Server.builder().build().handle(service(), implementation).listen("127.0.0.1:0");
    }

    String call(Server server, String method, String request) throws Exception {
      try (Client client = Client.builder().target("ip://" + server.address()).build()) {
        Object greeter = client.of(service());
        Class<?> type = loader.loadClass("evolving.HelloRequest");
        try {
          Object reply = contract().getMethod(method, type).invoke(greeter, read(request, type));
          return text(reply);
        } catch (InvocationTargetException e) {
          throw (Exception) e.getCause();
        }
      }
    }

    private static Object read(String json, Class<?> type) throws Exception {
      Message.Builder builder = (Message.Builder) type.getMethod("newBuilder").invoke(null);
      JsonFormat.parser().merge(json, builder);
      return builder.build();
    }

    private static String text(Object message) throws Exception {
      return JsonFormat.printer().omittingInsignificantWhitespace().print((Message) message);
    }

    @Override
    public void close() throws Exception {
      loader.close();
    }
  }

  @BeforeEach
  void generate() throws Exception {
    old = new Version(Files.createDirectories(folder.resolve("old")), OLD);
    now = new Version(Files.createDirectories(folder.resolve("new")), NEW);
  }

  @AfterEach
  void close() throws Exception {
    old.close();
    now.close();
  }

  @Test
  void anOldClientCallsANewServer() throws Exception {
    String reply = "{'text':'hi','language':'en'}".replace('\'', '"');
    try (Server server =
        now.serve(request -> {
          assertThat(request).isEqualTo("{\"name\":\"you\"}");
          return reply;
        })) {
      assertThat(old.call(server, "hello", "{\"name\":\"you\"}")).isEqualTo("{\"text\":\"hi\"}");
    }
  }

  @Test
  void aNewClientCallsAnOldServer() throws Exception {
    try (Server server =
        old.serve(request -> {
          assertThat(request).isEqualTo("{\"name\":\"you\"}");
          return "{\"text\":\"hi\"}";
        })) {
      String request = "{\"name\":\"you\",\"language\":\"en\"}";
      assertThat(now.call(server, "hello", request)).isEqualTo("{\"text\":\"hi\"}");
    }
  }

  @Test
  void aMethodThatTheOldServerLacksIsNamedBesideThoseThatItHas() throws Exception {
    try (Server server = old.serve(request -> "{}")) {
      RpcException e =
          catchThrowableOfType(RpcException.class, () -> now.call(server, "part", "{}"));
      assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(e.status().started()).isEqualTo(Status.Started.NO);
      assertThat(e.status().message())
          .isEqualTo(
              "no method evolving.Greeter.Part on this server;"
                  + " it has these of evolving.Greeter: Hello");
    }
  }

  @Test
  void theNewServerHasBothMethods() throws Exception {
    assertThat(now.service().methods())
        .extracting(Method::name)
        .containsExactly("evolving.Greeter.Hello", "evolving.Greeter.Part");
  }
}
