package erpc.client;

import erpc.call.Criticality;
import erpc.call.FailureMode;
import erpc.call.Status;
import erpc.protocol.ServerLoad;
import erpc.settings.Mode;
import erpc.transport.EndpointState;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one call would go, and why: what {@link Client#explain} has found. Of one moment, and
 * immutable. Components may be added; read it, don't make any.
 *
 * @param address what is called: {@code demo.hello} or {@code ip://127.0.0.1:8877/demo.hello}
 * @param place where it goes: a service's name that the center resolves, or {@code scheme://where}
 * @param method the full name of the method
 * @param balancer the name of the balancer, or the class of a user's
 * @param clientZone where the client runs; empty if that is not known
 * @param criticality how critical the call is
 * @param affinityKey what balancers go by that hash, or null
 * @param codec the codec asked for, or null for the one that fits the message
 * @param timeout how long the call may take, within the time of the one it is made for; null for a
 *     stream without an end
 * @param tryTimeout how long each of its tries may take, or null; streams have none
 * @param tryTimeoutPercentile the share of the method's calls that a try's timeout covers, or null
 * @param tryLimit how long a try that begins now may take by either of them; null if there is no
 *     such limit, or too few calls have been timed
 * @param maxAttempts how many tries there may be
 * @param idempotent whether it may be tried again after it has started
 * @param retryTokens how many retries the place's budget pays for now
 * @param failureMode what becomes of it when a try fails, as far as the method may be called twice
 * @param forks to how many endpoints it goes at once; 1 unless it forks
 * @param hedging the share of calls that are made twice; 0 if none are
 * @param hedgeDelay after how long it would be made a second time; null if it would not
 * @param retryOn codes after which it is tried again beside the usual ones
 * @param madeForRetry whether the call being handled is a retry, so that this one is not tried
 *     again once a server has worked for it
 * @param medianLatency how long calls of the method take; zero if that is not known
 * @param panic how few endpoints are healthy so that broken ones get calls; empty if enough are
 * @param subset how many of the endpoints with the method this client calls at all
 * @param protection the mode of each mechanism, by the name of its setting; those that have no dry
 *     run are off on dry run
 * @param picks how often the balancer was asked to find the chances; 0 if they are exact
 * @param endpoints all that the place has, in the order of its list
 * @param none the chance that the call would end since nothing is picked
 * @param whyNone what it would end in then; OK if that cannot be
 */
public record Explanation(
    String address,
    String place,
    String method,
    String balancer,
    String clientZone,
    Criticality criticality,
    @Nullable String affinityKey,
    @Nullable String codec,
    @Nullable Duration timeout,
    @Nullable Duration tryTimeout,
    @Nullable Double tryTimeoutPercentile,
    @Nullable Duration tryLimit,
    int maxAttempts,
    boolean idempotent,
    int retryTokens,
    FailureMode failureMode,
    int forks,
    double hedging,
    @Nullable Duration hedgeDelay,
    Set<Status.Code> retryOn,
    boolean madeForRetry,
    Duration medianLatency,
    String panic,
    int subset,
    Map<String, Mode> protection,
    int picks,
    List<Candidate> endpoints,
    double none,
    Status whyNone) {

  /** Endpoints that {@link #toString} shows. */
  private static final int SHOWN = 50;

  /** Keeps copies. */
  public Explanation {
    protection = Collections.unmodifiableMap(new LinkedHashMap<>(protection));
    endpoints = List.copyOf(endpoints);
    retryOn = Set.copyOf(retryOn);
  }

  /**
   * One endpoint.
   *
   * @param address {@code host:port}, {@code [IPv6]:port} or {@code unix:/path}
   * @param zone where it runs; empty if that is not known
   * @param weight its share of the load relative to the others, as it is listed
   * @param effectiveWeight that share as it counts for this client now: less in slow start, while
   *     it recovers and in another zone, 0 if it is left out
   * @param state of its connections
   * @param inFlight calls of this client that are under way there
   * @param load calls under way there as balancers count them, those of other clients included
   *     while the server's report is fresh
   * @param reported what the server has said of its load within a second, or null
   * @param latency what its calls take, 1 for the average over all endpoints; 0 if not known
   * @param startingShare the part of its weight that it has as a new endpoint; 1 if it is none
   * @param verdict why it is broken or recovers, with numbers; empty while it is healthy
   * @param leftAlone for how long its server wants to be left alone by retries and calls that may
   *     be shed; zero if it does not
   * @param leftOutBy which piece leaves it out: {@code methods}, {@code weight}, {@code subset},
   *     {@code connection}, {@code verdict}, {@code zone}, {@code full}, {@code retry_after} or
   *     {@code balancer}; empty if it may be picked
   * @param why what that piece says, and else what lessens its share; may be empty
   * @param chance that the call goes there, from 0 to 1
   */
  public record Candidate(
      String address,
      String zone,
      int weight,
      double effectiveWeight,
      EndpointState state,
      int inFlight,
      double load,
      @Nullable ServerLoad reported,
      double latency,
      double startingShare,
      String verdict,
      Duration leftAlone,
      String leftOutBy,
      String why,
      double chance) {}

  /** Whether chances are exact; else they are about right. */
  public boolean isExact() {
    return picks == 0;
  }

  /** A table for people, the most likely endpoints first; of very many endpoints the first 50. */
  @Override
  public String toString() {
    return toString(SHOWN);
  }

  /** The same with at most so many endpoints. */
  public String toString(int most) {
    return new ExplanationTable(this, most).text();
  }
}
