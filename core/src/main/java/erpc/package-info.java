/** The façade: one line each to run a center, answer calls and make them. */
@NullMarked
package erpc;

import org.jspecify.annotations.NullMarked;
