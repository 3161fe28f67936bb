package erpc.discovery;

import erpc.call.Printable;
import erpc.settings.Configurable;
import erpc.transport.HostNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The resolvers a client knows, by scheme. Immutable and thread-safe. */
public final class Resolvers {
  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");

  private final Map<String, Resolver> byScheme;

  private Resolvers(Map<String, Resolver> byScheme) {
    this.byScheme = byScheme;
  }

  /** How often sources are asked anew. Immutable. */
  public static final class Settings extends Configurable {
    /** The shortest time between two questions: none may be asked in a loop without a pause. */
    public static final Duration MIN_PAUSE = Duration.ofMillis(10);

    /** The longest. */
    public static final Duration MAX_PAUSE = Duration.ofDays(1);

    /** 30 s for names, 500 ms for files. */
    public static final Settings DEFAULTS = new Settings();

    private Duration dnsRefresh = Duration.ofSeconds(30);
    private Duration filePoll = Duration.ofMillis(500);

    private Settings() {}

    /** Between two questions for a name that was answered, ± 20 %. */
    public Duration dnsRefresh() {
      return dnsRefresh;
    }

    /**
     * These settings with another {@link #dnsRefresh()}.
     *
     * @throws IllegalArgumentException if it is not within {@link #MIN_PAUSE} and {@link
     *     #MAX_PAUSE}
     */
    public Settings withDnsRefresh(Duration value) {
      return changed(this, copy -> copy.dnsRefresh = value);
    }

    /** Between two looks at a file; a change is seen at most this and 0.1 s later. */
    public Duration filePoll() {
      return filePoll;
    }

    /**
     * These settings with another {@link #filePoll()}.
     *
     * @throws IllegalArgumentException if it is not within {@link #MIN_PAUSE} and {@link
     *     #MAX_PAUSE}
     */
    public Settings withFilePoll(Duration value) {
      return changed(this, copy -> copy.filePoll = value);
    }

    @Override
    protected void check() {
      check("dnsRefresh", dnsRefresh);
      check("filePoll", filePoll);
    }

    private static void check(String name, Duration value) {
      if (value.compareTo(MIN_PAUSE) < 0 || value.compareTo(MAX_PAUSE) > 0) {
        throw new IllegalArgumentException(
            name + " must be from 10 ms to 1 day, not " + value.toString());
      }
    }
  }

  /** {@link #standard(Settings)} with the default settings. */
  public static Resolvers standard() {
    return standard(Settings.DEFAULTS);
  }

  /** The resolvers that need nobody else: ip, list, unix, dns and file. */
  public static Resolvers standard(Settings settings) {
    Scheduler scheduler = Scheduler.system();
    Resolver dns =
        new DnsResolver(
            host -> HostNames.ofProcess().addresses(host),
            scheduler,
            ThreadLocalRandom::current,
            settings.dnsRefresh());
    Resolver file = new FileResolver(scheduler, settings.filePoll());
    Resolvers all = new Resolvers(Map.of());
    for (Resolver each :
        List.of(FixedResolver.ip(), FixedResolver.list(), FixedResolver.unix(), dns, file)) {
      all = all.with(each);
    }
    return all;
  }

  /**
   * These and one more, which takes the place of another one of its scheme.
   *
   * @throws IllegalArgumentException if its scheme is not {@code [a-z][a-z0-9+.-]{0,31}}
   */
  public Resolvers with(Resolver resolver) {
    String scheme = resolver.scheme();
    if (!SCHEME.matcher(scheme).matches()) {
      throw new IllegalArgumentException(
          "scheme '"
              + Printable.of(scheme)
              + "' must be 1 to 32 characters of a-z 0-9 + . - and begin with a letter");
    }
    TreeMap<String, Resolver> more = new TreeMap<>(byScheme);
    more.put(scheme, resolver);
    return new Resolvers(more);
  }

  /** The schemes known. */
  public Set<String> schemes() {
    return Set.copyOf(byScheme.keySet());
  }

  /**
   * The resolver of a scheme.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  public Resolver resolver(String scheme) {
    Resolver found = byScheme.get(scheme);
    if (found == null) {
      throw new IllegalArgumentException(
          "unknown scheme '"
              + Printable.of(scheme)
              + "'; known are "
              + String.join(", ", byScheme.keySet()));
    }
    return found;
  }
}
