/** SOFABolt as a subject of the benchmarks. */
@NullMarked
package erpc.bench.bolt;

import org.jspecify.annotations.NullMarked;
