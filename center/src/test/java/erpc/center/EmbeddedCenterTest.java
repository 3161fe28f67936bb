package erpc.center;

import static org.assertj.core.api.Assertions.assertThatCode;

import erpc.Erpc;
import org.junit.jupiter.api.Test;

class EmbeddedCenterTest {
  @Test
  void isFoundWhateverTheThreadsClassLoader() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThatCode(() -> Erpc.listenCenter("127.0.0.1:0").close()).doesNotThrowAnyException();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
