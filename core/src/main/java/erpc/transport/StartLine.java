package erpc.transport;

import org.jspecify.annotations.Nullable;

/** What the log says of a server or client when it starts. */
public final class StartLine {
  /** Of erpc; the pom says the same. A jar that is packed of several has lost its own. */
  static final String VERSION = "0.1.0-SNAPSHOT";

  private StartLine() {}

  /** The version, what moves the bytes, and what speaks TLS, if anything does. */
  public static String of(Reactor reactor, @Nullable Tls tls) {
    String secured =
        tls == null
            ? "plain text"
            : "TLS by " + tls.library() + (tls.alsoPlain() ? " and plain text" : "");
    return of(reactor) + ", " + secured;
  }

  /** The version and what moves the bytes. */
  public static String of(Reactor reactor) {
    return "erpc " + VERSION + ", " + reactor.kind().word();
  }
}
