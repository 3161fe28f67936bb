package erpc.tools;

import erpc.center.Center;
import erpc.center.CenterSettings;
import erpc.client.Client;
import erpc.discovery.DiscoverySettings;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code erpc center}. */
@Command(
    name = "center",
    description = "Runs the registry in the foreground, until Ctrl-C or SIGTERM.")
@SuppressWarnings("NullAway.Init") // picocli sets the spec
final class CenterCommand implements Callable<Integer> {
  private static final String OTHER_ADDRESS =
      "; --listen takes another one, and 'ss -ltnp' or 'lsof -i' show who listens there";

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description =
          "where to listen, :PORT for all addresses of this machine; else what the environment's"
              + " ERPC_CENTER says, else "
              + Client.DEFAULT_CENTER)
  private @Nullable String listen;

  @Option(
      names = "--journal",
      paramLabel = "FILE",
      description =
          "keep what is registered in this file, so that a restarted center knows it; else memory only")
  private @Nullable Path journal;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CallFailure, InterruptedException {
    try (Center center = Center.listen(address(), journal, CenterSettings.ofProcess())) {
      center.closeOnExit().awaitClosed();
      return Main.DONE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (FileSystemException e) {
      throw new CallFailure("cannot use the journal " + journal + ": " + e);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      throw new CallFailure(why.startsWith("cannot listen") ? why + OTHER_ADDRESS : why);
    }
  }

  private String address() {
    if (listen != null) {
      return listen;
    }
    String addresses = DiscoverySettings.ofProcess().center();
    if (addresses.contains(",")) {
      throw new IllegalArgumentException(
          "erpc.center names several addresses, "
              + addresses
              + "; write --listen with the one that is here");
    }
    return addresses.strip();
  }
}
