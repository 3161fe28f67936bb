package erpc.codec;

/** Where memory for what a decompression makes is counted, before it is taken. */
public interface Room {
  /** Counts so many bytes; false if there is no room for them, and nothing may come out. */
  boolean take(int bytes);

  /** So many of the bytes that were taken are of no use any more. */
  void giveBack(long bytes);
}
