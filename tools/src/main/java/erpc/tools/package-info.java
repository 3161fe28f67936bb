/** The {@code erpc} command line: a center, calls without stubs, and what the center knows. */
@NullMarked
package erpc.tools;

import org.jspecify.annotations.NullMarked;
