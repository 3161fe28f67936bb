package erpc.protocol.own;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open streams of a connection by id: a hash table with chains through the streams themselves,
 * so that nothing is allocated per stream. Ids come in sequence, so their low bits spread them
 * evenly; open addressing would make one run of all of them, and removing from its front would move
 * the rest. Used by one event loop.
 */
final class StreamTable<S extends Stream> {
  private static final int FIRST_BUCKETS = 8;

  private @Nullable Stream[] buckets = new @Nullable Stream[FIRST_BUCKETS];
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Nullable S get(int id) {
    Stream stream = buckets[id & (buckets.length - 1)];
    while (stream != null && stream.id != id) {
      stream = stream.tableNext;
    }
    return cast(stream);
  }

  /** Adds a stream whose id is not here yet. */
  void put(S stream) {
    if (size == buckets.length) {
      grow();
    }
    int bucket = stream.id & (buckets.length - 1);
    stream.tableNext = buckets[bucket];
    buckets[bucket] = stream;
    size++;
  }

  /** Takes a stream out; null if it isn't here. */
  @Nullable S remove(int id) {
    int bucket = id & (buckets.length - 1);
    Stream previous = null;
    Stream stream = buckets[bucket];
    while (stream != null && stream.id != id) {
      previous = stream;
      stream = stream.tableNext;
    }
    if (stream == null) {
      return null;
    }
    if (previous == null) {
      buckets[bucket] = stream.tableNext;
    } else {
      previous.tableNext = stream.tableNext;
    }
    stream.tableNext = null;
    size--;
    return cast(stream);
  }

  /** All of them, in no particular order. */
  List<S> values() {
    List<S> all = new ArrayList<>(size);
    for (Stream bucket : buckets) {
      for (Stream stream = bucket; stream != null; stream = stream.tableNext) {
        S found = cast(stream);
        if (found != null) {
          all.add(found);
        }
      }
    }
    return all;
  }

  void clear() {
    buckets = new @Nullable Stream[FIRST_BUCKETS];
    size = 0;
  }

  private void grow() {
    List<S> all = values();
    buckets = new @Nullable Stream[buckets.length * 2];
    size = 0;
    all.forEach(this::put);
  }

  @SuppressWarnings("unchecked") // Only streams of this type are put in.
  private @Nullable S cast(@Nullable Stream stream) {
    return (S) stream;
  }
}
