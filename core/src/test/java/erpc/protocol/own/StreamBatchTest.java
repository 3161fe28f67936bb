package erpc.protocol.own;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamBatchTest {
  private final TestStream stream = new TestStream();
  private final byte[] array = new byte[100];

  /** A batch that was taken, with messages of such lengths from an index of the array on. */
  private StreamBatch batch(int from, int... lengths) {
    int at = from;
    StreamBatch batch = null;
    for (int length : lengths) {
      StreamBatch.putFrame(array, at, 3, Frames.message(new byte[length]));
      int size = StreamBatch.frameBytes(length);
      if (batch == null) {
        batch = new StreamBatch(stream, array, at, size);
      } else {
        assertThat(batch.append(size)).isTrue();
      }
      at += size;
    }
    assertThat(batch).isNotNull();
    batch.write();
    assertThat(batch.append(9)).as("taken").isFalse();
    return batch;
  }

  @Test
  void splitsOffWhatThereIsCreditFor() {
    StreamBatch batch = batch(0, 4, 0, 10);
    assertThat(batch.split(4).isEmpty()).isTrue();
    StreamBatch two = batch.split(6);
    assertThat(two.frames()).isEqualTo(2);
    assertThat(two.dataBytes()).isEqualTo(6);
    assertThat(two.until()).isEqualTo(batch.from());
    assertThat(batch.frames()).isEqualTo(1);
    assertThat(batch.dataBytes()).isEqualTo(11);
    assertThat(batch.split(1_000).frames()).isEqualTo(1);
    assertThat(batch.isEmpty()).isTrue();
    assertThat(batch.aheadBytes()).isZero();
  }

  @Test
  void itsFirstMessageCanBeTakenOut() {
    StreamBatch batch = batch(0, 4, 2);
    int ahead = batch.aheadBytes();
    StreamMessage first = batch.removeFirst();
    assertThat(first.bytes).hasSize(4);
    assertThat(first.encoding).isEqualTo(5);
    assertThat(first.aheadBytes() + batch.aheadBytes()).isEqualTo(ahead);
    assertThat(batch.frames()).isEqualTo(1);
  }

  @Test
  void takesInTheOneBehindItOnly() {
    StreamBatch first = batch(0, 1);
    StreamBatch second = batch(10, 2);
    StreamBatch apart = batch(40, 3);
    assertThat(first.join(apart)).isFalse();
    assertThat(first.join(second)).isTrue();
    assertThat(first.frames()).isEqualTo(2);
    assertThat(first.until()).isEqualTo(21);
  }
}
