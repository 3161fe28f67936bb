package erpc.center;

import erpc.call.RpcException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What orders the center's changes: a map from keys to bytes, changed by batches, each with its
 * revision. Everything the center must agree on goes through here, and nothing else does
 * (heartbeats never).
 *
 * <p>It is narrow so that one process, an embedded cluster or a store that is already run can stand
 * behind it; all pass one contract test suite. Implementations are thread-safe.
 */
public interface Engine extends AutoCloseable {
  /** The longest key, in UTF-8 bytes. */
  int MAX_KEY_BYTES = 1024;

  /** The largest value, in bytes. */
  int MAX_VALUE_BYTES = 1024 * 1024;

  /** The most changes in one batch. */
  int MAX_BATCH_CHANGES = 1024;

  /** The most bytes of keys and values in one batch. */
  int MAX_BATCH_BYTES = 8 * 1024 * 1024;

  /** One key set or removed. */
  sealed interface Change permits Put, Remove {
    String key();
  }

  /**
   * Sets a key.
   *
   * @param value not to be modified by anyone once it is here
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Put(String key, byte[] value) implements Change {}

  /** Removes a key; that it is absent already is no error. */
  record Remove(String key) implements Change {}

  /**
   * Keeps the late from overwriting the new: the batch applies only if no greater epoch was stored
   * under the key, and then stores this one there. The key is an ordinary one, so a {@link Remove}
   * ends the fence.
   */
  record Fence(String key, long epoch) {}

  /** The changes of one revision; they become visible together. */
  record Batch(long revision, List<Change> changes) {}

  /** Everything there is at a revision. */
  record Snapshot(long revision, Map<String, byte[]> data) {}

  /** What a feed answers. */
  sealed interface Event permits Changes, Compacted, Progress {}

  /** The next batch; its revision is the one after the last the feed gave. */
  record Changes(Batch batch) implements Event {}

  /**
   * The next batch is no longer kept: take a snapshot and watch from its revision.
   *
   * @param oldest the least revision that can be watched from
   */
  record Compacted(long oldest) implements Event {}

  /** Nothing more has happened up to this revision. */
  record Progress(long revision) implements Event {}

  /**
   * The changes after a revision, in order, pulled by one thread at a time; it holds nothing, so it
   * cannot overflow.
   */
  interface Feed extends AutoCloseable {
    /**
     * The next event; {@link Progress} if there is none within the wait.
     *
     * @throws RpcException UNAVAILABLE once the feed or its engine is closed
     */
    Event next(Duration wait) throws InterruptedException;

    /** Wakes whoever waits in {@link #next}. */
    @Override
    void close();
  }

  /**
   * Applies the changes together and returns their revision, which is the one before plus one.
   *
   * @param fence what must hold, or null; with one, the changes may be empty
   * @throws RpcException FAILED_PRECONDITION if the fence has seen a greater epoch; UNAVAILABLE if
   *     the change cannot be made durable or agreed on. In both cases nothing has changed
   * @throws IllegalArgumentException if the batch is empty or passes a limit
   */
  long propose(List<Change> changes, @Nullable Fence fence);

  /** Everything there is, at the latest revision known here. */
  Snapshot snapshot();

  /** A feed whose first batch is the one after this revision. */
  Feed watch(long fromRevision);

  /**
   * A revision at least as new as any proposal acknowledged anywhere before this call; whoever has
   * applied it reads what is true now.
   */
  long readIndex();

  /**
   * The identity of the sequence that revisions belong to; revisions under another one cannot be
   * compared.
   */
  String history();

  /** The engine's members, each as {@code host:port}; empty if it is this process alone. */
  List<String> members();

  /** The member that orders changes now; null if there is none, or if it is this process alone. */
  @Nullable String leader();

  /** Ends all feeds and refuses what follows. */
  @Override
  void close();
}
