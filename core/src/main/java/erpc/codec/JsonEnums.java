package erpc.codec;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.ContainerDeserializerBase;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.ext.jdk8.Jdk8OptionalDeserializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.module.SimpleDeserializers;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;
import tools.jackson.databind.type.ReferenceType;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Constants that the other side knows and this one doesn't, of an enum that names none as its
 * default: left out of collections, arrays and maps; nothing where nothing is allowed; else an
 * error.
 */
final class JsonEnums extends ValueDeserializerModifier {
  private static final long serialVersionUID = 1;

  @Override
  public ValueDeserializer<?> modifyEnumDeserializer(
      DeserializationConfig config,
      JavaType type,
      BeanDescription.Supplier bean,
      ValueDeserializer<?> deserializer) {
    return new Constants(deserializer, type.getRawClass(), false);
  }

  @Override
  public ValueDeserializer<?> modifyCollectionDeserializer(
      DeserializationConfig config,
      CollectionType type,
      BeanDescription.Supplier bean,
      ValueDeserializer<?> deserializer) {
    return isEnum(type.getContentType()) ? new Elements(deserializer, type, null) : deserializer;
  }

  @Override
  public ValueDeserializer<?> modifyArrayDeserializer(
      DeserializationConfig config,
      ArrayType type,
      BeanDescription.Supplier bean,
      ValueDeserializer<?> deserializer) {
    return isEnum(type.getContentType()) ? new Elements(deserializer, type, null) : deserializer;
  }

  @Override
  public ValueDeserializer<?> modifyMapDeserializer(
      DeserializationConfig config,
      MapType type,
      BeanDescription.Supplier bean,
      ValueDeserializer<?> deserializer) {
    return isEnum(type.getContentType()) || isEnum(type.getKeyType())
        ? new Entries(deserializer, type, null, null)
        : deserializer;
  }

  @Override
  public ValueDeserializer<?> modifyReferenceDeserializer(
      DeserializationConfig config,
      ReferenceType type,
      BeanDescription.Supplier bean,
      ValueDeserializer<?> deserializer) {
    return isEnum(type.getContentType())
        ? new Optionals(deserializer, type.getContentType().getRawClass())
        : deserializer;
  }

  /** This as a module. */
  static SimpleModule module() {
    return new SimpleModule("erpc-enums")
        .setDeserializers(new OptionalConstants())
        .setDeserializerModifier(new JsonEnums());
  }

  /** Makes Jackson's own, which it otherwise shows to nobody who may change it. */
  private static final class OptionalConstants extends SimpleDeserializers {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable ValueDeserializer<?> findReferenceDeserializer(
        ReferenceType type,
        DeserializationConfig config,
        BeanDescription.Supplier bean,
        TypeDeserializer contentType,
        ValueDeserializer<?> content) {
      return type.hasRawClass(Optional.class) && isEnum(type.getContentType())
          ? new Jdk8OptionalDeserializer(type, null, contentType, content)
          : null;
    }
  }

  private static boolean isEnum(JavaType type) {
    return type.isEnumType();
  }

  /** Whether this is about a text that is no constant of this enum. */
  private static boolean isUnknown(InvalidFormatException e, Class<?> type) {
    return e.getTargetType() == type && e.getValue() instanceof String;
  }

  /** Constants by themselves. */
  private static final class Constants extends DelegatingDeserializer {
    private final Class<?> type;
    private final boolean mayBeNull;

    Constants(ValueDeserializer<?> delegate, Class<?> type, boolean mayBeNull) {
      super(delegate);
      this.type = type;
      this.mayBeNull = mayBeNull;
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
      return new Constants(delegate, type, mayBeNull);
    }

    @Override
    public ValueDeserializer<?> createContextual(
        DeserializationContext context, @Nullable BeanProperty property) {
      ValueDeserializer<?> delegate =
          context.handleSecondaryContextualization(
              _delegatee, property, context.constructType(type));
      boolean nullable =
          property != null && property.getType().hasRawClass(type) && isNullable(property);
      return delegate == _delegatee && nullable == mayBeNull
          ? this
          : new Constants(delegate, type, nullable);
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
      if (!mayBeNull || !parser.hasToken(JsonToken.VALUE_STRING)) {
        return super.deserialize(parser, context);
      }
      try {
        return super.deserialize(parser, context);
      } catch (InvalidFormatException e) {
        if (isUnknown(e, type)) {
          return null;
        }
        throw e;
      }
    }
  }

