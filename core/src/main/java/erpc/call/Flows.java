package erpc.call;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Streams of messages as {@link Flow reactive streams}, for code that is written that way. Each
 * adapter has a virtual thread of its own, on which subscribers are called; the {@link Context} in
 * which it was made is ambient there.
 */
public final class Flows {
  /** Messages that are asked for ahead of what has been sent. */
  private static final int AHEAD = 16;

  /** A subscriber that asks for nothing for so long is not waited for in one go. */
  private static final long LOOK_MILLIS = 1_000;

  private Flows() {}

  /**
   * Messages for one subscriber; a second one is refused. Cancelling closes the messages. What the
   * subscriber has not asked for is not read.
   */
  public static <T> Flow.Publisher<T> publisher(Incoming<T> messages) {
    AtomicBoolean taken = new AtomicBoolean();
    return subscriber -> {
      Reading<T> reading = new Reading<>(messages, subscriber);
      subscriber.onSubscribe(reading);
      if (taken.compareAndSet(false, true)) {
        start(reading);
      } else {
        subscriber.onError(new IllegalStateException("these messages have a subscriber already"));
      }
    };
  }

  /**
   * Sends what a publisher has, as fast as there is room for it.
   *
   * @param done what to do once all has been sent, on the sending thread, as {@code
   *     exchange::finish}
   * @return completes once everything was sent, or with what went wrong; to cancel it is to cancel
   *     the subscription
   */
  public static <T> CompletableFuture<@Nullable Void> send(
      Flow.Publisher<? extends T> from, Outgoing<T> to, Runnable done) {
    Sending<T> sending = new Sending<>(to, done);
    from.subscribe(sending);
    start(sending); // Not before: if that threw, the thread would wait for ever.
    return sending.outcome;
  }

  private static void start(Runnable flow) {
    Context around = Context.current();
    Thread unused =
        Thread.ofVirtual().name("erpc-flow").start(around == null ? flow : around.wrap(flow));
  }

  private static final class Reading<T> implements Flow.Subscription, Runnable {
    private final Incoming<T> messages;
    private final Flow.Subscriber<? super T> subscriber;
    private final Semaphore asked = new Semaphore(0);

    // Set by the subscriber, on any thread, before it wakes the one that reads.
    private volatile boolean cancelled;
    private volatile @Nullable Throwable misuse;

    Reading(Incoming<T> messages, Flow.Subscriber<? super T> subscriber) {
      this.messages = messages;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        misuse = new IllegalArgumentException("request(" + n + "), which must be positive");
        asked.release();
        return;
      }
      // Past this the semaphore would overflow; whoever asks for as many asks for all.
      asked.release((int) Math.min(n, Math.max(0, (1 << 30) - asked.availablePermits())));
    }

    @Override
    public void cancel() {
      cancelled = true;
      messages.close();
      asked.release();
    }

    @Override
    public void run() {
      try {
        while (!cancelled) {
          if (!asked.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            continue;
          }
          Throwable wrong = misuse;
          if (wrong != null) {
            throw wrong;
          }
          T message = cancelled ? null : messages.next();
          if (cancelled) {
            return;
          }
          if (message == null) {
            subscriber.onComplete();
            return;
          }
          subscriber.onNext(message);
        }
      } catch (Throwable e) {
        messages.close();
        if (!cancelled) {
          subscriber.onError(e);
        }
      }
    }
  }

  private static final class Sending<T> implements Flow.Subscriber<T>, Runnable {
    private static final Object END = new Object();

    private final Outgoing<T> to;
    private final Runnable done;
    private final BlockingQueue<Object> queue = new ArrayBlockingQueue<>(AHEAD + 1);
    private final CompletableFuture<@Nullable Void> outcome = new CompletableFuture<>();

    /** Set by the publisher before it sends anything; the thread that sends asks it for more. */
    private volatile Flow.@Nullable Subscription subscription;

    Sending(Outgoing<T> to, Runnable done) {
      this.to = to;
      this.done = done;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      if (subscription != null) {
        given.cancel();
        return;
      }
      subscription = given;
      given.request(AHEAD);
    }

    @Override
    public void onNext(T message) {
      offer(message);
    }

    @Override
    public void onError(Throwable thrown) {
      outcome.completeExceptionally(thrown);
      offer(END);
    }

    @Override
    public void onComplete() {
      offer(END);
    }

    private void offer(Object what) {
      if (!queue.offer(what)) {
        outcome.completeExceptionally(
            new IllegalStateException("the publisher sent more than it was asked for"));
      }
    }

    @Override
    @SuppressWarnings("unchecked") // Everything but the end is a message.
    public void run() {
      try {
        for (Object next = take(); next != END; next = take()) {
          to.send((T) next);
          Flow.Subscription from = subscription;
          if (from != null) {
            from.request(1);
          }
        }
        if (outcome.isCompletedExceptionally()) {
          stopPublisher();
        } else {
          done.run();
          outcome.complete(null);
        }
      } catch (Throwable e) {
        outcome.completeExceptionally(e);
        stopPublisher();
      }
    }

    private void stopPublisher() {
      Flow.Subscription from = subscription;
      if (from != null) {
        from.cancel();
      }
    }

    private Object take() throws InterruptedException {
      while (true) {
        Object next = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
          return next;
        }
        if (outcome.isDone()) {
          return END;
        }
      }
    }
  }
}
