package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a name is, wherever one enters, and what text of metadata must not have. */
class NamesTest {
  private static final String LONGEST = "a".repeat(253) + ".b";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "...", ".", "..", ".a", "a.", "a..b", ".a.b", "a.b.", "a...b", "a", "", "a b.c", "ä.b",
        "a.b\n"
      })
  void namesOfMethodsAreWordsWithDotsBetween(String name) {
    assertThatThrownBy(() -> Names.checkMethod(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Target.parse(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Target.parse("ip://127.0.0.1:1/" + name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Target("ip", "127.0.0.1:1", name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Method.unary(name, byte[].class, byte[].class))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"...", ".", ".a", "a.", "a..b", "", "a b"})
  void namesOfServicesToo(String name) {
    assertThatThrownBy(() -> Names.checkService(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allOthersPass() {
    for (String name : new String[] {"a.b", "a.b.c", "-._", "0.1", "A-z_9.Z", LONGEST}) {
      assertThat(Names.checkMethod(name)).isEqualTo(name);
    }
    assertThat(Names.checkService("a")).isEqualTo("a");
    assertThat(Names.checkService("a.b")).isEqualTo("a.b");
    assertThatThrownBy(() -> Names.checkMethod(LONGEST + "c"))
        .hasMessageContaining("this one has 256");
  }

  @Test
  void controlCharactersAreTheSameInMetadataAndInWhatIsPrinted() {
    int refused = 0;
    for (int c = 0; c <= 0xffff; c++) {
      if (Character.isSurrogate((char) c)) {
        continue;
      }
      String text = "a" + (char) c;
      boolean printable = Printable.of(text).equals(text);
      boolean taken = true;
      try {
        Metadata unused = Metadata.of("k", text);
      } catch (IllegalArgumentException e) {
        taken = false;
        refused++;
        assertThat(e).hasMessageContaining(String.format("U+%04X at index 1", c));
      }
      assertThat(taken).as("U+%04X", c).isEqualTo(printable);
    }
    // C0, DEL and C1, U+2028 to U+202E, U+2066 to U+2069, U+FEFF.
    assertThat(refused).isEqualTo(32 + 33 + 7 + 4 + 1);
  }
}
