/** Dubbo as a subject of the benchmarks. */
@NullMarked
package erpc.bench.dubbo;

import org.jspecify.annotations.NullMarked;
