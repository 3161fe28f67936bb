package erpc.client;

import erpc.call.Deadline;
import erpc.call.Reply;
import erpc.call.Request;
import erpc.call.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes one call of several. All of it are functions over futures, such as {@link Client#sendAsync}
 * and {@link Client#callAsync} give; so calls of different methods and clients can be combined, and
 * combined calls again.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li>None of them throws or waits. What goes wrong, arguments that are none too, is what the
 *       future fails with, an {@link erpc.call.RpcException}.
 *   <li>Whatever completes the future cancels the calls that are still under way, here and at their
 *       servers: enough replies, a failure, a limit, or somebody who cancels it.
 *   <li>It completes where the call that decides completes, or at once if all is decided; and in
 *       the {@link erpc.call.Context} in which it was made. There run the functions that are given,
 *       too. What a function throws is what the future fails with; INTERNAL if that is no {@code
 *       RpcException}.
 *   <li>Calls that it makes inherit what the call being handled hands on, as all calls do: its
 *       deadline, its criticality, its cancellation.
 * </ul>
 *
 * <p>Thread-safe; has no state.
 */
public final class Combine {
  /**
   * As many calls of one {@link #broadcast} or {@link #partitioned} call are under way at a time.
   */
  public static final int MOST_AT_ONCE = 128;

  private Combine() {}

  /**
   * What became of one of several calls. Immutable.
   *
   * @param index the call's place in the list; of a partitioned call, its partition
   * @param endpoint who has answered, or who was asked; empty if that is not known
   * @param value what has come; null if it has failed
   * @param status OK, or what it has failed with
   */
  public record Part<T extends @Nullable Object>(
      int index, String endpoint, @Nullable T value, Status status) {
    /** Whether it has succeeded. */
    public boolean isOk() {
      return status.isOk();
    }
  }

  // ---- several calls at once

  /**
   * Waits for all calls to succeed. The first failure is its failure, except that what it says of
   * the start ({@link Status#started}) holds for all of them, here as in all combined calls.
   *
   * @param calls may be empty
   * @param merge makes its value of what has come, in the order of the calls
   */
  public static <T extends @Nullable Object, M extends @Nullable Object> CompletableFuture<M> all(
      List<? extends CompletableFuture<? extends T>> calls,
      Function<? super List<T>, ? extends M> merge) {
    return some(Joint.Ends.WITH_FIRST_FAILURE, 0, calls, merge);
  }

  /**
   * Waits until so many calls have succeeded. Fails as soon as so many cannot any more, with the
   * code of the first failure and a message that tells how many have failed.
   *
   * @param wanted from 1 to the number of calls
   * @param merge makes its value of what has come, in the order of the calls
   */
  public static <T extends @Nullable Object, M extends @Nullable Object>
      CompletableFuture<M> quorum(
          int wanted,
          List<? extends CompletableFuture<? extends T>> calls,
          Function<? super List<T>, ? extends M> merge) {
    return some(Joint.Ends.WITH_ENOUGH, wanted, calls, merge);
  }

  /** Waits for the first call that succeeds. Fails when all have. */
  public static <T extends @Nullable Object> CompletableFuture<T> first(
      List<? extends CompletableFuture<? extends T>> calls) {
    return Combine.<T, T>some(Joint.Ends.WITH_ENOUGH, 1, calls, values -> values.getFirst());
  }

  /**
   * Takes what comes within a time.
   *
   * @param client whose clock counts; when it is closed, what has not come is given up: CANCELLED
   * @param limit after so long what has not come is given up: DEADLINE_EXCEEDED. Calls that take no
   *     longer by their own timeouts need none; then it may be as long as one likes
   * @param wanted as many have to succeed, 0 to all of them; else it fails, as soon as so many
   *     cannot any more
   * @param merge makes its value of the parts, one for each call, in their order
   */
  public static <T extends @Nullable Object, M extends @Nullable Object>
      CompletableFuture<M> partial(
          Client client,
          Duration limit,
          int wanted,
          List<? extends CompletableFuture<? extends T>> calls,
          Function<? super List<Part<T>>, ? extends M> merge) {
    Joint<T, M> joint = new Joint<>(Joint.Ends.WITH_LAST, parts -> merge.apply(parts));
    begin(joint, wanted, 0, calls);
    if (!joint.isDone()) {
      try {
        limit(joint, client.calls().stack(), limit);
      } catch (RuntimeException e) {
        joint.fail(Joint.asRpcException(e));
      }
    }
    return joint;
  }

  private static void limit(Joint<?, ?> joint, ClientStack stack, Duration limit) {
    long nanos = Deadline.saturatedNanos(limit);
    String text = "the limit of " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms passed";
    Status late = Status.of(Status.Code.DEADLINE_EXCEEDED, text);
    Limit timer = new Limit(stack.limits, () -> joint.timeIsUp(late), joint::timeIsUp);
    timer.start(stack.reactor, nanos);
    joint.onEnd(timer::stop);
  }

  private static <T extends @Nullable Object, M extends @Nullable Object> CompletableFuture<M> some(
      Joint.Ends ends,
      int wanted,
      List<? extends CompletableFuture<? extends T>> calls,
      Function<? super List<T>, ? extends M> merge) {
    Joint<T, M> joint = new Joint<>(ends, parts -> merge.apply(values(parts)));
    begin(joint, wanted, ends == Joint.Ends.WITH_ENOUGH ? 1 : 0, calls);
    return joint;
  }

  @SuppressWarnings("NullAway") // What has succeeded has a value of its type, which may be null.
  private static <T extends @Nullable Object> List<T> values(List<Part<T>> parts) {
    List<T> values = new ArrayList<>(parts.size());
    for (Part<T> each : parts) {
      if (each.isOk()) {
        values.add(each.value());
      }
    }
    return Collections.unmodifiableList(values);
  }

  /** Begins with calls that are under way: whatever comes of it, they are cancelled at its end. */
  private static <T extends @Nullable Object> void begin(
      Joint<T, ?> joint,
      int wanted,
      int least,
      List<? extends CompletableFuture<? extends T>> calls) {
    try {
      List<CompletableFuture<? extends T>> given = new ArrayList<>(calls);
      joint.onEnd(() -> given.forEach(Joint::cancel));
      int size = given.size();
      int number = joint.given(size, wanted);
      if (number > size || number < least) {
        throw new IllegalArgumentException(
            number + " of " + size + " calls cannot be wanted: from " + least + " to " + size);
      }
      joint.begin(size, number, Math.max(size, 1), given::get, index -> "");
    } catch (Throwable e) {
      joint.fail(Joint.asRpcException(e));
    }
  }

  // ---- one request to several

  /**
   * Sends a request to each endpoint of its place that has the method, as far as is known: also to
   * those that calls avoid. Each gets it once; a call that may be tried again is tried at the same
   * endpoint, and no fallback answers for it. {@value #MOST_AT_ONCE} calls are under way at a time,
   * and the request's timeout is that of all together.
   *
   * @return completes when all have ended, with a part for each endpoint, in the order of the list
   *     of endpoints; fails only if there is no endpoint to send it to
   */
  public static <Q, R> CompletableFuture<List<Part<Reply<R>>>> broadcast(
      Client client, Request<Q, R> request) {
    return Spread.broadcast(client.calls(), request);
  }

  /**
   * Splits a request over the partitions of its place, and merges the replies. Endpoints say which
   * partition they have: {@code erpc.partition}, as {@code 0/3}. Each part goes to one of the
   * endpoints of its partition, balanced and tried again as other calls are; the request's timeout
   * is that of all together. If one part fails the whole does.
   *
   * <p>While data moves there may be endpoints of several splits, of {@code 0/3} to {@code 2/3} and
   * of {@code 0/4} to {@code 3/4}. A call takes one of those that are whole, by chance, in
   * proportion to the weight of their endpoints.
   *
   * @param split makes the messages of so many parts; null for one with nothing to ask, which is
   *     then not asked
   * @param merge makes its value of the parts that were asked, in the order of their partitions
   */
  public static <Q, R, M extends @Nullable Object> CompletableFuture<M> partitioned(
      Client client,
      Request<Q, R> request,
      IntFunction<? extends List<? extends @Nullable Q>> split,
      Function<? super List<Part<Reply<R>>>, ? extends M> merge) {
    return Spread.partitioned(client.calls(), request, split, merge);
  }

  /**
   * A function that sends requests to one of several alternatives: other places, other clients,
   * other combined calls. It takes one of two drawn by chance, the one with fewer calls under way,
   * and avoids those that fail as a client avoids broken endpoints: one call per second finds out
   * how they are. When one fails, another one is tried within what is left of the request's
   * timeout, if another try makes sense: if the call was not started, or if it is UNAVAILABLE and
   * its method idempotent. As many are tried as the client makes tries of a call ({@code
   * maxAttempts}). A try after one that a server may have worked for takes a token of a budget of
   * ten, and ten successes bring one back; it and those that follow it are marked as retries
   * ({@link erpc.call.Context#isRetried}), and on behalf of a retry there is none.
   *
   * <p>Make one function and keep it: it remembers how its alternatives have done.
   *
   * @param client whose clock, chance, default options, number of tries and protection count; when
   *     it is closed its function fails
   * @param alternatives send what they are given, as {@code east::sendAsync} or {@code request ->
   *     client.sendAsync(request.at("dns://east:9443"))}; at least one
   * @return thread-safe
   * @throws IllegalArgumentException if there is no alternative
   */
  public static <Q, R> Function<Request<Q, R>, CompletableFuture<Reply<R>>> selective(
      Client client,
      List<? extends Function<? super Request<Q, R>, ? extends CompletableFuture<Reply<R>>>>
          alternatives) {
    return new Selective<>(client.calls(), alternatives);
  }
}
