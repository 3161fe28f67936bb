package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineLimitTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE);
  private final LineLimit limit = new LineLimit(now::get);

  @Test
  void letsOneLineAMinuteThroughAndCountsTheOthers() {
    assertThat(limit.admit()).isZero();
    assertThat(limit.admit()).isEqualTo(-1);
    now.addAndGet(TimeUnit.MINUTES.toNanos(1) - 1);
    assertThat(limit.admit()).isEqualTo(-1);
    now.addAndGet(1);
    assertThat(limit.admit()).isEqualTo(2);
    assertThat(limit.admit()).isEqualTo(-1);
  }

  @Test
  void letsAFewLinesAMinuteThroughIfThatIsTheLimit() {
    LineLimit few = new LineLimit(now::get, 3);
    for (int minute = 0; minute < 2; minute++) {
      assertThat(few.admit()).isEqualTo(minute == 0 ? 0 : 2);
      assertThat(few.admit()).isZero();
      assertThat(few.admit()).isZero();
      assertThat(few.admit()).isEqualTo(-1);
      assertThat(few.admit()).isEqualTo(-1);
      now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    }
  }

  @Test
  void tellsOnceWhatNoLineHasTold() {
    assertThat(limit.overdue()).isZero();
    assertThat(limit.admit()).isZero();
    assertThat(limit.admit()).isEqualTo(-1);
    assertThat(limit.overdue()).isZero();
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertThat(limit.overdue()).isEqualTo(1);
    assertThat(limit.overdue()).isZero();
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertThat(limit.overdue()).isZero();
  }
}
