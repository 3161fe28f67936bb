/** Programs to read and run: a center, a server, a client, and all of them together. */
@NullMarked
package erpc.demo;

import org.jspecify.annotations.NullMarked;
