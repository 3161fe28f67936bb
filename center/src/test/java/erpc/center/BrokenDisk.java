package erpc.center;

import java.io.IOException;
import java.nio.file.Path;

/** Files of the machine, on a disk that a test fills or breaks. */
final class BrokenDisk implements Storage.Opener {
  /** Bytes that may still be written; what passes it is written up to there, as by a full disk. */
  long room = Long.MAX_VALUE;

  boolean failsToForce;
  boolean failsToTruncate;

  @Override
  public Storage open(Path file) throws IOException {
    return new OnBrokenDisk(Storage.files().open(file));
  }

  private final class OnBrokenDisk implements Storage {
    private final Storage file;

    OnBrokenDisk(Storage file) {
      this.file = file;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public byte[] read(long offset, int count) throws IOException {
      return file.read(offset, count);
    }

    @Override
    public void write(long offset, byte[] bytes) throws IOException {
      int fits = (int) Math.min(room, bytes.length);
      file.write(offset, java.util.Arrays.copyOf(bytes, fits));
      room -= fits;
      if (fits < bytes.length) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void force() throws IOException {
      if (failsToForce) {
        throw new IOException("Input/output error");
      }
      file.force();
    }

    @Override
    public void truncate(long size) throws IOException {
      if (failsToTruncate) {
        throw new IOException("Read-only file system");
      }
      file.truncate(size);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
