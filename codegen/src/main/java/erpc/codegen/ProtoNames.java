package erpc.codegen;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FeatureSet;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.JavaFeaturesProto;
import com.google.protobuf.JavaFeaturesProto.JavaFeatures.NestInFileClassFeature.NestInFileClass;
import java.util.ArrayList;
import java.util.List;

/**
 * Where protoc's Java generator puts the classes of one file; its rules, which it does not tell.
 */
final class ProtoNames {
  private final FileDescriptorProto file;

  ProtoNames(FileDescriptorProto file) {
    this.file = file;
  }

  /** The package of its classes, empty for none. */
  String javaPackage() {
    return file.getOptions().hasJavaPackage()
        ? file.getOptions().getJavaPackage()
        : file.getPackage();
  }

  /** The class that stands for the file. */
  String fileClass() {
    if (file.getOptions().hasJavaOuterClassname()) {
      return file.getOptions().getJavaOuterClassname();
    }
    String path = file.getName();
    String base = path.substring(path.lastIndexOf('/') + 1);
    String camel = camel(base.replaceFirst("[.]proto(devel)?$", ""), true);
    if (is2024()) {
      return camel + "Proto";
    }
    return isTaken(camel) ? camel + "OuterClass" : camel;
  }

  private boolean is2024() {
    return file.getSyntax().equals("editions")
        && file.getEdition().getNumber() >= Edition.EDITION_2024.getNumber();
  }

  private boolean isTaken(String name) {
    return file.getServiceList().stream().anyMatch(each -> each.getName().equals(name))
        || file.getEnumTypeList().stream().anyMatch(each -> each.getName().equals(name))
        || file.getMessageTypeList().stream().anyMatch(each -> hasName(each, name));
  }

  private static boolean hasName(DescriptorProto message, String name) {
    return message.getName().equals(name)
        || message.getEnumTypeList().stream().anyMatch(each -> each.getName().equals(name))
        || message.getNestedTypeList().stream().anyMatch(each -> hasName(each, name));
  }

  /** A message of the file, as it is reached from the package. */
  String path(DescriptorProto outermost, String nested) {
    return (isInFileClass(outermost.getOptions().getFeatures()) ? fileClass() + "." : "") + nested;
  }

  private boolean isInFileClass(FeatureSet own) {
    NestInFileClass said = nesting(own);
    if (said == NestInFileClass.NEST_IN_FILE_CLASS_UNKNOWN) {
      said = nesting(file.getOptions().getFeatures());
    }
    return switch (said) {
      case YES -> true;
      case NO -> false;
      default -> !is2024() && !file.getOptions().getJavaMultipleFiles();
    };
  }

  private static NestInFileClass nesting(FeatureSet features) {
    return features.getExtension(JavaFeaturesProto.java_).getNestInFileClass();
  }

  /** Classes that protoc makes of it which are nested in no other. */
  List<String> outermostClasses() {
    List<String> all = new ArrayList<>();
    all.add(fileClass());
    for (DescriptorProto each : file.getMessageTypeList()) {
      if (!isInFileClass(each.getOptions().getFeatures())) {
        all.add(each.getName());
        all.add(each.getName() + "OrBuilder");
      }
    }
    for (EnumDescriptorProto each : file.getEnumTypeList()) {
      if (!isInFileClass(each.getOptions().getFeatures())) {
        all.add(each.getName());
      }
    }
    if (file.getOptions().getJavaGenericServices()) {
      for (ServiceDescriptorProto each : file.getServiceList()) {
        if (!isInFileClass(each.getOptions().getFeatures())) {
          all.add(each.getName());
        }
      }
    }
    return all;
  }

  /**
   * As protoc writes names: what is no letter and no digit goes, and what follows is upper case.
   */
  static String camel(String name, boolean upper) {
    StringBuilder out = new StringBuilder();
    boolean capital = upper;
    for (int i = 0; i < name.length(); i++) {
      char each = name.charAt(i);
      if (each >= 'a' && each <= 'z') {
        out.append(capital ? (char) (each - 'a' + 'A') : each);
        capital = false;
      } else if (each >= 'A' && each <= 'Z') {
        boolean first = out.length() == 0 && !capital;
        out.append(first ? (char) (each - 'A' + 'a') : each);
        capital = false;
      } else if (each >= '0' && each <= '9') {
        out.append(each);
        capital = true;
      } else {
        capital = true;
      }
    }
    return out.toString();
  }
}
