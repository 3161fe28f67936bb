package erpc.codec;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import erpc.call.BodyType;
import erpc.call.Empty;
import erpc.call.Method;
import erpc.call.Sink;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON in UTF-8 without a byte order mark: protobuf messages by protobuf's JSON mapping, all else
 * (records, plain objects, maps, lists, strings) by Jackson. Both refuse duplicate names, comments,
 * bare NaN, anything after the value, and objects and arrays nested deeper than the limit; both
 * ignore names they do not know and leave absent ones at their default, so that either side may be
 * newer. No class is ever chosen by the text.
 */
final class JsonCodec implements Codec {
  /** One library's way with texts. */
  interface Texts {
    String write(BodyType<?> type, Object message);

    <T> T read(BodyType<T> type, String text);

    /** Why messages of this type would not come back as they were sent; null if they would. */
    default @Nullable String whyNot(BodyType<?> type) {
      return null;
    }
  }

  private final int depthLimit;
  private final Lazy<Texts> messages;
  private final Lazy<Texts> objects;

  JsonCodec(int depthLimit) {
    this.depthLimit = depthLimit;
    this.messages =
        new Lazy<>(
            "json for protobuf messages",
            "com.google.protobuf:protobuf-java-util",
            "com.google.protobuf.util.JsonFormat",
            () -> new JsonMessages(depthLimit));
    this.objects =
        new Lazy<>(
            "json for objects",
            "tools.jackson.core:jackson-databind",
            "tools.jackson.databind.ObjectMapper",
            () -> new JsonObjects(depthLimit));
  }

  @Override
  public String name() {
    return "json";
  }

  @Override
  public int id() {
    return 2;
  }

  /**
   * All types of which what is read is equal to what was written: not messages of protobuf's lite
   * runtime, which do not know their fields' names, nor objects with parts that JSON would change.
   */
  @Override
  public boolean supports(BodyType<?> type) {
    Class<?> raw = type.raw();
    return Message.class.isAssignableFrom(raw)
        || raw == Empty.class
        || (!MessageLite.class.isAssignableFrom(raw) && changed(type) == null);
  }

  @Override
  public String whyNot(BodyType<?> type) {
    if (MessageLite.class.isAssignableFrom(type.raw())) {
      return "codec json doesn't take "
          + type
          + ", a lite message, which has no names for its fields";
    }
    return "codec json doesn't take " + type + ": " + changed(type);
  }

  /** Whether the libraries are there that both types of a method need. */
  boolean isReadyFor(Method<?, ?> method) {
    return isReadyFor(method.requestType()) && isReadyFor(method.responseType());
  }

  private boolean isReadyFor(BodyType<?> type) {
    Lazy<Texts> library = library(type);
    return library == null || library.valueIfThere() != null;
  }

  /**
   * Returns if the libraries are there that both types of a method need.
   *
   * @throws MissingLibraryException naming the one that is not
   */
  void requireReadyFor(Method<?, ?> method) {
    for (BodyType<?> type : List.of(method.requestType(), method.responseType())) {
      Lazy<Texts> library = library(type);
      if (library != null) {
        var unused = library.value();
      }
    }
  }

  /** What writes and reads messages of a type; null if that needs none. */
  private @Nullable Lazy<Texts> library(BodyType<?> type) {
    if (type.raw() == Empty.class || (type.hasCode() && type.code(name()) != null)) {
      return null;
    }
    return Message.class.isAssignableFrom(type.raw()) ? messages : objects;
  }

  /** What of an object would not come back as it was sent; null if nothing is known to. */
  private @Nullable String changed(BodyType<?> type) {
    Texts there = objects.valueIfThere();
    return there == null ? null : there.whyNot(type); // That it is missing is said elsewhere.
  }

  @Override
  public void write(BodyType<?> type, Object message, Sink sink) {
    ByteBuffer utf8;
    try {
      String text =
          message == Empty.MESSAGE ? "{}" : textsFor(message.getClass()).write(type, message);
      utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new CodecException(
          "json: " + message.getClass().getName() + " has a string with half a surrogate pair");
    } catch (StackOverflowError e) {
      throw new CodecException(
          "json: " + message.getClass().getName() + " is nested too deep to write");
    }
    sink.write(utf8.array(), utf8.arrayOffset(), utf8.remaining());
  }

  @Override
  public <T> T read(BodyType<T> type, ByteBuffer source) {
    int start = source.position();
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(source).toString();
      JsonText.checkSurrogates(text);
      return type.raw() == Empty.class
          ? type.cast(empty(text))
          : textsFor(type.raw()).read(type, text);
    } catch (CharacterCodingException e) {
      throw new CodecException(
          "json: not a " + type + ": not UTF-8 at byte " + (source.position() - start));
    } catch (StackOverflowError e) {
      throw new CodecException("json: not a " + type + ": nested too deep for this thread's stack");
    }
  }

  /** What an object without a known name says. */
  private Empty empty(String text) {
    new JsonText(text, depthLimit).check();
    if (!text.stripLeading().startsWith("{")) {
      throw new CodecException("json: not an object, as an empty message is");
    }
    return Empty.MESSAGE;
  }

  private Texts textsFor(Class<?> type) {
    if (Message.class.isAssignableFrom(type)) {
      return messages.value();
    }
    if (MessageLite.class.isAssignableFrom(type)) {
      throw new CodecException("json: " + whyNot(BodyType.of(type)));
    }
    return objects.value();
  }
}
