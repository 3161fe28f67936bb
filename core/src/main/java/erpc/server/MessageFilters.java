package erpc.server;

import erpc.call.Context;
import erpc.call.Filter;
import erpc.call.LineLimit;
import erpc.call.MessageFilter;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What filters make of the messages of one call. The first message that one of them refuses ends
 * the call. One thread may pass requests while another passes replies.
 */
final class MessageFilters {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");
  private static final LineLimit LINES = new LineLimit();

  /** A filter that was asked, and what it said. */
  private record Asked(int filter, @Nullable MessageFilter messages) {}

  private final ServerCall call;
  private final CallStreams streams;

  /** Written by the thread that comes to the handler; read by those that pass messages. */
  private volatile Context context;

  /** From the outermost on. Written by whoever has the lock, a new list each time. */
  private volatile List<Asked> asked = List.of();

  /** Why a message was refused. Set by whoever has the lock, once. */
  private volatile @Nullable Status refusal;

  /** The filters of a call, none of which has been asked. */
  MessageFilters(ServerCall call, CallStreams streams, Context context) {
    this.call = call;
    this.streams = streams;
    this.context = context;
  }

  /**
   * Asks a filter whether it wants to see the messages, unless it was asked before: a filter around
   * it may go on twice.
   *
   * @param number where it stands in the server's list
   * @return how many of those that were asked stand around it
   */
  synchronized int ask(int number, Filter filter, Request<?, ?> request) {
    List<Asked> before = asked;
    for (int i = 0; i < before.size(); i++) {
      if (before.get(i).filter == number) {
        return i;
      }
    }
    List<Asked> with = new ArrayList<>(before);
    with.add(new Asked(number, filter.messages(request)));
    asked = with;
    return before.size();
  }

  /** The handler's context, which is theirs too. */
  void seenIn(Context handlers) {
    context = handlers;
  }

  /** What of a filter's reply goes on outwards; its messages are sent if it answers by itself. */
  Reply<?> answered(Reply<?> reply, int outside) {
    return reply.body() == CallStreams.STREAMED ? reply : streams.answer(reply, outside, context);
  }

  /** A message from the caller, as all that were asked have left it. */
  Object request(Object message) {
    throwRefusal(null);
    Context before = context.enter();
    try {
      Object passed = message;
      for (Asked each : asked) {
        passed = each.messages == null ? passed : notNull(each.messages.request(passed));
      }
      return call.routedMethod().requestType().cast(passed);
    } catch (Throwable e) {
      throw refused(e);
    } finally {
      Context.exit(before);
    }
  }

  /** A message from the handler, as all that were asked have left it. */
  Object reply(Object message) {
    return reply(message, asked.size());
  }

  /** A message from within, as the outermost so many have left it. */
  Object reply(Object message, int outermost) {
    throwRefusal(null);
    Context before = context.enter();
    try {
      Object passed = message;
      List<Asked> all = asked;
      for (int i = Math.min(outermost, all.size()) - 1; i >= 0; i--) {
        MessageFilter each = all.get(i).messages;
        passed = each == null ? passed : notNull(each.reply(passed));
      }
      return passed;
    } catch (Throwable e) {
      throw refused(e);
    } finally {
      Context.exit(before);
    }
  }

  private Object notNull(@Nullable Object passed) {
    if (passed == null) {
      throw Status.of(
              Status.Code.INTERNAL,
              "a filter around "
                  + call.routedMethod()
                  + " left null of a message: return the message, or throw to refuse it")
          .toException();
    }
    return passed;
  }

  private RpcException refused(Throwable thrown) {
    RpcException became = call.became(thrown);
    synchronized (this) {
      if (refusal == null) {
        refusal = became.status();
      }
    }
    streams.refuse(became.status());
    return became;
  }

  /**
   * Throws what the call ends in if a message was refused.
   *
   * @param cause what it led to, if anything
   */
  void throwRefusal(@Nullable Throwable cause) {
    Status refused = refusal;
    if (refused != null) {
      throw cause instanceof RpcException known && known.status() == refused
          ? known
          : refused.toException(cause);
    }
  }

  /** Tells all that were asked how the call has ended, the innermost first. Never throws. */
  void ended(Status status) {
    List<Asked> all = asked;
    Context before = context.enter();
    try {
      for (int i = all.size() - 1; i >= 0; i--) {
        tell(all.get(i).messages, status);
      }
    } finally {
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
