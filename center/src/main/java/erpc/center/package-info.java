/**
 * The center: who serves what, the leases that keep it true, and the engine that orders its
 * changes.
 */
@NullMarked
package erpc.center;

import org.jspecify.annotations.NullMarked;
