package erpc.center;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class JournaledEngineTest extends EngineContract {
  @TempDir private Path folder;

  @Override
  Engine open() throws IOException {
    return MemoryEngine.open(folder.resolve("center.journal"), Durability.DISK);
  }
}
