package erpc.center;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An engine that meets the errors a test wants it to. */
final class FaultyEngine implements Engine {
  private final Engine engine = MemoryEngine.open();

  /** What the next proposal, snapshot or event meets, once. */
  volatile @Nullable Error onPropose;

  volatile @Nullable Error onNext;

  /** What nobody hears of a change before, or null. */
  volatile @Nullable CountDownLatch silence;

  private static void meet(@Nullable Error error) {
    if (error != null) {
      throw error;
    }
  }

  @Override
  public long propose(List<Change> changes, @Nullable Fence fence) {
    Error error = onPropose;
    onPropose = null;
    meet(error);
    return engine.propose(changes, fence);
  }

  @Override
  public Snapshot snapshot() {
    return engine.snapshot();
  }

  @Override
  public Feed watch(long fromRevision) {
    Feed feed = engine.watch(fromRevision);
    return new Feed() {
      @Override
      public Event next(Duration wait) throws InterruptedException {
        Event event = feed.next(wait);
        CountDownLatch until = silence;
        if (until != null) {
          until.await();
        }
        Error error = onNext;
        onNext = null;
        meet(error);
        return event;
      }

      @Override
      public void close() {
        feed.close();
      }
    };
  }

  @Override
  public long readIndex() {
    return engine.readIndex();
  }

  @Override
  public String history() {
    return engine.history();
  }

  @Override
  public List<String> members() {
    return engine.members();
  }

  @Override
  public @Nullable String leader() {
    return engine.leader();
  }

  @Override
  public void close() {
    engine.close();
  }
}
