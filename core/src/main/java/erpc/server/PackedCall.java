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

  /** A buffer that was lent, or the array of its own; null once nobody needs its bytes. */
  private @Nullable Object body;

  /** Whether its message is counted, as what it took on the wire. */
  private boolean counted;

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
      // Nothing of its method: it may not be known yet who calls.
      return stack.failures.statusOf(e, null, Status.Started.NO);
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
    counted = stack.memory.charge(length) > 0;
    body = Scratch.keepArray(in, length);
  }

  /** Its bytes are not needed any more. */
  final void dropBody() {
    body = null;
  }

  /** Gives back what it holds of the memory. */
  private void releaseMemory() {
    if (counted) {
      counted = false;
      stack.memory.release(messageBytes());
    }
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

  /** The thread that works on it has finished: a handler that has not begun by now won't. */
  final Status.Started startedAtLast() {
    if (hasBegunAtLast()) {
      return Status.Started.YES;
    }
    // The same message would not be understood elsewhere either.
    return isUndecodable() ? Status.Started.MAYBE : Status.Started.NO;
  }

  /** What a filter is told that this was thrown within: never anything but a status. */
  final RpcException became(Throwable thrown) {
    Status.Started started =
        hasBegun()
            ? Status.Started.YES
            : isUndecodable() ? Status.Started.MAYBE : Status.Started.NO;
    Status status = failure(thrown, started);
    return thrown instanceof RpcException own && own.status() == status
        ? own
        : status.toException(thrown);
  }

  /** Its bytes, which whoever decodes them takes: a handler that waits doesn't hold them. */
  final ByteBuffer takeBody() {
    Object taken = Objects.requireNonNull(body);
    body = null;
    return taken instanceof ByteBuffer lent
        ? lent
        : ByteBuffer.wrap((byte[]) taken, 0, messageBytes());
  }

  /** How many bytes its message took on the wire. */
  private int messageBytes() {
    return (int) super.seenRequestBytes(); // of a unary call, which is an array's length
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
