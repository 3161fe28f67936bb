/** Peers that share no code with erpc, against a real server. */
@NullMarked
package erpc.interop;

import org.jspecify.annotations.NullMarked;
