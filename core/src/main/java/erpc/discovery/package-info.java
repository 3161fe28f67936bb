/** Where services are: resolvers, watching lists of endpoints, and registering with the center. */
@NullMarked
package erpc.discovery;

import org.jspecify.annotations.NullMarked;
