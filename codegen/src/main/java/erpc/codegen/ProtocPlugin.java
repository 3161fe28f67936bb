package erpc.codegen;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The plugin {@code protoc-gen-erpc}: protoc starts it, writes what it has read to its stdin, and
 * writes the files that come back.
 */
public final class ProtocPlugin {
  private ProtocPlugin() {}

  /** Answers one request of protoc. What is wrong with the files stands in the answer. */
  public static void main(String[] arguments) throws IOException {
    run(System.in, System.out);
  }

  static void run(InputStream in, OutputStream out) throws IOException {
    CodeGeneratorResponse response = answer(CodeGeneratorRequest.parseFrom(in));
    response.writeTo(out);
    out.flush();
  }

  private static CodeGeneratorResponse answer(CodeGeneratorRequest request) {
    CodeGeneratorResponse.Builder response =
        CodeGeneratorResponse.newBuilder()
            .setSupportedFeatures(
                Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
            .setMinimumEdition(Edition.EDITION_PROTO2_VALUE)
            .setMaximumEdition(Edition.EDITION_2024_VALUE);
    if (!request.getParameter().isEmpty()) {
      return response
          .setError("unknown parameter '" + request.getParameter() + "': --erpc_out takes none")
          .build();
    }
    try {
      FileDescriptorSet files =
          FileDescriptorSet.newBuilder().addAllFile(request.getProtoFileList()).build();
      Codegen.generate(files, request.getFileToGenerateList())
          .forEach((path, text) -> response.addFileBuilder().setName(path).setContent(text));
    } catch (CodegenException e) {
      response.setError(String.valueOf(e.getMessage()));
    }
    return response.build();
  }
}
