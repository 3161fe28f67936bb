/** Benchmarks of what is hidden in the package of the same name. */
@NullMarked
package erpc.endpoints;

import org.jspecify.annotations.NullMarked;
