/** RSocket as a subject of the benchmarks. */
@NullMarked
package erpc.bench.rsocket;

import org.jspecify.annotations.NullMarked;
