package erpc.codegen;

import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.JavaFeaturesProto;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Generates the Java of services. Without state; the same input gives the same output. */
public final class Codegen {
  private Codegen() {}

  /**
   * The interfaces of all services of some files.
   *
   * @param files those and all that they import, with source info if comments are wanted
   * @param names which of them are to be generated for
   * @return each generated file's text by its path, {@code demo/Greeter.java}; files in order
   * @throws CodegenException if a service cannot be written as Java
   */
  public static Map<String, String> generate(FileDescriptorSet files, Collection<String> names)
      throws CodegenException {
    Map<String, FileDescriptorProto> known = new LinkedHashMap<>();
    for (FileDescriptorProto each : withJavaFeatures(files).getFileList()) {
      known.put(each.getName(), each);
    }
    Set<String> wanted = new HashSet<>(names);
    Map<String, String> generated = new LinkedHashMap<>();
    for (FileDescriptorProto file : known.values()) {
      if (!wanted.contains(file.getName())) {
        continue;
      }
      // Its imports alone count, so that it gives the same whatever is generated with it.
      Map<String, FileDescriptorProto> seen = new LinkedHashMap<>();
      addWithImports(file, known, seen);
      for (ServiceModel service : new ProtoServices(seen.values()).of(file)) {
        add(service, generated);
      }
    }
    return generated;
  }

  /**
   * Refuses files whose options would make names, and so paths, of their classes that are none.
   *
   * @throws CodegenException naming the file
   */
  static void requireNames(FileDescriptorSet files) throws CodegenException {
    for (FileDescriptorProto each : files.getFileList()) {
      ProtoNames names = new ProtoNames(each);
      ProtoServices.requireName(names.javaPackage(), each.getName(), "package");
      ProtoServices.requireName(names.fileClass(), each.getName(), "class");
    }
  }

  private static void addWithImports(
      FileDescriptorProto file,
      Map<String, FileDescriptorProto> known,
      Map<String, FileDescriptorProto> seen) {
    if (seen.putIfAbsent(file.getName(), file) != null) {
      return;
    }
    for (String each : file.getDependencyList()) {
      FileDescriptorProto imported = known.get(each);
      if (imported != null) { // Else a type will be missed, which tells more.
        addWithImports(imported, known, seen);
      }
    }
  }

  private static void add(ServiceModel service, Map<String, String> generated)
      throws CodegenException {
    if (generated.put(path(service), new ServiceWriter(service).write()) != null) {
      throw new CodegenException(
          service.source()
              + ": the interface of "
              + service.name()
              + " would be "
              + path(service)
              + ", and so would be that of another service: give their files different options"
              + " java_package");
    }
  }

  private static FileDescriptorSet withJavaFeatures(FileDescriptorSet files)
      throws CodegenException {
    // First, or the class of Java's features cannot be initialized: each of the two needs the
    // other.
    var unused = DescriptorProtos.getDescriptor();
    ExtensionRegistry extensions = ExtensionRegistry.newInstance();
    JavaFeaturesProto.registerAllExtensions(extensions);
    try {
      return FileDescriptorSet.parseFrom(files.toByteString(), extensions);
    } catch (InvalidProtocolBufferException e) {
      throw new CodegenException("protoc's description of the files cannot be read: " + e, e);
    }
  }

  private static String path(ServiceModel service) {
    String folder =
        service.javaPackage().isEmpty() ? "" : service.javaPackage().replace('.', '/') + "/";
    return folder + service.javaName() + ".java";
  }
}
