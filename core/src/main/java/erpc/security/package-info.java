/** What users say of TLS and credentials: which files, which names, which token. */
@NullMarked
package erpc.security;

import org.jspecify.annotations.NullMarked;
