package erpc.tools;

import erpc.call.BodyType;
import erpc.call.Sink;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A body that is JSON already. */
record JsonText(String text) {

  /** JSON in the standard codec's place, that takes texts as they are, and all else as it does. */
  static final class Json implements Codec {
    private final Codec standard = Codecs.standard().byName("json");

    @Override
    public String name() {
      return standard.name();
    }

    @Override
    public int id() {
      return standard.id();
    }

    @Override
    public boolean supports(BodyType<?> type) {
      return type.raw() == JsonText.class || standard.supports(type);
    }

    @Override
    public void write(BodyType<?> type, Object message, Sink sink) {
      if (message instanceof JsonText json) {
        byte[] bytes = json.text.getBytes(StandardCharsets.UTF_8);
        sink.write(bytes, 0, bytes.length);
      } else {
        standard.write(type, message, sink);
      }
    }

    @Override
    public <T> T read(BodyType<T> type, ByteBuffer source) {
      if (type.raw() != JsonText.class) {
        return standard.read(type, source);
      }
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(source).toString();
        return type.cast(new JsonText(text));
      } catch (CharacterCodingException e) {
        throw new CodecException("json: not UTF-8", e);
      }
    }
  }
}
