/**
 * Whole-process benchmarks: client and server in two JVMs, erpc beside what it is compared with,
 * one driver for all.
 */
@NullMarked
package erpc.bench;

import org.jspecify.annotations.NullMarked;
