package erpc.server;

import erpc.call.Method;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.Codec;
import erpc.codec.CodecException;
import erpc.codec.Codecs;
import erpc.codec.Compression;
import erpc.codec.MessageBytes;
import erpc.codec.MissingLibraryException;
import erpc.codec.Room;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How messages of one call are packed: a codec, and perhaps a compression. */
record Packing(int encoding, Codec codec, @Nullable Compression compression) {
  /**
   * What an encoding on the wire stands for.
   *
   * @throws RpcException UNIMPLEMENTED, if it is not understood here or the method doesn't take it
   */
  static Packing of(int encoding, Codecs codecs, Method<?, ?> method) {
    Codec found = codecs.byId(MessageBytes.codecId(encoding));
    if (found == null) {
      throw unimplemented("no codec has number " + MessageBytes.codecId(encoding) + " here");
    }
    // What it does not take of a type is told where the method is defined, not to the other side.
    if (!Codecs.takes(found, method)) {
      throw unimplemented("method " + method + " doesn't take codec " + found.name());
    }
    int compressed = MessageBytes.compressionId(encoding);
    Compression unpack = codecs.compressionById(compressed);
    if (compressed != 0 && unpack == null) {
      throw unimplemented("no compression has number " + compressed + " here");
    }
    return new Packing(encoding, found, unpack == null ? null : new CompressionInTurns(unpack));
  }

  private static RpcException unimplemented(String text) {
    return Status.of(Status.Code.UNIMPLEMENTED, text).toException();
  }

  private static Status missing(MissingLibraryException e) {
    return Status.of(
        Status.Code.UNIMPLEMENTED,
        e.what() + " needs a library that the server doesn't have; the server's log names it");
  }

  /**
   * The request in these bytes.
   *
   * @param room what counts it as what it becomes; null if it isn't compressed
   */
  <Q> Q decoded(Method<Q, ?> method, ByteBuffer bytes, int limit, @Nullable Room room) {
    try {
      return MessageBytes.decode(codec, compression, bytes, method.requestType(), limit, room);
    } catch (CodecException e) {
      Status.Code code =
          e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INVALID_ARGUMENT;
      String text = "request of " + method + ": " + e.getMessage();
      throw Status.of(code, text).withStarted(Status.Started.MAYBE).toException(e);
    } catch (MissingLibraryException e) {
      throw missing(e).toException(e);
    }
  }

  /**
   * The bytes of a reply.
   *
   * @param memory where to encode it, if its bytes are used up before the next one is; null for
   *     memory of its own
   */
  MessageBytes encoded(
      Method<?, ?> method, Object message, int limit, @Nullable MessageBytes memory) {
    try {
      return memory == null
          ? MessageBytes.encode(method.responseType(), message, codec, compression, limit)
          : memory.encodeAgain(method.responseType(), message, codec, compression, limit);
    } catch (CodecException e) {
      Status.Code code = e.isTooLarge() ? Status.Code.RESOURCE_EXHAUSTED : Status.Code.INTERNAL;
      String text = "reply of " + method + ": " + e.getMessage();
      throw Status.of(code, text).withStarted(Status.Started.YES).toException(e);
    } catch (MissingLibraryException e) {
      throw missing(e).withStarted(Status.Started.YES).toException(e);
    }
  }
}
