package erpc.balance;

/**
 * The 64-bit hash that places endpoints and keys: FNV-1a over the UTF-8 bytes of a text, then the
 * finalizer of MurmurHash3, since FNV's own high bits are weak. Clients of other versions and
 * languages must place a key where this one does: what it gives for a text never changes.
 */
final class Hash {
  private static final long FNV_START = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long POINT_STEP = 0x9e3779b97f4a7c15L;
  private static final long JUMP_STEP = 0xd1342543de82ef95L;

  private Hash() {}

  /** Of a text; half a surrogate pair counts as a question mark, as when it is encoded. */
  static long of(String text) {
    long hash = FNV_START;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char unit = text.charAt(i);
      if (unit < 0x80) {
        hash = (hash ^ unit) * FNV_PRIME;
      } else if (Character.isSurrogate(unit)) {
        int point = text.codePointAt(i);
        i += Character.charCount(point) - 1;
        hash = encoded(hash, Character.isSupplementaryCodePoint(point) ? point : '?');
      } else {
        hash = encoded(hash, unit);
      }
    }
    return mixed(hash);
  }

  /** Takes in the bytes of one code point. */
  private static long encoded(long hash, int point) {
    if (point < 0x80) {
      return (hash ^ point) * FNV_PRIME;
    }
    int size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    int marker = (0xf00 >> size) & 0xff; // 110…, 1110… or 11110…
    long taken = (hash ^ (marker | (point >> (6 * (size - 1))))) * FNV_PRIME;
    for (int left = size - 2; left >= 0; left--) {
      taken = (taken ^ (0x80 | ((point >> (6 * left)) & 0x3f))) * FNV_PRIME;
    }
    return taken;
  }

  /** The given of the points that an endpoint of this hash has. */
  static long point(long hash, int number) {
    return mixed(hash + number * POINT_STEP);
  }

  /** Where a key of this hash jumps to for the given time; 0 is where it begins. */
  static long jump(long hash, int number) {
    return number == 0 ? hash : mixed(hash ^ number * JUMP_STEP);
  }

  private static long mixed(long bits) {
    long half = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
    half = (half ^ half >>> 33) * 0xc4ceb9fe1a85ec53L;
    return half ^ half >>> 33;
  }
}
