package erpc.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** What has arrived of a frame that is not whole yet. */
final class Unread {
  private Unread() {}

  /** What was kept and what came now, in one buffer; both belong to it from now on. */
  static ByteBuf joined(ByteBufAllocator memory, ByteBuf before, ByteBuf in) {
    if (before.writableBytes() >= in.readableBytes() && before.refCnt() == 1) {
      before.writeBytes(in);
      in.release();
      return before;
    }
    // Twice the room: a frame that comes byte by byte must not be copied with each of them.
    ByteBuf all = memory.ioBuffer(2 * (before.readableBytes() + in.readableBytes()));
    all.writeBytes(before).writeBytes(in);
    before.release();
    in.release();
    return all;
  }

  /** What is left of the buffer, which belongs to this from now on. */
  static ByteBuf kept(ByteBufAllocator memory, ByteBuf all) {
    if (!all.isReadable()) {
      all.release();
      return Unpooled.EMPTY_BUFFER;
    }
    if (all.readableBytes() * 4 >= all.capacity()) {
      return all;
    }
    // A few bytes must not pin a read buffer that is many times their size.
    ByteBuf few = memory.ioBuffer(all.readableBytes()).writeBytes(all);
    all.release();
    return few;
  }
}
