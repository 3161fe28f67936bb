package erpc.protocol;

import erpc.call.Names;
import java.nio.charset.StandardCharsets;

/**
 * A method's name as a client sends it, with the place where its connections remember the number
 * they were given for it. Immutable.
 */
public final class RouteName {
  private final String name;
  private final byte[] ascii;
  private final int slot;

  /**
   * A name with its place.
   *
   * @param slot an index that is this name's own within one client, or -1 for a name whose number
   *     is not remembered
   */
  public RouteName(String name, int slot) {
    this.name = Names.checkMethod(name);
    this.ascii = name.getBytes(StandardCharsets.US_ASCII);
    this.slot = slot;
  }

  /** The name as it travels; not to be changed. */
  public byte[] ascii() {
    return ascii;
  }

  /** The name's own index within one client, or -1 if its number is not remembered. */
  public int slot() {
    return slot;
  }

  @Override
  public String toString() {
    return name;
  }
}
