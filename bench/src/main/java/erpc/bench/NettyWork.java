package erpc.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import erpc.bench.driver.Setup;
import erpc.bench.wire.Echo;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** What is done with the payload of a frame at either end. */
interface NettyWork {
  /** Bytes of a request. */
  int size();

  void request(ByteBuf out);

  /** Answers what is in these bytes. */
  void echo(ByteBuf in, int length, NettySubject.Frames to, int id);

  void reply(ByteBuf in, int length);

  final class Bytes implements NettyWork {
    private final byte[] payload;

    Bytes(Setup setup) {
      payload = setup.message().getPayload().toByteArray();
    }

    @Override
    public int size() {
      return payload.length;
    }

    @Override
    public void request(ByteBuf out) {
      out.writeBytes(payload);
    }

    @Override
    public void echo(ByteBuf in, int length, NettySubject.Frames to, int id) {
      to.begin(id, length).writeBytes(in, length);
    }

    @Override
    public void reply(ByteBuf in, int length) {}
  }

  final class Messages implements NettyWork {
    private final Echo message;

    Messages(Setup setup) {
      message = setup.message();
    }

    @Override
    public int size() {
      return message.getSerializedSize();
    }

    @Override
    public void request(ByteBuf out) {
      write(message, message.getSerializedSize(), out);
    }

    private static void write(Echo what, int size, ByteBuf out) {
      try {
        CodedOutputStream to =
            CodedOutputStream.newInstance(out.nioBuffer(out.writerIndex(), size));
        what.writeTo(to);
        to.flush();
        out.writerIndex(out.writerIndex() + size);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Echo parsed(ByteBuf in, int length) {
      try {
        return Echo.parseFrom(CodedInputStream.newInstance(in.nioBuffer(in.readerIndex(), length)));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void echo(ByteBuf in, int length, NettySubject.Frames to, int id) {
      Echo request = parsed(in, length);
      int size = request.getSerializedSize();
      write(request, size, to.begin(id, size));
    }

    @Override
    public void reply(ByteBuf in, int length) {
      if (parsed(in, length).getId() != message.getId()) {
        throw new IllegalStateException("not the echo");
      }
    }
  }
}
