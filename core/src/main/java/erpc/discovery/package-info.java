/** Finds the endpoints behind an address and follows their changes; registers servers. */
@NullMarked
package erpc.discovery;

import org.jspecify.annotations.NullMarked;
