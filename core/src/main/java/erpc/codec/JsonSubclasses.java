package erpc.codec;

import com.google.protobuf.MessageLite;
import java.util.Arrays;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;

/**
 * Refuses to write an object of a subclass where its plain class is declared: the reader makes one
 * of the declared class, and what the subclass adds would be lost in silence. Only properties that
 * may hold such objects are looked at; records, final classes and the JDK's cost nothing.
 */
final class JsonSubclasses extends ValueSerializerModifier {
  private static final long serialVersionUID = 1;

  /** This as a module. */
  static SimpleModule module() {
    return new SimpleModule("erpc-subclasses").setSerializerModifier(new JsonSubclasses());
  }

  @Override
  public List<BeanPropertyWriter> changeProperties(
      SerializationConfig config,
      BeanDescription.Supplier bean,
      List<BeanPropertyWriter> properties) {
    properties.replaceAll(property -> {
      Check check = property.getClass() == BeanPropertyWriter.class ? of(config, property) : null;
      return check == null ? property : new Checked(property, check);
    });
    return properties;
  }

  private static @Nullable Check of(SerializationConfig config, BeanPropertyWriter property) {
    return property.getTypeSerializer() == null
            && !property.hasSerializer()
            && !JsonAnnotations.isCustom(property.getMember())
        ? of(config, property.getType())
        : null;
  }

  /** What looks at values of a type; null if nothing need be looked at. */
  static @Nullable Check of(SerializationConfig config, JavaType type) {
    if (type.isContainerType() || type.isReferenceType()) {
      JavaType content = type.getContentType();
      Check each = content == null ? null : of(config, content);
      return each == null ? null : value -> contents(value, each);
    }
    Class<?> raw = type.getRawClass();
    return isOpen(config, type) ? value -> same(raw, value) : null;
  }

  /** Whether there may be subclasses of which JSON says nothing. */
  private static boolean isOpen(SerializationConfig config, JavaType type) {
    Class<?> raw = type.getRawClass();
    if (raw == Date.class) {
      return true; // Those of java.sql know more, or less, of a time.
    }
    return !type.isFinal()
        && !type.isAbstract()
        && !type.isEnumType()
        && !type.isPrimitive()
        && !JsonKnown.isJdk(raw)
        && !JsonKnown.isCarried(raw)
        && !MessageLite.class.isAssignableFrom(raw)
        && !JsonAnnotations.isToldApart(config, type);
  }

  private static void same(Class<?> declared, Object value) {
    if (value.getClass() != declared) {
      throw new CodecException(
          "a "
              + value.getClass().getTypeName()
              + " stands where "
              + declared.getTypeName()
              + " is declared, and would be read as that: "
              + (declared == Date.class
                  ? "use new Date(time.getTime()), or Instant"
                  : "use @JsonTypeInfo(use = Id.NAME) with @JsonSubTypes"));
    }
  }

  private static void contents(Object value, Check each) {
    Iterator<?> contents =
        switch (value) {
          case Iterable<?> many -> many.iterator();
          case Map<?, ?> map -> map.values().iterator();
          case Object[] array -> Arrays.asList(array).iterator();
          case Optional<?> one -> one.stream().iterator();
          default -> List.of().iterator();
        };
    contents.forEachRemaining(content -> {
      if (content != null) {
        each.look(content);
      }
    });
  }

  /** Looks at a value that is about to be written. */
  interface Check {
    void look(Object value);
  }

  /** A property that may hold objects of subclasses. */
  private static final class Checked extends BeanPropertyWriter {
    private static final long serialVersionUID = 1;

    private final transient Check check;

    Checked(BeanPropertyWriter property, Check check) {
      super(property);
      this.check = check;
    }

    @Override
    public void serializeAsProperty(
        Object bean, JsonGenerator generator, SerializationContext context) throws Exception {
      Object value = get(bean);
      if (value != null) {
        check.look(value);
      }
      super.serializeAsProperty(bean, generator, context);
    }
  }
}
