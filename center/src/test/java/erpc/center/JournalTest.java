package erpc.center;

import static erpc.center.EngineContract.put;
import static erpc.center.EngineContract.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import erpc.call.RpcException;
import erpc.center.Engine.Fence;
import erpc.center.Engine.Put;
import erpc.center.Engine.Remove;
import erpc.center.Engine.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir private Path folder;
  private Path file;
  private final BrokenDisk disk = new BrokenDisk();

  @BeforeEach
  void name() {
    file = folder.resolve("center.journal");
  }

  private MemoryEngine open() throws IOException {
    return MemoryEngine.open(file, Durability.DISK, disk);
  }

  private Snapshot reread() throws IOException {
    try (MemoryEngine engine = open()) {
      return engine.snapshot();
    }
  }

  /** Three batches; returns where each record ends. */
  private long[] threeBatches() throws IOException {
    try (MemoryEngine engine = open()) {
      long[] ends = new long[3];
      engine.propose(List.of(put("a", "1"), put("b", "2")), new Fence("f", 7));
      ends[0] = Files.size(file);
      engine.propose(List.of(put("c", "3"), new Remove("b")), null);
      ends[1] = Files.size(file);
      engine.propose(List.of(put("a", "4")), null);
      ends[2] = Files.size(file);
      return ends;
    }
  }

  @Test
  void continuesWhereItWas() throws IOException {
    threeBatches();
    try (MemoryEngine engine = open()) {
      assertThat(engine.readIndex()).isEqualTo(3);
      assertThat(text(engine.snapshot().data()))
          .containsEntry("a", "4")
          .containsEntry("c", "3")
          .containsKey("f")
          .hasSize(3);
      assertThatThrownBy(() -> engine.propose(List.of(), new Fence("f", 6)))
          .isInstanceOf(RpcException.class);
      assertThat(engine.propose(List.of(put("d", "5")), null)).isEqualTo(4);
    }
    assertThat(reread().revision()).isEqualTo(4);
  }

  @Test
  void lastRecordCutAtAnyByteIsDroppedAndTheRestKept() throws IOException {
    long[] ends = threeBatches();
    byte[] whole = Files.readAllBytes(file);
    for (int length = (int) ends[1]; length < ends[2]; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      Snapshot read = reread();
      assertThat(read.revision()).as("cut at %d", length).isEqualTo(2);
      assertThat(text(read.data())).containsEntry("a", "1").containsEntry("c", "3");
      assertThat(Files.size(file)).isEqualTo(ends[1]);
    }
  }

  @Test
  void goesOnWritingAfterATornEnd() throws IOException {
    long[] ends = threeBatches();
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) ends[2] - 1));
    try (MemoryEngine engine = open()) {
      assertThat(engine.propose(List.of(put("z", "9")), null)).isEqualTo(3);
    }
    assertThat(text(reread().data())).containsEntry("z", "9").containsEntry("a", "1");
  }

  @Test
  void fileCutWithinItsMagicStartsEmpty() throws IOException {
    threeBatches();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= 8; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(reread()).isEqualTo(new Snapshot(0, Map.of()));
    }
  }

  @Test
  void zeroesAtTheEndAreATornEnd() throws IOException {
    long[] ends = threeBatches();
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) ends[2] + 5000));
    assertThat(reread().revision()).isEqualTo(3);
    assertThat(Files.size(file)).isEqualTo(ends[2]);
  }

  @Test
  void everyFlippedBitBeforeTheLastRecordRefusesToStartAndNamesTheRecord() throws IOException {
    long[] ends = threeBatches();
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < ends[1]; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] bad = whole.clone();
        bad[at] ^= (byte) (1 << bit);
        Files.write(file, bad);
        String place = at < 8 ? "not a journal" : "offset " + (at < ends[0] ? 8 : ends[0]);
        assertThatThrownBy(this::open)
            .as("bit %d of byte %d", bit, at)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(file.toString())
            .hasMessageContaining(place);
        assertThat(Files.readAllBytes(file)).isEqualTo(bad);
      }
    }
  }

  @Test
  void everyFlippedBitOfTheLastRecordIsNoticed() throws IOException {
    long[] ends = threeBatches();
    byte[] whole = Files.readAllBytes(file);
    for (int at = (int) ends[1]; at < ends[2]; at++) {
      byte[] bad = whole.clone();
      bad[at] ^= 0x10;
      Files.write(file, bad);
      boolean head = at < ends[1] + 8;
      if (head) {
        assertThatThrownBy(this::open).hasMessageContaining("offset " + ends[1]);
      } else {
        assertThat(reread().revision()).isEqualTo(2);
      }
    }
  }

  @Test
  void recordTwiceInAFileRefusesToStart() throws IOException {
    long[] ends = threeBatches();
    byte[] whole = Files.readAllBytes(file);
    byte[] doubled = Arrays.copyOf(whole, (int) (2 * ends[2] - ends[1]));
    System.arraycopy(whole, (int) ends[1], doubled, (int) ends[2], (int) (ends[2] - ends[1]));
    Files.write(file, doubled);
    assertThatThrownBy(this::open).hasMessageContaining("revision 3 follows revision 3");
  }

  @Test
  void fullDiskRefusesTheWriteAndChangesNothing() throws IOException {
    long[] ends = threeBatches();
    try (MemoryEngine engine = open()) {
      for (int room = 0; room < 37; room++) {
        disk.room = room;
        assertThatThrownBy(() -> engine.propose(List.of(put("x", "1234")), null))
            .isInstanceOfSatisfying(RpcException.class, EngineContract::isUnavailable)
            .hasMessageContaining("No space left on device")
            .hasMessageContaining(file.toString());
        assertThat(engine.readIndex()).isEqualTo(3);
        assertThat(text(engine.snapshot().data())).doesNotContainKey("x");
        assertThat(Files.size(file)).isEqualTo(ends[2]);
      }
      disk.room = Long.MAX_VALUE;
      assertThat(engine.propose(List.of(put("x", "5")), null)).isEqualTo(4);
    }
    assertThat(text(reread().data())).containsEntry("x", "5");
  }

  @Test
  void failedFlushIsNotAcknowledgedAndTheNextWriteStartsAFreshFile() throws IOException {
    threeBatches();
    try (MemoryEngine engine = open()) {
      disk.failsToForce = true;
      assertThatThrownBy(() -> engine.propose(List.of(put("x", "1")), null))
          .hasMessageContaining("Input/output error");
      assertThatThrownBy(() -> engine.propose(List.of(put("x", "2")), null))
          .hasMessageContaining("cannot rewrite");
      assertThat(engine.readIndex()).isEqualTo(3);
      disk.failsToForce = false;
      assertThat(engine.propose(List.of(put("y", "3")), null)).isEqualTo(4);
    }
    assertThat(text(reread().data()))
        .containsEntry("y", "3")
        .containsEntry("a", "4")
        .doesNotContainKey("x");
  }

  @Test
  void whatCannotBeTakenBackIsWrittenAnew() throws IOException {
    threeBatches();
    try (MemoryEngine engine = open()) {
      disk.room = 10;
      disk.failsToTruncate = true;
      assertThatThrownBy(() -> engine.propose(List.of(put("x", "1")), null))
          .isInstanceOf(RpcException.class);
      disk.room = Long.MAX_VALUE;
      assertThat(engine.propose(List.of(put("y", "2")), null)).isEqualTo(4);
    }
    assertThat(text(reread().data())).containsEntry("y", "2").doesNotContainKey("x");
  }

  @Test
  void longJournalIsReplacedByASnapshot() throws IOException {
    try (MemoryEngine engine = MemoryEngine.open(file, Durability.SYSTEM)) {
      engine.propose(List.of(put("first", "kept")), null);
      for (int i = 0; i < 40; i++) {
        engine.propose(List.of(new Put("big", new byte[100_000])), null);
      }
    }
    assertThat(Files.size(file)).isLessThan(2 * Journal.MIN_COMPACTION_BYTES);
    Snapshot read = reread();
    assertThat(read.revision()).isEqualTo(41);
    assertThat(text(read.data())).containsEntry("first", "kept").hasSize(2);
  }

  @Test
  void compactionThatFailsLeavesTheJournalGoingOn() throws IOException {
    try (MemoryEngine engine = open()) {
      engine.propose(List.of(new Put("big", new byte[1_000_000])), null);
      engine.propose(List.of(new Put("big", new byte[100_000])), null);
      disk.room = 500_000;
      engine.propose(List.of(put("a", "1")), null);
      assertThat(engine.readIndex()).isEqualTo(3);
    } catch (RpcException e) {
      // The snapshot took the room that the batch needed: then it is refused, as by any full disk.
      assertThat(e).hasMessageContaining("No space left");
    }
    disk.room = Long.MAX_VALUE;
    assertThat(reread().revision()).isBetween(2L, 3L);
  }

  @Test
  void remainsOfACompactionThatWasKilledAreIgnored() throws IOException {
    threeBatches();
    Files.writeString(folder.resolve("center.journal.new"), "half a snapshot");
    assertThat(reread().revision()).isEqualTo(3);
  }

  @Test
  void journalInUseIsRefused() throws IOException {
    try (MemoryEngine engine = open()) {
      assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
      assertThat(engine.propose(List.of(put("a", "1")), null)).isEqualTo(1);
    }
    assertThatCode(this::reread).doesNotThrowAnyException();
  }

  @Test
  void otherFilesAreRefusedAndLeftAlone() throws IOException {
    Files.writeString(file, "my precious notes");
    assertThatThrownBy(this::open).hasMessageContaining("not a journal");
    assertThat(file).hasContent("my precious notes");
  }
}
