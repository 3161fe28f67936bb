package erpc.discovery;

import erpc.call.Printable;
import erpc.settings.Configurable;
import erpc.settings.Ranges;
import erpc.settings.Settings;
import org.jspecify.annotations.Nullable;

/** How the members of a system find one another. Immutable. */
public final class DiscoverySettings extends Configurable {
  /** What holds unless it is set otherwise; nothing that the process was told changes it. */
  public static final DiscoverySettings DEFAULTS = new DiscoverySettings();

  private String center = "127.0.0.1:8081";
  private @Nullable String advertise;
  private String zone = "";
  private int weight = Endpoint.DEFAULT_WEIGHT;
  private String partition = "";

  private DiscoverySettings() {}

  /**
   * The defaults with what this process was told in their places: {@code -Derpc.center=…}, {@code
   * ERPC_CENTER=…}, or the file {@code erpc.properties}.
   *
   * @throws erpc.settings.SettingsException naming all that cannot be used
   */
  public static DiscoverySettings ofProcess() {
    Settings process = Settings.ofProcess();
    DiscoverySettings settings = process.read("", DEFAULTS);
    process.check();
    return settings;
  }

  /**
   * Where the center is, {@code host:port}, several separated by commas; an IPv6 address in
   * brackets, {@code [::1]:8081}.
   */
  public String center() {
    return center;
  }

  /** These settings with another {@link #center()}. */
  public DiscoverySettings withCenter(String value) {
    return changed(this, copy -> copy.center = value);
  }

  /**
   * What servers tell the center of where they are: a host, {@code 10.0.0.7} or {@code [fd00::7]},
   * or {@code host:port} where the port is mapped, as a container's is. Null to let the center see
   * the host.
   */
  public @Nullable String advertise() {
    return advertise;
  }

  /** These settings with another {@link #advertise()}. */
  public DiscoverySettings withAdvertise(@Nullable String value) {
    return changed(this, copy -> copy.advertise = value);
  }

  /**
   * The zone that this process runs in: 1 to 64 characters of {@code A-Z a-z 0-9 . _ -}, or empty
   * if it is in none.
   */
  public String zone() {
    return zone;
  }

  /** These settings with another {@link #zone()}. */
  public DiscoverySettings withZone(String value) {
    return changed(this, copy -> copy.zone = value);
  }

  /**
   * How much of a service's load a server of this process takes, relative to the others: 1 to
   * 10,000.
   */
  public int weight() {
    return weight;
  }

  /** These settings with another {@link #weight()}. */
  public DiscoverySettings withWeight(int value) {
    return changed(this, copy -> copy.weight = value);
  }

  /**
   * Which partition of its services' data a server of this process has: its number, from 0, and how
   * many there are, as {@code 0/3}; empty if the data is not split.
   */
  public String partition() {
    return partition;
  }

  /** These settings with another {@link #partition()}. */
  public DiscoverySettings withPartition(String value) {
    return changed(this, copy -> copy.partition = value);
  }

  @Override
  protected void check() {
    var unusedCenter = checkCenter(center);
    if (advertise != null) {
      checkAdvertise(advertise);
    }
    if (!zone.isEmpty()) {
      var unusedZone = EndpointFile.checkZone(zone);
    }
    if (!partition.isEmpty()) {
      var unusedPartition = EndpointFile.checkPartition(partition);
    }
    Ranges.within("weight", weight, CenterMethods.MAX_WEIGHT);
  }

  /**
   * Returns the addresses of a center if they are some that can be dialled.
   *
   * @throws IllegalArgumentException saying which is none, and how one is written
   */
  public static String checkCenter(String addresses) {
    String[] all = addresses.split(",", -1);
    if (all.length > FixedResolver.MAX_LIST) {
      throw new IllegalArgumentException(
          all.length + " addresses pass the limit of " + FixedResolver.MAX_LIST);
    }
    for (String each : all) {
      if (each.isBlank()) {
        throw new IllegalArgumentException(
            "'"
                + Printable.of(addresses)
                + "' has nothing where an address should be; write host:port, several separated by"
                + " commas");
      }
      checkOne(each.strip());
    }
    return addresses;
  }

  private static void checkOne(String address) {
    if (address.indexOf(':') < 0 || address.endsWith("]")) {
      throw new IllegalArgumentException(
          "address '"
              + Printable.of(address)
              + "' has no port; write "
              + Printable.of(address)
              + ":8081 if that is the center's");
    }
    Address unused = Address.parse(address);
  }

  /**
   * Where a server that listens on a port is, as it tells the center.
   *
   * @param advertise as {@link #advertise()}
   * @param port the one that it listens on
   */
  public static String advertised(String advertise, String port) {
    return hasPort(advertise) ? advertise : advertise + ":" + port;
  }

  private static void checkAdvertise(String text) {
    if (text.startsWith("unix:")) {
      throw new IllegalArgumentException(
          "'"
              + Printable.of(text)
              + "' is a path; write a host, or host:port, that others can dial");
    }
    String host =
        hasPort(text) || text.contains("://")
            ? Address.parse(text).host()
            : Address.parseHost(text);
    if (host.equals("0.0.0.0") || host.equals("::")) {
      throw new IllegalArgumentException(
          "'"
              + Printable.of(text)
              + "' stands for all addresses of a machine, and others can dial none of that name;"
              + " write one of them, or nothing to let the center see it");
    }
  }

  /** One colon, outside of brackets: what has several and no brackets is IPv6 as it stands. */
  private static boolean hasPort(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[");
    return colon > (bracketed ? text.indexOf(']') : -1)
        && (bracketed || text.indexOf(':') == colon);
  }
}
