package erpc.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProtocPluginTest {
  private static final Path PROTOS = Path.of("src/test/proto").toAbsolutePath();

  @TempDir Path temp;

  /** Runs protoc with the plugin as a program of its own. */
  private Corpus.Said protoc(Path in, String... arguments) throws Exception {
    Path plugin = temp.resolve("protoc-gen-erpc");
    Files.writeString(
        plugin,
        "#!/bin/sh\nexec '%s/bin/java' -cp '%s' erpc.codegen.ProtocPlugin\n"
            .formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    List<String> command =
        new ArrayList<>(
            List.of(
                Corpus.protoc().toString(),
                "-I.",
                "-I" + Corpus.known(temp),
                "--plugin=protoc-gen-erpc=" + plugin));
    command.addAll(List.of(arguments));
    return Corpus.run(in, command);
  }

  @Test
  void protocRunsIt() throws Exception {
    Path out = Files.createDirectories(temp.resolve("out"));
    assertThat(protoc(PROTOS, "--erpc_out=" + out, "greeter.proto", "edition_2024.proto"))
        .isEqualTo(new Corpus.Said(0, ""));
    Corpus corpus = new Corpus(PROTOS, temp);
    List<String> names = List.of("greeter.proto", "edition_2024.proto");
    for (var each : Codegen.generate(corpus.read(names), names).entrySet()) {
      assertThat(out.resolve(each.getKey())).hasContent(each.getValue());
    }
  }

  @Test
  void whatProtocRefusesIsToldInItsOwnWords() throws Exception {
    Path broken = Files.createDirectories(temp.resolve("broken"));
    Files.writeString(broken.resolve("a.proto"), "syntax = \"proto3\";\nimport \"b.proto\";\n");
    Files.writeString(broken.resolve("b.proto"), "syntax = \"proto3\";\nimport \"a.proto\";\n");
    Files.writeString(broken.resolve("c.proto"), "syntax = \"proto3\";\nservice S { rpc }\n");
    Corpus.Said cycle = protoc(broken, "--erpc_out=" + temp, "a.proto");
    assertThat(cycle.exit()).isEqualTo(1);
    assertThat(cycle.text()).contains("File recursively imports itself").doesNotContain("at erpc");
    Corpus.Said syntax = protoc(broken, "--erpc_out=" + temp, "c.proto");
    assertThat(syntax.exit()).isEqualTo(1);
    assertThat(syntax.text()).contains("c.proto:2:").doesNotContain("at erpc");
  }

  @Test
  void whatCannotBeJavaIsAnErrorOfTheAnswer() throws Exception {
    Path protos = Files.createDirectories(temp.resolve("protos"));
    Files.writeString(protos.resolve("bare.proto"), "syntax = \"proto3\";\nmessage Bare {}\n");
    Files.writeString(
        protos.resolve("s.proto"),
        "syntax = \"proto3\";\npackage p;\nimport \"bare.proto\";\nservice S { rpc A(.Bare) returns (.Bare); }\n");
    Corpus.Said said = protoc(protos, "--erpc_out=" + temp, "s.proto");
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.text())
        .contains("s.proto: p.S.A needs the type .Bare", "java_package")
        .doesNotContain("at erpc");
  }

  @Test
  void anUnknownParameterIsRefused() throws Exception {
    CodeGeneratorResponse answer =
        answer(CodeGeneratorRequest.newBuilder().setParameter("fast=1").build());
    assertThat(answer.getError()).contains("fast=1");
    assertThat(answer.getFileCount()).isZero();
  }

  @Test
  void aTypeThatIsNotThereIsNamed() throws Exception {
    FileDescriptorSet files = new Corpus(PROTOS, temp).read(List.of("known.proto"));
    CodeGeneratorRequest.Builder request =
        CodeGeneratorRequest.newBuilder().addFileToGenerate("known.proto");
    files.getFileList().stream()
        .filter(each -> !each.getName().equals("google/protobuf/any.proto"))
        .forEach(request::addProtoFile);
    assertThat(answer(request.build()).getError())
        .contains("known.proto: corpus.known.Known.Wrap", ".google.protobuf.Any");
  }

  @Test
  void optionsThatAreNoNamesBecomeNoCode() throws Exception {
    for (String option : List.of("a; class X", "../../etc", "a.class", "a..b", "a\nb", "/a")) {
      for (boolean outer : new boolean[] {false, true}) {
        FileOptions.Builder options = FileOptions.newBuilder();
        var unused = outer ? options.setJavaOuterClassname(option) : options.setJavaPackage(option);
        CodeGeneratorRequest request =
            CodeGeneratorRequest.newBuilder()
                .addFileToGenerate("s.proto")
                .addProtoFile(
                    FileDescriptorProto.newBuilder()
                        .setName("s.proto")
                        .setSyntax("proto3")
                        .setPackage("p")
                        .setOptions(options)
                        .addMessageType(DescriptorProto.newBuilder().setName("M"))
                        .addService(
                            ServiceDescriptorProto.newBuilder()
                                .setName("S")
                                .addMethod(
                                    MethodDescriptorProto.newBuilder()
                                        .setName("A")
                                        .setInputType(".p.M")
                                        .setOutputType(".p.M"))))
                .build();
        assertThat(answer(request).getError()).contains("s.proto", "which is no name in Java");
        assertThat(answer(request).getFileCount()).isZero();
      }
    }
  }

  private static CodeGeneratorResponse answer(CodeGeneratorRequest request) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ProtocPlugin.run(new ByteArrayInputStream(request.toByteArray()), out);
    return CodeGeneratorResponse.parseFrom(out.toByteArray());
  }
}
