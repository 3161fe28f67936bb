package erpc.tools;

import picocli.CommandLine.Option;

/** {@code --help}, of every command. */
final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "shows this")
  private boolean asked;
}
