package erpc.protocol.own;

import io.netty.buffer.ByteBuf;

/** The frame that says what an end differs in from what the protocol takes for granted. */
final class SettingsFrame {
  private SettingsFrame() {}

  /** Is told of a setting. */
  interface Reader {
    void setting(int id, int value);
  }

  /** Reads all settings up to the end of the payload; a negative value says "no limit". */
  static void read(ByteBuf in, int end, Reader reader) {
    int bytes = end - in.readerIndex();
    if (bytes % Wire.SETTING_BYTES != 0) {
      throw new ProtocolViolation("SETTINGS of " + bytes + " bytes");
    }
    while (in.readerIndex() < end) {
      reader.setting(in.readUnsignedShort(), in.readInt());
    }
  }
}
