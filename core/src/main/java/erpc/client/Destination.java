package erpc.client;

import erpc.call.Target;
import erpc.protocol.RouteName;

/** A method at a place: what calls to it share. */
record Destination(ClientStack stack, Target target, Cluster cluster, RouteName route) {}
