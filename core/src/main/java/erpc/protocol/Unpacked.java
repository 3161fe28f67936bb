package erpc.protocol;

import erpc.codec.Room;
import org.jspecify.annotations.Nullable;

/** Memory that a decompressed message takes, counted while it comes out. Used by one thread. */
public final class Unpacked implements Room, AutoCloseable {
  private final MemoryBudget budget;

  /** What of the budget the connection may have that brought it; null for all. */
  private final @Nullable MemoryShare share;

  private long taken;

  private Unpacked(MemoryBudget budget, @Nullable MemoryShare share) {
    this.budget = budget;
    this.share = share;
  }

  /** Of a message that a stranger may have sent: counts for its connection, too. */
  public static Unpacked of(MemoryShare share) {
    return new Unpacked(share.budget(), share);
  }

  /** Of a message from whom this side has called. */
  public static Unpacked of(MemoryBudget budget) {
    return new Unpacked(budget, null);
  }

  @Override
  public boolean take(int bytes) {
    boolean found;
    if (share != null) {
      found = share.take(bytes);
    } else {
      found = budget.heldBytes() + bytes <= budget.limitBytes();
      if (found) {
        budget.add(bytes);
      }
    }
    if (found) {
      taken += bytes;
    }
    return found;
  }

  @Override
  public void giveBack(long bytes) {
    taken -= bytes;
    if (share != null) {
      share.giveBack(bytes);
    } else {
      budget.add(-bytes);
    }
  }

  /** Gives back all of it. */
  @Override
  public void close() {
    giveBack(taken);
  }
}
