package erpc.tools;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 500ms}, {@code 1.5s}, {@code 2m}. */
final class Timeout implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(\\.[0-9]{1,3})?(ms|s|m)");

  @Override
  public Duration convert(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new TypeConversionException("'" + text + "' is no time; write 500ms, 1.5s or 2m");
    }
    double number =
        Double.parseDouble(form.group(1) + (form.group(2) == null ? "" : form.group(2)));
    double millis =
        switch (form.group(3)) {
          case "ms" -> number;
          case "s" -> number * 1_000;
          default -> number * 60_000;
        };
    return Duration.ofMillis(Math.round(millis));
  }
}
