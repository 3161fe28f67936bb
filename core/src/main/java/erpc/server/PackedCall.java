package erpc.server;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.Method;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.codec.MessageBytes;
import erpc.protocol.MemoryBudget;
import erpc.protocol.Responder;
import erpc.protocol.Scratch;
import erpc.protocol.Unpacked;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one message each way of a unary call: how it is packed, and what it holds of the process's
 * memory. Handed on from the event loop to the thread that works on it.
 */
abstract class PackedCall extends StagedCall {
  private @Nullable Packing packing;
  private @Nullable ByteBuffer body;
  private int charged;
  private @Nullable Unpacked unpacked;
  private boolean undecodable;

  PackedCall(ServerStack stack, Responder responder) {
    super(stack, responder);
  }

  /** Lets it into a stage, or says why not. */
  final @Nullable Status enter(Stage stage) {
    try {
      return stage.begin(this);
    } catch (Throwable e) {
      return failure(e, Status.Started.NO);
    }
  }

  /** Leaves the stages above this one, innermost first, and what it holds of the memory. */
  final void leave(int stage, Status status) {
    try {
      for (int i = stage - 1; i >= 0; i--) {
        stack.stages[i].end(this, status);
      }
    } finally {
      releaseMemory();
    }
  }

  /**
   * Looks up how a message is packed.
   *
   * @throws RpcException UNIMPLEMENTED, if it is not understood here or the method doesn't take it
   */
  final void packedAs(int encoding) {
    packing = found().packing(encoding, stack.codecs);
  }

  /** Whether its handler, and the filters around it, run on the event loop, packed as it is. */
  final boolean isInline() {
    // Filters wait for what an asynchronous handler answers.
    return found().runsInline(Objects.requireNonNull(packing))
        && !anyFilterMayBlock()
        && (found().async() == null || stack.filters.isEmpty());
  }

  private boolean anyFilterMayBlock() {
    for (Filter filter : stack.filters) {
      if (filter.mayBlock()) {
        return true;
      }
    }
    return false;
  }

  /** Whether packing it may take its turn among others, for which an event loop must not wait. */
  final boolean isCompressed() {
    return Objects.requireNonNull(packing).compression() != null;
  }

  /** Takes a message that this thread works on at once. */
  final void lend(ByteBuf in, int length) {
    body = Scratch.copy(in, length);
  }

  /** Takes a message that another thread works on. */
  final void keep(ByteBuf in, int length) {
    charged = stack.memory.charge(length);
    body = Scratch.keep(in, length);
  }

  /** Its bytes are not needed any more. */
  final void dropBody() {
    body = null;
  }

  /** Gives back what it holds of the memory. */
  private void releaseMemory() {
    stack.memory.release(charged);
    charged = 0;
    if (unpacked != null) {
      unpacked.close();
      unpacked = null;
    }
  }

  final void forgetMessage() {
    packing = null;
    undecodable = false;
  }

  /** Whether its message was not understood, which would be the same elsewhere. */
  final boolean isUndecodable() {
    return undecodable;
  }

  final ByteBuffer body() {
    return Objects.requireNonNull(body);
  }

  final <Q> Q decoded(Method<Q, ?> method, ByteBuffer bytes) {
    Packing known = Objects.requireNonNull(packing);
    if (known.compression() != null && unpacked == null) { // A filter may have it decoded again.
      unpacked = Unpacked.of(responder.share());
    }
    try {
      return known.decoded(method, bytes, maxMessageBytes(), unpacked);
    } catch (RpcException e) {
      undecodable = e.status().started() == Status.Started.MAYBE;
      throw e;
    }
  }

  final void answerWith(Object message, Context seen) {
    MessageBytes bytes =
        Objects.requireNonNull(packing)
            .encoded(
                routedMethod(),
                message,
                maxMessageBytes(),
                responder.isOnLoop() ? MessageBytes.ofThread() : null);
    if (bytes.length() >= MemoryBudget.CALL_BYTES && stack.memory.isExhausted()) {
      throw stack.memory.refusal().withStarted(Status.Started.YES).toException();
    }
    replyHas(bytes.length());
    responder.reply(
        seen.headers(),
        seen.trailers(),
        bytes.encoding(),
        bytes.array(),
        bytes.length(),
        bytes.ownership());
  }

  /** The call as filters see it. */
  @SuppressWarnings("unchecked") // Filters see the body as an Object in any case.
  final Request<Object, Object> request(Object message) {
    Method<Object, Object> method = (Method<Object, Object>) routedMethod();
    Request<Object, Object> request = Request.of(method, message);
    return metadata().isEmpty() ? request : request.withMetadata(metadata());
  }
}
