package erpc.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import com.google.protobuf.Timestamp;
import erpc.server.wire.DescribeReply;
import erpc.server.wire.MethodDescription;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors as text, those too that no compiler has made. */
class SignaturesTest {
  private static FileDescriptorProto file(String text) throws Exception {
    FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder().setName("demo.proto");
    TextFormat.merge(text, file);
    return file.build();
  }

  private static Descriptions described(String request, FileDescriptorProto... files)
      throws CallFailure {
    MethodDescription method =
        MethodDescription.newBuilder()
            .setName("demo.Greeter.Hello")
            .setRequestType(request)
            .addCodecs("pb")
            .build();
    return Descriptions.read(
        DescribeReply.newBuilder()
            .addMethods(method)
            .setFileDescriptorSet(
                FileDescriptorSet.newBuilder().addAllFile(List.of(files)).build().toByteString())
            .build(),
        "its methods");
  }

  private static String shown(String request, FileDescriptorProto... files) throws CallFailure {
    Descriptions found = described(request, files);
    String text = new Signatures(found).text(found.methods());
    assertThat(new Signatures(found).text(found.methods())).isEqualTo(text);
    return text;
  }

  /** What follows the method. */
  private static String types(String request, FileDescriptorProto... files) throws CallFailure {
    String text = shown(request, files);
    return text.substring(text.indexOf("\n\nmessage") + 2);
  }

