/**
 * A client, a server and the way to a center. The profile {@code publish} puts this into the jar:
 * the build itself runs on the class path, where generated code and tests need no descriptor.
 */
module erpc {
  requires transitive com.google.protobuf;
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires transitive io.netty.transport;
  requires io.netty.codec;
  requires io.netty.codec.dns;
  requires io.netty.handler;
  requires io.netty.resolver;
  requires io.netty.resolver.dns;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires io.netty.transport.unix.common;
  requires org.slf4j;

  // Whoever wants one requires it in a module of his own.
  requires static com.fasterxml.jackson.annotation;
  requires static com.github.luben.zstd_jni;
  requires static com.google.protobuf.util;
  requires static org.lz4.java;
  requires static tools.jackson.core;
  requires static tools.jackson.databind;

  exports erpc;
  exports erpc.balance;
  exports erpc.call;
  exports erpc.client;
  exports erpc.codec;
  exports erpc.discovery;
  exports erpc.discovery.wire;
  exports erpc.protocol;
  exports erpc.server;
  exports erpc.server.wire;
  exports erpc.settings;
  exports erpc.trace;
  exports erpc.transport;

  uses erpc.CenterProvider;
  uses erpc.settings.SettingsProvider;

  provides erpc.settings.SettingsProvider with
      erpc.ProcessSettings;
}
