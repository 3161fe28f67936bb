package erpc.server;

import erpc.call.Method;

/**
 * A method with what answers it.
 *
 * @param number what clients may call it by on the wire, or 0
 */
record Route<Q, R>(Method<Q, R> method, Handler<Q, R> handler, Execution execution, int number) {}
