/**
 * Pure policies that protect calls from what fails: verdicts about endpoints, budgets of retries,
 * limits of a server. No threads, no I/O, no clock. Its types are public for sister packages alone.
 */
@NullMarked
package erpc.breaker;

import org.jspecify.annotations.NullMarked;
