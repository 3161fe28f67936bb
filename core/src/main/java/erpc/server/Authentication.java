package erpc.server;

import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.Status;
import erpc.call.Ticker;
import erpc.protocol.Credential;
import erpc.protocol.Responder;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the authenticator who calls, and refuses whom it doesn't know, with the same words whether
 * the method exists or not. Thread-safe.
 */
final class Authentication implements Stage {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.server");

  /** How long a verdict on a connection's own credential holds. */
  private static final long VERDICT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final String AUTHORIZATION = "authorization";
  private static final String BEARER = "Bearer ";

  /** What was found; nobody if the caller is refused. */
  record Verdict(@Nullable Principal caller) {}

  private record Judged(
      Credential credential, CompletableFuture<Verdict> verdict, long untilNanos) {}

  private final Authenticator authenticator;
  private final Ticker ticker;
  private final Map<Peer, Judged> byConnection = new ConcurrentHashMap<>();

  Authentication(Authenticator authenticator, Ticker ticker) {
    this.authenticator = authenticator;
    this.ticker = ticker;
  }

  @Override
  public @Nullable Status begin(ServerCall call) {
    Verdict verdict = call.verdict();
    if (verdict == null) {
      verdict = judged(call.claim());
    }
    Principal caller = verdict.caller();
    if (caller == null) {
      return Status.of(
          Status.Code.UNAUTHENTICATED, "the caller shows no credential that is accepted here");
    }
    call.calledBy(caller);
    return null;
  }

  static Claim claim(Metadata metadata, Responder responder) {
    String own = metadata.text(AUTHORIZATION);
    Credential shown = responder.credential();
    String token = shown.scheme().equals("bearer") ? shown.value() : null;
    if (own != null) {
      // What comes with a call counts instead of the connection's, even if it is of no use.
      boolean bearer = own.regionMatches(true, 0, BEARER, 0, BEARER.length());
      token = bearer ? own.substring(BEARER.length()) : null;
    }
    return new Claim(responder.peer(), token, metadata);
  }

  private Verdict judged(Claim claim) {
    try {
      return new Verdict(authenticator.authenticate(claim));
    } catch (Exception | StackOverflowError e) {
      LOG.warn("the authenticator threw; the caller is refused", e);
      return new Verdict(null);
    }
  }

  // ---- authenticators that may block

  /** Whether calls wait elsewhere for what the authenticator says. */
  boolean mayBlock() {
    return authenticator.mayBlock();
  }

  /** The verdict on a call, being made on a virtual thread or made before. */
  CompletableFuture<Verdict> ask(Metadata metadata, Responder responder) {
    Claim claim = claim(metadata, responder);
    if (metadata.text(AUTHORIZATION) != null) {
      return asked(claim);
    }
    Peer peer = responder.peer();
    Judged known = byConnection.get(peer);
    if (known != null
        && known.credential == responder.credential()
        && known.untilNanos - ticker.nanos() > 0) {
      return known.verdict;
    }
    CompletableFuture<Verdict> verdict = asked(claim);
    long until = ticker.nanos() + VERDICT_NANOS;
    if (byConnection.put(peer, new Judged(responder.credential(), verdict, until)) == null) {
      peer.onClose(() -> byConnection.remove(peer));
    }
    return verdict;
  }

  private CompletableFuture<Verdict> asked(Claim claim) {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("erpc-authenticate")
        .start(() -> {
          Verdict found = new Verdict(null);
          try {
            found = judged(claim);
          } finally {
            verdict.complete(found);
          }
        });
    return verdict;
  }
}
