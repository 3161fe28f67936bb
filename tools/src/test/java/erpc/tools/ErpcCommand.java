package erpc.tools;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** One run of the command line inside the test. */
record ErpcCommand(int code, String out, String err) {
  static ErpcCommand run(String... arguments) {
    return runWithInput("", arguments);
  }

  static ErpcCommand runWithInput(String input, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments);
    return new ErpcCommand(code, out.toString(), err.toString());
  }
}
