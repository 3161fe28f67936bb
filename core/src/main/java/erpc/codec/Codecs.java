package erpc.codec;

import com.google.protobuf.MessageLite;
import erpc.call.BodyType;
import erpc.call.Empty;
import erpc.call.Method;
import erpc.call.Printable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The codecs and compressions that a client or server knows: an object that is handed around, not a
 * registry. Immutable and thread-safe.
 *
 * <p>Codecs: pb 1, json 2, binary 5; 3 and 4 are kept for jce and gob, 8 to 15 are free for
 * applications. Compressions: gzip 1, zstd 2, lz4 3; 8 to 15 are free.
 */
public final class Codecs {
  /** How deep messages may be nested unless something else is said. */
  public static final int DEFAULT_DEPTH_LIMIT = 100;

  /** The highest depth limit, what a thread's stack surely holds. */
  public static final int MAX_DEPTH_LIMIT = 1_000;

  /** The highest number of a codec or compression, what fits the wire. */
  public static final int MAX_ID = 15;

  private static final Codecs STANDARD = standard(DEFAULT_DEPTH_LIMIT);

  private final List<Codec> codecs;
  private final List<Compression> compressions;
  // Looked up by every message, so an array and not a search.
  private final @Nullable Codec[] codecById = new @Nullable Codec[MAX_ID + 1];
  private final @Nullable Compression[] compressionById = new @Nullable Compression[MAX_ID + 1];

  private Codecs(List<Codec> codecs, List<Compression> compressions) {
    this.codecs = codecs.stream().sorted(Comparator.comparingInt(Codec::id)).toList();
    this.compressions =
        compressions.stream().sorted(Comparator.comparingInt(Compression::id)).toList();
    this.codecs.forEach(codec -> codecById[codec.id()] = codec);
    this.compressions.forEach(compression -> compressionById[compression.id()] = compression);
  }

  /** What erpc brings, with a depth limit of {@value #DEFAULT_DEPTH_LIMIT}. */
  public static Codecs standard() {
    return STANDARD;
  }

  /**
   * What erpc brings, with another depth limit: how many messages, objects and arrays may be in one
   * another, the outermost counted. Protobuf messages in JSON stay limited to 100 messages by their
   * library.
   *
   * @throws IllegalArgumentException if it is not 1 to {@value #MAX_DEPTH_LIMIT}
   */
  public static Codecs standard(int depthLimit) {
    if (depthLimit < 1 || depthLimit > MAX_DEPTH_LIMIT) {
      throw new IllegalArgumentException(
          "depthLimit must be 1 to " + MAX_DEPTH_LIMIT + ", not " + depthLimit);
    }
    return new Codecs(
        List.of(new PbCodec(depthLimit), new JsonCodec(depthLimit), new BinaryCodec()),
        List.of(
            new GzipCompression(),
            new OptionalCompression(
                "zstd",
                2,
                new Lazy<>(
                    "zstd",
                    "com.github.luben:zstd-jni",
                    "com.github.luben.zstd.Zstd",
                    () -> new ZstdCompression())),
            new OptionalCompression(
                "lz4",
                3,
                new Lazy<>(
                    "lz4",
                    "at.yawk.lz4:lz4-java",
                    "net.jpountz.lz4.LZ4Factory",
                    () -> new Lz4Compression()))));
  }

  /**
   * These and one more codec.
   *
   * @throws IllegalArgumentException if its name or number is taken, or its number is not 1 to
   *     {@value #MAX_ID}
   */
  public Codecs with(Codec codec) {
    return new Codecs(added(codecs, codec, Codec::name, Codec::id), compressions);
  }

  /**
   * These and one more compression.
   *
   * @throws IllegalArgumentException if its name or number is taken, or its number is not 1 to
   *     {@value #MAX_ID}
   */
  public Codecs with(Compression compression) {
    return new Codecs(codecs, added(compressions, compression, Compression::name, Compression::id));
  }

  /**
   * These with another codec in the place of the one that has both its name and its number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Codecs replacing(Codec codec) {
    Codec old = byName(codec.name());
    if (old.id() != codec.id()) {
      throw new IllegalArgumentException(
          "codec " + codec.name() + " has number " + old.id() + ", its replacement " + codec.id());
    }
    return new Codecs(
        codecs.stream().map(each -> each == old ? codec : each).toList(), compressions);
  }

  /** The codec of a number from the wire; null if there is none, whatever the number. */
  public @Nullable Codec byId(int id) {
    return id < 0 || id > MAX_ID ? null : codecById[id];
  }

  /**
   * The codec of a name.
   *
   * @throws IllegalArgumentException naming the known ones if there is none
   */
  public Codec byName(String name) {
    return named("codec", name, codecs, Codec::name);
  }

