package erpc.protocol;

import erpc.call.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;

/**
 * A way for bytes to become calls. A server picks one by a connection's first bytes, a client is
 * built with one. Implementations are stateless.
 */
public interface Protocol {
  /** What the first bytes of a connection say. */
  enum Match {
    YES,
    NO,
    /** Too few bytes to tell. */
    MAYBE
  }

  /** Its name, as logs have it. */
  String name();

  // ---- the server's side

  /** Whether a connection that begins like this speaks it. Leaves the buffer's indices alone. */
  Match match(ByteBuf first);

  /**
   * A handler for one connection, which is also its {@link ServedConnection}. It reads the first
   * bytes again.
   */
  ChannelHandler serve(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, ServerCalls calls);

  /** What a peer that speaks it is told when it is not served, in its own words. */
  byte[] refusal(String text);

  // ---- the client's side

  /** A client's end of a connection that will live on this event loop, and has no channel yet. */
  DialledConnection dial(
      EventLoop loop, ConnectionSettings settings, Ticker ticker, MemoryBudget memory);

  /**
   * Takes the replies of a call that streams them, on whichever connection of this protocol it goes
   * to.
   *
   * @param onInterrupt told when the waiting thread is interrupted, on that thread; it should end
   *     the call
   */
  MessageSource source(Ticker ticker, Runnable onInterrupt);

  /**
   * Sends the requests of a call that streams them, the same way.
   *
   * @param memory what its messages may hold
   */
  MessageSink sink(Ticker ticker, MemoryBudget memory, Runnable onInterrupt);
}
