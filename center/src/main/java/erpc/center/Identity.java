package erpc.center;

import erpc.call.Peer;
import erpc.call.Printable;
import erpc.call.RpcException;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.discovery.wire.Instance;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * Whose an instance is: an id belongs to its owner until his lease ends. Everybody sees the ids in
 * the center's lists, so that to know one proves nothing; coming from the host that the address
 * names, after the connections of whoever held it are gone, is as near to a proof as there is.
 */
final class Identity {
  private Identity() {}

  /**
   * Whether a registration may go on with its owner's lease. The name of an owner is drawn and told
   * to nobody, but where there is none the id stands for it.
   *
   * @throws RpcException ALREADY_EXISTS if it may not
   */
  static void checkOwner(Lease known, boolean guessable, Peer peer) {
    boolean his =
        !guessable
            || known.isCaller(peer)
            || (known.isGone() && known.host().equals(RegistrationRules.observedHost(peer)));
    if (!his) {
      throw new RpcException(
          Status.Code.ALREADY_EXISTS,
          "owner '"
              + Printable.of(known.owner())
              + "' has registered over another connection and is alive; say an owner that nobody"
              + " can guess, or wait until that lease has ended");
    }
  }

  /**
   * Whether a registration may have an id that another lease holds.
   *
   * @param listed what is listed under it now, or null
   */
  static boolean mayTake(Lease holder, @Nullable Instance listed, Instance wanted, Peer peer) {
    if (holder.isEnded() || listed == null) {
      return true;
    }
    // What nobody has claimed since the start of the center has no connections.
    boolean same = holder.isOfOrphans() && listed.getAddress().equals(wanted.getAddress());
    return same || (holder.isGone() && holdsAddress(peer, listed.getAddress()));
  }

  /** The refusal of an id that another lease holds. */
  static RpcException held(Instance wanted) {
    return new RpcException(
        Status.Code.ALREADY_EXISTS,
        "instance '%s' of service '%s' belongs to another owner, whose lease is alive; choose another id, or wait until that lease has ended"
            .formatted(Printable.of(wanted.getId()), wanted.getService()));
  }

  /** Whether a caller's host is the one that an address names, as far as the center sees. */
  static boolean holdsAddress(Peer peer, String address) {
    if (address.startsWith(":") || address.startsWith("unix:")) {
      return peer.isSameMachine();
    }
    InetAddress named =
        Endpoint.of(address).socketAddress() instanceof InetSocketAddress socket
            ? socket.getAddress()
            : null;
    if (named == null) {
      return false; // A name: looking it up would prove nothing about the caller.
    }
    if (peer.isSameMachine()) {
      return named.isLoopbackAddress() || isOwn(named);
    }
    return peer.address() instanceof InetSocketAddress from && named.equals(from.getAddress());
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }
}
