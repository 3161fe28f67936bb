package erpc.center;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * One open file, as far as the journal needs it; tests put a full or a broken disk in its place.
 * Not thread-safe.
 */
interface Storage extends AutoCloseable {
  /** Opens a file for reading and writing, creating it if it is absent. */
  @FunctionalInterface
  interface Opener {
    Storage open(Path file) throws IOException;
  }

  /** Files of the machine. */
  static Opener files() {
    return file -> new FileStorage(new RandomAccessFile(file.toFile(), "rw"));
  }

  long size() throws IOException;

  /** Reads exactly this many bytes. */
  byte[] read(long offset, int count) throws IOException;

  void write(long offset, byte[] bytes) throws IOException;

  /** Returns once the disk has everything. */
  void force() throws IOException;

  void truncate(long size) throws IOException;

  @Override
  void close() throws IOException;

  /**
   * A file of the machine. It is no {@link java.nio.channels.FileChannel} because that one closes
   * itself when the thread that writes is interrupted.
   */
  record FileStorage(RandomAccessFile file) implements Storage {
    @Override
    public long size() throws IOException {
      return file.length();
    }

    @Override
    public byte[] read(long offset, int count) throws IOException {
      byte[] bytes = new byte[count];
      file.seek(offset);
      file.readFully(bytes);
      return bytes;
    }

    @Override
    public void write(long offset, byte[] bytes) throws IOException {
      file.seek(offset);
      file.write(bytes);
    }

    @Override
    public void force() throws IOException {
      file.getFD().sync();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.setLength(size);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