  /**
   * The codec that is used for a type when nobody asks for another: the first one that the type
   * brings code of its own for, else pb, binary or json.
   */
  public Codec forType(BodyType<?> type) {
    for (int i = 0; i < codecs.size() && type.hasCode(); i++) {
      if (type.code(codecs.get(i).name()) != null) {
        return codecs.get(i);
      }
    }
    Class<?> raw = type.raw();
    if (MessageLite.class.isAssignableFrom(raw) || raw == Empty.class) {
      return byName("pb");
    }
    boolean bytes = raw == byte[].class || ByteBuffer.class.isAssignableFrom(raw);
    return byName(bytes ? "binary" : "json");
  }

  /**
   * The codec that is used for a method when nobody asks for another: that of its requests, or of
   * its replies if only that takes both.
   */
  public Codec forMethod(Method<?, ?> method) {
    Codec usual = forType(method.requestType());
    if (!takes(usual, method.responseType())) {
      Codec other = forType(method.responseType());
      if (takes(other, method.requestType())) {
        return other;
      }
    }
    return usual;
  }

  /** Whether a codec carries messages of a type, by code of the type's own or by its own. */
  public static boolean takes(Codec codec, BodyType<?> type) {
    return (type.hasCode() && type.code(codec.name()) != null) || codec.supports(type);
  }

  /** Whether a codec carries both the requests and the replies of a method. */
  public static boolean takes(Codec codec, Method<?, ?> method) {
    return takes(codec, method.requestType()) && takes(codec, method.responseType());
  }

  /**
   * Returns if some codec takes both types of a method.
   *
   * @throws IllegalArgumentException naming the method, the type, which part of it is not taken,
   *     and what to use instead
   * @throws MissingLibraryException naming the library, if only json takes them and the library
   *     that it needs is missing
   */
  public void requireTaken(Method<?, ?> method) {
    JsonCodec json = null;
    for (Codec codec : codecs) {
      if (takes(codec, method)) {
        if (!(codec instanceof JsonCodec lacking) || lacking.isReadyFor(method)) {
          return;
        }
        json = lacking;
      }
    }
    if (json != null) {
      json.requireReadyFor(method);
    }
    boolean request = !takes(forType(method.requestType()), method.requestType());
    BodyType<?> refused = request ? method.requestType() : method.responseType();
    // Each may be taken, but not both by one.
    boolean apart = takes(forType(refused), refused);
    Codec refuses = forType(apart ? method.requestType() : refused);
    throw new IllegalArgumentException(
        "method "
            + method
            + " has a "
            + (request ? "request" : "reply")
            + " that no codec takes"
            + (apart ? " that takes the request too: " : ": ")
            + refuses.whyNot(refused));
  }

  /** All codecs, by number. */
  public List<Codec> all() {
    return codecs;
  }

  /**
   * The compression of a number from the wire; null if there is none, and for 0, which stands for
   * none.
   */
  public @Nullable Compression compressionById(int id) {
    return id < 0 || id > MAX_ID ? null : compressionById[id];
  }

  /**
   * The compression of a name.
   *
   * @throws IllegalArgumentException naming the known ones if there is none
   */
  public Compression compressionByName(String name) {
    return named("compression", name, compressions, Compression::name);
  }

  /**
   * Returns if a codec and a compression that calls are to use unasked are known, and their
   * libraries are there as far as names tell.
   *
   * @param codec a name, or null for none
   * @param compression a name, or null for none
   * @throws IllegalArgumentException naming the known ones if one of them is not known
   * @throws MissingLibraryException naming the library that a compression needs and that is missing
   */
  public void requireUsable(@Nullable String codec, @Nullable String compression) {
    if (codec != null) {
      var unused = byName(codec);
    }
    if (compression != null
        && compressionByName(compression) instanceof OptionalCompression optional) {
      var unused = optional.library().value();
    }
  }

  /** All compressions, by number. */
  public List<Compression> compressions() {
    return compressions;
  }

  private static <T> List<T> added(
      List<T> known, T added, Function<T, String> name, ToIntFunction<T> id) {
    String what = name.apply(added) + " (" + id.applyAsInt(added) + ")";
    if (id.applyAsInt(added) < 1 || id.applyAsInt(added) > MAX_ID) {
      throw new IllegalArgumentException(what + " must have a number from 1 to " + MAX_ID);
    }
    for (T each : known) {
      if (name.apply(each).equals(name.apply(added))
          || id.applyAsInt(each) == id.applyAsInt(added)) {
        throw new IllegalArgumentException(
            what
                + " clashes with "
                + name.apply(each)
                + " ("
                + id.applyAsInt(each)
                + "): take another name and number");
      }
    }
    List<T> all = new ArrayList<>(known);
    all.add(added);
    return all;
  }

  private static <T> T named(String what, String wanted, List<T> known, Function<T, String> name) {
    // A loop and not a stream: this is asked for each call.
    for (int i = 0; i < known.size(); i++) {
      if (name.apply(known.get(i)).equals(wanted)) {
        return known.get(i);
      }
    }
    throw new IllegalArgumentException(
        "no "
            + what
            + " is named '"
            + Printable.of(wanted)
            + "'; known are "
            + known.stream().map(name).collect(Collectors.joining(", ")));
  }
}
