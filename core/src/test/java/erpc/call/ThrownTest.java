package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ThrownTest {
  /** Everything that can be asked of it throws, itself. */
  private static final class Hostile extends RuntimeException {
    @Override
    public String getMessage() {
      throw this;
    }

    @Override
    public String toString() {
      throw this;
    }

    @Override
    public synchronized Throwable getCause() {
      throw this;
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      throw this;
    }
  }

  /** Its causes never end. */
  private static final class Endless extends RuntimeException {
    @Override
    public synchronized Throwable getCause() {
      return new Endless();
    }
  }

  @Test
  void describesWhatIsOrdinary() {
    assertThat(Thrown.describe(new IllegalStateException("disk\nfull")))
        .isEqualTo("IllegalStateException: disk\\u000afull");
    assertThat(Thrown.describe(new StackOverflowError())).isEqualTo("StackOverflowError");
  }

  @Test
  void describesAndLogsWhatThrowsItself() {
    assertThat(Thrown.describe(new Hostile())).contains("Hostile", "cannot be had");
    Throwable shown = Thrown.printable(new Hostile());
    assertThat(shown.toString()).contains("Hostile", "cannot be had");
    assertThat(shown.getStackTrace()).isEmpty();
    Thrown.warn(LoggerFactory.getLogger("test"), "a test", new Hostile());
    Thrown.error(LoggerFactory.getLogger("test"), "a test", new Hostile());
  }

  @Test
  void doesNotFollowCausesForEver() {
    Throwable shown = Thrown.printable(new Endless());
    assertThat(shown.getCause()).isNull();
    assertThat(shown.getStackTrace()).isNotEmpty();
    Exception first = new Exception("first");
    Exception second = new Exception("second", first);
    first.initCause(second);
    assertThat(Thrown.printable(second)).isNotSameAs(second);
    assertThat(Thrown.describe(second)).isEqualTo("Exception: second");
  }

  @Test
  void leavesWhatIsTameAsItIs() {
    Exception tame = new Exception("outer", new IllegalStateException("inner"));
    tame.addSuppressed(new Exception("suppressed"));
    assertThat(Thrown.printable(tame)).isSameAs(tame);
  }

  @Test
  void writesOneStackTraceAMinuteAndCountsTheOthers() {
    AtomicLong now = new AtomicLong();
    LineLimit lines = new LineLimit(now::get);
    List<String> written = new ArrayList<>();
    Logger log =
        (Logger)
            Proxy.newProxyInstance(
                Logger.class.getClassLoader(),
                new Class<?>[] {Logger.class},
                (self, method, arguments) -> {
                  written.add((String) arguments[0]);
                  return null;
                });
    for (int i = 0; i < 100; i++) {
      Thrown.warn(log, lines, "it threw", new Exception("a test"));
    }
    assertThat(written).containsExactly("it threw");
    now.set(TimeUnit.MINUTES.toNanos(1));
    Thrown.error(log, lines, "it threw", new Exception("a test"));
    assertThat(written)
        .containsExactly("it threw", "it threw (99 more times since the last such line)");
  }
}
