package erpc.client;

import erpc.call.Status;
import org.jspecify.annotations.Nullable;

/** Picks an endpoint for a try and counts what is under way on it. */
final class Balance implements Stage {
  @Override
  public @Nullable Status begin(ClientCall<?, ?> call) {
    Member member =
        call.cluster().pick(call.request(), call.parent(), call.tried(), call.tryNanos());
    if (member == null) {
      return call.cluster().whyNone(call.methodName());
    }
    member.enter();
    if (call.cluster().isGone()) {
      member.leave();
      return call.cluster().whyNone(call.methodName());
    }
    call.picked(member);
    return null;
  }

  @Override
  public void end(ClientCall<?, ?> call, Status status) {
    Member member = call.member();
    if (member != null) {
      member.leave();
    }
  }
}
