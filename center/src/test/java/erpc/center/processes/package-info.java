/** Tests with programs of their own: killed, stopped, restarted, and short of everything. */
@NullMarked
package erpc.center.processes;

import org.jspecify.annotations.NullMarked;
