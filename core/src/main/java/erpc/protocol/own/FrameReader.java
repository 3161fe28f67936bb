package erpc.protocol.own;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Finds the frames in what comes on a connection, in place, and takes each to whoever it is for.
 * Its event loop's, but for {@link #isHandshaken}.
 */
final class FrameReader<S extends Stream> {
  private final Connection<S> connection;
  private final Unread unread = new Unread();
  private final Preface preface = new Preface();

  FrameReader(Connection<S> connection) {
    this.connection = connection;
  }

  /** Whether the other side's preface has come. Any thread. */
  boolean isHandshaken() {
    return preface.isComplete();
  }

  /** Memory that a frame holds which has begun. */
  int heldBytes() {
    return unread.bytes();
  }

  /** The connection is closed. */
  void stop() {
    unread.clear();
  }

  /**
   * Reads all whole frames: what was begun before, with its end, then the rest.
   *
   * @throws ProtocolViolation if the peer breaks a rule
   */
  void read(ByteBuf in) {
    if (!unread.isEmpty()) {
      ByteBuf whole = unread.completed(in, preface);
      if (whole == null) {
        return;
      }
      parse(whole);
      unread.clear();
    }
    if (connection.whyClosed() == null) {
      parse(in);
    }
  }

  /** Keeps what is left, the beginning of a frame; the buffer is this one's from now on. */
  void keep(ByteBufAllocator memory, ByteBuf in) {
    boolean anew = unread.isEmpty();
    unread.keep(memory, in, preface);
    connection.unfinished.frame(!unread.isEmpty(), anew);
  }

  private void parse(ByteBuf in) {
    if (!preface.isComplete()) {
      int version = preface.read(in);
      if (version != Wire.VERSION) {
        if (version >= 0) {
          connection.wrongVersion(version);
        }
        return;
      }
    }
    while (in.readableBytes() >= Wire.HEADER_BYTES && connection.whyClosed() == null) {
      int start = in.readerIndex();
      long header = in.getLong(start);
      int word = (int) (header >>> Integer.SIZE);
      int length = Payload.length(word);
      if (in.readableBytes() < Wire.HEADER_BYTES + length) {
        return;
      }
      int end = start + Wire.HEADER_BYTES + length;
      in.readerIndex(start + Wire.HEADER_BYTES);
      dispatch(word & 0xff, (int) header, in, end);
      in.readerIndex(end);
      connection.writer().flushIfMany();
    }
  }

  private void dispatch(int kind, int stream, ByteBuf in, int end) {
    if ((kind & Wire.TICK) != 0) {
      Payload.need(in, end, Wire.TICK_BYTES, "tick");
      connection.tick(in.readInt());
    }
    int type = kind & Wire.TYPE_MASK;
    switch (type) {
      case Wire.REQUEST, Wire.RESPONSE, Wire.DATA, Wire.RESET -> {
        if (stream == 0) {
          throw new ProtocolViolation("frame of type " + type + " without a stream");
        }
        if (type == Wire.DATA && in.readerIndex() == end && (kind & Wire.END) == 0) {
          count(FloodGuard.Kind.EMPTY_FRAMES);
        }
        connection.frame(kind, stream, in, end);
      }
      case Wire.CREDIT -> credit(stream, in, end);
      case Wire.PING, Wire.AUTH, Wire.GOAWAY, Wire.SETTINGS -> {
        if (stream != 0) {
          throw new ProtocolViolation("frame of type " + type + " on a stream");
        }
        connectionFrame(kind, in, end);
      }
      default -> count(FloodGuard.Kind.UNKNOWN_FRAMES); // An extension this side doesn't know.
    }
  }

  private void count(FloodGuard.Kind kind) {
    connection.floods.count(kind, connection.batch.nowNanos());
  }

  private void connectionFrame(int kind, ByteBuf in, int end) {
    switch (kind & Wire.TYPE_MASK) {
      case Wire.PING -> {
        count(FloodGuard.Kind.PINGS);
        ping(kind, in, end);
      }
      case Wire.SETTINGS -> {
        count(FloodGuard.Kind.SETTINGS);
        peerSettings(in, end);
      }
      case Wire.AUTH -> {
        count(FloodGuard.Kind.CREDENTIALS);
        connection.frame(kind, 0, in, end);
      }
      default -> connection.frame(kind, 0, in, end);
    }
  }

  private void ping(int kind, ByteBuf in, int end) {
    Payload.need(in, end, Wire.PING_BYTES, "PING");
    long content = in.readLong();
    if ((kind & Wire.ACK) == 0) {
      FrameWriter writer = connection.writer();
      ByteBuf out = writer.begin(Wire.PING | Wire.ACK, 0, Wire.PING_BYTES);
      writer.end(out.writeLong(content));
    } else {
      connection.pinged(content);
    }
  }

  private void peerSettings(ByteBuf in, int end) {
    SettingsFrame.read(
        in,
        end,
        (id, value) -> {
          if (id == Wire.SETTING_STREAM_WINDOW) {
            // Only ever raised.
            connection.outflow.raiseStreamWindow(value < 0 ? Integer.MAX_VALUE : value);
          } else {
            connection.peerSetting(id, value);
          }
        });
  }

  private void credit(int id, ByteBuf in, int end) {
    connection.floods.credit(connection.batch.nowNanos());
    Payload.need(in, end, Integer.BYTES, "CREDIT");
    int amount = in.readInt();
    if (amount <= 0) {
      throw new ProtocolViolation("CREDIT of " + Integer.toUnsignedString(amount));
    }
    if (id == 0) {
      connection.outflow.addCredit(amount);
      return;
    }
    S stream = connection.streams.get(id);
    if (stream == null) {
      connection.unknownStream(id);
    } else {
      connection.outflow.addCredit(stream, amount);
    }
  }
}
