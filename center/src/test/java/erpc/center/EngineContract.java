package erpc.center;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.call.Status;
import erpc.center.Engine.Batch;
import erpc.center.Engine.Change;
import erpc.center.Engine.Changes;
import erpc.center.Engine.Compacted;
import erpc.center.Engine.Event;
import erpc.center.Engine.Feed;
import erpc.center.Engine.Fence;
import erpc.center.Engine.Progress;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every engine keeps; each adapter's test extends it. */
@Timeout(60)
abstract class EngineContract {
  private static final Duration SOON = Duration.ofSeconds(20);

  private Engine engine;

  /** A new engine without data. */
  abstract Engine open() throws IOException;

  @BeforeEach
  void openEngine() throws IOException {
    engine = open();
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  static Put put(String key, String value) {
    return new Put(key, value.getBytes(StandardCharsets.UTF_8));
  }

  static Map<String, String> text(Map<String, byte[]> data) {
    Map<String, String> text = new HashMap<>();
    data.forEach((key, value) -> text.put(key, new String(value, StandardCharsets.UTF_8)));
    return text;
  }

  @Test
  void countsRevisionsByOne() {
    long first = engine.propose(List.of(put("a", "1")), null);
    assertThat(engine.propose(List.of(put("b", "2")), null)).isEqualTo(first + 1);
    assertThat(engine.propose(List.of(new Remove("nobody")), null)).isEqualTo(first + 2);
    assertThat(engine.readIndex()).isEqualTo(first + 2);
  }

  @Test
  void snapshotHasWhatWasProposed() {
    engine.propose(List.of(put("a", "1"), put("b", "2")), null);
    long revision = engine.propose(List.of(put("a", "3"), new Remove("b"), put("c", "")), null);
    Snapshot snapshot = engine.snapshot();
    assertThat(snapshot.revision()).isEqualTo(revision);
    assertThat(text(snapshot.data())).isEqualTo(Map.of("a", "3", "c", ""));
  }

  @Test
  void snapshotStaysAsItWas() {
    engine.propose(List.of(put("a", "1")), null);
    Snapshot before = engine.snapshot();
    engine.propose(List.of(new Remove("a")), null);
    assertThat(text(before.data())).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void changesOfOneBatchApplyInOrder() {
    engine.propose(List.of(put("a", "1"), new Remove("a"), put("a", "2")), null);
    assertThat(text(engine.snapshot().data())).isEqualTo(Map.of("a", "2"));
  }

  @Test
  void watchGivesEachBatchOnceAndInOrder() throws Exception {
    long start = engine.readIndex();
    try (Feed feed = engine.watch(start)) {
      engine.propose(List.of(put("a", "1"), put("b", "1")), null);
      engine.propose(List.of(put("a", "2")), null);
      Batch first = batch(feed);
      assertThat(first.revision()).isEqualTo(start + 1);
      assertThat(first.changes()).extracting(Change::key).containsExactly("a", "b");
      assertThat(batch(feed).revision()).isEqualTo(start + 2);
      assertThat(feed.next(Duration.ZERO)).isEqualTo(new Progress(start + 2));
    }
  }

  @Test
  void watchResumesFromAnyKeptRevision() throws Exception {
    long first = engine.propose(List.of(put("a", "1")), null);
    engine.propose(List.of(put("a", "2")), null);
    try (Feed feed = engine.watch(first)) {
      assertThat(batch(feed).revision()).isEqualTo(first + 1);
    }
  }

  @Test
  void watchFromTheFutureIsToldToStartOver() throws Exception {
    try (Feed feed = engine.watch(engine.readIndex() + 10)) {
      assertThat(feed.next(Duration.ZERO)).isInstanceOf(Compacted.class);
    }
  }

  @Test
  void waitingWatchSeesWhatComes() throws Exception {
    try (Feed feed = engine.watch(engine.readIndex());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Event> next = threads.submit(() -> feed.next(SOON));
      long revision = engine.propose(List.of(put("a", "1")), null);
      assertThat(next.get())
          .isInstanceOfSatisfying(
              Changes.class, it -> assertThat(it.batch().revision()).isEqualTo(revision));
    }
  }

  @Test
  void closingAFeedWakesItsReader() throws Exception {
    Feed feed = engine.watch(engine.readIndex());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Event> next = threads.submit(() -> feed.next(SOON));
      feed.close();
      assertThatThrownBy(next::get)
          .cause()
          .isInstanceOfSatisfying(RpcException.class, EngineContract::isUnavailable);
    }
  }

  @Test
  void closingTheEngineEndsFeedsAndRefusesTheRest() throws Exception {
    Feed feed = engine.watch(engine.readIndex());
    engine.close();
    assertThatThrownBy(() -> feed.next(SOON))
        .isInstanceOfSatisfying(RpcException.class, EngineContract::isUnavailable);
    assertThatThrownBy(() -> engine.propose(List.of(put("a", "1")), null))
        .isInstanceOfSatisfying(RpcException.class, EngineContract::isUnavailable);
    assertThatThrownBy(engine::snapshot)
        .isInstanceOfSatisfying(RpcException.class, EngineContract::isUnavailable);
  }

  @Test
  void fenceRefusesAnOlderEpochAndChangesNothing() {
    long revision = engine.propose(List.of(put("a", "new")), new Fence("f", 5));
    assertThatThrownBy(() -> engine.propose(List.of(put("a", "old")), new Fence("f", 4)))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION));
    assertThat(engine.readIndex()).isEqualTo(revision);
    assertThat(text(engine.snapshot().data())).containsEntry("a", "new");
  }

  @Test
  void fenceLetsTheSameAndANewerEpochPass() {
    engine.propose(List.of(put("a", "1")), new Fence("f", 5));
    engine.propose(List.of(put("a", "2")), new Fence("f", 5));
    engine.propose(List.of(), new Fence("f", 9));
    assertThat(text(engine.snapshot().data())).containsEntry("a", "2");
    assertThatThrownBy(() -> engine.propose(List.of(), new Fence("f", 8)))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void removingAFenceEndsIt() {
    engine.propose(List.of(), new Fence("f", 5));
    engine.propose(List.of(new Remove("f")), null);
    engine.propose(List.of(put("a", "1")), new Fence("f", 1));
    assertThat(text(engine.snapshot().data())).containsEntry("a", "1");
  }

  @Test
  void refusesWhatPassesALimitAndChangesNothing() {
    long revision = engine.readIndex();
    List<List<Change>> wrong =
        List.of(
            List.of(),
            List.of(put("", "no key")),
            List.of(put("k".repeat(Engine.MAX_KEY_BYTES + 1), "")),
            List.of(new Put("k", new byte[Engine.MAX_VALUE_BYTES + 1])),
            Collections.nCopies(Engine.MAX_BATCH_CHANGES + 1, put("a", "1")),
            Collections.nCopies(9, new Put("k", new byte[Engine.MAX_VALUE_BYTES])));
    for (List<Change> changes : wrong) {
      assertThatThrownBy(() -> engine.propose(changes, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(engine.readIndex()).isEqualTo(revision);
  }

  @Test
  void everyFollowerOfManyWritersSeesTheSameOrderWithoutGaps() throws Exception {
    int writers = 4;
    int each = 200;
    long start = engine.readIndex();
    CountDownLatch go = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Batch>>> followers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        followers.add(threads.submit(() -> follow(start, writers * each)));
      }
      for (int w = 0; w < writers; w++) {
        String key = "w" + w;
        threads.submit(() -> {
          go.await();
          for (int i = 0; i < each; i++) {
            engine.propose(List.of(put(key, "" + i)), null);
          }
          return null;
        });
      }
      go.countDown();
      List<Batch> first = followers.get(0).get();
      assertThat(first)
          .extracting(Batch::revision)
          .isSorted()
          .doesNotHaveDuplicates()
          .hasSize(writers * each);
      for (Future<List<Batch>> other : followers) {
        assertThat(keys(other.get())).isEqualTo(keys(first));
      }
    }
  }

  private List<Batch> follow(long from, int count) throws InterruptedException {
    List<Batch> seen = new ArrayList<>();
    try (Feed feed = engine.watch(from)) {
      while (seen.size() < count) {
        seen.add(batch(feed));
      }
    }
    return seen;
  }

  private static List<String> keys(List<Batch> batches) {
    return batches.stream().map(batch -> batch.revision() + batch.changes().get(0).key()).toList();
  }

  @Test
  void revisionsBelongToANamedHistory() {
    assertThat(engine.history()).isNotEmpty();
    assertThat(engine.members()).isNotNull();
  }

  static Batch batch(Feed feed) throws InterruptedException {
    Event event = feed.next(SOON);
    assertThat(event).isInstanceOf(Changes.class);
    return ((Changes) event).batch();
  }

  static void isUnavailable(RpcException e) {
    assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
