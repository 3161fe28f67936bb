package erpc.transport;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server on this machine that knows IPv4 addresses a test tells it (RFC 1035). */
final class NameServer implements AutoCloseable {
  private static final int TYPE_A = 1;
  private static final int ANSWER_TO_QUESTION = 0x8180;
  private static final int NO_SUCH_NAME = 3;

  private final DatagramSocket socket;
  final Map<String, String> addresses = new ConcurrentHashMap<>();
  final List<String> asked = new CopyOnWriteArrayList<>();

  NameServer() throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("name-server").start(this::run);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void run() {
    byte[] in = new byte[512];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(in, in.length);
        socket.receive(packet);
        byte[] out = answer(ByteBuffer.wrap(in, 0, packet.getLength()));
        socket.send(new DatagramPacket(out, out.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private byte[] answer(ByteBuffer question) throws IOException {
    short id = question.getShort();
    question.position(12);
    StringBuilder name = new StringBuilder();
    for (int length = question.get(); length > 0; length = question.get()) {
      byte[] label = new byte[length];
      question.get(label);
      name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
    }
    int type = question.getShort();
    int end = question.position() + 2;
    asked.add(name + "/" + type);
    String known = addresses.get(name.substring(0, name.length() - 1));
    boolean told = known != null && type == TYPE_A;
    ByteBuffer out = ByteBuffer.allocate(512);
    out.putShort(id).putShort((short) (ANSWER_TO_QUESTION | (known == null ? NO_SUCH_NAME : 0)));
    out.putShort((short) 1).putShort((short) (told ? 1 : 0)).putInt(0);
    out.put(question.duplicate().position(12).limit(end));
    if (told) {
      out.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1);
      out.putInt(3600).putShort((short) 4).put(InetAddress.getByName(known).getAddress());
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    socket.close();
  }
}
