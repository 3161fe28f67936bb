package com.example.guide;

import erpc.client.Client;
import erpc.server.Server;

/** What the tests of the guide have in common. */
final class Guide {
  private Guide() {}

  /** A client whose bare names go to this server. */
  static Client clientOf(Server server) {
    return Client.builder().target("ip://" + server.address()).build();
  }
}
