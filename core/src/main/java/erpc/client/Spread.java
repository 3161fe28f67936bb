package erpc.client;

import erpc.call.Context;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.call.Thrown;
import erpc.client.Combine.Part;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One request spread over the endpoints of its place, each part a call of its own with its endpoint
 * or partition fixed, and one deadline for all of them. Has no state but for what is fixed.
 */
final class Spread<Q, R> {
  private final Calls calls;
  private final Request<Q, R> request;
  private final Destination to;
  private final long deadlineNanos;

  /**
   * One that begins now.
   *
   * @throws RpcException if there is no way to its place
   * @throws IllegalArgumentException if the place or the kind of the method is wrong
   */
  private Spread(Calls calls, Request<Q, R> request) {
    this.calls = calls;
    this.request = request;
    this.to = calls.destination(request);
    this.deadlineNanos = now() + timeoutNanos();
  }

  private long now() {
    return calls.stack().ticker.nanos();
  }

  private long timeoutNanos() {
    Duration own = calls.options(request).timeout();
    return InTime.nanos(own, false, calls.stack().settings, Context.current());
  }

  /** A part, with what is left of the time. */
  private CompletableFuture<Reply<R>> part(Request<Q, R> part, Aim aim) {
    return calls.replyAsync(part.withTimeout(Duration.ofNanos(deadlineNanos - now())), aim);
  }

  /** Goes on with its place; what is thrown on the way ends the whole. */
  private void withList(Joint<?, ?> joint, Consumer<Cluster> then) {
    Consumer<Cluster> guarded =
        cluster -> {
          try {
            then.accept(cluster);
          } catch (Throwable e) {
            joint.fail(Joint.asRpcException(e));
          }
        };
    FirstList.await(to, joint, deadlineNanos - now(), guarded);
  }

  // ---- to all

  /** As {@link Combine#broadcast}. */
  static <Q, R> CompletableFuture<List<Part<Reply<R>>>> broadcast(
      Calls calls, Request<Q, R> request) {
    Joint<Reply<R>, List<Part<Reply<R>>>> joint = new Joint<>(Joint.Ends.WITH_LAST, parts -> parts);
    try {
      Spread<Q, R> spread = new Spread<>(calls, request);
      spread.withList(joint, cluster -> spread.toAll(cluster, joint));
    } catch (Throwable e) {
      joint.fail(Joint.asRpcException(e));
    }
    return joint;
  }

  private void toAll(Cluster cluster, Joint<Reply<R>, ?> joint) {
    String method = request.method().name();
    Rosters list = cluster.rosters();
    Rosters.Choice choice = list == null ? null : list.choice(method);
    if (choice == null) {
      throw cluster.whyNone(method).toException();
    }
    List<Member> all = Aim.members(choice.roster());
    joint.begin(
        all.size(),
        0,
        Combine.MOST_AT_ONCE,
        index -> part(request, new Aim.AtOne(cluster, all.get(index))),
        index -> all.get(index).address());
  }

  // ---- to each partition

  /** As {@link Combine#partitioned}. */
  static <Q, R, M extends @Nullable Object> CompletableFuture<M> partitioned(
      Calls calls,
      Request<Q, R> request,
      IntFunction<? extends List<? extends @Nullable Q>> split,
      Function<? super List<Part<Reply<R>>>, ? extends M> merge) {
    Joint<@Nullable Reply<R>, M> joint =
        new Joint<>(Joint.Ends.WITH_FIRST_FAILURE, parts -> merge.apply(asked(parts)));
    try {
      Spread<Q, R> spread = new Spread<>(calls, request);
      spread.withList(joint, cluster -> spread.toPartitions(cluster, joint, split));
    } catch (Throwable e) {
      joint.fail(Joint.asRpcException(e));
    }
    return joint;
  }

  /** Those that there was something to ask of. */
  @SuppressWarnings("unchecked") // What has been asked and has succeeded has a reply.
  private static <R> List<Part<Reply<R>>> asked(List<Part<@Nullable Reply<R>>> parts) {
    return (List<Part<Reply<R>>>)
        (List<?>) parts.stream().filter(part -> part.value() != null).toList();
  }

  private void toPartitions(
      Cluster cluster,
      Joint<@Nullable Reply<R>, ?> joint,
      IntFunction<? extends List<? extends @Nullable Q>> split) {
    String method = request.method().name();
    Rosters list = cluster.rosters();
    int count = list == null ? 0 : Partitions.draw(list, method, calls.stack().random);
    if (count == 0) {
      throw Partitions.whyNone(cluster, method).toException();
    }
    List<? extends @Nullable Q> bodies = split(split, count);
    joint.begin(
        count,
        count,
        Combine.MOST_AT_ONCE,
        index -> toOne(bodies.get(index), index, count),
        index -> "");
  }

  private CompletableFuture<? extends @Nullable Reply<R>> toOne(
      @Nullable Q body, int index, int count) {
    return body == null
        ? CompletableFuture.completedFuture(null)
        : part(request.withBody(body), new Aim.AtPartition(Partitions.tag(index, count)));
  }

  private static <Q> List<? extends @Nullable Q> split(
      IntFunction<? extends List<? extends @Nullable Q>> split, int count) {
    List<? extends @Nullable Q> bodies;
    try {
      bodies = split.apply(count);
    } catch (RpcException e) {
      throw e;
    } catch (Throwable e) {
      throw Status.of(Status.Code.INTERNAL, "splitting the request threw " + Thrown.describe(e))
          .toException(e);
    }
    if (bodies == null || bodies.size() != count) {
      throw Status.of(
              Status.Code.INTERNAL,
              "the request was split into "
                  + (bodies == null ? "null" : bodies.size())
                  + " parts, but there are "
                  + count
                  + " partitions; null stands for a part with nothing to ask")
          .toException();
    }
    return bodies;
  }
}
