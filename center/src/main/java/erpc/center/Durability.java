package erpc.center;

/** When a change counts as written to the journal. */
public enum Durability {
  /**
   * When the disk has it: an fsync for each batch. An acknowledged change survives the loss of
   * power; a batch costs what the disk's flush costs.
   */
  DISK,

  /**
   * When the operating system has it. An acknowledged change survives {@code kill -9} of the
   * center, but the loss of power may take the last seconds with it; their servers register again
   * by themselves.
   */
  SYSTEM
}
