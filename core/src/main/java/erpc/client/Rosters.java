package erpc.client;

import erpc.balance.Balancer;
import erpc.call.Status;
import erpc.discovery.Endpoint;
import erpc.endpoints.Accounting;
import erpc.endpoints.Roster;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The members of a cluster as one list has them: a roster of all, and one for each set of them that
 * has methods which others lack, as while servers are replaced by newer ones. Immutable.
 */
final class Rosters {
  /** No endpoints. */
  static final Rosters NONE =
      new Rosters(List.of(), Set.of(), null, Map.of(), null, List.of(), Map.of());

  final List<Member> members;

  private final Set<String> common;
  private final @Nullable Choice forCommon;
  private final Map<String, Choice> forOther;
  private final @Nullable Choice forUnknown;
  private final List<Choice> choices;
  private final Map<String, Rosters> partitions;

  /** The member that all calls go to; null if there are more, or it has not all methods. */
  final @Nullable Member only;

  /** Endpoints, and what picks among them; that is null if there is only one. */
  record Choice(Roster roster, Balancer.@Nullable Picker picker) {
    /** Whether there is one that takes calls, beside these. */
    boolean hasOther(List<Member> tried) {
      return hasOther(tried, false);
    }

    /**
     * The same.
     *
     * @param working whether it must be one that would be picked before those
     */
    boolean hasOther(List<Member> tried, boolean working) {
      for (int i = 0; i < roster.size(); i++) {
        Member each = (Member) roster.entry(i);
        if (roster.weight(i) > 0 && !tried.contains(each) && (!working || works(each))) {
          return true;
        }
      }
      return false;
    }

    /** Whether it would be picked before one that has a copy of the call already. */
    private static boolean works(Member member) {
      return switch (member.state()) {
        case IDLE, CONNECTING, READY -> !member.isFull() && !member.record().isBroken();
        case BACKING_OFF, CLOSED -> false;
      };
    }
  }

  /**
   * Rosters.
   *
   * @param common methods that all members say they have
   * @param forCommon what calls of these choose from
   * @param forOther what calls of methods choose from that some members don't have
   * @param forUnknown what calls of all others choose from: those that don't say what they have
   * @param partitions the members of each partition
   */
  private Rosters(
      List<Member> members,
      Set<String> common,
      @Nullable Choice forCommon,
      Map<String, Choice> forOther,
      @Nullable Choice forUnknown,
      List<Choice> choices,
      Map<String, Rosters> partitions) {
    this.members = members;
    this.common = common;
    this.forCommon = forCommon;
    this.forOther = forOther;
    this.forUnknown = forUnknown;
    this.choices = choices;
    this.partitions = partitions;
    boolean alone = members.size() == 1 && forUnknown != null;
    this.only = alone ? members.getFirst() : null;
  }

  /** What calls of a method choose from; null if no endpoint has it. */
  @Nullable Choice choice(String method) {
    if (common.contains(method)) {
      return forCommon;
    }
    Choice other = forOther.isEmpty() ? null : forOther.get(method);
    return other == null ? forUnknown : other;
  }

  /** Why no endpoint of these was picked for a call of this method of a place. */
  Status whyNone(String place, String method) {
    int all = members.size();
    if (all == 0) {
      return Status.of(Status.Code.UNAVAILABLE, place + " has no endpoints");
    }
    return choice(method) == null
        ? Status.of(
            Status.Code.UNIMPLEMENTED,
            "none of the " + all + " endpoints of " + place + " has " + method)
        : Status.of(
            Status.Code.UNAVAILABLE,
            "the balancer of " + place + " picked none of " + all + " endpoints");
  }

  /** What is wrong with a balancer that picks an endpoint that there is not. */
  static IllegalStateException outOfRange(String place, int index, int size) {
    return new IllegalStateException(
        "the balancer of " + place + " picked endpoint " + index + " of " + size);
  }

  /** The members that say which partition they are of, by what they say. */
  Map<String, Rosters> partitions() {
    return partitions;
  }

  /** The one with this address, or null. */
  @Nullable Member member(String address) {
    for (Member each : members) {
      if (each.address().equals(address)) {
        return each;
      }
    }
    return null;
  }

