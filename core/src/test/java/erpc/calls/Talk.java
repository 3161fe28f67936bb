package erpc.calls;

import erpc.call.CallOptions;
import erpc.call.Caller;
import erpc.call.Handlers;
import erpc.call.Incoming;
import erpc.call.Method;
import erpc.call.Service;
import erpc.fixture.EchoReply;
import erpc.fixture.EchoRequest;
import java.util.List;

/** A service of every shape, as code is generated for one. */
interface Talk {
  Method<EchoRequest, EchoReply> SAY =
      Method.unary("test.Talk.Say", EchoRequest.class, EchoReply.class).idempotent();
  Method<EchoRequest, EchoReply> COLLECT =
      Method.clientStreaming("test.Talk.Collect", EchoRequest.class, EchoReply.class);
  Method<EchoRequest, EchoReply> REPEAT =
      Method.serverStreaming("test.Talk.Repeat", EchoRequest.class, EchoReply.class);
  Method<EchoRequest, EchoReply> CHAT =
      Method.bidirectional("test.Talk.Chat", EchoRequest.class, EchoReply.class);

  Service<Talk> SERVICE =
      new Service<>("test.Talk", List.of(SAY, COLLECT, REPEAT, CHAT)) {
        @Override
        public Talk client(Caller caller) {
          return new Talk() {
            @Override
            public EchoReply say(EchoRequest request) {
              return caller.call(SAY, request, CallOptions.NONE);
            }

            @Override
            public EchoReply say(EchoRequest request, CallOptions options) {
              return caller.call(SAY, request, options);
            }

            @Override
            public EchoReply collect(Incoming<EchoRequest> requests) {
              return caller.clientStream(COLLECT, requests, CallOptions.NONE);
            }

            @Override
            public Incoming<EchoReply> repeat(EchoRequest request) {
              return caller.serverStream(REPEAT, request, CallOptions.NONE);
            }

            @Override
            public Incoming<EchoReply> chat(Incoming<EchoRequest> requests) {
              return caller.bidirectional(CHAT, requests, CallOptions.NONE);
            }
          };
        }

        @Override
        public void bind(Talk implementation, Handlers handlers) {
          handlers.unary(SAY, implementation::say);
          handlers.clientStream(COLLECT, implementation::collect);
          handlers.serverStream(REPEAT, implementation::repeat);
          handlers.bidirectional(CHAT, implementation::chat);
        }
      };

  EchoReply say(EchoRequest request);

  default EchoReply say(EchoRequest request, CallOptions options) {
    return say(request);
  }

  EchoReply collect(Incoming<EchoRequest> requests);

  Incoming<EchoReply> repeat(EchoRequest request);

  Incoming<EchoReply> chat(Incoming<EchoRequest> requests);
}
