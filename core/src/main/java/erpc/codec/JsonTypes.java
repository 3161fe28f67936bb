package erpc.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.MessageLite;
import erpc.call.BodyType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;

/**
 * Which types JSON carries: those of which what is read is equal to what was written. A type is
 * walked once, when a method with it is defined: its fields, what is in its arrays, collections and
 * maps, what its type parameters stand for. Whatever has (de)serializers of its user's is trusted;
 * an {@code Object} is anything that JSON has itself. Thread-safe.
 */
final class JsonTypes {
  /** As many generic types are remembered. */
  private static final int MOST_GENERIC = 1_000;

  private final JsonMapper mapper;
  private final Map<Type, Verdict> generic = new ConcurrentHashMap<>();
  private final ClassValue<Verdict> verdicts =
      new ClassValue<>() {
        @Override
        protected Verdict computeValue(Class<?> type) {
          return verdict(type);
        }
      };

  /**
   * What is known of a type.
   *
   * @param why it is not carried faithfully; null if it is
   * @param check what looks at each message of it before it is written; null if nothing need be
   */
  private record Verdict(@Nullable String why, JsonSubclasses.@Nullable Check check) {}

  JsonTypes(JsonMapper mapper) {
    this.mapper = mapper;
  }

  private Verdict verdict(Type type) {
    JavaType java = mapper.constructType(type);
    String why = new Walk().ofMessage(java);
    boolean looked = why == null && !isUnnamedContainer(java.getRawClass());
    return new Verdict(why, looked ? JsonSubclasses.of(mapper.serializationConfig(), java) : null);
  }

  private Verdict of(BodyType<?> type) {
    if (type.type() instanceof Class<?> plain) {
      return verdicts.get(plain);
    }
    Verdict known = generic.get(type.type());
    if (known == null) {
      known = verdict(type.type());
      if (generic.size() >= MOST_GENERIC) {
        generic.clear(); // Somebody makes them anew for each call.
      }
      generic.put(type.type(), known);
    }
    return known;
  }

  /** Why JSON doesn't carry messages of this type faithfully; null if it does. */
  @Nullable String whyNot(BodyType<?> type) {
    return of(type).why;
  }

  /**
   * Returns if a message is what its type says, down to the elements of its lists and maps.
   *
   * @throws CodecException if it, or an element, is of a subclass that its reader wouldn't make
   */
  void requireDeclared(BodyType<?> type, Object message) {
    JsonSubclasses.Check check = of(type).check;
    if (check != null) {
      check.look(message);
    }
  }

  /** A list, set or map of the JDK's whose class nobody can name, as that of List.of. */
  private static boolean isUnnamedContainer(Class<?> raw) {
    return JsonKnown.isJdk(raw)
        && !Modifier.isPublic(raw.getModifiers())
        && (List.class.isAssignableFrom(raw)
            || Set.class.isAssignableFrom(raw)
            || Map.class.isAssignableFrom(raw));
  }

  /** Whether objects of this type are read with a field of this name. */
  boolean hasProperty(Class<?> type, String name) {
    if (type == Object.class || Map.class.isAssignableFrom(type)) {
      return false;
    }
    MapperConfig<?> config = mapper.deserializationConfig();
    JavaType java = mapper.constructType(type);
    return config
        .classIntrospectorInstance()
        .introspectForDeserialization(java, JsonAnnotations.annotations(config, java))
        .findProperties()
        .stream()
        .anyMatch(property -> property.getName().equals(name));
  }

  /** A type that cannot be carried; where it stands is added on the way out. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String why;

    Refused(String why) {
      super(why, null, false, false);
      this.why = why;
    }
  }

  /** One walk through all that a message consists of. */
  private final class Walk {
    private final SerializationContext writing = mapper._serializationContext();
    private final DeserializationContext reading = mapper._deserializationContext();
    private final Set<JavaType> seen = new HashSet<>();
    private final List<String> path = new ArrayList<>();

    @Nullable String ofMessage(JavaType type) {
      Class<?> raw = type.getRawClass();
      try {
        if (Optional.class.isAssignableFrom(raw) || raw == void.class || raw == Void.class) {
          throw new Refused("is null when empty, which is no message: put it into a record");
        }
        if (isUnnamedContainer(raw)) {
          contents(type);
        } else {
          of(type);
        }
        return null;
      } catch (Refused e) {
        String where = path.isEmpty() ? "it" : "its " + String.join("", path);
        return where + " " + e.why;
      } catch (StackOverflowError e) {
        return "it holds ever other types, as Node<List<T>> in a Node<T>, or more than a stack does";
      } catch (JacksonException | LinkageError e) {
        return path.isEmpty() ? "it cannot be read" : "its " + String.join("", path) + " cannot";
      }
    }

    private void at(String step, JavaType type) {
      path.add(step);
      of(type);
      path.remove(path.size() - 1);
    }

