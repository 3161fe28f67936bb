package erpc.center;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import erpc.call.Deadline;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a center that is one process: a map, a bounded ring of the latest batches and, if
 * asked for, a journal that outlives the process. Thread-safe.
 *
 * <p>Its history is new with every start, with a journal too: a machine that lost power may have
 * lost the last revisions and would give their numbers away again.
 */
public final class MemoryEngine implements Engine {
  /** How many batches can be watched from behind; whoever is later takes a snapshot. */
  public static final int KEPT_BATCHES = 4096;

  /** How many changes those batches may hold together. */
  public static final int KEPT_CHANGES = 65_536;

  private final String history = UUID.randomUUID().toString();
  private final @Nullable Journal journal;

  /**
   * A lock and not a monitor: before Java 24 a virtual thread that waits in a monitor keeps its
   * carrier.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final Map<String, byte[]> data;
  private final ArrayDeque<Batch> kept = new ArrayDeque<>();
  private int keptChanges;
  private long revision;
  private boolean closed;

  private MemoryEngine(@Nullable Journal journal, Snapshot start) {
    this.journal = journal;
    this.data = new HashMap<>(start.data());
    this.revision = start.revision();
  }

  /** An empty engine that forgets everything with its process. */
  public static MemoryEngine open() {
    return new MemoryEngine(null, new Snapshot(0, Map.of()));
  }

  /**
   * An engine that continues from an append-only file, created if it is absent.
   *
   * @param durability when a change counts as written
   * @throws IOException if the file cannot be used, is in use, or is damaged elsewhere than at its
   *     torn end; the message names the file, the offset and what to do
   */
  public static MemoryEngine open(Path file, Durability durability) throws IOException {
    Journal journal = Journal.open(file, durability, Storage.files());
    return new MemoryEngine(journal, journal.recovered());
  }

  /** As {@link #open(Path, Durability)}, on storage that a test breaks. */
  static MemoryEngine open(Path file, Durability durability, Storage.Opener opener)
      throws IOException {
    Journal journal = Journal.open(file, durability, opener);
    return new MemoryEngine(journal, journal.recovered());
  }

  @Override
  public long propose(List<Change> changes, @Nullable Fence fence) {
    lock.lock();
    try {
      refuseIfClosed();
      return apply(changes, fence);
    } finally {
      lock.unlock();
    }
  }

  private long apply(List<Change> changes, @Nullable Fence fence) {
    Batch batch = new Batch(revision + 1, checked(changes, fence));
    if (journal != null) {
      write(journal, batch);
    }
    for (Change change : batch.changes()) {
      switch (change) {
        case Put put -> data.put(put.key(), put.value());
        case Remove remove -> data.remove(remove.key());
      }
    }
    revision = batch.revision();
    keep(batch);
    changed.signalAll();
    return revision;
  }

  private List<Change> checked(List<Change> changes, @Nullable Fence fence) {
    if (changes.isEmpty() && fence == null) {
      throw new IllegalArgumentException("a batch without changes needs a fence");
    }
    List<Change> all = new ArrayList<>(changes.size() + 1);
    if (fence != null) {
      byte[] before = data.get(fence.key());
      if (before != null && Epochs.decode(before) > fence.epoch()) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "epoch %d of '%s' is over: epoch %d has been seen; nothing was changed"
                .formatted(fence.epoch(), Printable.of(fence.key()), Epochs.decode(before)));
      }
      all.add(new Put(fence.key(), Epochs.encode(fence.epoch())));
    }
    all.addAll(changes);
    checkSize(all);
    return List.copyOf(all);
  }

  private static void checkSize(List<Change> changes) {
    if (changes.size() > MAX_BATCH_CHANGES) {
      throw new IllegalArgumentException(
          "a batch of " + changes.size() + " changes passes the limit of " + MAX_BATCH_CHANGES);
    }
    long bytes = 0;
    for (Change change : changes) {
      int keyBytes = change.key().getBytes(StandardCharsets.UTF_8).length;
      int valueBytes = change instanceof Put put ? put.value().length : 0;
      if (keyBytes == 0 || keyBytes > MAX_KEY_BYTES || valueBytes > MAX_VALUE_BYTES) {
        throw new IllegalArgumentException(
            "a key of %d bytes with a value of %d passes the limits of 1 to %d and %d"
                .formatted(keyBytes, valueBytes, MAX_KEY_BYTES, MAX_VALUE_BYTES));
      }
      bytes += keyBytes + valueBytes;
    }
    if (bytes > MAX_BATCH_BYTES) {
      throw new IllegalArgumentException(
          "a batch of " + bytes + " bytes passes the limit of " + MAX_BATCH_BYTES);
    }
  }

  /**
   * The journal is written first: what cannot be kept is not acknowledged, and nobody has seen it.
   */
  private void write(Journal to, Batch batch) {
    try {
      to.append(batch, data);
    } catch (IOException e) {
      throw Status.of(
              Status.Code.UNAVAILABLE,
              e.getMessage() + "; nothing was changed, try again once it is repaired")
          .toException(e);
    }
  }

  private void keep(Batch batch) {
    kept.addLast(batch);
    keptChanges += batch.changes().size();
    while (kept.size() > KEPT_BATCHES || (keptChanges > KEPT_CHANGES && kept.size() > 1)) {
      keptChanges -= kept.removeFirst().changes().size();
    }
  }

  @Override
  public Snapshot snapshot() {
    lock.lock();
    try {
      refuseIfClosed();
      return new Snapshot(revision, Map.copyOf(data));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Feed watch(long fromRevision) {
    return new RingFeed(fromRevision);
  }

  @Override
  public long readIndex() {
    lock.lock();
    try {
      refuseIfClosed();
      return revision;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String history() {
    return history;
  }

  @Override
  public List<String> members() {
    return List.of();
  }

  @Override
  public @Nullable String leader() {
    return null;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        changed.signalAll();
        if (journal != null) {
          journal.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new RpcException(Status.Code.UNAVAILABLE, "the center's engine is closed");
    }
  }

  /** A position in the ring. */
  private final class RingFeed implements Feed {
    @GuardedBy("lock")
    private long position;

    @GuardedBy("lock")
    private boolean ended;

    RingFeed(long position) {
      this.position = position;
    }

    @Override
    public Event next(Duration wait) throws InterruptedException {
      long left = Deadline.saturatedNanos(wait);
      lock.lockInterruptibly();
      try {
        while (true) {
          refuseIfClosed();
          if (ended) {
            throw new RpcException(Status.Code.UNAVAILABLE, "the feed is closed");
          }
          Event event = ready();
          if (event != null) {
            return event;
          }
          if (left <= 0) {
            return new Progress(revision);
          }
          left = changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }

    @GuardedBy("lock")
    private @Nullable Event ready() {
      if (position == revision) {
        return null;
      }
      long oldest = revision - kept.size();
      if (position < oldest || position > revision) {
        return new Compacted(oldest);
      }
      Batch batch = at((int) (position - oldest));
      position = batch.revision();
      return new Changes(batch);
    }

    /** Followers are nearly always at the end, so the ring is searched from there. */
    private Batch at(int index) {
      var newest = kept.descendingIterator();
      for (int i = kept.size() - 1; i > index; i--) {
        newest.next();
      }
      return newest.next();
    }

    @Override
    public void close() {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
