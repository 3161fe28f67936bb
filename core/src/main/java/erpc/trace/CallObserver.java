package erpc.trace;

import erpc.call.Status;
import java.util.List;

/**
 * Sees calls begin and end, refused ones too, once a call however many tries it took. Methods may
 * run on event loops: they must be quick, must not block and must not throw. One instance sees many
 * calls at once.
 */
public interface CallObserver {
  /** Which end of a call is seen. */
  enum Side {
    CLIENT,
    SERVER
  }

  /** Several observers as one; what one of them throws is logged and harms nobody. */
  static CallObserver all(List<CallObserver> observers) {
    return new Observers(observers);
  }

  /** A call begins. The method is its full name, on a server possibly one that doesn't exist. */
  void began(Side side, String method);

  /**
   * It has ended.
   *
   * @param nanos how long it took
   */
  void ended(Side side, String method, Status status, long nanos);
}
