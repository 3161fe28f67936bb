package erpc.codegen;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import erpc.codegen.ServiceModel.MethodModel;
import erpc.codegen.ServiceModel.Shape;
import erpc.codegen.ServiceModel.TypeModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.SourceVersion;

/** The services of {@code .proto} files, as protoc has read them. */
final class ProtoServices {
  private static final int SERVICES = FileDescriptorProto.SERVICE_FIELD_NUMBER;
  private static final int METHODS = ServiceDescriptorProto.METHOD_FIELD_NUMBER;

  /** What each interface has within itself. */
  private static final String TWIN = "Async";

  /** Words that are no keywords, and yet name no interface. */
  private static final Set<String> NO_TYPES =
      Set.of("var", "yield", "record", "sealed", "permits", TWIN);

  private final Map<String, TypeModel> types = new HashMap<>(); // by full name
  private final Map<String, Set<String>> classes = new HashMap<>(); // by package

  /** Knows the types of all these files. */
  ProtoServices(Collection<FileDescriptorProto> files) {
    for (FileDescriptorProto each : files) {
      ProtoNames names = new ProtoNames(each);
      classesOf(names.javaPackage()).addAll(names.outermostClasses());
      String prefix = each.getPackage().isEmpty() ? "." : "." + each.getPackage() + ".";
      for (DescriptorProto message : each.getMessageTypeList()) {
        add(names, message, message, prefix, "", each.getOptions().getDeprecated());
      }
    }
  }

  private Set<String> classesOf(String javaPackage) {
    return classes.computeIfAbsent(javaPackage, unused -> new TreeSet<>());
  }

  private void add(
      ProtoNames names,
      DescriptorProto outermost,
      DescriptorProto message,
      String prefix,
      String around,
      boolean deprecated) {
    String nested = around + message.getName();
    boolean old = deprecated || message.getOptions().getDeprecated();
    types.put(
        prefix + nested, new TypeModel(names.javaPackage(), names.path(outermost, nested), old));
    for (DescriptorProto each : message.getNestedTypeList()) {
      add(names, outermost, each, prefix, nested + ".", old);
    }
  }

  /**
   * The services of one of the files.
   *
   * @throws CodegenException if a type is not known, or cannot be reached from the service's
   *     package
   */
  List<ServiceModel> of(FileDescriptorProto file) throws CodegenException {
    Map<List<Integer>, String> comments = comments(file);
    String javaPackage = new ProtoNames(file).javaPackage();
    requireName(javaPackage, file.getName(), "package");
    List<ServiceModel> services = new ArrayList<>();
    for (int i = 0; i < file.getServiceCount(); i++) {
      ServiceDescriptorProto service = file.getService(i);
      String name =
          file.getPackage().isEmpty()
              ? service.getName()
              : file.getPackage() + "." + service.getName();
      String javaName = javaName(service.getName(), classesOf(javaPackage));
      List<String> neighbours = List.copyOf(classesOf(javaPackage));
      classesOf(javaPackage).add(javaName);
      services.add(
          new ServiceModel(
              file.getName(),
              name,
              javaPackage,
              javaName,
              comments.getOrDefault(List.of(SERVICES, i), ""),
              service.getOptions().getDeprecated(),
              methods(file, i, name, comments),
              neighbours));
    }
    return services;
  }

  private static String javaName(String name, Set<String> taken) {
    boolean usable = !SourceVersion.isKeyword(name) && !NO_TYPES.contains(name);
    String free = usable && !taken.contains(name) ? name : name + "Service";
    while (taken.contains(free)) {
      free += "_";
    }
    return free;
  }

