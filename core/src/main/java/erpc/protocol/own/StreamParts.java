package erpc.protocol.own;

import erpc.call.Metadata;
import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/**
 * What few calls need of their {@link Stream}: those whose message takes several frames or comes
 * behind its head, those that end in more than OK and a message, and streams of messages. Apart,
 * since there may be very many calls. Its connection's event loop's.
 */
class StreamParts {
  /** When the stream ends whatever happens, which it may be looked at before. */
  final long deadlineNanos;

  /** How much of the message that it sends has been written. */
  private int bodySent;

  /** What it may send; null while all that it sends at a time fits into a frame. */
  private @Nullable SendWindow sendWindow;

  /** What it has to take; null while all that has come was one frame's message. */
  private Inflow.@Nullable Window receiveWindow;

  /** What it counts as while its message has not begun to come and has to; else null. */
  private Unfinished.@Nullable Awaited awaited;

  // What a server's stream ends in.
  private Status status = Status.OK;
  private Metadata headers = Metadata.EMPTY;
  private Metadata trailers = Metadata.EMPTY;

  StreamParts(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  final int bodySent() {
    return bodySent;
  }

  final void setBodySent(int bytes) {
    bodySent = bytes;
  }

  final @Nullable SendWindow sendWindow() {
    return sendWindow;
  }

  final void setSendWindow(SendWindow window) {
    sendWindow = window;
  }

  final Inflow.@Nullable Window receiveWindow() {
    return receiveWindow;
  }

  final void setReceiveWindow(Inflow.Window window) {
    receiveWindow = window;
  }

  final Unfinished.@Nullable Awaited awaited() {
    return awaited;
  }

  final void setAwaited(Unfinished.@Nullable Awaited value) {
    awaited = value;
  }

  final Status status() {
    return status;
  }

  final Metadata headers() {
    return headers;
  }

  final Metadata trailers() {
    return trailers;
  }

  final void endsIn(Status status, Metadata headers, Metadata trailers) {
    this.status = status;
    this.headers = headers;
    this.trailers = trailers;
  }
}
