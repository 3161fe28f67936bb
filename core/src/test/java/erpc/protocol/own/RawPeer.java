package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Bytes over a real socket to a server, and the frames that come back. */
final class RawPeer implements AutoCloseable {
  final Socket socket;
  private final DataInputStream in;
  private boolean greeted;

  private RawPeer(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** One that is connected to {@code host:port} and has said nothing. */
  static RawPeer of(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
    return over(socket);
  }

  /** One that speaks over this socket. */
  static RawPeer over(Socket socket) throws IOException {
    socket.setSoTimeout(5_000);
    return new RawPeer(socket);
  }

  void send(byte[]... parts) throws IOException {
    socket.getOutputStream().write(Frames.concat(parts));
    socket.getOutputStream().flush();
  }

  /** The next frame. */
  Frames.Frame next() throws IOException {
    if (!greeted) {
      greeted = true;
      assertThat(in.readNBytes(4)).isEqualTo(Frames.PREFACE);
    }
    int word = in.readInt();
    int stream = in.readInt();
    return new Frames.Frame(word & 0xff, stream, in.readNBytes(word >>> 8));
  }

  /** The next frame of this type; others are passed over. */
  Frames.Frame next(int type) throws IOException {
    Frames.Frame frame = next();
    while (frame.type() != type) {
      frame = next();
    }
    return frame;
  }

  /** Whether the server closes without more frames. */
  boolean isAtEnd() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
