package erpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SpareArraysTest {
  private static final int LARGE = 100_000;

  /** On a thread that has taken nothing yet. */
  private static <T> T onNewThread(Supplier<T> task) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> done.complete(task.get()));
    return done.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatWasGivenBackIsTakenAgainIfItFits() throws Exception {
    List<byte[]> taken =
        onNewThread(() -> {
          byte[] first = SpareArrays.take(LARGE);
          SpareArrays.giveBack(first);
          return List.of(
              first,
              SpareArrays.take(LARGE / 2 - 1), // Far too long for that.
              SpareArrays.take(LARGE + 1), // Too short.
              SpareArrays.take(LARGE - 1),
              SpareArrays.take(LARGE - 1));
        });
    assertThat(taken.get(1)).hasSize(LARGE / 2 - 1);
    assertThat(taken.get(2)).hasSize(LARGE + 1);
    assertThat(taken.get(3)).isSameAs(taken.get(0));
    assertThat(taken.get(4)).isNotSameAs(taken.get(0)).hasSize(LARGE - 1);
  }

  @Test
  void aSpareOneIsNeverMadeAnew() throws Exception {
    assertThat(onNewThread(() -> SpareArrays.takeSpare(LARGE) == null)).isTrue();
    assertThat(
            onNewThread(() -> {
              byte[] first = SpareArrays.take(LARGE);
              boolean none = SpareArrays.takeSpare(LARGE) == null;
              SpareArrays.giveBack(first);
              boolean again = SpareArrays.takeSpare(LARGE) == first;
              return none && again && SpareArrays.takeSpare(LARGE) == null;
            }))
        .isTrue();
  }

  @Test
  void shortArraysAreMadeAnew() throws Exception {
    assertThat(
            onNewThread(() -> {
              byte[] first = SpareArrays.take(SpareArrays.LEAST_BYTES - 1);
              SpareArrays.giveBack(first);
              return SpareArrays.take(first.length) == first;
            }))
        .isFalse();
  }

  @Test
  void aThreadThatTakesNoneKeepsNone() throws Exception {
    byte[] foreign = new byte[LARGE];
    assertThat(
            onNewThread(() -> {
              SpareArrays.giveBack(foreign);
              return SpareArrays.take(LARGE) == foreign;
            }))
        .isFalse();
  }

  @Test
  void noMoreIsKeptThanAThreadMay() throws Exception {
    int mebibyte = 1 << 20;
    long kept =
        onNewThread(() -> {
          List<byte[]> all = new ArrayList<>();
          for (int i = 0; i < 40; i++) {
            all.add(SpareArrays.take(mebibyte));
          }
          all.forEach(SpareArrays::giveBack);
          long again = 0;
          for (int i = 0; i < 40; i++) {
            byte[] next = SpareArrays.take(mebibyte);
            again += all.stream().anyMatch(each -> each == next) ? 1 : 0;
          }
          return again;
        });
    assertThat(kept).isBetween(1L, 16L);
  }
}
