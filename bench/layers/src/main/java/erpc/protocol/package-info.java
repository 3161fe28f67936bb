/** Benchmarks of the protocol's own parts, in its package because those are nobody else's. */
@NullMarked
package erpc.protocol;

import org.jspecify.annotations.NullMarked;
