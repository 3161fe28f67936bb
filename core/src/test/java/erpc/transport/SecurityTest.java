package erpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.DialledConnection;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SecurityTest {
  private static final List<SocketAddress> HERE =
      List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));

  /** A connection that keeps what it is to show. */
  private static DialledConnection keeping(AtomicReference<String> shown, Runnable before) {
    return (DialledConnection)
        Proxy.newProxyInstance(
            SecurityTest.class.getClassLoader(),
            new Class<?>[] {DialledConnection.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "bearer" -> {
                  before.run();
                  shown.set((String) arguments[0]);
                }
                case "hashCode" -> {
                  return System.identityHashCode(proxy);
                }
                case "equals" -> {
                  return proxy == arguments[0];
                }
                default -> {}
              }
              return null;
            });
  }

  @Test
  void connectionKeepsTheNewestTokenThoughAnOlderOneIsJustBeingShown() {
    AtomicReference<String> token = new AtomicReference<>("first");
    Credentials credentials =
        Credentials.bearer(token::get).withRefreshInterval(Duration.ofHours(1));
    try (Security security = new Security(null, credentials)) {
      AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
      AtomicReference<String> shown = new AtomicReference<>("");
      security.prepare(
          keeping(shown, () -> meanwhile.getAndSet(() -> {}).run()), HERE, "127.0.0.1:1");
      AtomicReference<String> others = new AtomicReference<>("");
      meanwhile.set(() -> {
        token.set("third");
        security.prepare(keeping(new AtomicReference<>(""), () -> {}), HERE, "127.0.0.1:1");
      });
      token.set("second");
      security.prepare(keeping(others, () -> {}), HERE, "127.0.0.1:1");
      assertThat(shown).hasValue("third");
      assertThat(others).hasValue("third");
    }
  }
}
