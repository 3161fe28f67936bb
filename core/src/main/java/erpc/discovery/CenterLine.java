package erpc.discovery;

import erpc.call.Incoming;
import erpc.call.Outgoing;

/**
 * A stream both ways to the center, on a connection of its own. One thread may send while another
 * reads; any thread may close, which ends stream and connection.
 *
 * @param <Q> what is sent
 * @param <R> what comes back
 */
public interface CenterLine<Q, R> extends Incoming<R>, Outgoing<Q> {}
