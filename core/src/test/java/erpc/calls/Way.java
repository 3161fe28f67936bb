package erpc.calls;

import erpc.client.ClientBuilder;
import erpc.lines.LineProtocol;
import erpc.protocol.Protocol;
import erpc.server.ServerBuilder;
import erpc.transport.Protocols;
import erpc.transport.TransportKind;

/** How bytes travel in a test: over what, and as what. */
@SuppressWarnings("ImmutableEnumChecker") // Protocols are stateless.
enum Way {
  MEMORY(TransportKind.MEMORY, Protocols.erpc()),
  NIO(TransportKind.NIO, Protocols.erpc()),
  EPOLL(TransportKind.EPOLL, Protocols.erpc()),
  IO_URING(TransportKind.IO_URING, Protocols.erpc()),
  LINES_IN_MEMORY(TransportKind.MEMORY, LineProtocol.INSTANCE),
  LINES(TransportKind.NIO, LineProtocol.INSTANCE);

  final TransportKind kind;
  final Protocol protocol;

  Way(TransportKind kind, Protocol protocol) {
    this.kind = kind;
    this.protocol = protocol;
  }

  ServerBuilder on(ServerBuilder builder) {
    return builder.protocols(Protocols.erpc(), LineProtocol.INSTANCE);
  }

  ClientBuilder on(ClientBuilder builder) {
    return builder.protocol(protocol);
  }
}
