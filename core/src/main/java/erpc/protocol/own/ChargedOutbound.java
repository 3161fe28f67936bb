package erpc.protocol.own;

import erpc.protocol.MemoryBudget;

/**
 * What carries a message of its own on its way to the event loop, where it is counted meanwhile.
 */
abstract class ChargedOutbound extends Outbound {
  /** What its message was counted as while it was on its way. */
  private int charged;

  /** Counts a message that a thread hands over, until it reaches the event loop or is dropped. */
  final void charge(MemoryBudget memory, int messageBytes) {
    charged = memory.charge(messageBytes);
  }

  /** From here the connection counts it, or nobody has to. */
  final void uncharge(MemoryBudget memory) {
    memory.release(charged);
    charged = 0;
  }
}
