package erpc.call;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may say about a call beside its message. What is not said is null or empty: the
 * options of the method, of its service and of the client then count, in this order. Immutable and
 * thread-safe; the {@code with…} methods return changed copies.
 */
public final class CallOptions {
  /** Says nothing. */
  public static final CallOptions NONE = new CallOptions(new Draft());

  private final @Nullable Duration timeout;
  private final TryOptions tries;
  private final Metadata metadata;
  private final @Nullable String codec;
  private final @Nullable String compression;
  private final @Nullable Criticality criticality;
  private final @Nullable String affinityKey;
  private final Map<String, String> tags;
  private final @Nullable TraceContext trace;

  /** Options that are being made. */
  private static final class Draft {
    @Nullable Duration timeout;
    TryOptions tries = TryOptions.NONE;
    Metadata metadata = Metadata.EMPTY;
    @Nullable String codec;
    @Nullable String compression;
    @Nullable Criticality criticality;
    @Nullable String affinityKey;
    Map<String, String> tags = Map.of();
    @Nullable TraceContext trace;
  }

  private CallOptions(Draft draft) {
    timeout = draft.timeout;
    tries = draft.tries;
    metadata = draft.metadata;
    codec = draft.codec;
    compression = draft.compression;
    criticality = draft.criticality;
    affinityKey = draft.affinityKey;
    tags = draft.tags;
    trace = draft.trace;
  }

  private Draft draft() {
    Draft draft = new Draft();
    draft.timeout = timeout;
    draft.tries = tries;
    draft.metadata = metadata;
    draft.codec = codec;
    draft.compression = compression;
    draft.criticality = criticality;
    draft.affinityKey = affinityKey;
    draft.tags = tags;
    draft.trace = trace;
    return draft;
  }

  // ---- what is said

  /** With a timeout for the whole call; zero or negative fails at once with DEADLINE_EXCEEDED. */
  public CallOptions withTimeout(Duration value) {
    Draft draft = draft();
    draft.timeout = Objects.requireNonNull(value, "timeout");
    return new CallOptions(draft);
  }

  /** Saying nothing of a timeout. */
  public CallOptions withoutTimeout() {
    if (timeout == null) {
      return this;
    }
    Draft draft = draft();
    draft.timeout = null;
    return new CallOptions(draft);
  }

  /**
   * With a timeout for each try of the call. A try that it ends counts against its endpoint; the
   * call is tried again, elsewhere if it can be, if its method is idempotent or the try was never
   * started, and else ends in DEADLINE_EXCEEDED. Streams have none.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public CallOptions withTryTimeout(Duration value) {
    return with(tries.withTimeout(value));
  }

  /**
   * With a timeout for each try that follows how long calls of the method take: what this share of
   * them did not pass within the last 30 s, such as 0.99. It holds for idempotent methods, once 20
   * calls have been timed, and is 1 ms at least. Together with a {@linkplain #withTryTimeout fixed
   * one} the shorter holds.
   *
   * @throws IllegalArgumentException if it is not within 0.5 to 0.9999
   */
  public CallOptions withTryTimeoutPercentile(double share) {
    return with(tries.withPercentile(share));
  }

  /**
   * With a mode: what becomes of the call when a try fails; {@link FailureMode#FAILOVER} if nobody
   * says it.
   */
  public CallOptions withFailureMode(FailureMode value) {
    return with(tries.withMode(value));
  }

  /**
   * With {@link FailureMode#FORK}, to so many endpoints at once.
   *
   * @throws IllegalArgumentException if it is not within 2 to 8
   */
  public CallOptions withForks(int endpoints) {
    return with(tries.withForks(endpoints));
  }

  /**
   * Tried again also when a server answers one of these codes, though nobody knows what that server
   * has done: for methods whose users know. It means something for UNKNOWN, INTERNAL, DATA_LOSS and
   * ABORTED alone; what is true of the others stays. None means none, whatever weaker options say.
   *
   * @throws IllegalArgumentException naming a code for which it means nothing
   */
  public CallOptions withRetryOn(Set<Status.Code> codes) {
    return with(tries.withRetryOn(codes));
  }

  /**
   * Made a second time, at another endpoint, if it takes long: longer than all but this share of
   * the method's calls within the last 30 s, and 1 ms at least. The answer that comes first counts,
   * and the other call is cancelled. It holds for idempotent unary methods, once 20 calls have been
   * timed. A hedge is paid from the budget for retries, and is not tried again.
   *
   * @param maxExtraLoad the share of calls that may be made twice, such as 0.02; 0 for none,
   *     whatever weaker options say
   * @throws IllegalArgumentException if it is not within 0 to 0.5
   */
  public CallOptions withHedging(double maxExtraLoad) {
    return with(tries.withHedging(maxExtraLoad));
  }

  private CallOptions with(TryOptions value) {
    Draft draft = draft();
    draft.tries = value;
    return new CallOptions(draft);
  }

  /** With this metadata in place of what there was. */
  public CallOptions withMetadata(Metadata value) {
    Draft draft = draft();
    draft.metadata = Objects.requireNonNull(value, "metadata: Metadata.EMPTY if there is none");
    return new CallOptions(draft);
  }

  /**
   * With one more text entry of metadata.
   *
   * @throws IllegalArgumentException if it breaks the grammar or the limits of metadata
   */
  public CallOptions withMetadata(String key, String value) {
    return withMetadata(metadata.with(key, value));
  }

  /** Encoded by the codec of this name ({@code pb}, {@code json}, {@code binary}). */
  public CallOptions withCodec(String name) {
    Draft draft = draft();
    draft.codec = Objects.requireNonNull(name, "codec");
    return new CallOptions(draft);
  }

