/**
 * Where settings come from: system properties, the environment, a file, into classes of settings.
 */
@NullMarked
package erpc.settings;

import org.jspecify.annotations.NullMarked;
