package erpc.client;

import erpc.balance.Balancer;
import erpc.transport.EndpointPool;
import erpc.transport.EndpointState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's members as one try sees them. Those with room are preferred to full ones, and
 * connected ones to those that may be, one day: a call never waits for a dead endpoint while a
 * living one is there. One try's own, so not thread-safe.
 */
final class Candidates implements Balancer.Candidates {
  /** What a member must be at least, from choosy to anything. */
  private enum Choice {
    READY_AND_UNTRIED,
    DIALLING_AND_UNTRIED,
    READY,
    DIALLING,
    FULL,
    ANY
  }

  private static final Choice[] CHOICES = Choice.values();

  private final List<Member> members;
  private final String method;
  private final List<Member> tried;
  private Choice choice = Choice.READY_AND_UNTRIED;

  Candidates(List<Member> members, String method, List<Member> tried) {
    this.members = members;
    this.method = method;
    this.tried = tried;
  }

  @Nullable Member pick(Balancer balancer) {
    connectAll();
    for (Choice next : CHOICES) {
      choice = next;
      int index = balancer.pick(this);
      if (index != Balancer.NONE) {
        return members.get(index);
      }
    }
    return null;
  }

  /**
   * Whoever calls a place is likely to call all of it: connecting early keeps calls from waiting
   * for it later.
   */
  private void connectAll() {
    for (int i = 0; i < members.size(); i++) {
      EndpointPool link = members.get(i).link;
      if (link.isShared() && link.state() == EndpointState.IDLE) {
        link.connect();
      }
    }
  }

  @Override
  public int size() {
    return members.size();
  }

  @Override
  public int weight(int index) {
    return members.get(index).endpoint().weight();
  }

  @Override
  public int inFlight(int index) {
    return members.get(index).inFlight();
  }

  @Override
  public boolean excluded(int index) {
    Member member = members.get(index);
    if (!member.endpoint().serves(method)) {
      return true;
    }
    EndpointState state = member.link.state();
    return switch (choice) {
      case READY_AND_UNTRIED -> !isReady(member, state) || tried.contains(member);
      case DIALLING_AND_UNTRIED -> !isPossible(member, state) || tried.contains(member);
      case READY -> !isReady(member, state);
      case DIALLING -> !isPossible(member, state);
      case FULL -> state != EndpointState.READY;
      case ANY -> false;
    };
  }

  private static boolean isReady(Member member, EndpointState state) {
    return state == EndpointState.READY && !member.link.isFull();
  }

  private static boolean isPossible(Member member, EndpointState state) {
    return isPossible(state) && !member.link.isFull();
  }

  private static boolean isPossible(EndpointState state) {
    return state == EndpointState.READY
        || state == EndpointState.CONNECTING
        || state == EndpointState.IDLE;
  }
}
