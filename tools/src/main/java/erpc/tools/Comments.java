package erpc.tools;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The comments of declarations, as far as their descriptors carry them. Those in generated Java
 * carry none; a server in another language may have read them from the source. For one thread.
 */
final class Comments {
  private final Map<FileDescriptor, Map<List<Integer>, String>> files = new HashMap<>();

  /** The comment of a message, a field, an enum or the like; empty if it is not known. */
  String of(GenericDescriptor declaration) {
    return files
        .computeIfAbsent(declaration.getFile(), Comments::read)
        .getOrDefault(path(declaration), "");
  }

  private static Map<List<Integer>, String> read(FileDescriptor file) {
    Map<List<Integer>, String> comments = new HashMap<>();
    for (Location each : file.toProto().getSourceCodeInfo().getLocationList()) {
      String comment =
          each.hasLeadingComments() ? each.getLeadingComments() : each.getTrailingComments();
      if (!comment.isEmpty()) {
        comments.put(List.copyOf(each.getPathList()), comment);
      }
    }
    return comments;
  }

  /** Where it stands in its file: numbers of fields and places in them, by turns. */
  private static List<Integer> path(GenericDescriptor of) {
    return switch (of) {
      case Descriptor type ->
          type.getContainingType() == null
              ? List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, type.getIndex())
              : in(
                  type.getContainingType(),
                  DescriptorProto.NESTED_TYPE_FIELD_NUMBER,
                  type.getIndex());
      case EnumDescriptor type ->
          type.getContainingType() == null
              ? List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, type.getIndex())
              : in(
                  type.getContainingType(),
                  DescriptorProto.ENUM_TYPE_FIELD_NUMBER,
                  type.getIndex());
      case FieldDescriptor field ->
          in(field.getContainingType(), DescriptorProto.FIELD_FIELD_NUMBER, field.getIndex());
      case OneofDescriptor oneof ->
          in(oneof.getContainingType(), DescriptorProto.ONEOF_DECL_FIELD_NUMBER, oneof.getIndex());
      case EnumValueDescriptor value ->
          in(value.getType(), EnumDescriptorProto.VALUE_FIELD_NUMBER, value.getIndex());
      case ServiceDescriptor service ->
          List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, service.getIndex());
      case MethodDescriptor method ->
          in(method.getService(), ServiceDescriptorProto.METHOD_FIELD_NUMBER, method.getIndex());
      default -> List.of();
    };
  }

  private static List<Integer> in(GenericDescriptor outer, int field, int index) {
    List<Integer> path = new ArrayList<>(path(outer));
    path.add(field);
    path.add(index);
    return path;
  }
}
