/**
 * The words every other package speaks: method, request, reply, context, metadata, status,
 * deadline, filter.
 */
@NullMarked
package erpc.call;

import org.jspecify.annotations.NullMarked;
