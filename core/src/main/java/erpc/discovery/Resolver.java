package erpc.discovery;

import erpc.call.Status;
import java.util.List;

/** Finds the endpoints of a place and keeps looking. */
public interface Resolver {
  /** The scheme of the addresses it resolves. */
  String scheme();

  /** Starts watching. */
  Watch watch(String where, Listener listener);

  /** Who is told. */
  interface Listener {
    /** The whole list, as it is now. */
    void endpoints(List<Endpoint> endpoints);

    /** The source failed; the last list stays. */
    void failed(Status status);
  }

  /** A watch that goes on until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