  /** Whether no endpoint is connected or may be soon. */
  boolean isFailing() {
    return choices.stream().allMatch(each -> each.roster.isFailing());
  }

  /** Connects all that are connected before a call goes there. */
  void connectAll() {
    choices.forEach(each -> each.roster.connectAll());
  }

  /** From now on members are filed here. */
  void fileMembers() {
    Map<Member, List<Member.Place>> places = new HashMap<>();
    file(places);
    partitions.values().forEach(each -> each.file(places));
    members.forEach(member -> member.filedIn(places.getOrDefault(member, List.of())));
  }

  private void file(Map<Member, List<Member.Place>> places) {
    for (Choice each : choices) {
      for (int i = 0; i < each.roster.size(); i++) {
        Member member = (Member) each.roster.entry(i);
        places
            .computeIfAbsent(member, key -> new ArrayList<>(1))
            .add(new Member.Place(each.roster, i));
      }
    }
  }

  /** Files members, and has the balancer make what picks among them: its code, which may throw. */
  static Rosters of(List<Member> members, Balancer balancer, Surroundings around) {
    Map<String, List<Member>> tagged = new HashMap<>();
    for (Member each : members) {
      String tag = each.endpoint().tags().get(Endpoint.PARTITION);
      if (tag != null) {
        tagged.computeIfAbsent(tag, key -> new ArrayList<>()).add(each);
      }
    }
    Map<String, Rosters> partitions = new HashMap<>();
    tagged.forEach(
        (tag, having) -> partitions.put(tag, new Maker(having, balancer, around).made(Map.of())));
    return members.isEmpty() ? NONE : new Maker(members, balancer, around).made(partitions);
  }

  /**
   * What rosters need of their client.
   *
   * @param zone where it runs
   * @param inFlight the place's calls that members count
   * @param accounting the place's books
   */
  record Surroundings(String zone, IntSupplier inFlight, Accounting accounting, long nowNanos) {}

  private static final class Maker {
    private final List<Member> members;
    private final Balancer balancer;
    private final Surroundings around;
    private final Map<BitSet, Choice> choices = new HashMap<>();

    Maker(List<Member> members, Balancer balancer, Surroundings around) {
      this.members = members;
      this.balancer = balancer;
      this.around = around;
    }

    Rosters made(Map<String, Rosters> partitions) {
      Map<Set<String>, BitSet> alike = new HashMap<>();
      for (int i = 0; i < members.size(); i++) {
        alike.computeIfAbsent(members.get(i).endpoint().methods(), key -> new BitSet()).set(i);
      }
      BitSet all = new BitSet();
      all.set(0, members.size());
      BitSet unknown = Objects.requireNonNullElseGet(alike.remove(Set.of()), BitSet::new);
      Map<String, BitSet> byMethod = new HashMap<>();
      alike.forEach((methods, having) -> {
        for (String each : methods) {
          byMethod.computeIfAbsent(each, key -> (BitSet) unknown.clone()).or(having);
        }
      });
      Set<String> common = new HashSet<>();
      Map<String, Choice> forOther = new HashMap<>();
      byMethod.forEach((method, having) -> {
        if (having.equals(all)) {
          common.add(method);
        } else {
          forOther.put(method, choice(having));
        }
      });
      Choice forCommon = common.isEmpty() ? null : choice(all);
      Choice forUnknown = unknown.isEmpty() ? null : choice(unknown);
      return new Rosters(
          members,
          common,
          forCommon,
          forOther,
          forUnknown,
          List.copyOf(choices.values()),
          partitions);
    }

    private Choice choice(BitSet having) {
      Choice known = choices.get(having);
      if (known == null) {
        Roster roster =
            new Roster(
                having.stream().mapToObj(members::get).toList(),
                around.zone,
                around.inFlight,
                around.accounting,
                balancer.wantsAll(),
                around.nowNanos);
        known = new Choice(roster, roster.size() == 1 ? null : picker(roster));
        choices.put(having, known);
      }
      return known;
    }

    private Balancer.Picker picker(Roster roster) {
      return Objects.requireNonNull(balancer.picker(roster), "Balancer.picker returned null");
    }
  }
}
