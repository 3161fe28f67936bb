package erpc.client;

import erpc.call.BodyType;
import erpc.call.Metadata;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.codec.MessageBytes;
import erpc.codec.MissingLibraryException;
import erpc.protocol.Unpacked;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How the messages of a call become bytes, and bytes messages: what fails there fails the call. */
final class Coding {
  private Coding() {}

  /**
   * A message as bytes.
   *
   * @param memory where to encode it, or null for memory of its own
   * @throws RpcException if it cannot be encoded
   */
  static MessageBytes encode(
      ClientCall<?, ?> call,
      Request<?, ?> what,
      Object body,
      Codec codec,
      @Nullable MessageBytes memory) {
    Compression compression = compression(call, what);
    BodyType<?> type = what.method().requestType();
    int most = call.maxReplyBytes();
    try {
      return memory == null
          ? MessageBytes.encode(type, body, codec, compression, most)
          : memory.encodeAgain(type, body, codec, compression, most);
    } catch (CodecException e) {
      throw failure(
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL,
          "request of " + call.methodName() + ": " + e.getMessage());
    } catch (Throwable e) {
      throw broken("request of " + call.methodName(), e);
    }
  }

  /**
   * A message as bytes, by the codec that takes it.
   *
   * @param memory where to encode it, if its bytes have been used up before the next one is; null
   *     for memory of its own
   * @throws RpcException if it cannot be encoded
   */
  static MessageBytes encode(
      ClientCall<?, ?> call, Request<?, ?> what, Object body, @Nullable MessageBytes memory) {
    return encode(call, what, body, codec(call, what), memory);
  }

  /**
   * What the messages of a request are encoded with.
   *
   * @throws RpcException if there is nothing that takes them and the answer
   */
  static Codec codec(ClientCall<?, ?> call, Request<?, ?> what) {
    Method<?, ?> method = what.method();
    KnownCodec.Found known = what.codec() == null ? call.knownCodec().of(method) : null;
    return known == null ? codecAnew(call, what, method) : known.codec();
  }

  private static Codec codecAnew(ClientCall<?, ?> call, Request<?, ?> what, Method<?, ?> method) {
    Codec codec;
    try {
      codec =
          what.codec() == null
              ? call.stack().codecs.forMethod(method)
              : call.stack().codecs.byName(what.codec());
    } catch (IllegalArgumentException e) {
      throw failure(Status.Code.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
    boolean readable = call.isOneway() || Codecs.takes(codec, method.responseType());
    if (!readable || !Codecs.takes(codec, method.requestType())) {
      throw failure(
          Status.Code.UNIMPLEMENTED,
          call.methodName()
              + ": "
              + codec.whyNot(readable ? method.requestType() : method.responseType()));
    }
    if (what.codec() == null && !call.isOneway()) { // Of those nobody has asked for replies.
      call.knownCodec().is(method, codec);
    }
    return codec;
  }

  /** Whether a codec writes from requests of a call that nobody changes. */
  static boolean isImmutable(ClientCall<?, ?> call, Method<?, ?> method, Codec codec) {
    KnownCodec.Found known = call.knownCodec().of(method);
    return (known != null && known.codec() == codec)
        ? known.immutable()
        : codec.isImmutable(method.requestType());
  }

  private static @Nullable Compression compression(ClientCall<?, ?> call, Request<?, ?> what) {
    String name =
        what.compression() == null ? call.stack().settings.compression() : what.compression();
    try {
      return name == null ? null : call.stack().codecs.compressionByName(name);
    } catch (IllegalArgumentException e) {
      throw failure(Status.Code.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
  }

  /**
   * A reply.
   *
   * @throws RpcException if it cannot be read
   */
  static <R> Reply<R> decode(
      ClientCall<?, R> call, Metadata headers, Metadata trailers, int encoding, ByteBuffer source) {
    Member from = call.member();
    R body = decode(call, encoding, source);
    return new Reply<>(body, headers, trailers, from == null ? "" : from.address());
  }

  /**
   * A reply's body.
   *
   * @throws RpcException if it cannot be read
   */
  static <R> R decode(ClientCall<?, R> call, int encoding, ByteBuffer source) {
    Codec codec = call.stack().codecs.byId(MessageBytes.codecId(encoding));
    int packed = MessageBytes.compressionId(encoding);
    Compression compression = call.stack().codecs.compressionById(packed);
    BodyType<R> type = call.request().method().responseType();
    if (codec == null || !takes(call, codec, type) || (packed != 0 && compression == null)) {
      throw reply(
          call,
          Status.Code.UNIMPLEMENTED,
          "has encoding " + encoding + ", which is not understood here",
          null);
    }
    try (Unpacked room = compression == null ? null : Unpacked.of(call.stack().memory)) {
      return MessageBytes.decode(codec, compression, source, type, call.maxReplyBytes(), room);
    } catch (CodecException e) {
      throw reply(
          call,
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL,
          String.valueOf(e.getMessage()),
          e);
    } catch (Throwable e) {
      throw brokenReply(call, e);
    }
  }

  private static boolean takes(ClientCall<?, ?> call, Codec codec, BodyType<?> type) {
    KnownCodec.Found known = call.knownCodec().of(call.request().method());
    try {
      return (known != null && known.codec() == codec) || Codecs.takes(codec, type);
    } catch (Throwable e) {
      throw brokenReply(call, e);
    }
  }

  private static RpcException brokenReply(ClientCall<?, ?> call, Throwable thrown) {
    Status status = broken("reply of " + call.methodName(), thrown).status();
    return call.at(status.withStarted(Status.Started.YES)).toException(thrown);
  }

  private static RpcException reply(
      ClientCall<?, ?> call, Status.Code code, String text, @Nullable Throwable cause) {
    Status status =
        Status.of(code, "reply of " + call.methodName() + ": " + text)
            .withStarted(Status.Started.YES);
    return call.at(status).toException(cause);
  }

  /** What a codec throws that it must not: only the call with this message fails. */
  static RpcException broken(String what, Throwable thrown) {
    if (thrown instanceof MissingLibraryException) {
      return Status.of(Status.Code.UNIMPLEMENTED, Thrown.message(thrown)).toException(thrown);
    }
    boolean noMemory = thrown instanceof OutOfMemoryError;
    Status.Code code = noMemory ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL;
    return Status.of(code, what + ": its codec threw " + Thrown.describe(thrown))
        .toException(thrown);
  }

  /** What a call ends in whose filter has thrown this, which is no status. */
  static Status thrownByFilter(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt(); // Whoever called is to know of it, too.
      return Status.of(Status.Code.CANCELLED, "interrupted in a filter");
    }
    return Status.of(Status.Code.INTERNAL, "a filter threw " + Thrown.describe(thrown));
  }

  static RpcException failure(Status.Code code, String text) {
    return Status.of(code, text).toException();
  }

  /** What a filter has returned, which must be something. */
  static Reply<?> given(@Nullable Reply<?> reply, Method<?, ?> method) {
    if (reply == null) {
      throw failure(
          Status.Code.INTERNAL,
          "a filter around "
              + method
              + " returned null: return what next.call gave, or Reply.of(message)");
    }
    return reply;
  }

  /** What ends a call in whose way a throwable came. */
  static Status callBroke(Throwable thrown) {
    return Status.of(Status.Code.INTERNAL, "the call failed: " + Thrown.describe(thrown));
  }
}
