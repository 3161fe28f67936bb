package erpc.tools;

import erpc.call.Metadata;
import erpc.call.Printable;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import picocli.CommandLine.Option;

/** What is sent beside a request. */
final class MetadataOption {
  @Option(
      names = {"-H", "--metadata"},
      paramLabel = "KEY=VALUE",
      description = "sent beside the request; of a key that ends in -bin the value is base64")
  private List<String> metadata = new ArrayList<>();

  /**
   * What was said.
   *
   * @throws IllegalArgumentException if a pair is none, or breaks the grammar of metadata
   */
  Metadata said() {
    Metadata all = Metadata.EMPTY;
    for (String each : metadata) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "-H, --metadata takes KEY=VALUE, not '" + Printable.of(each) + "'");
      }
      String key = each.substring(0, equals);
      String value = each.substring(equals + 1);
      all = key.endsWith("-bin") ? all.with(key, bytes(key, value)) : all.with(key, value);
    }
    return all;
  }

  private static byte[] bytes(String key, String value) {
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the value of metadata key '" + Printable.of(key) + "' is no base64", e);
    }
  }
}
