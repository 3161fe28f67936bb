/**
 * Simulates clients and servers by discrete events: the policies are those that clients and servers
 * run, what calls take and how the network and the machines behave is made up.
 */
@NullMarked
package erpc.bench.simulate;

import org.jspecify.annotations.NullMarked;