  /** Compressed by the compression of this name ({@code gzip}, {@code zstd}, {@code lz4}). */
  public CallOptions withCompression(String name) {
    Draft draft = draft();
    draft.compression = Objects.requireNonNull(name, "compression");
    return new CallOptions(draft);
  }

  /** As critical as this, and so are the calls that its handler makes. */
  public CallOptions withCriticality(Criticality value) {
    Draft draft = draft();
    draft.criticality = Objects.requireNonNull(value, "criticality");
    return new CallOptions(draft);
  }

  /**
   * For balancers that hash: calls with equal keys go to the same endpoint while it is there. It
   * stays on this side.
   */
  public CallOptions withAffinityKey(String value) {
    Draft draft = draft();
    draft.affinityKey = Objects.requireNonNull(value, "affinityKey");
    return new CallOptions(draft);
  }

  /**
   * With one more tag, in place of one of the same name: words for this side's own filters,
   * balancers and observers. They don't travel.
   */
  public CallOptions withTag(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(tags);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    Draft draft = draft();
    draft.tags = Map.copyOf(more);
    return new CallOptions(draft);
  }

  /**
   * In this trace and under this span, in place of what the call being handled is in. What an
   * observer of the client sets counts before it.
   */
  public CallOptions withTrace(TraceContext value) {
    Draft draft = draft();
    draft.trace = Objects.requireNonNull(value, "trace");
    return new CallOptions(draft);
  }

  /**
   * These, and where they say nothing what weaker ones say. Of metadata, an entry of the weaker
   * counts if there is none with its key here.
   *
   * @throws IllegalArgumentException if the metadata of both together passes its limits
   */
  public CallOptions over(CallOptions weaker) {
    if (weaker == NONE || weaker == this) {
      return this;
    }
    if (this == NONE) {
      return weaker;
    }
    Draft both = new Draft();
    both.timeout = first(timeout, weaker.timeout);
    both.tries = tries.over(weaker.tries);
    both.metadata = metadata.over(weaker.metadata);
    both.codec = first(codec, weaker.codec);
    both.compression = first(compression, weaker.compression);
    both.criticality = first(criticality, weaker.criticality);
    both.affinityKey = first(affinityKey, weaker.affinityKey);
    both.tags = merged(weaker.tags);
    both.trace = first(trace, weaker.trace);
    return new CallOptions(both);
  }

  private static <T> @Nullable T first(@Nullable T said, @Nullable T weaker) {
    return said == null ? weaker : said;
  }

  private Map<String, String> merged(Map<String, String> weaker) {
    if (tags.isEmpty() || weaker.isEmpty()) {
      return tags.isEmpty() ? weaker : tags;
    }
    Map<String, String> both = new LinkedHashMap<>(weaker);
    both.putAll(tags);
    return Map.copyOf(both);
  }

  // ---- what has been said

  /** How long the whole call may take, or null. */
  public @Nullable Duration timeout() {
    return timeout;
  }

  /** How long each try may take, or null. */
  public @Nullable Duration tryTimeout() {
    return tries.timeout();
  }

  /** The share of the method's calls that a try's timeout is to cover, or null. */
  public @Nullable Double tryTimeoutPercentile() {
    return tries.percentile();
  }

  /** What becomes of it when a try fails, or null. */
  public @Nullable FailureMode failureMode() {
    return tries.mode();
  }

  /** How many endpoints it goes to at once if it forks; 2 unless something is said. */
  public int forks() {
    return tries.forks() == null ? TryOptions.USUAL_FORKS : tries.forks();
  }

  /** Codes after which it is tried again beside the usual ones; empty if there are none. */
  public Set<Status.Code> retryOn() {
    return tries.retryOn() == null ? Set.of() : tries.retryOn();
  }

  /** The share of calls that may be made twice, or null. */
  public @Nullable Double hedging() {
    return tries.hedging();
  }

  /** Metadata that goes with the request; empty if there is none. */
  public Metadata metadata() {
    return metadata;
  }

  /** The name of a codec, or null. */
  public @Nullable String codec() {
    return codec;
  }

  /** The name of a compression, or null. */
  public @Nullable String compression() {
    return compression;
  }

  /** How critical it is, or null. */
  public @Nullable Criticality criticality() {
    return criticality;
  }

  /** What balancers that hash go by, or null. */
  public @Nullable String affinityKey() {
    return affinityKey;
  }

  /** Words for filters, balancers and observers of this side, by name; not to be modified. */
  public Map<String, String> tags() {
    return tags;
  }

  /** The trace and the span that it is under, or null for those of the call being handled. */
  public @Nullable TraceContext trace() {
    return trace;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CallOptions that
        && Objects.equals(timeout, that.timeout)
        && tries.equals(that.tries)
        && metadata.equals(that.metadata)
        && Objects.equals(codec, that.codec)
        && Objects.equals(compression, that.compression)
        && criticality == that.criticality
        && Objects.equals(affinityKey, that.affinityKey)
        && tags.equals(that.tags)
        && Objects.equals(trace, that.trace);
  }

  @Override
  public int hashCode() {
    return Objects.hash(timeout, tries, metadata, codec, compression, affinityKey, tags);
  }

  /** What is said; of metadata and tags the names alone, for values may be secrets. */
  @Override
  public String toString() {
    return "CallOptions[timeout="
        + timeout
        + tries
        + ", metadata="
        + metadata
        + ", codec="
        + codec
        + ", compression="
        + compression
        + ", criticality="
        + criticality
        + ", affinity="
        + (affinityKey != null)
        + ", tags="
        + tags.keySet()
        + ", trace="
        + trace
        + "]";
  }
}
