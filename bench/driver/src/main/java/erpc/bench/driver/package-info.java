/**
 * What drives every subject alike: echo calls asynchronously, by blocking callers, at a fixed rate
 * or as a stream, timed and counted. Knows no framework.
 */
@NullMarked
package erpc.bench.driver;

import org.jspecify.annotations.NullMarked;
