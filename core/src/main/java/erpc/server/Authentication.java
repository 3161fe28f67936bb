package erpc.server;

import erpc.call.LineLimit;
import erpc.call.Metadata;
import erpc.call.Peer;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.call.Ticker;
import erpc.protocol.Credential;
import erpc.protocol.Responder;
import java.security.GeneralSecurityException;
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

  private static final Status UNKNOWN_CALLER =
      Status.of(
          Status.Code.UNAUTHENTICATED, "the caller shows no credential that is accepted here");

  private static final Status CANNOT_TELL =
      Status.of(
          Status.Code.UNAVAILABLE,
          "the server cannot tell who calls, as its authenticator fails; the next call asks it"
              + " again");

  /**
   * What was found: who calls, or why the call is refused. That it could not be found out is no
   * verdict that would hold for another call.
   */
  record Verdict(@Nullable Principal caller, Status refusal) {
    static final Verdict REFUSED = new Verdict(null, UNKNOWN_CALLER);
    static final Verdict FAILED = new Verdict(null, CANNOT_TELL);

    static Verdict of(@Nullable Principal caller) {
      return caller == null ? REFUSED : new Verdict(caller, Status.OK);
    }
  }

  private record Judged(
      Credential credential, CompletableFuture<Verdict> verdict, long untilNanos) {

    /** Whether it holds for a call that comes now, or will once it has been made. */
    boolean holds(Credential shown, long nowNanos) {
      return credential == shown
          && untilNanos - nowNanos > 0
          && verdict.getNow(Verdict.REFUSED) != Verdict.FAILED;
    }
  }

  private final Authenticator authenticator;
  private final boolean mayBlock;
  private final Ticker ticker;
  private final Map<Peer, Judged> byConnection = new ConcurrentHashMap<>();
  private final LineLimit failures = new LineLimit();

  Authentication(Authenticator authenticator, Ticker ticker) {
    this.authenticator = authenticator;
    this.mayBlock = authenticator.mayBlock(); // once: it may throw, which calls must not see
    this.ticker = ticker;
  }

  @Override
  public @Nullable Status begin(StagedCall call) {
    return enter(call, judged(call.claim()));
  }

  /** Lets a call in on which there is a verdict, or says why not. */
  static @Nullable Status enter(StagedCall call, Verdict verdict) {
    Principal caller = verdict.caller();
    if (caller == null) {
      return verdict.refusal();
    }
    call.calledBy(caller);
    return null;
  }

  static Claim claim(Metadata metadata, Responder responder) {
    String own = metadata.text(AUTHORIZATION);
    Credential shown = responder.credential();
    String token = shown.scheme().equalsIgnoreCase("bearer") ? shown.value() : null;
    if (own != null) {
      // What comes with a call counts instead of the connection's, even if it is of no use.
      boolean bearer = own.regionMatches(true, 0, BEARER, 0, BEARER.length());
      token = bearer ? own.substring(BEARER.length()) : null;
    }
    return new Claim(responder.peer(), token, metadata);
  }

  private Verdict judged(Claim claim) {
    try {
      return Verdict.of(authenticator.authenticate(claim));
    } catch (SecurityException | GeneralSecurityException e) {
      LOG.debug("the authenticator has refused a caller: {}", Thrown.describe(e));
      return Verdict.REFUSED;
    } catch (Throwable e) { // Whatever it is: who calls is not to blame for it.
      if (e instanceof RpcException by && by.status().code() == Status.Code.UNAUTHENTICATED) {
        return Verdict.REFUSED; // Whom it asked has said so.
      }
      Thrown.warn(
          LOG,
          failures,
          "the authenticator threw; callers get UNAVAILABLE until it works again",
          e);
      return Verdict.FAILED;
    }
  }

  // ---- authenticators that may block

  /** Whether calls wait elsewhere for what the authenticator says. */
  boolean mayBlock() {
    return mayBlock;
  }

  /** The verdict on a call, being made on a virtual thread or made before. */
  CompletableFuture<Verdict> ask(Metadata metadata, Responder responder) {
    Claim claim = claim(metadata, responder);
    if (metadata.text(AUTHORIZATION) != null) {
      return asked(claim);
    }
    Peer peer = responder.peer();
    Judged known = byConnection.get(peer);
    if (known != null && known.holds(responder.credential(), ticker.nanos())) {
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
    try {
      Thread.ofVirtual()
          .name("erpc-authenticate")
          .start(() -> {
            Verdict found = Verdict.FAILED;
            try {
              found = judged(claim);
            } finally {
              verdict.complete(found);
            }
          });
    } catch (Throwable e) { // As when there is no memory for a thread: the next call asks again.
      Thrown.warn(LOG, failures, "cannot ask the authenticator; a caller gets UNAVAILABLE", e);
      verdict.complete(Verdict.FAILED);
    }
    return verdict;
  }
}
