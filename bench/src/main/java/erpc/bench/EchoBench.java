package erpc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Runs the echo of each subject in turn, several rounds, and prints medians and the ratio to the
 * floor of the same round.
 *
 * <p>{@code EchoBench [--rounds N] [--seconds N] [--warm N] [--in-flight N] [--payload N]
 * [--profile cpu=FILE] subject…}
 */
final class EchoBench {
  private static final List<String> JVM =
      List.of(
          "-Xmx512m",
          "-Xms512m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+EnableDynamicAgentLoading",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private int rounds = 5;
  private int seconds = 5;
  private int warmSeconds = 8;
  private int inFlight = 256;
  private int payload = 32;
  private String profile = "";
  private final List<String> subjects = new ArrayList<>();

  /** What one round of one subject gave. */
  record Result(
      double callsPerSecond,
      double clientCpuMicros,
      double serverCpuMicros,
      double clientBytes,
      double serverBytes,
      double p50Micros,
      double p99Micros,
      double p999Micros) {}

  public static void main(String[] args) throws Exception {
    EchoBench bench = new EchoBench();
    bench.read(args);
    bench.run();
  }

  private void read(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--rounds" -> rounds = Integer.parseInt(args[++i]);
        case "--seconds" -> seconds = Integer.parseInt(args[++i]);
        case "--warm" -> warmSeconds = Integer.parseInt(args[++i]);
        case "--in-flight" -> inFlight = Integer.parseInt(args[++i]);
        case "--payload" -> payload = Integer.parseInt(args[++i]);
        case "--profile" -> profile = args[++i];
        default -> subjects.add(args[i]);
      }
    }
    if (subjects.isEmpty()) {
      subjects.addAll(List.of("netty", "erpc"));
    }
  }

  private void run() throws IOException {
    Map<String, List<Result>> results = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (String subject : subjects) {
        Result result = measure(subject);
        results.computeIfAbsent(subject, name -> new ArrayList<>()).add(result);
        System.err.printf(
            Locale.ROOT, "round %d %s: %,.0f calls/s%n", round + 1, subject, result.callsPerSecond);
      }
    }
    print(results);
  }

  private Result measure(String subject) throws IOException {
    Process server = start(EchoServer.class, subject, List.of("server"));
    try (BufferedReader fromServer = server.inputReader(StandardCharsets.UTF_8);
        Writer toServer = server.outputWriter(StandardCharsets.UTF_8)) {
      String port = fromServer.readLine();
      Process client =
          start(
              EchoClient.class,
              subject,
              List.of(
                  "client",
                  port,
                  Integer.toString(inFlight),
                  Integer.toString(payload),
                  Integer.toString(warmSeconds),
                  Integer.toString(seconds)));
      try (BufferedReader fromClient = client.inputReader(StandardCharsets.UTF_8);
          Writer toClient = client.outputWriter(StandardCharsets.UTF_8)) {
        expect("measuring", fromClient.readLine());
        Usage before = usage(fromServer, toServer);
        toClient.write("go\n");
        toClient.flush();
        String line = fromClient.readLine();
        Usage used = usage(fromServer, toServer).since(before);
        return result(line, used);
      } finally {
        client.destroyForcibly();
      }
    } finally {
      server.destroyForcibly();
    }
  }

  private static void expect(String wanted, String got) throws IOException {
    if (!wanted.equals(got)) {
      throw new IOException("the client's process said '" + got + "', not '" + wanted + "'");
    }
  }

  private static Usage usage(BufferedReader in, Writer out) throws IOException {
    out.write("usage\n");
    out.flush();
    return Usage.parse(in.readLine());
  }

  private Process start(Class<?> main, String subject, List<String> roleAndArguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(JVM);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), subject));
    command.addAll(roleAndArguments.subList(1, roleAndArguments.size()));
    if (!profile.isEmpty()) {
      command.add(profile.replace("%r", roleAndArguments.get(0)).replace("%s", subject));
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static Result result(String line, Usage server) {
    String[] fields = line.split(" ", -1);
    double calls = Double.parseDouble(fields[0]);
    double nanos = Double.parseDouble(fields[1]);
    return new Result(
        calls / nanos * 1e9,
        Double.parseDouble(fields[2]) / calls / 1e3,
        server.cpuNanos() / calls / 1e3,
        Double.parseDouble(fields[3]) / calls,
        server.allocatedBytes() / calls,
        Double.parseDouble(fields[4]) / 1e3,
        Double.parseDouble(fields[5]) / 1e3,
        Double.parseDouble(fields[6]) / 1e3);
  }

  private void print(Map<String, List<Result>> results) {
    System.out.printf(
        Locale.ROOT,
        "echo, one connection, %d in flight, %d B, asynchronous, inline; medians of %d rounds of %d s after %d s%n",
        inFlight,
        payload,
        rounds,
        seconds,
        warmSeconds);
    System.out.println(
        "subject    calls/s    ratio   CPU µs/call client+server   allocated B/call client, server   p50 µs   p99 µs  p99.9 µs");
    List<Result> floor = results.getOrDefault(subjects.get(0), List.of());
    results.forEach((subject, all) ->
        System.out.printf(
            Locale.ROOT,
            "%-8s %,10.0f   %5.1f %%   %5.2f + %5.2f = %5.2f            %8.0f, %8.0f            %8.0f %8.0f %9.0f%n",
            subject,
            median(all, Result::callsPerSecond),
            100 * median(ratios(all, floor)),
            median(all, Result::clientCpuMicros),
            median(all, Result::serverCpuMicros),
            median(all, each -> each.clientCpuMicros + each.serverCpuMicros),
            median(all, Result::clientBytes),
            median(all, Result::serverBytes),
            median(all, Result::p50Micros),
            median(all, Result::p99Micros),
            median(all, Result::p999Micros)));
  }

  private static List<Double> ratios(List<Result> all, List<Result> floor) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      ratios.add(all.get(i).callsPerSecond / floor.get(i).callsPerSecond);
    }
    return ratios;
  }

  private static double median(List<Result> all, ToDoubleFunction<Result> figure) {
    return median(all.stream().map(figure::applyAsDouble).toList());
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
