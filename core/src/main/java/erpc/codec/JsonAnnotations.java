package erpc.codec;

import com.fasterxml.jackson.annotation.JsonIgnoreType;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;

/** What the user of a type has said of how JSON carries it, and its fields. */
final class JsonAnnotations {
  private JsonAnnotations() {}

  static AnnotatedClass annotations(MapperConfig<?> config, JavaType type) {
    return config.classIntrospectorInstance().introspectClassAnnotations(type);
  }

  static List<Field> fields(Class<?> type) {
    List<Field> all = new ArrayList<>();
    for (Class<?> at = type; at != null && !JsonKnown.isJdk(at); at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        int modifiers = field.getModifiers();
        if (!Modifier.isStatic(modifiers)
            && !Modifier.isTransient(modifiers)
            && !field.isSynthetic()) {
          all.add(field);
        }
      }
    }
    return all;
  }

  /** Whether its user has said by an annotation what becomes of it. */
  static boolean isSetApart(Field field) {
    return field.getType().isAnnotationPresent(JsonIgnoreType.class)
        || Stream.of(field.getAnnotations())
            .map(each -> each.annotationType().getName())
            .anyMatch(name ->
                name.startsWith("com.fasterxml.jackson.annotation.")
                    && !name.equals(JsonProperty.class.getName()))
        || (field.isAnnotationPresent(JsonProperty.class)
            && field.getAnnotation(JsonProperty.class).access() != JsonProperty.Access.AUTO);
  }

  /** Whether its user's own code or annotation writes or reads it. */
  static boolean isCustom(Annotated annotated) {
    if (annotated.hasAnnotation(JsonSerialize.class)
        || annotated.hasAnnotation(JsonDeserialize.class)) {
      return true;
    }
    if (!(annotated instanceof AnnotatedClass type)) {
      return false;
    }
    for (var method : type.memberMethods()) {
      if (method.hasAnnotation(JsonValue.class)) {
        return true;
      }
    }
    for (var field : type.fields()) {
      if (field.hasAnnotation(JsonValue.class)) {
        return true;
      }
    }
    return false;
  }

  /** Whether its user has said how subclasses are told from it, or writes them himself. */
  static boolean isToldApart(MapperConfig<?> config, JavaType type) {
    AnnotatedClass annotations = annotations(config, type);
    return annotations.hasAnnotation(JsonTypeInfo.class) || isCustom(annotations);
  }
}
