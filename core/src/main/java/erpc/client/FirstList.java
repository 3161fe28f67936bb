package erpc.client;

import erpc.call.Context;
import erpc.call.Status;
import java.util.function.Consumer;

/**
 * A combined call waits for the first list of its place, among the calls that do, and for as long.
 * It goes on where callbacks run, for what comes next is users' code.
 */
final class FirstList extends Pause {
  private final Cluster cluster;
  private final Joint<?, ?> joint;
  private final Consumer<Cluster> then;

  private FirstList(Cluster cluster, Joint<?, ?> joint, Consumer<Cluster> then) {
    this.cluster = cluster;
    this.joint = joint;
    this.then = then;
  }

  /**
   * Goes on with a place once it has a list: here, if it has one already.
   *
   * @param leftNanos how long it may wait
   */
  static void await(Destination to, Joint<?, ?> joint, long leftNanos, Consumer<Cluster> then) {
    Cluster known = to.cluster();
    Cluster cluster = known.isForgotten() ? to.again().cluster() : known;
    FirstList pause = new FirstList(cluster, joint, then);
    if (cluster.isResolved() || !cluster.keepsWaiting(pause)) {
      then.accept(cluster); // There is one, or there are too many that wait: it asks why.
      return;
    }
    joint.onEnd(pause::stop);
    Context parent = Context.current();
    if (parent != null) {
      Runnable cancelled = pause::parentCancelled;
      joint.onEnd(() -> parent.removeOnCancel(cancelled));
      parent.onCancel(cancelled);
    }
    if (!pause.begin(to.stack().reactor, leftNanos) && pause.end()) {
      joint.fail(Status.of(Status.Code.UNAVAILABLE, "the client's reactor has been closed"));
    }
  }

  private void stop() {
    boolean unused = end();
    cluster.stopWaiting(this);
  }

  private void parentCancelled() {
    if (!end()) {
      return; // It goes on, and the calls it makes then end themselves.
    }
    cluster.stopWaiting(this);
    fail(Status.of(Status.Code.CANCELLED, "the call that this one was made for has ended"));
  }

  @Override
  void goOn() {
    Relay.ofProcess().execute(() -> joint.inContext(() -> then.accept(cluster)));
  }

  @Override
  void closed(Status why) {
    fail(why);
  }

  @Override
  void isDue() {
    cluster.stopWaiting(this);
    fail(Status.of(Status.Code.DEADLINE_EXCEEDED, cluster.whyUnresolved("the deadline")));
  }

  private void fail(Status why) {
    Relay.ofProcess().execute(() -> joint.fail(why));
  }
}
