/** Benchmarks of the protocol's own parts, in its package because those are nobody else's. */
@NullMarked
package erpc.protocol.own;

import org.jspecify.annotations.NullMarked;
