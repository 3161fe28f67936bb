/** What a client knows of the endpoints of one place, and which of them a try may go to: no I/O. */
@NullMarked
package erpc.endpoints;

import org.jspecify.annotations.NullMarked;
