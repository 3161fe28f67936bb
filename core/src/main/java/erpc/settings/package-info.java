/** Where settings come from: system properties, the environment, a file, into records. */
@NullMarked
package erpc.settings;

import org.jspecify.annotations.NullMarked;
