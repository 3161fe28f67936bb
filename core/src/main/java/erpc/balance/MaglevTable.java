package erpc.balance;

import java.util.Arrays;

/**
 * Maglev's table (Eisenbud and others, NSDI 2016): each endpoint has an order of all slots of its
 * own; they take turns, and whose turn it is gets the first slot in its order that is free. Shares
 * are all but exact; if an endpoint leaves, a few hashes of others move too.
 *
 * <p>An endpoint of half the weight has half as many turns. There are at least 65,537 slots and at
 * least 100 for each endpoint; their number is a prime that grows by factors of two, since nearly
 * all hashes move when it changes.
 */
final class MaglevTable implements KeyTable {
  private static final int LEAST_SLOTS = 1 << 16;
  private static final int SLOTS_PER_ENDPOINT = 100;
  private static final long SKIP_SALT = 0x2545f4914f6cdd1dL;

  /** The endpoint of each slot. */
  private final int[] slots;

  MaglevTable(Balancer.Candidates candidates) {
    Seats seats = new Seats(candidates);
    slots = new int[seats.size == 0 ? 0 : prime(seats.size)];
    Arrays.fill(slots, Balancer.NONE);
    if (slots.length > 0) {
      fill(seats);
    }
  }

  private static int prime(int endpoints) {
    int least = LEAST_SLOTS;
    while (least < (long) SLOTS_PER_ENDPOINT * endpoints && least < 1 << 30) {
      least *= 2;
    }
    int found = least + 1;
    while (!isPrime(found)) {
      found += 2;
    }
    return found;
  }

  private static boolean isPrime(int odd) {
    for (int i = 3; (long) i * i <= odd; i += 2) {
      if (odd % i == 0) {
        return false;
      }
    }
    return true;
  }

  /** Rounds in which the heaviest has one turn each, and others as often as they weigh. */
  private void fill(Seats seats) {
    int size = seats.size;
    int[] next = new int[size];
    int[] skip = new int[size];
    int[] turns = new int[size];
    for (int seat = 0; seat < size; seat++) {
      long hash = seats.hash(seat);
      next[seat] = (int) Long.remainderUnsigned(hash, slots.length);
      skip[seat] =
          1 + (int) Long.remainderUnsigned(Hash.jump(hash ^ SKIP_SALT, 1), slots.length - 1);
    }
    Rounds rounds = new Rounds(seats, slots.length);
    int taken = 0;
    while (true) {
      int seat = rounds.next();
      int slot = next[seat];
      while (slots[slot] != Balancer.NONE) {
        slot = after(slot, skip[seat]);
      }
      slots[slot] = seats.index(seat);
      next[seat] = after(slot, skip[seat]);
      if (++taken == slots.length) {
        return;
      }
      turns[seat]++;
      rounds.again(seat, (long) turns[seat] * seats.heaviest / seats.weight(seat));
    }
  }

  private int after(int slot, int skip) {
    long sum = (long) slot + skip;
    return (int) (sum < slots.length ? sum : sum - slots.length);
  }

  @Override
  public int at(long hash) {
    return slots.length == 0
        ? Balancer.NONE
        : slots[(int) Math.unsignedMultiplyHigh(hash, slots.length)];
  }

  /** How many slots there are. */
  int size() {
    return slots.length;
  }

  /** Seats queued for the rounds that they have their next turns in. */
  private static final class Rounds {
    private static final int NOBODY = -1;

    private final int[] first;
    private final int[] last;
    private final int[] behind; // for each seat, who comes after it in the same round
    private int round;

    /** All have their first turn in the first round. */
    Rounds(Seats seats, int slots) {
      // In so many rounds the turns of all fill the table.
      int count = (int) (((double) slots * seats.heaviest) / seats.allWeight) + 2;
      first = new int[count];
      last = new int[count];
      behind = new int[seats.size];
      Arrays.fill(first, NOBODY);
      for (int seat = 0; seat < seats.size; seat++) {
        again(seat, 0);
      }
    }

    /** Its next turn is in that round; one that is too late for the table has none. */
    void again(int seat, long inRound) {
      if (inRound >= first.length) {
        return;
      }
      int in = (int) inRound;
      behind[seat] = NOBODY;
      if (first[in] == NOBODY) {
        first[in] = seat;
      } else {
        behind[last[in]] = seat;
      }
      last[in] = seat;
    }

    int next() {
      while (first[round] == NOBODY) {
        round++;
      }
      int seat = first[round];
      first[round] = behind[seat];
      return seat;
    }
  }
}
