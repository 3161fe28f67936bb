package erpc.trace;

import erpc.call.Method;
import erpc.call.TraceContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call as its observers see it. Valid only during the callback that gets it, on the thread of
 * that callback: whoever asks it later gets an {@link IllegalStateException}. The same object may
 * stand for another call then, so copy values and keep no view.
 */
public interface CallView {
  /** Stands for the name of a method that the server doesn't know. */
  String OTHER = "other";

  /** Which end of a call is seen. */
  enum Side {
    CLIENT,
    SERVER
  }

  Side side();

  /**
   * The method's full name, {@code demo.hello}. On a server {@link #OTHER} if it has no such
   * method: text from the wire never gets here.
   */
  String method();

  /** How many messages go each way; UNARY if the server doesn't know the method. */
  Method.Kind kind();

  /**
   * On a client the tags of the call, its client's defaults included; on a server empty, since tags
   * don't travel. Not to be modified, and unlike the view it may be kept.
   */
  Map<String, String> tags();

  /**
   * When this event happened, by the ticker of the client or server, in nanoseconds. Where the
   * event loop tells a client of an answer it is the reading that all frames of one turn share;
   * else the clock is read when this is asked, and only then.
   */
  long nowNanos();

  /** When the call began, by the same ticker; on a server, when its head was read. */
  long startNanos();

  /**
   * On a client where its last try goes, {@code host:port} or {@code unix:/path}; empty while there
   * was none. On a server who calls, as its socket says.
   */
  String endpoint();

  /** Tries so far, the current one included; on a server 1 once it is no longer refused. */
  int attempts();

  /**
   * Bytes of the request as they travel, encoded and compressed, without heads; 0 while that is not
   * known. Of a stream the messages sent (client) or read (server) so far.
   */
  long requestBytes();

  /** Bytes of the reply, as {@link #requestBytes}; of a stream those read or sent so far. */
  long replyBytes();

  /**
   * The trace context. On a client what the request says, else that of the call being handled; on a
   * server what the caller sent. Or what was set here. Null if the call is not traced.
   */
  @Nullable TraceContext trace();

  /**
   * Sets the trace context. On a client it goes out with the tries that are sent from now on, so
   * {@code begin} may set one for the call, and {@code tryBegun} one per try. On a server, in
   * {@code begin} or {@code tryBegun}, it becomes that of the handler's context, which nested calls
   * inherit.
   */
  void trace(TraceContext value);
}