    private void of(JavaType type) {
      Class<?> raw = type.getRawClass();
      if (JsonKnown.isCarried(raw)) {
        return;
      }
      String instead = JsonKnown.instead(raw);
      if (instead != null) {
        throw new Refused("(" + type.toCanonical() + ") would not come back equal: " + instead);
      }
      if (raw.isEnum() || Enum.class.isAssignableFrom(raw)) {
        constants(raw.isEnum() ? raw : raw.getSuperclass());
      } else if (!seen.add(type)) {
        return;
      } else if (type.isContainerType() || type.isReferenceType() || JsonKnown.isEntry(raw)) {
        container(type);
      } else if (JsonKnown.isJdk(raw) || MessageLite.class.isAssignableFrom(raw)) {
        throw new Refused(
            "(" + type.toCanonical() + ") would not come back equal: " + JsonKnown.advice(raw));
      } else {
        object(type);
      }
    }

    private void constants(Class<?> type) {
      JavaType java = mapper.constructType(type);
      if (JsonAnnotations.isCustom(
          JsonAnnotations.annotations(mapper.serializationConfig(), java))) {
        return;
      }
      for (Object constant : type.getEnumConstants()) {
        Object back = mapper.readValue(mapper.writeValueAsString(constant), java);
        if (back != constant) {
          throw new Refused(
              "("
                  + type.getTypeName()
                  + ") has constants that are written alike: make toString() tell them apart, or"
                  + " use @JsonProperty on them");
        }
      }
    }

    // ---- what holds others

    private void container(JavaType type) {
      Class<?> raw = type.getRawClass();
      if (!raw.isArray() && !JsonKnown.isContainer(raw) && !JsonKnown.isEntry(raw)) {
        if (JsonKnown.isJdk(raw)) {
          throw new Refused(
              "(" + type.toCanonical() + ") would not come back equal: " + JsonKnown.advice(raw));
        }
        if (JsonAnnotations.isCustom(
            JsonAnnotations.annotations(mapper.serializationConfig(), type))) {
          return;
        }
        for (Field field : JsonAnnotations.fields(raw)) {
          if (!JsonAnnotations.isSetApart(field)) {
            throw new Refused(
                "("
                    + type.toCanonical()
                    + ") loses its field "
                    + field.getName()
                    + ": make it a field of a record");
          }
        }
        ValueDeserializer<?> unused = reading.findRootValueDeserializer(type);
      }
      contents(type);
    }

    private void contents(JavaType type) {
      JavaType key =
          JsonKnown.isEntry(type.getRawClass())
              ? type.containedTypeOrUnknown(0)
              : type.getKeyType();
      if (key != null) {
        Class<?> raw = key.getRawClass();
        if (raw.isEnum()) {
          constants(raw);
        } else if (raw != Object.class && !JsonKnown.isKey(raw)) {
          throw new Refused(
              "has keys of "
                  + key.toCanonical()
                  + ", which would not come back equal: use String, or a list of records");
        }
      }
      JavaType content =
          JsonKnown.isEntry(type.getRawClass())
              ? type.containedTypeOrUnknown(1)
              : type.getContentType();
      if (type.isReferenceType()
          && (content.isReferenceType()
              || JsonNode.class.isAssignableFrom(content.getRawClass()))) {
        throw new Refused(
            "(" + type.toCanonical() + ") may hold what is null in JSON too: use one of the two");
      }
      at(type.isReferenceType() ? "" : "[]", content);
    }

    // ---- records and plain objects

    private void object(JavaType type) {
      Class<?> raw = type.getRawClass();
      AnnotatedClass annotations =
          JsonAnnotations.annotations(mapper.deserializationConfig(), type);
      if (JsonAnnotations.isCustom(annotations)
          || JsonAnnotations.isCustom(
              JsonAnnotations.annotations(mapper.serializationConfig(), type))) {
        return;
      }
      JsonTypeInfo chosen = annotations.getAnnotation(JsonTypeInfo.class);
      if (chosen != null) {
        subtypes(type, chosen, annotations);
      }
      if (type.isAbstract()) {
        if (chosen == null) {
          throw new Refused(
              "("
                  + type.toCanonical()
                  + ") is abstract, and JSON doesn't say which class it was: use"
                  + " @JsonTypeInfo(use = Id.NAME) with @JsonSubTypes, or a record");
        }
        return;
      }
      Class<?> above = raw.getSuperclass();
      while (above != null && !JsonKnown.isJdk(above)) {
        above = above.getSuperclass();
      }
      if (above != null && above != Object.class && above != Record.class) {
        throw new Refused(
            "(" + type.toCanonical() + ") is a " + above.getTypeName() + ": use a record");
      }
      properties(type);
    }

    private void subtypes(JavaType type, JsonTypeInfo chosen, AnnotatedClass annotations) {
      if (chosen.use() == JsonTypeInfo.Id.CLASS || chosen.use() == JsonTypeInfo.Id.MINIMAL_CLASS) {
        throw new Refused(
            "("
                + type.toCanonical()
                + ") has its class chosen by the text, which is never done: use"
                + " @JsonTypeInfo(use = Id.NAME) with @JsonSubTypes");
      }
      MapperConfig<?> config = mapper.deserializationConfig();
      for (NamedType each :
          config.getSubtypeResolver().collectAndResolveSubtypesByTypeId(config, annotations)) {
        if (each.getType() != type.getRawClass()
            && type.getRawClass().isAssignableFrom(each.getType())) {
          of(config.getTypeFactory().constructSpecializedType(type, each.getType()));
        }
      }
    }

