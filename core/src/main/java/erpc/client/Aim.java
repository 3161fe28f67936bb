package erpc.client;

import erpc.call.Request;
import erpc.call.Status;
import erpc.endpoints.Roster;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Where all tries of a call go that is part of a combined one. Thread-safe. */
sealed interface Aim {
  /** The endpoint for a try; null if there is none now, see {@link #whyNone}. */
  @Nullable Member pick(ClientCall<?, ?> call);

  /** Why nothing was picked. */
  Status whyNone(ClientCall<?, ?> call);

  /** Whether a call could go elsewhere than to these. */
  boolean hasOther(ClientCall<?, ?> call, List<Member> than);

  /**
   * One endpoint and no other, whatever speaks against it.
   *
   * @param of where it was found; if that was let go, it is looked up where calls go now
   */
  record AtOne(Cluster of, Member member) implements Aim {
    @Override
    public @Nullable Member pick(ClientCall<?, ?> call) {
      Cluster now = call.cluster();
      Rosters list = now.rosters(); // Asked in any case: it marks the place as called.
      return now == of || list == null ? member : list.member(member.address());
    }

    @Override
    public Status whyNone(ClientCall<?, ?> call) {
      return Status.of(Status.Code.UNAVAILABLE, member.address() + " is listed no more");
    }

    @Override
    public boolean hasOther(ClientCall<?, ?> call, List<Member> than) {
      return false;
    }
  }

  /**
   * The endpoints of one partition.
   *
   * @param tag as they say it, {@code 0/3}
   */
  record AtPartition(String tag) implements Aim {
    @Override
    public @Nullable Member pick(ClientCall<?, ?> call) {
      Cluster cluster = call.cluster();
      Rosters all = cluster.rosters();
      Request<?, ?> request = call.request();
      return cluster.pick(part(all), request, call.parent(), call.tried(), call.tryNanos());
    }

    @Override
    public Status whyNone(ClientCall<?, ?> call) {
      return Partitions.whyNone(call.cluster(), tag, call.methodName());
    }

    @Override
    public boolean hasOther(ClientCall<?, ?> call, List<Member> than) {
      Rosters part = part(call.cluster().rosters());
      Rosters.Choice choice = part == null ? null : part.choice(call.methodName());
      return choice != null && choice.hasOther(than);
    }

    private @Nullable Rosters part(@Nullable Rosters all) {
      return all == null ? null : all.partitions().get(tag);
    }
  }

  /** All members of a roster. */
  static List<Member> members(Roster roster) {
    return IntStream.range(0, roster.size()).mapToObj(i -> (Member) roster.entry(i)).toList();
  }
}
