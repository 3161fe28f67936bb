package erpc.tools;

import erpc.call.RpcException;
import erpc.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

/** The {@code erpc} command line. */
@Command(
    name = "./erpc",
    description =
        "Runs a center, makes calls and says where they go, shows what can be called, generates"
            + " code.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:it failed; one line on stderr says why", "2:wrong usage"})
public final class Main {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    if (!List.of(arguments).contains("center")) {
      // Who makes one call wants its answer, and of the log only what is wrong.
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    }
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(System.in, Main::isTerminal, out, err, arguments));
  }

  /**
   * Whether stdin is a terminal; the JDK knows only whether stdin and stdout both are. Where there
   * is no shell to ask, it is taken for one: then nobody waits for what never comes.
   */
  private static boolean isTerminal() {
    try {
      return new ProcessBuilder("/bin/sh", "-c", "test -t 0")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Runs one command whose input no person types; returns its exit code. */
  static int run(InputStream in, PrintWriter out, PrintWriter err, String... arguments) {
    return run(in, () -> false, out, err, arguments);
  }

  /** Runs one command; returns its exit code. */
  static int run(
      InputStream in,
      BooleanSupplier terminal,
      PrintWriter out,
      PrintWriter err,
      String... arguments) {
    CommandLine all =
        new CommandLine(new Main())
            .addSubcommand(new CenterCommand())
            .addSubcommand(new CallCommand(in, terminal))
            .addSubcommand(new ListCommand())
            .addSubcommand(new ExplainCommand())
            .addSubcommand(new DescribeCommand())
            .addSubcommand(new GenCommand());
    helped(all);
    all.getSubcommands().values().forEach(Main::helped);
    return all.setExpandAtFiles(false) // @FILE is a body, not a file of arguments.
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(out)
        .setErr(err)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Main::misused)
        .setExecutionExceptionHandler(Main::failed)
        .execute(arguments);
  }

  private static void helped(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help").usageHelp(true).description("shows this").build());
  }

  private static int misused(CommandLine.ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("erpc: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command
        .getErr()
        .println(command.getCommandSpec().qualifiedName() + " --help shows what can be said.");
    return USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    switch (e) {
      case CallFailure failure -> command.getErr().println("erpc: " + failure.getMessage());
      case RpcException failure -> command.getErr().println("erpc: " + failure.status());
      case SettingsException failure -> {
        String.valueOf(failure.getMessage())
            .lines()
            .forEach(line -> command.getErr().println("erpc: " + line));
        return USAGE;
      }
      case IOException failure ->
          command.getErr().println("erpc: cannot read the request from stdin: " + failure);
      default -> throw e; // A fault of ours, which its stack trace helps to find.
    }
    return FAILED;
  }
}
