/** Who watches calls: where spans, metrics and log correlation plug in. */
@NullMarked
package erpc.trace;

import org.jspecify.annotations.NullMarked;
