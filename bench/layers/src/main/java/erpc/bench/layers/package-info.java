/** Benchmarks of each layer of a call, and what runs them. */
@NullMarked
package erpc.bench.layers;

import org.jspecify.annotations.NullMarked;
