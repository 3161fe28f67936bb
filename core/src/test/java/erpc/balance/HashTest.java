package erpc.balance;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.Tries;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HashTest {
  /** Clients of other versions and languages count on these. */
  @Test
  void neverChanges() {
    assertThat(Hash.of("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(Hash.of("a")).isEqualTo(0x82a2a958a9bece5bL);
    assertThat(Hash.of("user-1")).isEqualTo(0x41a2fca5c68401c5L);
    assertThat(Hash.of("10.0.0.1:8080")).isEqualTo(0xe8c721156ed52b14L);
    assertThat(Hash.of("é€\ud83d\ude00")).isEqualTo(0x371d2405766b6833L);
    assertThat(Hash.point(Hash.of("10.0.0.1:8080"), 1)).isEqualTo(0x055caef48f950103L);
    assertThat(Hash.jump(Hash.of("user-1"), 1)).isEqualTo(0x8dc633d31609bf9fL);
  }

  @Test
  void isOfTheBytesOfUtf8() {
    Tries.of(
        1_000,
        chance -> {
          StringBuilder text = new StringBuilder();
          for (int i = chance.nextInt(12); i > 0; i--) {
            switch (chance.nextInt(4)) {
              case 0 -> text.append((char) chance.nextInt(0x80));
              case 1 -> text.append((char) chance.nextInt(0x800));
              case 2 -> text.append((char) chance.nextInt(0x10000)); // also half a pair
              default -> text.appendCodePoint(0x10000 + chance.nextInt(0x100000));
            }
          }
          byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
          StringBuilder asText = new StringBuilder();
          long plain = 0xcbf29ce484222325L;
          for (byte each : bytes) {
            plain = (plain ^ (each & 0xff)) * 0x100000001b3L;
            asText.append(each);
          }
          long half = (plain ^ plain >>> 33) * 0xff51afd7ed558ccdL;
          half = (half ^ half >>> 33) * 0xc4ceb9fe1a85ec53L;
          assertThat(Hash.of(text.toString())).as(asText.toString()).isEqualTo(half ^ half >>> 33);
        });
  }

  /** Of keys that differ in their last digits, as keys do. */
  @Test
  void spreadsNumberedKeysEvenly() {
    for (int shift : new int[] {56, 40, 0}) {
      int[] counts = new int[256];
      for (int i = 0; i < 100_000; i++) {
        counts[(int) (Hash.of("user-" + i) >>> shift & 0xff)]++;
      }
      assertThat(ChiSquare.p(counts, equal(256))).as("from bit %d", shift).isGreaterThan(0.001);
    }
  }

  @Test
  void eachBitOfAKeyTurnsHalfOfTheHash() {
    int turned = 0;
    for (int i = 0; i < 1_000; i++) {
      String key = "key" + i;
      String other = key.substring(0, key.length() - 1) + (char) (key.charAt(key.length() - 1) ^ 1);
      turned += Long.bitCount(Hash.of(key) ^ Hash.of(other));
    }
    // Binomial, 64,000 bits: five standard deviations.
    assertThat(turned).isBetween(32_000 - 633, 32_000 + 633);
  }

  @Test
  void jumpsAndPointsAreSpreadEvenlyToo() {
    int[] jumps = new int[256];
    int[] points = new int[256];
    for (int i = 0; i < 100_000; i++) {
      jumps[(int) (Hash.jump(Hash.of("user-" + i % 1_000), i / 1_000) >>> 56)]++;
      points[(int) (Hash.point(Hash.of("10.0.0." + i % 250 + ":80"), i / 250) >>> 56)]++;
    }
    assertThat(ChiSquare.p(jumps, equal(256))).isGreaterThan(0.001);
    assertThat(ChiSquare.p(points, equal(256))).isGreaterThan(0.001);
  }

  private static double[] equal(int size) {
    double[] shares = new double[size];
    java.util.Arrays.fill(shares, 1);
    return shares;
  }
}
