/** The server: listening, the way of a call to its handler, shutting down without losing one. */
@NullMarked
package erpc.server;

import org.jspecify.annotations.NullMarked;
