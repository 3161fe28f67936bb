/**
 * erpc's own protocol, docs/protocol.md: its framing, streams and flow control, on one event loop a
 * connection.
 */
@NullMarked
package erpc.protocol.own;

import org.jspecify.annotations.NullMarked;