    private void properties(JavaType type) {
      ValueSerializer<?> writer = writing.findValueSerializer(type);
      ValueDeserializer<?> reader = reader(type, writer);
      if (!isJacksons(writer) || !isJacksons(reader)) {
        return;
      }
      if (!(reader instanceof BeanDeserializerBase read)) {
        throw new Refused("(" + type.toCanonical() + ") cannot be read: use a record");
      }
      ValueInstantiator maker = read.getValueInstantiator();
      if (maker.canCreateUsingDelegate() || maker.canCreateUsingArrayDelegate()) {
        return;
      }
      if (!maker.canCreateUsingDefault() && !maker.canCreateFromObjectWith()) {
        throw new Refused(
            "("
                + type.toCanonical()
                + ") cannot be made when it is read: give it a constructor without parameters or a"
                + " @JsonCreator, or use a record");
      }
      Properties written = new Properties();
      writer
          .properties()
          .forEachRemaining(each -> written.add(each.getName(), each.getMember(), each.getType()));
      Properties known = new Properties();
      read.properties()
          .forEachRemaining(each -> known.add(each.getName(), each.getMember(), each.getType()));
      if (read.getValueInstantiator().canCreateFromObjectWith()) {
        read.creatorProperties()
            .forEachRemaining(each -> known.add(each.getName(), each.getMember(), each.getType()));
      }
      lost(type, written, known);
      for (String name : known.types.keySet()) {
        if (written.types.containsKey(name)
            && !known.trusted.contains(name)
            && !written.trusted.contains(name)) {
          String step = step(name);
          JavaType in = known.types.get(name);
          at(step, in);
          JavaType out = written.types.get(name);
          if (!out.hasRawClass(in.getRawClass())) {
            at(step, out);
          }
        }
      }
    }

    private ValueDeserializer<?> reader(JavaType type, ValueSerializer<?> writer) {
      try {
        return reading.findContextualValueDeserializer(type, null);
      } catch (JacksonException e) {
        // A part of it, most likely, which is then named.
        writer.properties().forEachRemaining(each -> at(step(each.getName()), each.getType()));
        throw new Refused("(" + type.toCanonical() + ") cannot be read: " + e.getOriginalMessage());
      }
    }

    private String step(String name) {
      return (path.isEmpty() ? "" : ".") + name;
    }

    /** Refuses a type some of whose state is not written, or not read. */
    private void lost(JavaType type, Properties written, Properties known) {
      Set<String> both = new TreeSet<>(written.types.keySet());
      both.retainAll(known.types.keySet());
      MapperConfig<?> config = mapper.serializationConfig();
      var bean =
          config
              .classIntrospectorInstance()
              .introspectForSerialization(type, JsonAnnotations.annotations(config, type));
      Set<String> ignored = new HashSet<>(bean.getIgnoredPropertyNames());
      ignored.addAll(
          config.getDefaultPropertyIgnorals(type.getRawClass(), bean.getClassInfo()).getIgnored());
      Set<String> carried = new HashSet<>();
      List<Class<?>> spare = new ArrayList<>(); // Properties that may stand for any field.
      Set<String> fields = new HashSet<>();
      List<Field> all = JsonAnnotations.fields(type.getRawClass());
      all.forEach(field -> fields.add(field.getName()));
      Map<String, String> implicit = new HashMap<>();
      for (BeanPropertyDefinition each : bean.findProperties()) {
        implicit.put(each.getName(), each.getInternalName());
      }
      for (String name : both) {
        String internal = implicit.getOrDefault(name, name);
        carried.add(internal);
        if (!fields.contains(internal)) {
          spare.add(Objects.requireNonNull(known.types.get(name)).getRawClass());
        }
      }
      for (Field field : all) {
        String name = field.getName();
        boolean told =
            carried.contains(name) || ignored.contains(name) || JsonAnnotations.isSetApart(field);
        if (!told && !spare.remove(field.getType())) {
          throw new Refused(
              "("
                  + type.toCanonical()
                  + ") loses its field "
                  + name
                  + ", which is not "
                  + (written.types.containsKey(name) ? "read" : "written")
                  + ": give it a getter and a setter, use a record, or mark it transient or"
                  + " @JsonIgnore");
        }
      }
    }
  }

  /** Properties by name, and those whose user has said how they are carried. */
  private static final class Properties {
    final Map<String, JavaType> types = new HashMap<>();
    final Set<String> trusted = new HashSet<>();

    void add(String name, @Nullable AnnotatedMember member, JavaType type) {
      types.put(name, type);
      if (member != null
          && (JsonAnnotations.isCustom(member) || member.hasAnnotation(JsonTypeInfo.class))) {
        trusted.add(name);
      }
    }
  }

  private static boolean isJacksons(Object part) {
    String name = part.getClass().getName();
    return name.startsWith("tools.jackson.") || name.startsWith("erpc.codec.");
  }
}
