package erpc.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Internal;
import com.google.protobuf.MessageLite;
import erpc.call.CallOptions;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Service;
import erpc.client.Client;
import erpc.server.Server;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of every construct: their services compile without a warning and are called. */
@Timeout(120)
class CorpusTest {
  private static final Path PROTOS = Path.of("src/test/proto").toAbsolutePath();

  @TempDir Path temp;

  @Test
  void eachServiceCompilesStrictlyAndIsCalledOverTheWire() throws Exception {
    Corpus corpus = new Corpus(PROTOS, temp);
    List<String> names = corpus.names();
    FileDescriptorSet files = corpus.read(names);
    Map<String, String> generated = Codegen.generate(files, names);
    corpus.write(generated);
    assertThat(corpus.compile()).isEqualTo(new Corpus.Said(0, ""));
    int services = files.getFileList().stream().mapToInt(each -> each.getServiceCount()).sum();
    assertThat(generated).hasSize(services);
    assertThat(callAll(corpus)).isEqualTo(methods(files));
  }

  private static int methods(FileDescriptorSet files) {
    return files.getFileList().stream()
        .flatMap(each -> each.getServiceList().stream())
        .mapToInt(each -> each.getMethodCount())
        .sum();
  }

  /** Calls every method of every service in each way; says how many there were. */
  private static int callAll(Corpus corpus) throws Exception {
    int called = 0;
    try (URLClassLoader loader = corpus.loader();
        Client client = Client.builder().build()) {
      for (String name : corpus.generatedClasses()) {
        Class<?> type = loader.loadClass(name);
        called += call(client, type);
        assertThat(call(client, loader.loadClass(name + "$Async"))).isGreaterThanOrEqualTo(0);
      }
    }
    return called;
  }

  @SuppressWarnings("unchecked") // The constant is for its interface.
  private static <T> int call(Client client, Class<T> type) throws Exception {
    Service<T> service = (Service<T>) type.getField("SERVICE").get(null);
    T implementation =
        type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, ANSWERS));
    try (Server server = Server.builder().build().handle(service, implementation)) {
      server.listen("127.0.0.1:0");
      T stub = client.of(service, "ip://" + server.address());
      Set<String> methods = new HashSet<>();
      for (java.lang.reflect.Method each : type.getMethods()) {
        boolean options = each.getParameterCount() == 2;
        Object[] arguments =
            options
                ? new Object[] {
                  example(each.getGenericParameterTypes()[0]),
                  CallOptions.NONE.withTimeout(Duration.ofSeconds(10))
                }
                : new Object[] {example(each.getGenericParameterTypes()[0])};
        assertThat(read(each.invoke(stub, arguments)))
            .as("%s", each)
            .isEqualTo(read(example(each.getGenericReturnType())));
        methods.add(each.getName());
      }
      assertThat(methods).hasSize(service.methods().size());
      return methods.size();
    }
  }

  /** Reads what was sent, and answers what is empty. */
  private static final java.lang.reflect.InvocationHandler ANSWERS =
      (self, method, arguments) -> {
        if (method.getDeclaringClass() == Object.class) {
          return method.getName().equals("hashCode") ? (Object) 1 : "an implementation";
        }
        assertThat(method.isDefault()).as("%s", method).isFalse();
        if (arguments[0] instanceof Incoming<?> requests) {
          assertThat(read(requests))
              .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
              .hasSize(3);
        }
        return example(method.getGenericReturnType());
      };

  private static Object read(Object reply) throws Exception {
    if (reply instanceof CompletableFuture<?> later) {
      return later.get(10, TimeUnit.SECONDS);
    }
    if (reply instanceof Incoming<?> stream) {
      List<Object> all = new ArrayList<>();
      try (stream) {
        stream.forEach(all::add);
      }
      return all;
    }
    return reply;
  }

  /** An empty message, three of them, or one later. */
  private static Object example(Type type) {
    if (type instanceof ParameterizedType generic) {
      MessageLite one = (MessageLite) example(generic.getActualTypeArguments()[0]);
      return generic.getRawType() == Incoming.class
          ? Incoming.of(List.of(one, one, one))
          : CompletableFuture.completedFuture(one);
    }
    return Internal.getDefaultInstance(((Class<?>) type).asSubclass(MessageLite.class));
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws Exception {
    Corpus corpus = new Corpus(PROTOS, temp);
    List<String> names = corpus.names();
    FileDescriptorSet files = corpus.read(names);
    Map<String, String> once = Codegen.generate(files, names);
    assertThat(Codegen.generate(files, names)).isEqualTo(once);
    // Each file alone gives what it gives with the others.
    for (String each : names) {
      FileDescriptorSet alone = corpus.read(List.of(each));
      assertThat(once).containsAllEntriesOf(Codegen.generate(alone, List.of(each)));
    }
  }

  @Test
  void noLineIsLongerThanAHundredUnlessANameIs() throws Exception {
    Corpus corpus = new Corpus(PROTOS, temp);
    List<String> names = corpus.names();
    Codegen.generate(corpus.read(names), names)
        .forEach((path, text) ->
            assertThat(text.lines().filter(each -> each.length() > 100))
                .as(path)
                .allMatch(each -> path.contains("lengthy") || each.startsWith("import ")));
  }

  @Test
  void aServiceMayHaveFiveHundredMethods() throws Exception {
    Path protos = Files.createDirectories(temp.resolve("protos"));
    StringBuilder text =
        new StringBuilder("syntax = \"proto3\";\npackage many;\nmessage M {}\nservice Many {\n");
    for (int i = 0; i < 500; i++) {
      text.append("  rpc Method").append(i).append("(M) returns (M);\n");
    }
    Files.writeString(protos.resolve("many.proto"), text.append("}\n"));
    Corpus corpus = new Corpus(protos, temp);
    corpus.write(Codegen.generate(corpus.read(List.of("many.proto")), List.of("many.proto")));
    assertThat(corpus.compile()).isEqualTo(new Corpus.Said(0, ""));
    assertThat(callAll(corpus)).isEqualTo(500);
  }

  @Test
  void idempotencyIsTakenOver() throws Exception {
    Corpus corpus = new Corpus(PROTOS, temp);
    String greeter =
        Codegen.generate(corpus.read(List.of("greeter.proto")), List.of("greeter.proto"))
            .get("corpus/outer/Greeter.java");
    assertThat(greeter.split("\\.idempotent\\(\\)", -1)).hasSize(3);
    assertThat(Method.unary("a.b", Void.class, Void.class).isIdempotent()).isFalse();
  }
}
