package erpc.demo;

import erpc.call.Incoming;

/** Answers the service of {@code demo.proto}: each of its methods is a method here. */
final class DemoGreeter implements Greeter {
  private final String name;

  /** One that signs its echoes with a server's name. */
  DemoGreeter(String name) {
    this.name = name;
  }

  @Override
  public HelloResponse hello(HelloRequest request) {
    return HelloResponse.newBuilder().setMsg("hello " + request.getName()).build();
  }

  @Override
  public EchoReply echo(EchoRequest request) {
    return EchoReply.newBuilder().setMsg(request.getMsg()).setServedBy(name).build();
  }

  @Override
  public Incoming<CountReply> count(CountRequest request) {
    return Incoming.written(replies -> {
      for (int i = 1; i <= request.getN(); i++) {
        replies.send(CountReply.newBuilder().setNumber(i).build());
      }
    });
  }

  @Override
  public Incoming<EchoReply> chat(Incoming<EchoRequest> requests) {
    return Incoming.written(replies -> {
      for (EchoRequest each : requests) {
        replies.send(echo(each));
      }
    });
  }
}