  /** Optional constants. */
  private static final class Optionals extends DelegatingDeserializer {
    private final Class<?> type;

    Optionals(ValueDeserializer<?> delegate, Class<?> type) {
      super(delegate);
      this.type = type;
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
      return new Optionals(delegate, type);
    }

    @Override
    public ValueDeserializer<?> createContextual(
        DeserializationContext context, @Nullable BeanProperty property) {
      return _newIfChanged(context.handleSecondaryContextualization(_delegatee, property, null));
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return super.deserialize(parser, context);
      }
      try {
        return super.deserialize(parser, context);
      } catch (InvalidFormatException e) {
        if (isUnknown(e, type)) {
          return getNullValue(context);
        }
        throw e;
      }
    }
  }

  /** What holds constants: it is given a copy without those that are unknown. */
  private abstract static class Holder extends DelegatingDeserializer {
    final JavaType type;

    /** What reads what it holds; null before it is known. */
    private final @Nullable ValueDeserializer<?> contents;

    Holder(ValueDeserializer<?> delegate, JavaType type, @Nullable ValueDeserializer<?> contents) {
      super(delegate);
      this.type = type;
      this.contents = contents;
    }

    /** This for another delegate, and with what reads its contents. */
    abstract Holder with(
        ValueDeserializer<?> delegate,
        @Nullable ValueDeserializer<?> contents,
        @Nullable KeyDeserializer keys);

    @Override
    public ValueDeserializer<?> createContextual(
        DeserializationContext context, @Nullable BeanProperty property) {
      ValueDeserializer<?> delegate =
          context.handleSecondaryContextualization(_delegatee, property, type);
      ValueDeserializer<?> reader =
          delegate instanceof ContainerDeserializerBase<?> container
              ? container.getContentDeserializer()
              : context.findContextualValueDeserializer(type.getContentType(), property);
      JavaType key = type.getKeyType();
      KeyDeserializer keys =
          key != null && isEnum(key) ? context.findKeyDeserializer(key, property) : null;
      return with(delegate, reader, keys);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.isExpectedStartArrayToken() && !parser.isExpectedStartObjectToken()) {
        return super.deserialize(parser, context);
      }
      try (TokenBuffer kept = context.bufferForInputBuffering(parser)) {
        boolean array = parser.isExpectedStartArrayToken();
        copy(parser, context, kept);
        if (array) {
          kept.writeEndArray();
        } else {
          kept.writeEndObject();
        }
        try (JsonParser again = new StrictNumbers(kept.asParser(context, parser))) {
          JsonToken unused = again.nextToken();
          return super.deserialize(again, context);
        }
      }
    }

    abstract void copy(JsonParser parser, DeserializationContext context, TokenBuffer kept);

    final boolean isKnownConstant(JsonParser parser, DeserializationContext context) {
      // Anything else is not of an enum, or read by the user's own code.
      if (!parser.hasToken(JsonToken.VALUE_STRING) || !(contents instanceof Constants known)) {
        return true;
      }
      try {
        Object unused = known.deserialize(parser, context);
        return true;
      } catch (InvalidFormatException e) {
        return !isUnknown(e, known.type);
      }
    }
  }

  /** Collections and arrays of constants. */
  private static final class Elements extends Holder {
    Elements(ValueDeserializer<?> delegate, JavaType type, @Nullable ValueDeserializer<?> reader) {
      super(delegate, type, reader);
    }

    @Override
    Holder with(
        ValueDeserializer<?> delegate,
        @Nullable ValueDeserializer<?> contents,
        @Nullable KeyDeserializer keys) {
      return new Elements(delegate, type, contents);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
      return new Elements(delegate, type, null);
    }

    @Override
    void copy(JsonParser parser, DeserializationContext context, TokenBuffer kept) {
      if (!parser.isExpectedStartArrayToken()) {
        kept.copyCurrentStructure(parser);
        return;
      }
      kept.writeStartArray();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (isKnownConstant(parser, context)) {
          kept.copyCurrentStructure(parser);
        }
      }
    }
  }

  /** Maps with constants as keys or values. */
  private static final class Entries extends Holder {
    private final @Nullable KeyDeserializer keys;

    Entries(
        ValueDeserializer<?> delegate,
        JavaType type,
        @Nullable ValueDeserializer<?> reader,
        @Nullable KeyDeserializer keys) {
      super(delegate, type, reader);
      this.keys = keys;
    }

    @Override
    Holder with(
        ValueDeserializer<?> delegate,
        @Nullable ValueDeserializer<?> contents,
        @Nullable KeyDeserializer keys) {
      return new Entries(delegate, type, contents, keys);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> delegate) {
      return new Entries(delegate, type, null, keys);
    }

    @Override
    void copy(JsonParser parser, DeserializationContext context, TokenBuffer kept) {
      if (!parser.isExpectedStartObjectToken()) {
        kept.copyCurrentStructure(parser);
        return;
      }
      kept.writeStartObject();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        JsonToken unused = parser.nextToken();
        if (isKnownKey(key, context) && isKnownConstant(parser, context)) {
          kept.writeName(key);
          kept.copyCurrentStructure(parser);
        } else {
          parser.skipChildren();
        }
      }
    }

    private boolean isKnownKey(String key, DeserializationContext context) {
      if (keys == null) {
        return true;
      }
      try {
        Object unused = keys.deserializeKey(key, context);
        return true;
      } catch (InvalidFormatException e) {
        return !isUnknown(e, type.getKeyType().getRawClass());
      }
    }
  }

  // ---- what may be null

  /** Whether a property is annotated as one that may be null, by an annotation of any package. */
  private static boolean isNullable(BeanProperty property) {
    AnnotatedMember member = property.getMember();
    if (member == null) {
      return false;
    }
    if (member.annotations().anyMatch(JsonEnums::saysNullable)) {
      return true;
    }
    if (member instanceof AnnotatedParameter parameter
        && parameter.getOwner().getAnnotated() instanceof Executable maker
        && parameter.getIndex() < maker.getParameterCount()) {
      int index = parameter.getIndex();
      return saysNullable(maker.getParameters()[index], maker.getAnnotatedParameterTypes()[index])
          || (maker instanceof Constructor<?> constructor
              && constructor.getDeclaringClass().isRecord()
              && isNullableComponent(constructor.getDeclaringClass(), index));
    }
    return isNullableField(member.getDeclaringClass(), property.getName())
        || isNullable(member.getAnnotated());
  }

  private static boolean isNullableComponent(Class<?> type, int index) {
    var components = type.getRecordComponents();
    return index < components.length
        && (saysNullable(components[index], components[index].getAnnotatedType())
            || isNullableField(type, components[index].getName()));
  }

  private static boolean isNullableField(Class<?> type, String name) {
    return Stream.of(type.getDeclaredFields())
        .filter(field -> field.getName().equals(name))
        .anyMatch(JsonEnums::isNullable);
  }

  private static boolean isNullable(@Nullable AnnotatedElement element) {
    return switch (element) {
      case Field field -> saysNullable(field, field.getAnnotatedType());
      case Method setter when setter.getParameterCount() == 1 ->
          saysNullable(setter.getParameters()[0], setter.getAnnotatedParameterTypes()[0]);
      case Method getter -> saysNullable(getter, getter.getAnnotatedReturnType());
      case null, default -> false;
    };
  }

  private static boolean saysNullable(AnnotatedElement element, AnnotatedType type) {
    return Stream.of(element.getAnnotations()).anyMatch(JsonEnums::saysNullable)
        || Stream.of(type.getAnnotations()).anyMatch(JsonEnums::saysNullable);
  }

  private static boolean saysNullable(Annotation annotation) {
    return annotation.annotationType().getSimpleName().equals("Nullable");
  }
}
