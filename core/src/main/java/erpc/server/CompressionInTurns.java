package erpc.server;

import erpc.call.Context;
import erpc.codec.Compression;
import erpc.codec.Room;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A compression that works at large messages in few threads at a time. A stranger's few bytes may
 * stand for as much as a message may have, there and back; half of the processors remain for calls
 * of others. Small messages wait for nothing.
 */
final class CompressionInTurns implements Compression {
  /** What is no longer uncompressed costs too little to wait for. */
  static final int LARGE_BYTES = 64 << 10;

  private static final CostlyTurns OF_PROCESS =
      new CostlyTurns(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  private final Compression compression;
  private final CostlyTurns turns;

  CompressionInTurns(Compression compression) {
    this(compression, OF_PROCESS);
  }

  CompressionInTurns(Compression compression, CostlyTurns turns) {
    this.compression = compression;
    this.turns = turns;
  }

  @Override
  public String name() {
    return compression.name();
  }

  @Override
  public int id() {
    return compression.id();
  }

  @Override
  public ByteBuffer compress(ByteBuffer source) {
    if (source.remaining() <= LARGE_BYTES) {
      return compression.compress(source);
    }
    turns.enter(owner(Context.current()));
    try {
      return compression.compress(source);
    } finally {
      turns.leave();
    }
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes) {
    return compression.decompress(source, limitBytes);
  }

  @Override
  public ByteBuffer decompress(ByteBuffer source, int limitBytes, Room room) {
    Taking taking = new Taking(room);
    try {
      return compression.decompress(source, limitBytes, taking);
    } finally {
      taking.end();
    }
  }

  /** Calls of one connection wait for each other, not for those of another one. */
  private Object owner(@Nullable Context call) {
    return call == null ? this : call.peer();
  }

  /** Takes a turn once much has come out. */
  private final class Taking implements Room {
    private final Room room;
    private long taken;
    private boolean hasTurn;

    Taking(Room room) {
      this.room = room;
    }

    @Override
    public boolean take(int bytes) {
      if (!hasTurn && taken + bytes > LARGE_BYTES) {
        Context call = Context.current();
        turns.enter(owner(call));
        hasTurn = true;
        if (call != null && call.isCancelled()) {
          return false; // Nobody waits for it any more.
        }
      }
      if (!room.take(bytes)) {
        return false;
      }
      taken += bytes;
      return true;
    }

    @Override
    public void giveBack(long bytes) {
      taken -= bytes;
      room.giveBack(bytes);
    }

    void end() {
      if (hasTurn) {
        turns.leave();
      }
    }
  }
}
