/** The reactor: event loops, sockets, listening, and the connection to each endpoint. */
@NullMarked
package erpc.transport;

import org.jspecify.annotations.NullMarked;
