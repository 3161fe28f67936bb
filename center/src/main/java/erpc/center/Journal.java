package erpc.center;

import erpc.center.Engine.Batch;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only file behind a {@link MemoryEngine}: eight bytes of magic, then {@linkplain
 * JournalRecord records}. When it has outgrown what it says, a snapshot is written to a file beside
 * it, flushed, and renamed over it.
 *
 * <p>A batch that cannot be written is taken back by cutting the file to what it was. Where that
 * fails too, or where a flush failed (the kernel may have dropped the pages), the file's end is
 * unknown: the next append starts with a new snapshot. Not thread-safe; the engine's lock guards
 * it.
 */
final class Journal implements AutoCloseable {
  /** Below this size a journal is never compacted, in bytes. */
  static final long MIN_COMPACTION_BYTES = 1024 * 1024;

  private static final byte[] MAGIC = "erpcjnl1".getBytes(StandardCharsets.US_ASCII);
  private static final int SNAPSHOT_PART_BYTES = 1024 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private final Path file;
  private final Durability durability;
  private final Storage.Opener opener;
  private final FileChannel lock;
  private Storage storage;
  private Snapshot recovered = new Snapshot(0, Map.of());

  /** Where the last whole record ends. */
  private long end;

  private long compactAt;
  private boolean endUnknown;
  private int lastBodyBytes;

  private Journal(Path file, Durability durability, Storage.Opener opener, FileChannel lock)
      throws IOException {
    this.file = file;
    this.durability = durability;
    this.opener = opener;
    this.lock = lock;
    this.storage = opener.open(file);
  }

  /** Opens and reads a journal; see {@link MemoryEngine#open(Path, Durability)}. */
  static Journal open(Path file, Durability durability, Storage.Opener opener) throws IOException {
    FileChannel lock = lock(file);
    Journal journal = null;
    try {
      Files.deleteIfExists(beside(file, ".new"));
      journal = new Journal(file, durability, opener, lock);
      journal.recover();
      return journal;
    } catch (IOException | RuntimeException e) {
      if (journal != null) {
        journal.close();
      }
      lock.close();
      throw e;
    }
  }

  /** What the file said when it was opened. */
  Snapshot recovered() {
    return recovered;
  }

  /**
   * Writes a batch.
   *
   * @param before everything as it was before this batch, in case a snapshot is due
   * @throws IOException naming the file; the batch is then not in it
   */
  void append(Batch batch, Map<String, byte[]> before) throws IOException {
    if (endUnknown || end > compactAt) {
      compact(new Snapshot(batch.revision() - 1, before));
    }
    byte[] bytes =
        new JournalRecord(JournalRecord.BATCH, batch.revision(), batch.changes()).encode();
    try {
      storage.write(end, bytes);
      flush();
    } catch (IOException e) {
      takeBack();
      throw new IOException("cannot write the center's journal " + file + ": " + e.getMessage(), e);
    }
    end += bytes.length;
  }

  private void flush() throws IOException {
    if (durability == Durability.DISK) {
      try {
        storage.force();
      } catch (IOException e) {
        endUnknown = true;
        throw e;
      }
    }
  }

  private void takeBack() {
    try {
      storage.truncate(end);
    } catch (IOException e) {
      endUnknown = true;
      LOG.warn("cannot cut {} back to offset {}: {}", file, end, e.getMessage());
    }
  }

  private void recover() throws IOException {
    long size = storage.size();
    byte[] start = storage.read(0, (int) Math.min(size, MAGIC.length));
    if (!Arrays.equals(start, Arrays.copyOf(MAGIC, start.length))) {
      throw new IOException(
          file + " is not a journal of the center; name another file, or move this one away");
    }
    if (size < MAGIC.length) {
      storage.write(0, MAGIC);
      storage.force();
      forceDirectory();
      size = MAGIC.length;
    }
    replay(size);
    compactAt = Math.max(MIN_COMPACTION_BYTES, 2 * end);
  }

  private void replay(long size) throws IOException {
    Map<String, byte[]> data = new HashMap<>();
    long revision = 0;
    boolean batches = false;
    end = MAGIC.length;
    while (end < size) {
      JournalRecord read = next(size);
      if (read == null) {
        cutTornEnd(size);
        break;
      }
      boolean part = read.kind() == JournalRecord.SNAPSHOT_PART;
      boolean first = end == MAGIC.length;
      boolean fits =
          part
              ? !batches && (first || read.revision() == revision)
              : read.revision() == revision + 1;
      if (!fits) {
        throw damaged("revision " + read.revision() + " follows revision " + revision);
      }
      batches |= !part;
      revision = read.revision();
      apply(read, data);
      end += JournalRecord.HEAD_BYTES + lastBodyBytes;
    }
    recovered = new Snapshot(revision, data);
  }

