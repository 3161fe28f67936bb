/** Pure policies that pick one endpoint for a call: no I/O, no clock, no allocation. */
@NullMarked
package erpc.balance;

import org.jspecify.annotations.NullMarked;
