package erpc.client;

import erpc.breaker.EndpointHealth;
import erpc.endpoints.Protection;
import erpc.settings.Configurable;
import erpc.settings.Mode;
import java.util.Objects;

/**
 * Which mechanisms protect calls from endpoints that fail, and endpoints from too many calls. Each
 * is {@link Mode#ON}, {@link Mode#OFF}, or on {@link Mode#DRY_RUN dry run}: then it says in the log
 * what it would do. Immutable; another one may be given to a client that runs, see {@link
 * Client#protect}.
 */
public final class ProtectionSettings extends Configurable {
  /** All act. */
  public static final ProtectionSettings DEFAULTS = new ProtectionSettings();

  private Mode failuresInARow = Mode.ON;
  private Mode failureShare = Mode.ON;
  private Mode failureAverages = Mode.ON;
  private Mode comparison = Mode.ON;
  private Mode panic = Mode.ON;
  private Mode retryBudget = Mode.ON;
  private Mode slowStart = Mode.ON;
  private Mode zones = Mode.ON;
  private Mode subset = Mode.ON;

  private ProtectionSettings() {}

  /** Whether five failures in a row break an endpoint. */
  public Mode failuresInARow() {
    return failuresInARow;
  }

  /** These settings with another {@link #failuresInARow()}. */
  public ProtectionSettings withFailuresInARow(Mode value) {
    return changed(this, copy -> copy.failuresInARow = value);
  }

  /** Whether half of at least twenty calls of ten seconds that fail break an endpoint. */
  public Mode failureShare() {
    return failureShare;
  }

  /** These settings with another {@link #failureShare()}. */
  public ProtectionSettings withFailureShare(Mode value) {
    return changed(this, copy -> copy.failureShare = value);
  }

  /**
   * Whether averages over about 1,500 and 3,000 calls, of which 10 % and 5 % fail, break an
   * endpoint.
   */
  public Mode failureAverages() {
    return failureAverages;
  }

  /** These settings with another {@link #failureAverages()}. */
  public ProtectionSettings withFailureAverages(Mode value) {
    return changed(this, copy -> copy.failureAverages = value);
  }

  /** Whether an endpoint that fails much more than the median of its peers is broken. */
  public Mode comparison() {
    return comparison;
  }

  /** These settings with another {@link #comparison()}. */
  public ProtectionSettings withComparison(Mode value) {
    return changed(this, copy -> copy.comparison = value);
  }

  /** Whether broken endpoints get calls again when less than half of the weight is healthy. */
  public Mode panic() {
    return panic;
  }

  /** These settings with another {@link #panic()}. */
  public ProtectionSettings withPanic(Mode value) {
    return changed(this, copy -> copy.panic = value);
  }

  /** Whether retries take from a budget that only successes refill. */
  public Mode retryBudget() {
    return retryBudget;
  }

  /** These settings with another {@link #retryBudget()}. */
  public ProtectionSettings withRetryBudget(Mode value) {
    return changed(this, copy -> copy.retryBudget = value);
  }

  /**
   * Whether an endpoint that joins a list gets a tenth of its share first, and all of it after 60
   * s.
   */
  public Mode slowStart() {
    return slowStart;
  }

  /** These settings with another {@link #slowStart()}. */
  public ProtectionSettings withSlowStart(Mode value) {
    return changed(this, copy -> copy.slowStart = value);
  }

  /** Whether calls stay in the zone of the client as far as its endpoints can take them. */
  public Mode zones() {
    return zones;
  }

  /** These settings with another {@link #zones()}. */
  public ProtectionSettings withZones(Mode value) {
    return changed(this, copy -> copy.zones = value);
  }

  /** Whether a client calls a part of the endpoints if there are a thousand or more. */
  public Mode subset() {
    return subset;
  }

  /** These settings with another {@link #subset()}. */
  public ProtectionSettings withSubset(Mode value) {
    return changed(this, copy -> copy.subset = value);
  }

  /** These settings with all mechanisms in this mode. */
  public ProtectionSettings withAll(Mode value) {
    return changed(
        this,
        copy -> {
          copy.failuresInARow = value;
          copy.failureShare = value;
          copy.failureAverages = value;
          copy.comparison = value;
          copy.panic = value;
          copy.retryBudget = value;
          copy.slowStart = value;
          copy.zones = value;
          copy.subset = value;
        });
  }

  Protection protection() {
    return new Protection(
        new EndpointHealth.Modes(failuresInARow, failureShare, failureAverages, comparison),
        panic,
        retryBudget,
        slowStart == Mode.ON,
        zones == Mode.ON,
        subset == Mode.ON);
  }

  @Override
  protected void check() {
    Objects.requireNonNull(failuresInARow, "failuresInARow");
    Objects.requireNonNull(failureShare, "failureShare");
    Objects.requireNonNull(failureAverages, "failureAverages");
    Objects.requireNonNull(comparison, "comparison");
    Objects.requireNonNull(panic, "panic");
    Objects.requireNonNull(retryBudget, "retryBudget");
    Objects.requireNonNull(slowStart, "slowStart");
    Objects.requireNonNull(zones, "zones");
    Objects.requireNonNull(subset, "subset");
  }
}
