/**
 * How bytes become calls, whatever they look like: the words that a protocol and the two stacks
 * speak with each other. A server's side reads calls and hands them to {@link
 * erpc.protocol.ServerCalls}; what memory they may hold is counted here. Protocols themselves are
 * packages above this one, such as {@code erpc.protocol.own}; nothing here knows them.
 */
@NullMarked
package erpc.protocol;

import org.jspecify.annotations.NullMarked;
