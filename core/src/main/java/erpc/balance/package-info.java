/** Pure policies that pick one endpoint for a call: no I/O, no clock, no allocation per pick. */
@NullMarked
package erpc.balance;

import org.jspecify.annotations.NullMarked;
