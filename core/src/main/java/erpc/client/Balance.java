package erpc.client;

import erpc.breaker.TryEnd;
import erpc.call.Status;
import erpc.endpoints.Accounting;
import erpc.protocol.DialledConnection;
import erpc.protocol.ServerLoad;
import org.jspecify.annotations.Nullable;

/** Picks an endpoint for a try and counts what is under way on it. */
final class Balance implements Stage {
  private static final Status NOBODY_ELSE =
      Status.of(Status.Code.UNAVAILABLE, "no endpoint is left for a copy of the call");

  @Override
  public @Nullable Status begin(ClientCall<?, ?> call) {
    Aim aim = call.aim();
    Member member =
        aim == null
            ? call.cluster().pick(call.request(), call.parent(), call.tried(), call.tryNanos())
            : aim.pick(call);
    if (member == null) {
      return aim == null ? call.cluster().whyNone(call.methodName()) : aim.whyNone(call);
    }
    if (call.isCopy() && call.tried().contains(member)) {
      return NOBODY_ELSE;
    }
    member.enter();
    if (call.cluster().isGone()) {
      member.leave();
      return call.cluster().whyNone(call.methodName());
    }
    call.picked(member);
    return null;
  }

  /**
   * A connection says how a try has ended that was started on it. Below the filters around the try,
   * which may say something else. On its event loop, as a rule.
   *
   * @param to where it went, and
   * @param begunNanos when it was handed to its connection: with filters around it, long after the
   *     try began
   * @param tryNanos when the try began; the call may be at its next one
   */
  static void account(
      ClientCall<?, ?> call,
      @Nullable Member to,
      long begunNanos,
      long tryNanos,
      Status status,
      DialledConnection on) {
    if (to == null) {
      return;
    }
    Cluster cluster = call.cluster();
    Accounting.Kind kind =
        call.isStreaming()
            ? Accounting.Kind.STREAM
            : call.isOneway() ? Accounting.Kind.ONEWAY : Accounting.Kind.UNARY;
    if (!status.isOk() || kind != Accounting.Kind.UNARY) {
      TryEnd end = call.tryEnd(status, on, tryNanos);
      long limitedNanos = end == TryEnd.TIMED_OUT ? call.limitedNanos() : 0;
      if (limitedNanos > 0) {
        call.latency().sample(limitedNanos, on.nowNanos());
      }
      cluster.accounting.ended(
          to.record(), call.latency(), status, end, kind, begunNanos, on.nowNanos());
    } else if (cluster.isAlone()) {
      cluster.accounting.succeededAlone(call.latency(), begunNanos, on.nowNanos());
    } else {
      ServerLoad said = on.takeServerLoad();
      if (said != null) {
        to.record().reports(said, on.nowNanos());
      }
      cluster.accounting.succeeded(to.record(), call.latency(), begunNanos, on.nowNanos());
    }
  }

  @Override
  public void end(ClientCall<?, ?> call, Status status) {
    Member member = call.member();
    if (member != null) {
      member.leave();
    }
  }
}
