package erpc.tools;

import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages and enums as a {@code .proto} file declares them, each outermost one by its full name.
 * Of options and reserved numbers it shows what a caller needs. For one thread.
 */
final class TypeText {
  private final NeededTypes needed;
  private final Comments comments;
  private final Lines out;

  TypeText(NeededTypes needed, Comments comments, Lines out) {
    this.needed = needed;
    this.comments = comments;
    this.out = out;
  }

  /** Writes one of the outermost types, with those needed of the ones that it contains. */
  void write(GenericDescriptor type) throws CallFailure {
    switch (type) {
      case Descriptor message -> message(message, 0);
      case EnumDescriptor of -> values(of, 0);
      default -> throw new AssertionError(type.getFullName());
    }
  }

  /** The type's name for who reads within a package. */
  static String name(GenericDescriptor type, String within) {
    String own = type.getFile().getPackage();
    return !own.isEmpty() && own.equals(within)
        ? type.getFullName().substring(own.length() + 1)
        : type.getFullName();
  }

  private void message(Descriptor type, int depth) throws CallFailure {
    out.comment(depth, comments.of(type));
    String name = depth == 0 ? type.getFullName() : type.getName();
    boolean fields = needed.has(type);
    if (fields && type.getFields().isEmpty() && !contains(type)) {
      out.add(depth, "message " + name + " {}");
      return;
    }
    out.add(depth, "message " + name + " {");
    if (fields) {
      fields(type, depth + 1);
    } else {
      out.add(depth + 1, "// Its own fields are not needed here.");
    }
    for (Descriptor each : type.getNestedTypes()) {
      if (needed.shows(each) && !each.getOptions().getMapEntry()) {
        out.add(0, "");
        message(each, depth + 1);
      }
    }
    for (EnumDescriptor each : type.getEnumTypes()) {
      if (needed.has(each)) {
        out.add(0, "");
        values(each, depth + 1);
      }
    }
    out.add(depth, "}");
  }

  private boolean contains(Descriptor type) {
    return type.getNestedTypes().stream().anyMatch(needed::shows)
        || type.getEnumTypes().stream().anyMatch(needed::has);
  }

  private void values(EnumDescriptor type, int depth) throws CallFailure {
    out.comment(depth, comments.of(type));
    out.add(depth, "enum " + (depth == 0 ? type.getFullName() : type.getName()) + " {");
    for (EnumValueDescriptor each : type.getValues()) {
      out.comment(depth + 1, comments.of(each));
      String option = each.getOptions().getDeprecated() ? " [deprecated = true]" : "";
      out.add(depth + 1, each.getName() + " = " + each.getNumber() + option + ";");
    }
    out.add(depth, "}");
  }

  private void fields(Descriptor type, int depth) throws CallFailure {
    Set<OneofDescriptor> done = new HashSet<>();
    for (FieldDescriptor each : type.getFields()) {
      OneofDescriptor oneof = each.getRealContainingOneof();
      if (oneof == null) {
        field(each, depth);
      } else if (done.add(oneof)) {
        out.comment(depth, comments.of(oneof));
        out.add(depth, "oneof " + oneof.getName() + " {");
        for (FieldDescriptor of : oneof.getFields()) {
          field(of, depth + 1);
        }
        out.add(depth, "}");
      }
    }
  }

  private void field(FieldDescriptor field, int depth) throws CallFailure {
    out.comment(depth, comments.of(field));
    String map = map(field);
    String type = map == null ? label(field) + type(field) : map;
    String number = " = " + field.getNumber();
    out.add(depth, type + " " + field.getName() + number + options(field) + ";");
  }

  /** Its type if it is a map, else null. */
  private static @Nullable String map(FieldDescriptor field) {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || !field.isMapField()) {
      return null;
    }
    // A stranger may call something a map that has neither of them.
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    return key == null || value == null ? null : "map<" + type(key) + ", " + type(value) + ">";
  }

  private static String label(FieldDescriptor field) {
    if (field.isRepeated()) {
      return "repeated ";
    }
    if (field.isRequired()) {
      return "required ";
    }
    return isOptional(field) ? "optional " : "";
  }

  /** Whether a label says so, or, where editions have none, it can be told whether it was set. */
  private static boolean isOptional(FieldDescriptor field) {
    if (field.getRealContainingOneof() != null) {
      return false;
    }
    return switch (field.getFile().toProto().getSyntax()) {
      case "editions" ->
          field.getJavaType() != FieldDescriptor.JavaType.MESSAGE && field.hasPresence();
      case "proto3" -> field.toProto().getProto3Optional();
      default -> true; // proto2
    };
  }

  private static String type(FieldDescriptor field) {
    String within = field.getFile().getPackage();
    return switch (field.getType()) {
      case MESSAGE -> name(field.getMessageType(), within);
      case GROUP -> "group " + name(field.getMessageType(), within);
      case ENUM -> name(field.getEnumType(), within);
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String options(FieldDescriptor field) {
    FieldDescriptorProto proto = field.toProto();
    List<String> options = new ArrayList<>();
    if (proto.hasDefaultValue()) {
      options.add("default = " + literal(field, proto.getDefaultValue()));
    }
    if (proto.hasJsonName() && !proto.getJsonName().equals(jsonName(field.getName()))) {
      options.add("json_name = " + quoted(proto.getJsonName()));
    }
    if (field.getOptions().getDeprecated()) {
      options.add("deprecated = true");
    }
    return options.isEmpty() ? "" : " [" + String.join(", ", options) + "]";
  }

  /** A default as a file says it; descriptors have that of bytes with its escapes. */
  private static String literal(FieldDescriptor field, String value) {
    return switch (field.getType()) {
      case STRING -> quoted(value);
      case BYTES -> '"' + value + '"';
      default -> value;
    };
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** What a field is called in JSON unless its file says otherwise. */
  private static String jsonName(String name) {
    StringBuilder made = new StringBuilder(name.length());
    boolean upper = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_') {
        upper = true;
      } else {
        made.append(upper && c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
        upper = false;
      }
    }
    return made.toString();
  }
}