  /** The record at {@link #end}, or null if the file ends within it. */
  private @Nullable JournalRecord next(long size) throws IOException {
    long left = size - end;
    if (left < JournalRecord.HEAD_BYTES) {
      return null;
    }
    byte[] head = storage.read(end, JournalRecord.HEAD_BYTES);
    int length = JournalRecord.bodyLength(head);
    if (length < 0) {
      if (isZeroFrom(end, size)) {
        return null; // A machine that lost power may leave the length of a write without its bytes.
      }
      throw damaged("the record's head does not match its checksum");
    }
    if (left - JournalRecord.HEAD_BYTES < length) {
      return null;
    }
    byte[] body = storage.read(end + JournalRecord.HEAD_BYTES, length);
    if (!JournalRecord.matches(head, body)) {
      if (left - JournalRecord.HEAD_BYTES == length) {
        return null; // The last record: its bytes did not reach the disk before power was lost.
      }
      throw damaged("the record does not match its checksum");
    }
    lastBodyBytes = length;
    try {
      return JournalRecord.decode(body);
    } catch (IllegalArgumentException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private static void apply(JournalRecord read, Map<String, byte[]> data) {
    for (Engine.Change change : read.changes()) {
      switch (change) {
        case Put put -> data.put(put.key(), put.value());
        case Remove remove -> data.remove(remove.key());
      }
    }
  }

  private boolean isZeroFrom(long from, long size) throws IOException {
    for (long at = from; at < size; at += SNAPSHOT_PART_BYTES) {
      for (byte b : storage.read(at, (int) Math.min(SNAPSHOT_PART_BYTES, size - at))) {
        if (b != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void cutTornEnd(long size) throws IOException {
    LOG.warn(
        "{}: the last record was cut short at offset {} (the center was killed while it wrote); {}"
            + " bytes dropped",
        file,
        end,
        size - end);
    storage.truncate(end);
    storage.force();
  }

  private IOException damaged(String what) {
    return new IOException(
        ("the center's journal %s is damaged at offset %d: %s. Restore the file, or move it"
                + " away to start empty: servers that are alive register again by themselves")
            .formatted(file, end, what));
  }

  @SuppressWarnings("ReferenceEquality") // It matters which file is open, not what is in it.
  private void compact(Snapshot snapshot) throws IOException {
    Path fresh = beside(file, ".new");
    Storage next = null;
    try {
      Files.deleteIfExists(fresh);
      next = opener.open(fresh);
      long size = writeSnapshot(snapshot, next);
      next.force();
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      closeQuietly(storage);
      storage = next;
      end = size;
      compactAt = Math.max(MIN_COMPACTION_BYTES, 2 * size);
      endUnknown =
          true; // Until the rename is durable: a loss of power could bring the old file back.
      forceDirectory();
      endUnknown = false;
    } catch (IOException e) {
      if (next != null && next != storage) {
        closeQuietly(next);
      }
      if (endUnknown) {
        throw new IOException(
            "cannot rewrite the center's journal " + file + ": " + e.getMessage(), e);
      }
      compactAt =
          end * 2; // The file is sound, only long: go on with it, and try again when it is twice as
      // long.
      LOG.warn("cannot compact {}: {}; going on with {} bytes", file, e.getMessage(), end);
    }
  }

  private static long writeSnapshot(Snapshot snapshot, Storage to) throws IOException {
    to.write(0, MAGIC);
    long at = MAGIC.length;
    List<Engine.Change> part = new ArrayList<>();
    int bytes = 0;
    for (var entry : snapshot.data().entrySet()) {
      part.add(new Put(entry.getKey(), entry.getValue()));
      bytes += entry.getKey().length() + entry.getValue().length;
      if (bytes > SNAPSHOT_PART_BYTES) {
        at = writePart(snapshot.revision(), part, to, at);
        part.clear();
        bytes = 0;
      }
    }
    return writePart(snapshot.revision(), part, to, at);
  }

  private static long writePart(long revision, List<Engine.Change> part, Storage to, long at)
      throws IOException {
    byte[] record = new JournalRecord(JournalRecord.SNAPSHOT_PART, revision, part).encode();
    to.write(at, record);
    return at + record.length;
  }

  /** A rename is durable only once the directory is. */
  private void forceDirectory() throws IOException {
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /**
   * Two centers on one journal would each overwrite the other; the lock ends with the process that
   * holds it.
   */
  private static FileChannel lock(Path file) throws IOException {
    Path beside = beside(file, ".lock");
    FileChannel channel =
        FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by another engine of this process: refused like any other.
    }
    channel.close();
    throw new IOException(
        "the center's journal "
            + file
            + " is in use by another center ("
            + beside
            + " is locked); stop it, or name another file");
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  @Override
  public void close() {
    closeQuietly(storage);
    closeQuietly(lock);
  }

  private static void closeQuietly(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      LOG.debug("closing {} failed", what, e);
    }
  }
}
