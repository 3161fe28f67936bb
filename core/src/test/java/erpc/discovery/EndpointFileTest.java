package erpc.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointFileTest {
  @Test
  void readsAddressesWeightsAndZones() {
    String text =
        """
        # the two of the first rack
        10.0.0.1:8877 weight=50 zone=rack-1

          10.0.0.2:8877\tzone=rack-1   # the new one
        [::1]:8877 weight=0
        unix:/run/demo.sock
        """;
    assertThat(EndpointFile.parse(text))
        .containsExactly(
            Endpoint.of("10.0.0.1:8877", 50, "rack-1"),
            Endpoint.of("10.0.0.2:8877", 100, "rack-1"),
            Endpoint.of("[::1]:8877", 0, ""),
            Endpoint.of("unix:/run/demo.sock"));
  }

  @Test
  void readsPartitions() {
    assertThat(EndpointFile.parse("a:1 partition=0/2 weight=7\nb:2\n"))
        .containsExactly(
            new Endpoint("a:1", 7, "", Set.of(), Map.of(Endpoint.PARTITION, "0/2")),
            Endpoint.of("b:2"));
  }

  @Test
  void readsLinesOfOtherSystems() {
    assertThat(EndpointFile.parse("a:1\r\nb:2 weight=1\r\n"))
        .containsExactly(Endpoint.of("a:1"), Endpoint.of("b:2", 1, ""));
    assertThat(EndpointFile.parse("a:1")).containsExactly(Endpoint.of("a:1"));
  }

  @Test
  void onlyCommentsMeanThatThereIsNobody() {
    assertThat(EndpointFile.parse("# nobody today\n\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "localhost | address 'localhost' has no port; an address is",
        "a:1 weight=-1 | weight '-1' is not a whole number from 0 to 1000000",
        "a:1 weight=1000001 | weight '1000001' is not",
        "a:1 weight=99999999999 | weight '99999999999' is not",
        "a:1 weight=1.5 | weight '1.5' is not",
        "a:1 weight= | weight '' is not",
        "a:1 weight | weight '' is not",
        "a:1 zone= | zone '' must be 1 to 64 characters of A-Z a-z 0-9 . _ -",
        "a:1 zone=a/b | zone 'a/b' must be",
        "a:1 wieght=5 | 'wieght=5' is none of weight=…, zone=… and partition=…, which may follow",
        "a:1 b:2 | 'b:2' is none",
        "a:1 partition=3/3 | partition '3/3' must be its number, from 0, and how many there are",
        "a:1 partition=0/1025 | partition '0/1025' must be",
        "a:1 partition=00/3 | partition '00/3' must be",
        "a:1 partition= | partition '' must be",
        "a:1 zone=a zone=b | zone is given twice",
        "B:2 | b:2 already stands in line 1",
      })
  void namesTheBrokenLine(String line, String what) {
    assertThatThrownBy(() -> EndpointFile.parse("b:2\n# fine\n" + line + "\nc:3\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("line 3: " + what);
  }

  @Test
  void readsAFileThatBeginsWithAMarkOfItsEncoding() {
    assertThat(EndpointFile.parse("\uFEFFa:1\r\nb:2"))
        .extracting(Endpoint::address)
        .containsExactly("a:1", "b:2");
  }
}
