package erpc.endpoints;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is remembered of endpoints that have left a place's list lately. One thread's at a time. */
final class Records {
  /** So many are remembered; the others are as good as new if they come back. */
  private static final int MOST = 1_000;

  private final Map<String, Left> left = new HashMap<>();

  /** Whether there was a list before: then what is new has just started. */
  private boolean hadList;

  private record Left(EndpointRecord record, long nanos) {}

  /** A list has been taken over. */
  void listed() {
    hadList = true;
  }

  /** What is known of one that is new in the list. */
  EndpointRecord of(String address, long nowNanos) {
    @Nullable Left known = left.remove(address);
    return known != null && nowNanos - known.nanos < EndpointRecord.REMEMBERED_NANOS
        ? known.record
        : new EndpointRecord(address, hadList, nowNanos);
  }

  /** One is not listed any more. */
  void left(EndpointRecord record, long nowNanos) {
    left.values().removeIf(each -> nowNanos - each.nanos >= EndpointRecord.REMEMBERED_NANOS);
    if (left.size() < MOST) {
      left.put(record.address(), new Left(record, nowNanos));
    }
  }
}
