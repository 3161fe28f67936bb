package erpc.breaker;

/** What only a try itself knows of its end, beside the status. */
public enum TryEnd {
  /** Nothing but the status. */
  PLAIN,

  /** It found no room where it was to go, and has sent nothing. */
  NO_ROOM,

  /** Its connection was going away: the server drained it, or has said GOAWAY. */
  GOING,

  /** Its own timeout ended it, with the call's deadline still ahead. */
  TIMED_OUT,

  /** Another endpoint has answered its call first. */
  OVERTAKEN
}
