/** gRPC as a subject of the benchmarks. */
@NullMarked
package erpc.bench.grpc;

import org.jspecify.annotations.NullMarked;
