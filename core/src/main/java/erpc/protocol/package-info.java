/**
 * How bytes become calls: erpc's own framing, its streams and flow control, on one event loop a
 * connection.
 */
@NullMarked
package erpc.protocol;

import org.jspecify.annotations.NullMarked;
