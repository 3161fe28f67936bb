package erpc.transport;

import erpc.call.Printable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Addresses as users write them, {@code host:port}, {@code [::1]:port}, {@code :port}, {@code
 * unix:/path}.
 */
public final class SocketAddresses {
  private static final String UNIX = "unix:";
  private static final int MAX_PORT = 65_535;

  /** What Netty's native transports put before the system's words. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^[a-zA-Z_ ]+\\(\\.\\.\\) failed with error\\(-?[0-9]+\\): ");

  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");

  /** What stands before an address in memory that is known in one network alone. */
  private static final Pattern NETWORK = Pattern.compile("^~[0-9]+~");

  private SocketAddresses() {}

  /** An address in memory as it is in one of the networks there; 0 is the usual one. */
  static String inNetwork(int network, String address) {
    return network == 0 ? address : "~" + network + "~" + address;
  }

  static SocketAddress parse(String address) {
    if (address.startsWith(UNIX)) {
      return UnixDomainSocketAddress.of(Path.of(address.substring(UNIX.length())));
    }
    return all(address, InetAddress::getAllByName).get(0);
  }

  /**
   * All socket addresses that an address stands for, in the order in which to try them; at least
   * one. May block.
   *
   * @throws IllegalArgumentException if it is malformed or its host is not known
   */
  static List<SocketAddress> all(String address, Lookup names) {
    if (address.startsWith(UNIX)) {
      return List.of(parse(address));
    }
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw malformed(address);
    }
    int port = port(address, address.substring(colon + 1));
    String host = address.substring(0, colon);
    if (host.isEmpty()) {
      return List.of(new InetSocketAddress(port));
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw malformed(address);
    }
    if (NUMBERS.matcher(host).matches() && !IPV4.matcher(host).matches()) {
      // A name server is not to be asked for it, nor is it to be read as an octal number.
      throw new IllegalArgumentException("host '" + host + "' is no valid IPv4 address");
    }
    try {
      InetAddress[] found = names.addresses(host);
      return Arrays.stream(found)
          .<SocketAddress>map(each -> new InetSocketAddress(each, port))
          .toList();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "host '"
              + Printable.of(host)
              + "' is not known ("
              + Printable.of(String.valueOf(e.getMessage()))
              + ")",
          e);
    }
  }

  /** Finds the addresses of a host. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The address as a user would write it. */
  public static String format(SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      String host =
          inet.getAddress() == null ? inet.getHostString() : inet.getAddress().getHostAddress();
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      return UNIX + unix.getPath();
    }
    if (address instanceof io.netty.channel.unix.DomainSocketAddress unix) {
      return UNIX + unix.path();
    }
    if (address instanceof io.netty.channel.local.LocalAddress local) {
      return NETWORK.matcher(local.id()).replaceFirst("");
    }
    return address.toString();
  }

  /** Why the system refused, without the name and number of the system call that said it. */
  static String reason(Throwable cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    return SYSTEM_CALL.matcher(String.valueOf(root.getMessage())).replaceFirst("");
  }

  /**
   * The host of an address as it is written, without brackets.
   *
   * @throws IllegalArgumentException if it has none
   */
  static String host(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.startsWith(UNIX) || colon < 0 ? "" : address.substring(0, colon);
    if (host.isEmpty()) {
      throw new IllegalArgumentException(
          "address '"
              + Printable.of(address)
              + "' has no host that a certificate could be for; set TlsSettings.withServerName");
    }
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port of an address, or -1 if it has none. */
  static int port(String address) {
    return address.startsWith(UNIX)
        ? -1
        : port(address, address.substring(address.lastIndexOf(':') + 1));
  }

  private static int port(String address, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, with the whole address.
    }
    throw malformed(address);
  }

  private static IllegalArgumentException malformed(String address) {
    return new IllegalArgumentException(
        "address '"
            + Printable.of(address)
            + "' must be host:port, [ipv6]:port, :port or unix:/path, with a port from 0 to 65535");
  }
}
