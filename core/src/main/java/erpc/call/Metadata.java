package erpc.call;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Key–value headers beside a body. Immutable and thread-safe; a key may stand more than once, order
 * is kept.
 *
 * <p>Keys are {@code [a-z0-9._-]{1,255}}. Values of keys that end in {@code -bin} are bytes, all
 * others are text without control characters. At most {@link #MAX_ENTRIES} entries and {@link
 * #MAX_BYTES} bytes, keys and values together.
 */
public final class Metadata {
  /** The most entries one call may carry each way. */
  public static final int MAX_ENTRIES = 100;

  /** The most bytes one call may carry each way, keys and values with their length fields. */
  public static final int MAX_BYTES = 8 * 1024;

  /** What an entry costs beside its key and value: a one-byte and a two-byte length. */
  public static final int ENTRY_OVERHEAD_BYTES = 3;

  /** No entries. */
  public static final Metadata EMPTY = new Metadata(List.of(), 0);

  private static final String BINARY_SUFFIX = "-bin";

  private final List<Entry> entries;
  private final int bytes;

  private Metadata(List<Entry> entries, int bytes) {
    this.entries = entries;
    this.bytes = bytes;
  }

  /** One text entry; the same as {@code EMPTY.with(key, value)}. */
  public static Metadata of(String key, String value) {
    return EMPTY.with(key, value);
  }

  /**
   * These entries and one more of text.
   *
   * @throws IllegalArgumentException if the key or value breaks the grammar, or a limit would be
   *     passed
   */
  public Metadata with(String key, String value) {
    if (key.endsWith(BINARY_SUFFIX)) {
      throw new IllegalArgumentException(
          "metadata key '" + Printable.of(key) + "' ends in -bin: its value must be bytes");
    }
    return plus(new Entry(checkKey(key), checkText(key, value)));
  }

  /**
   * These entries and one more of bytes; the key must end in {@code -bin}.
   *
   * @throws IllegalArgumentException if the key breaks the grammar, or a limit would be passed
   */
  public Metadata with(String key, byte[] value) {
    if (!key.endsWith(BINARY_SUFFIX)) {
      throw new IllegalArgumentException(
          "metadata key '" + Printable.of(key) + "' must end in -bin to carry bytes");
    }
    return plus(new Entry(checkKey(key), value.clone()));
  }

  /** These entries and one more, taken from other metadata. */
  public Metadata with(Entry entry) {
    return plus(entry);
  }

  /**
   * These entries, and of weaker ones those whose key does not stand here.
   *
   * @throws IllegalArgumentException if a limit would be passed
   */
  public Metadata over(Metadata weaker) {
    if (isEmpty() || weaker.isEmpty()) {
      return isEmpty() ? weaker : this;
    }
    Builder both = new Builder(this);
    for (Entry entry : weaker.entries) {
      if (find(entry.key) == null) {
        Builder unused = both.add(entry);
      }
    }
    return both.build();
  }

  private Metadata plus(Entry entry) {
    return new Builder(this).add(entry).build();
  }

  /** An empty builder, for those who add many entries. */
  public static Builder builder() {
    return new Builder(EMPTY);
  }

  /** The first text value of the key, or null. */
  public @Nullable String text(String key) {
    byte[] value = find(key);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /** A copy of the first value of a {@code -bin} key, or null. */
  public byte @Nullable [] bytes(String key) {
    byte[] value = find(key);
    return value == null ? null : value.clone();
  }

  private byte @Nullable [] find(String key) {
    for (Entry entry : entries) {
      if (entry.key.equals(key)) {
        return entry.value;
      }
    }
    return null;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  public int size() {
    return entries.size();
  }

  /** The bytes these entries take on erpc's own wire. */
  public int encodedBytes() {
    return bytes;
  }

  /** All entries in order. */
  public List<Entry> entries() {
    return entries;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Metadata that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  /** The keys alone: values may be secrets. */
  @Override
  public String toString() {
    return "Metadata" + entries.stream().map(Entry::key).toList();
  }

  private static String checkKey(String key) {
    if (key.isEmpty() || key.length() > Names.MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "metadata key must have 1 to 255 characters, this one has " + key.length());
    }
    for (int i = 0; i < key.length(); i++) {
      if (!Names.isKeyCharacter(key.charAt(i))) {
        throw new IllegalArgumentException(
            "metadata key '"
                + Printable.of(key)
                + "' may only have a-z 0-9 . _ - (index "
                + i
                + ")");
      }
    }
    return key;
  }

  private static byte[] checkText(String key, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Printable.isControl(c)) {
        throw new IllegalArgumentException(
            "value of metadata key '"
                + key
                + String.format("' has the control character U+%04X at index %d", (int) c, i)
                + "; use a -bin key for bytes");
      }
    }
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** Collects entries; not thread-safe. */
  public static final class Builder {
    private final List<Entry> entries;
    private int bytes;

    private Builder(Metadata start) {
      this.entries = new ArrayList<>(start.entries);
      this.bytes = start.bytes;
    }

    /**
     * Adds an entry whose value is given as bytes, text keys included.
     *
     * @throws IllegalArgumentException if the key or value breaks the grammar, or a limit would be
     *     passed
     */
    public Builder addRaw(String key, byte[] value) {
      if (key.endsWith(BINARY_SUFFIX)) {
        return add(new Entry(checkKey(key), value.clone()));
      }
      return add(
          new Entry(checkKey(key), checkText(key, new String(value, StandardCharsets.UTF_8))));
    }

    private Builder add(Entry entry) {
      int total = bytes + entry.bytes();
      if (total > MAX_BYTES || entries.size() == MAX_ENTRIES) {
        throw new IllegalArgumentException(
            "metadata key '"
                + entry.key
                + "' would pass the limit of "
                + MAX_ENTRIES
                + " entries and "
                + MAX_BYTES
                + " bytes");
      }
      entries.add(entry);
      bytes = total;
      return this;
    }

    public Metadata build() {
      return entries.isEmpty() ? EMPTY : new Metadata(List.copyOf(entries), bytes);
    }
  }

  /** One key and its value. */
  public static final class Entry {
    private final String key;
    private final byte[] value;

    private Entry(String key, byte[] value) {
      this.key = key;
      this.value = value;
    }

    public String key() {
      return key;
    }

    public boolean isBinary() {
      return key.endsWith(BINARY_SUFFIX);
    }

    /** The value as text; of a binary entry, whatever its bytes are as UTF-8. */
    public String text() {
      return new String(value, StandardCharsets.UTF_8);
    }

    /** A copy of the value's bytes. */
    public byte[] toBytes() {
      return value.clone();
    }

    private int bytes() {
      return ENTRY_OVERHEAD_BYTES + key.length() + value.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Entry that
          && key.equals(that.key)
          && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return 31 * key.hashCode() + Arrays.hashCode(value);
    }
  }
}
