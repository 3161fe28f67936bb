package erpc;

import java.io.IOException;

/**
 * How the façade finds a center to embed: the artifact {@code erpc-center} provides one to {@link
 * java.util.ServiceLoader}.
 */
public interface CenterProvider {
  /**
   * Starts a center that keeps its state in memory.
   *
   * @param address where it listens, {@code 127.0.0.1:8081}
   * @return what stops it
   * @throws IOException if it cannot listen there
   */
  AutoCloseable listen(String address) throws IOException;
}
