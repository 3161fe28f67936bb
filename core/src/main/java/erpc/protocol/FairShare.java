package erpc.protocol;

/**
 * How much one of several may hold of something that all of them share: as much as is still free,
 * times a factor. With a factor of 1 one alone gets half, of two each gets a third, of {@code n}
 * each one part of {@code n + 1}: whoever comes next always finds something, and nothing has to be
 * set aside for those who don't come. Nobody counts how many there are.
 *
 * <p>Dynamic thresholds after Choudhury and Hahne, "Dynamic Queue Length Thresholds for
 * Shared-Memory Packet Switches" (1998). Pure.
 */
public final class FairShare {
  private FairShare() {}

  /**
   * Whether somebody may take more.
   *
   * @param factor of what is free, how much one may hold
   * @param own what it holds, without what it wants
   * @param wanted what it wants besides
   * @param all what all hold together, itself included, without what it wants
   * @param limit what all together may hold
   */
  public static boolean allows(double factor, long own, long wanted, long all, long limit) {
    return wanted <= limit - all && own + wanted <= factor * (limit - all);
  }
}