  private List<MethodModel> methods(
      FileDescriptorProto file, int service, String name, Map<List<Integer>, String> comments)
      throws CodegenException {
    List<MethodModel> methods = new ArrayList<>();
    Set<String> javaNames = new HashSet<>();
    Set<String> constants = new HashSet<>(Set.of("SERVICE"));
    List<MethodDescriptorProto> all = file.getService(service).getMethodList();
    for (int i = 0; i < all.size(); i++) {
      MethodDescriptorProto method = all.get(i);
      String where = file.getName() + ": " + name + "." + method.getName();
      IdempotencyLevel level = method.getOptions().getIdempotencyLevel();
      methods.add(
          new MethodModel(
              method.getName(),
              free(lowerCamel(method.getName()), javaNames),
              free(constant(method.getName()), constants),
              Shape.of(method.getClientStreaming(), method.getServerStreaming()),
              type(method.getInputType(), file, where),
              type(method.getOutputType(), file, where),
              level != IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
              method.getOptions().getDeprecated(),
              comments.getOrDefault(List.of(SERVICES, service, METHODS, i), "")));
    }
    return methods;
  }

  private TypeModel type(String name, FileDescriptorProto file, String where)
      throws CodegenException {
    TypeModel type = types.get(name);
    if (type == null) {
      throw new CodegenException(
          where + " needs the type " + name + ", which is in none of the files that were given");
    }
    if (type.javaPackage().isEmpty() && !new ProtoNames(file).javaPackage().isEmpty()) {
      throw new CodegenException(
          where
              + " needs the type "
              + name
              + ", whose class is in no package, and so cannot be named from one that is: give its"
              + " file an option java_package");
    }
    requireName(type.javaPackage(), where, "package");
    requireName(type.path(), where, "class");
    if (type.javaPackage().isEmpty() && (type.path() + ".").startsWith(TWIN + ".")) {
      throw new CodegenException(
          where
              + " needs the type "
              + name
              + ", which the interface cannot name: it has an "
              + TWIN
              + " of its own, and the type's class is in no package: give its file an option"
              + " java_package");
    }
    return type;
  }

  /** Options are texts: one that is no name would be code, or a path. */
  static void requireName(String name, String where, String what) throws CodegenException {
    boolean plain =
        name.codePoints()
            .noneMatch(
                each -> Character.isIdentifierIgnorable(each) || Character.isWhitespace(each));
    if (!name.isEmpty() && !(plain && SourceVersion.isName(name))) {
      String shown = name.codePoints().allMatch(each -> each > ' ' && each < 0x7f) ? name : "?";
      throw new CodegenException(
          where + " needs the Java " + what + " '" + shown + "', which is no name in Java");
    }
  }

  private static String free(String name, Set<String> taken) {
    // A method yield could not be called by its simple name.
    boolean usable = !SourceVersion.isKeyword(name) && !name.equals("yield");
    String free = usable ? name : name + "_";
    while (!taken.add(free)) {
      free += "_";
    }
    return free;
  }

  private static String lowerCamel(String name) {
    String camel = ProtoNames.camel(name, false);
    boolean usable = !camel.isEmpty() && SourceVersion.isIdentifier(camel);
    return usable ? camel : "_" + camel;
  }

  /**
   * {@code SayHello} and {@code sayHello} give {@code SAY_HELLO}, {@code GetURL} {@code GET_URL}.
   */
  private static String constant(String name) {
    String upper =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replaceAll("([A-Z])([A-Z][a-z])", "$1_$2")
            .toUpperCase(Locale.ROOT);
    return SourceVersion.isKeyword(upper) ? upper + "_" : upper;
  }

  private static Map<List<Integer>, String> comments(FileDescriptorProto file) {
    Map<List<Integer>, String> comments = new HashMap<>();
    for (Location each : file.getSourceCodeInfo().getLocationList()) {
      boolean ofService = each.getPathCount() == 2 || each.getPathCount() == 4;
      if (ofService && each.getPath(0) == SERVICES) {
        String text =
            each.getLeadingComments().isBlank()
                ? each.getTrailingComments()
                : each.getLeadingComments();
        comments.put(List.copyOf(each.getPathList()), text);
      }
    }
    return comments;
  }
}
