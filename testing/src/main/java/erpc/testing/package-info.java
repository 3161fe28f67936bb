/**
 * A test kit: clusters in one process on a clock that the test moves, networks and servers that
 * fail on demand, and a JUnit extension that starts and closes what a test needs.
 */
@NullMarked
package erpc.testing;

import org.jspecify.annotations.NullMarked;
