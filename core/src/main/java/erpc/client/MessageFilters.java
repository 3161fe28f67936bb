package erpc.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.LineLimit;
import erpc.call.MessageFilter;
import erpc.call.Method;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What filters make of the messages of one call with streams. The first message that one of them
 * refuses ends the call. One thread may pass requests while another passes replies.
 */
final class MessageFilters {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.client");
  private static final LineLimit LINES = new LineLimit();

  private final Method<?, ?> method;
  private final @Nullable Context madeIn = Context.current();

  /**
   * What the filters said, from the outermost on; null for one that sees no messages. Written by
   * whoever has the lock, a new list each time.
   */
  private volatile List<@Nullable MessageFilter> all = List.of();

  /**
   * How many filters stand around the one that answered for the call. Written by the thread that
   * runs the filters, for the one that reads.
   */
  private volatile int outside = Integer.MAX_VALUE;

  /** Why a message was refused. Set by whoever has the lock, once. */
  private volatile @Nullable Status refusal;

  @GuardedBy("this")
  private int passing;

  @GuardedBy("this")
  private @Nullable Status end;

  @GuardedBy("this")
  private boolean endReported;

  /** The filters of a call, none of which has been asked. */
  MessageFilters(Method<?, ?> method) {
    this.method = method;
  }

  /**
   * Asks a filter whether it wants to see the messages, unless it was asked before: a filter around
   * it may go on twice.
   *
   * @param number how many filters stand around it
   */
  synchronized void ask(int number, Filter filter, Request<?, ?> request) {
    if (number == all.size()) {
      List<@Nullable MessageFilter> more = new ArrayList<>(all);
      more.add(filter.messages(request));
      all = more;
    }
  }

  /** A filter with so many around it has answered for the call, as far as is known by now. */
  void answeredBy(int number) {
    if (outside == Integer.MAX_VALUE) {
      outside = number;
    }
  }

  /**
   * A message of the caller, as the filters have left it.
   *
   * @throws RpcException if one of them refuses it
   */
  Object request(Object message) {
    throwRefusal();
    if (!enter()) {
      return message; // It cannot be sent any more.
    }
    Context before = entered();
    try {
      Object passed = message;
      for (MessageFilter each : all) {
        passed = each == null ? passed : left(each.request(passed));
      }
      return method.requestType().cast(passed);
    } catch (Throwable e) {
      throw refused(e);
    } finally {
      exit(before);
      leave();
    }
  }

  /**
   * A message of the server, as the filters have left it.
   *
   * @throws RpcException if one of them refuses it
   */
  Object reply(Object message) {
    throwRefusal();
    if (!enter()) {
      return message;
    }
    Context before = entered();
    try {
      Object passed = message;
      List<@Nullable MessageFilter> those = all;
      for (int i = Math.min(outside, those.size()) - 1; i >= 0; i--) {
        MessageFilter each = those.get(i);
        passed = each == null ? passed : left(each.reply(passed));
      }
      return method.responseType().cast(passed);
    } catch (Throwable e) {
      throw refused(e);
    } finally {
      exit(before);
      leave();
    }
  }

  /** What a filter has answered in the place of the server: several messages, or one. */
  Iterator<?> given(Reply<?> reply) {
    return method.kind().streamsReplies() && reply.body() instanceof Iterable<?> many
        ? many.iterator()
        : List.of(reply.body()).iterator();
  }

  private Object left(@Nullable Object passed) {
    if (passed == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter around "
                  + method
                  + " left null of a message: return the message, or throw to refuse it")
          .toException();
    }
    return passed;
  }

  /** Whatever a filter has thrown: its message is refused, and all that follow. */
  RpcException refused(Throwable thrown) {
    RpcException refused =
        thrown instanceof RpcException e ? e : Coding.thrownByFilter(thrown).toException(thrown);
    synchronized (this) { // One way may be refused while the other is.
      if (refusal == null) {
        refusal = refused.status();
      }
    }
    return refused;
  }

  /** Throws what the call ends in if a message was refused. */
  void throwRefusal() {
    Status refused = refusal;
    if (refused != null) {
      throw refused.toException();
    }
  }

  // ---- the end, told once nobody passes messages any more

  private synchronized boolean enter() {
    if (end != null) {
      return false;
    }
    passing++;
    return true;
  }

  private void leave() {
    synchronized (this) {
      passing--;
    }
    tellEnd();
  }

  /** The caller has seen the end of the call. The first one counts. */
  void ended(Status status) {
    synchronized (this) {
      if (end == null) {
        Status refused = refusal;
        end = refused == null ? status : refused;
      }
    }
    tellEnd();
  }

  private void tellEnd() {
    Status status;
    synchronized (this) {
      status = end;
      if (status == null || endReported || passing > 0) {
        return;
      }
      endReported = true;
    }
    Context before = entered();
    List<@Nullable MessageFilter> those = all;
    for (int i = those.size() - 1; i >= 0; i--) {
      tell(those.get(i), status);
    }
    exit(before);
  }

  private @Nullable Context entered() {
    return madeIn == null ? null : madeIn.enter();
  }

  private void exit(@Nullable Context before) {
    if (madeIn != null) {
      Context.exit(before);
    }
  }

  private static void tell(@Nullable MessageFilter each, Status status) {
    try {
      if (each != null) {
        each.ended(status);
      }
    } catch (Throwable e) {
      Thrown.warn(LOG, LINES, "a filter threw when it was told of a call's end", e);
    }
  }
}
