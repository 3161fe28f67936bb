package erpc.server;

import java.util.List;

/**
 * Whom a server tells where it listens: normally the center. Methods must not wait for anybody but
 * {@link #withdraw}.
 */
public interface Announcement {
  /** Tells nobody. */
  Announcement NONE =
      new Announcement() {
        @Override
        public void listening(String address, List<String> methods) {}

        @Override
        public void methods(List<String> methods) {}

        @Override
        public boolean withdraw() {
          return false;
        }
      };

  /** The server listens on one more address and answers these methods. */
  void listening(String address, List<String> methods);

  /** The server answers these methods from now on. */
  void methods(List<String> methods);

  /**
   * The server is about to stop. Returns once callers have been told, or soon all the same if they
   * cannot be.
   *
   * @return true if there was anybody to tell
   */
  boolean withdraw();
}
