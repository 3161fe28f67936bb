package erpc.bench;

import erpc.bench.driver.Figures;
import erpc.bench.driver.Work;
import java.io.IOException;

/** Both ends of calls that are measured. They idle between runs. */
interface Ends extends AutoCloseable {
  /** Some work for some time. */
  Figures run(Work work, int seconds) throws IOException;

  @Override
  void close();
}
