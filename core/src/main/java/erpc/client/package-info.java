/** The client: the way of a call to an endpoint and back, tries, lists of endpoints that change. */
@NullMarked
package erpc.client;

import org.jspecify.annotations.NullMarked;