  @Test
  void showsLabelsOneofsAndNamesOfProto3() throws Exception {
    FileDescriptorProto time = Timestamp.getDescriptor().getFile().toProto();
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "proto3" dependency: "google/protobuf/timestamp.proto"
            message_type {
              name: "All"
              field { name: "plain" number: 1 type: TYPE_SINT32 label: LABEL_OPTIONAL }
              field { name: "told" number: 2 type: TYPE_BOOL label: LABEL_OPTIONAL
                      proto3_optional: true oneof_index: 1 }
              field { name: "list" number: 3 type: TYPE_BYTES label: LABEL_REPEATED }
              field { name: "a" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
              field { name: "b" number: 6 type: TYPE_DOUBLE label: LABEL_OPTIONAL oneof_index: 0 }
              field { name: "at" number: 7 type: TYPE_MESSAGE
                      type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
              field { name: "long_name" number: 8 type: TYPE_DOUBLE label: LABEL_OPTIONAL
                      json_name: "longName" options { deprecated: true } }
              field { name: "other" number: 9 type: TYPE_DOUBLE label: LABEL_OPTIONAL
                      json_name: "an\\"other" }
              oneof_decl { name: "either" }
              oneof_decl { name: "_told" }
              reserved_range { start: 20 end: 30 }
            }
            """);
    assertThat(types("demo.All", time, file))
        .isEqualTo(
            """
            message demo.All {
              sint32 plain = 1;
              optional bool told = 2;
              repeated bytes list = 3;
              oneof either {
                string a = 5;
                double b = 6;
              }
              google.protobuf.Timestamp at = 7;
              double long_name = 8 [deprecated = true];
              double other = 9 [json_name = "an\\"other"];
            }
            """);
  }

  @Test
  void showsMapsAndTheTypesWithinOthersThatAreNeeded() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "proto3"
            message_type {
              name: "All"
              field { name: "of" number: 4 type: TYPE_MESSAGE type_name: ".demo.All.OfEntry"
                      label: LABEL_REPEATED }
              field { name: "b" number: 6 type: TYPE_ENUM type_name: ".demo.All.Kind"
                      label: LABEL_OPTIONAL }
              nested_type {
                name: "OfEntry"
                field { name: "key" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
                field { name: "value" number: 2 type: TYPE_MESSAGE type_name: ".demo.All.Inner"
                        label: LABEL_OPTIONAL }
                options { map_entry: true }
              }
              nested_type { name: "Inner" }
              nested_type { name: "Unused" }
              enum_type {
                name: "Kind"
                value { name: "NONE" number: 0 }
                value { name: "SOME" number: 1 options { deprecated: true } }
              }
            }
            """);
    assertThat(shown("demo.All", file))
        .isEqualTo(
            """
            service demo.Greeter

              rpc Hello(All) returns (not protobuf)   // codecs pb

            message demo.All {
              map<int64, All.Inner> of = 4;
              All.Kind b = 6;

              message Inner {}

              enum Kind {
                NONE = 0;
                SOME = 1 [deprecated = true];
              }
            }
            """);
  }

  @Test
  void showsLabelsDefaultsAndGroupsOfProto2() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo"
            message_type {
              name: "Old"
              field { name: "must" number: 1 type: TYPE_INT32 label: LABEL_REQUIRED }
              field { name: "text" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL
                      default_value: "a \\"b\\" \\\\ \\033[31m" }
              field { name: "raw" number: 3 type: TYPE_BYTES label: LABEL_OPTIONAL
                      default_value: "\\\\001" }
              field { name: "kind" number: 4 type: TYPE_ENUM type_name: ".demo.Kind"
                      label: LABEL_OPTIONAL default_value: "B" }
              field { name: "half" number: 5 type: TYPE_FLOAT label: LABEL_OPTIONAL
                      default_value: "-inf" }
              field { name: "result" number: 6 type: TYPE_GROUP type_name: ".demo.Old.Result"
                      label: LABEL_OPTIONAL }
              nested_type { name: "Result" }
            }
            enum_type { name: "Kind" value { name: "A" number: 1 } value { name: "B" number: -2 } }
            """);
    assertThat(types("demo.Old", file))
        .isEqualTo(
            """
            message demo.Old {
              required int32 must = 1;
              optional string text = 2 [default = "a \\"b\\" \\\\ \\u001b[31m"];
              optional bytes raw = 3 [default = "\\001"];
              optional Kind kind = 4 [default = B];
              optional float half = 5 [default = -inf];
              optional group Old.Result result = 6;

              message Result {}
            }

            enum demo.Kind {
              A = 1;
              B = -2;
            }
            """);
  }

  @Test
  void showsInEditionsWhetherAScalarCanBeUnset() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "editions" edition: EDITION_2023
            message_type {
              name: "New"
              field { name: "explicit" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
              field { name: "implicit" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL
                      options { features { field_presence: IMPLICIT } } }
              field { name: "must" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL
                      options { features { field_presence: LEGACY_REQUIRED } } }
              field { name: "self" number: 4 type: TYPE_MESSAGE type_name: ".demo.New"
                      label: LABEL_OPTIONAL }
            }
            """);
    assertThat(types("demo.New", file))
        .isEqualTo(
            """
            message demo.New {
              optional int32 explicit = 1;
              int32 implicit = 2;
              required int32 must = 3;
              New self = 4;
            }
            """);
  }

  @Test
  void showsOfATypeAroundANeededOneOnlyThatOne() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "proto3"
            message_type {
              name: "Outer"
              field { name: "huge" number: 1 type: TYPE_MESSAGE type_name: ".demo.Huge"
                      label: LABEL_OPTIONAL }
              nested_type {
                name: "Inner"
                field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
              }
            }
            message_type { name: "Huge" }
            """);
    assertThat(shown("demo.Outer.Inner", file))
        .isEqualTo(
            """
            service demo.Greeter

              rpc Hello(Outer.Inner) returns (not protobuf)   // codecs pb

            message demo.Outer {
              // Its own fields are not needed here.

              message Inner {
                int32 x = 1;
              }
            }
            """);
  }

  @Test
  void showsCommentsOfASourceWhereTheServerHasThem() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "proto3"
            message_type {
              name: "Q"
              field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
            }
            service {
              name: "Greeter"
              method { name: "Hello" input_type: ".demo.Q" output_type: ".demo.Q"
                       options { deprecated: true } }
            }
            source_code_info {
              location { path: [4, 0] leading_comments: " A question,\\n  of two lines.\\n" }
              location { path: [4, 0, 2, 0] trailing_comments: " What is asked.\\n" }
              location { path: [6, 0] leading_comments: " Greets.\\n" }
              location { path: [6, 0, 2, 0] leading_comments: "\\n\\tSays\\033[0m hello.\\n\\n" }
            }
            """);
    assertThat(shown("demo.Q", file))
        .isEqualTo(
            """
            // Greets.
            service demo.Greeter

              // Says\\u001b[0m hello.
              rpc Hello(Q) returns (not protobuf)   // deprecated; codecs pb

            // A question,
            //  of two lines.
            message demo.Q {
              // What is asked.
              int32 x = 1;
            }
            """);
  }

  @Test
  void endsAtTypesThatNeedEachOther() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo" syntax: "proto3"
            message_type { name: "A" field { name: "b" number: 1 type: TYPE_MESSAGE
              type_name: ".demo.B" label: LABEL_OPTIONAL } }
            message_type { name: "B" field { name: "a" number: 1 type: TYPE_MESSAGE
              type_name: ".demo.A" label: LABEL_OPTIONAL } }
            """);
    assertThat(types("demo.A", file))
        .isEqualTo("message demo.A {\n  B b = 1;\n}\n\nmessage demo.B {\n  A a = 1;\n}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: \"a.proto\" dependency: \"a.proto\" message_type { name: \"A\""
            + " field { name: \"b\" number: 1 type: TYPE_MESSAGE type_name: \".b.B\" } }",
        "message_type { name: \"\" }",
        "message_type { name: \"A\" field { name: \"x\" number: -1 type: TYPE_INT32 } }",
        "message_type { name: \"A\" field { name: \"x\" number: 1 } }",
        "message_type { name: \"A\" field { name: \"x\" number: 1 oneof_index: 7 } }",
        "message_type { name: \"A\" } message_type { name: \"A\" }",
        "syntax: \"editions\" edition: EDITION_99999_TEST_ONLY message_type { name: \"A\" }",
        "enum_type { name: \"E\" }",
      })
  void saysThatDescriptorsMakeNoSense(String text) throws Exception {
    assertFails(file(text));
  }

  private static void assertFails(FileDescriptorProto file) {
    assertThatThrownBy(() -> described("demo.A", file))
        .isInstanceOf(CallFailure.class)
        .hasMessageStartingWith("the server's description of its methods cannot be understood: ");
  }

  @Test
  void saysThatBytesAreNoDescriptors() {
    DescribeReply reply =
        DescribeReply.newBuilder()
            .setFileDescriptorSet(ByteString.copyFromUtf8("\n\u00ff"))
            .build();
    assertThatThrownBy(() -> Descriptions.read(reply, "demo.hello"))
        .isInstanceOf(CallFailure.class)
        .hasMessageStartingWith("the server's description of demo.hello cannot be understood: ");
  }

  @Test
  void namesAMessageCalledAMapThatIsNone() throws Exception {
    FileDescriptorProto file =
        file(
            """
            package: "demo"
            message_type {
              name: "A"
              field { name: "m" number: 1 type: TYPE_MESSAGE type_name: ".demo.A.M"
                      label: LABEL_REPEATED }
              nested_type { name: "M" options { map_entry: true } }
            }
            """);
    assertThat(types("demo.A", file)).isEqualTo("message demo.A {\n  repeated A.M m = 1;\n}\n");
  }

  @Test
  void showsTypesInDeepNestsAndCutsLongNames() throws Exception {
    DescriptorProto type = DescriptorProto.newBuilder().setName("T").build();
    for (int i = 0; i < 90; i++) {
      type = DescriptorProto.newBuilder().setName("T").addNestedType(type).build();
    }
    String name = "T" + ".T".repeat(90);
    FileDescriptorProto deep = file("").toBuilder().addMessageType(type).build();
    assertThat(types(name, deep)).hasLineCount(90 * 4 + 1);
    String longName = "x".repeat(5_000);
    FileDescriptorProto wide =
        file(
            "message_type { name: \"A\" field { name: \""
                + longName
                + "\" number: 1"
                + " type: TYPE_INT32 label: LABEL_OPTIONAL } }");
    assertThat(types("A", wide)).hasSizeLessThan(1_100).contains("xxx…");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void refusesToShowMoreThanAPersonWouldRead(boolean forPrograms) throws Exception {
    DescriptorProto.Builder type = DescriptorProto.newBuilder().setName("A");
    String name = "B".repeat(900);
    for (int i = 0; i < 5_000; i++) {
      type.addField(
          FieldDescriptorProto.newBuilder()
              .setName("f" + i)
              .setNumber(i + 20_000)
              .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
              .setTypeName(name));
    }
    FileDescriptorProto file =
        file("").toBuilder()
            .addMessageType(type)
            .addMessageType(DescriptorProto.newBuilder().setName(name))
            .build();
    Descriptions found = described("A", file);
    assertThatThrownBy(
            () -> {
              if (forPrograms) {
                new Signatures(found).json(found.methods());
              } else {
                new Signatures(found).text(found.methods());
              }
            })
        .isInstanceOf(CallFailure.class)
        .hasMessage(
            "what the server describes takes more than 4194304 characters to show; ask for one"
                + " method");
    List<MethodDescription> many = Collections.nCopies(200_000, found.methods().get(0));
    assertThatThrownBy(() -> new Signatures(found).text(many)).isInstanceOf(CallFailure.class);
  }

  @Test
  void takesANameWithoutAServiceForWhatItIs() throws Exception {
    Descriptions found =
        Descriptions.read(
            DescribeReply.newBuilder()
                .addMethods(MethodDescription.newBuilder().setName("bare\n"))
                .build(),
            "its methods");
    assertThat(new Signatures(found).text(found.methods()))
        .isEqualTo(
            "service \n\n  rpc bare\\u000a(not protobuf) returns (not protobuf)"
                + "   // no codec of the server takes it\n");
  }
}
