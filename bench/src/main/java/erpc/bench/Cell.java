package erpc.bench;

import erpc.bench.driver.Setup;
import erpc.bench.driver.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that is measured, of several subjects in turn.
 *
 * @param name as it is asked for
 * @param title what it is, in words
 * @param subjects whom it is measured of; the first is the floor, to which the others are compared
 */
record Cell(String name, String title, Setup setup, Work work, List<String> subjects) {
  private static final List<String> ALL =
      List.of("netty", "netty-pb", "erpc", "rsocket", "grpc", "bolt", "dubbo");
  private static final List<String> BLOCKING =
      List.of("netty", "erpc", "rsocket", "grpc", "bolt", "dubbo");
  private static final List<String> FEW = List.of("netty", "erpc", "rsocket", "grpc");
  private static final List<String> LARGE = List.of("netty-pb", "erpc", "rsocket", "grpc", "netty");
  private static final List<String> OURS = List.of("netty", "erpc");

  /** Its rate is half the best peer's peak, which the cell {@link #ASYNC} gives. */
  static final String OPEN_LOOP = "open-loop";

  static final String ASYNC = "async-32";
  static final String ASYNC_OF_THREE = "async-32-of-3";
  static final String VIRTUAL = "virtual-256";
  static final String PLATFORM = "platform-256";
  static final String STREAM = "stream-32";

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  /** The cells of the standard run. */
  static List<Cell> standard() {
    Setup usual = Setup.USUAL;
    Setup defaults = usual.withDefaults();
    return List.of(
        new Cell(ASYNC, "256 in flight, 32 B, all inline", usual, Work.async(256), ALL),
        new Cell(
            "callbacks-32",
            "256 in flight, 32 B, callbacks where they are by default",
            usual.withDefaultCallbacks(),
            Work.async(256),
            OURS),
        new Cell(VIRTUAL, "256 virtual callers, 32 B", defaults, Work.virtual(256), BLOCKING),
        new Cell(PLATFORM, "256 platform callers, 32 B", defaults, Work.platform(256), BLOCKING),
        new Cell("one-inline", "1 caller, 32 B, inline handler", usual, Work.platform(1), FEW),
        new Cell("one-virtual", "1 virtual caller, 32 B", defaults, Work.virtual(1), FEW),
        new Cell(
            "async-64k", "8 in flight, 64 KiB", usual.withPayload(64 * KIB), Work.async(8), LARGE),
        new Cell("async-1m", "8 in flight, 1 MiB", usual.withPayload(MIB), Work.async(8), LARGE),
        new Cell(
            "virtual-64k",
            "32 virtual callers, 64 KiB",
            defaults.withPayload(64 * KIB),
            Work.virtual(32),
            LARGE),
        new Cell(
            STREAM,
            "messages of 32 B one way on one stream",
            usual,
            Work.stream(),
            List.of("netty", "netty-pb", "erpc", "rsocket", "grpc")),
        new Cell(
            OPEN_LOOP,
            "a fixed rate, half the best peer's peak, 32 B",
            usual,
            Work.rate(1),
            List.of("netty", "erpc", "rsocket")),
        new Cell(
            "tls-1k",
            "256 in flight, 1 KiB, TLS",
            usual.withPayload(KIB).withTls("made for the run"),
            Work.async(256),
            OURS));
  }

  /** What the sweep measures beyond that. */
  static List<Cell> sweep() {
    List<Cell> cells = new ArrayList<>();
    Setup defaults = Setup.USUAL.withDefaults();
    for (int callers : List.of(1, 4, 16, 64, 256, 1_024)) {
      cells.add(
          new Cell(
              "sweep-virtual-" + callers,
              callers + " virtual callers, 32 B",
              defaults,
              Work.virtual(callers),
              FEW));
      cells.add(
          new Cell(
              "sweep-platform-" + callers,
              callers + " platform callers, 32 B",
              defaults,
              Work.platform(callers),
              FEW));
    }
    cells.addAll(sized());
    cells.add(
        new Cell(
            "sweep-connections-8",
            "256 in flight over 8 connections, 32 B",
            Setup.USUAL.withConnections(8),
            Work.async(256),
            OURS));
    cells.add(
        new Cell(
            "sweep-tls-32",
            "256 in flight, 32 B, TLS",
            Setup.USUAL.withTls("made for the run"),
            Work.async(256),
            OURS));
    cells.addAll(gateways());
    cells.add(
        new Cell(
            ASYNC_OF_THREE,
            "256 in flight over 3 servers, 32 B, all inline",
            Setup.USUAL.withServers(3),
            Work.async(256),
            List.of("erpc")));
    return cells;
  }

  private static List<Cell> sized() {
    List<Cell> cells = new ArrayList<>();
    for (int bytes : List.of(32, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB)) {
      Setup sized = Setup.USUAL.withPayload(bytes);
      cells.add(
          new Cell(
              "sweep-bytes-" + bytes,
              "16 in flight, " + bytes + " B",
              sized,
              Work.async(16),
              LARGE));
      for (String compression : List.of("gzip", "zstd", "lz4")) {
        if (bytes == 4 * KIB) {
          cells.add(
              new Cell(
                  "sweep-" + compression,
                  "16 in flight, 4 KiB, " + compression,
                  sized.withCompression(compression),
                  Work.async(16),
                  List.of("erpc")));
        }
      }
    }
    return cells;
  }

  private static List<Cell> gateways() {
    return List.of(
        new Cell(
            "gateway-async",
            "256 in flight through a gateway that answers later, inline, 32 B",
            Setup.USUAL.withGateway(),
            Work.async(256),
            List.of("erpc")),
        new Cell(
            "gateway-blocking",
            "256 in flight through a gateway of blocking handlers, 32 B",
            Setup.USUAL.withDefaults().withGateway(),
            Work.async(256),
            List.of("erpc")));
  }

  /** The cells of the standard run and of the sweep. */
  static List<Cell> all() {
    List<Cell> all = new ArrayList<>(standard());
    all.addAll(sweep());
    return all;
  }

  /**
   * The cell of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Cell named(String name) {
    return all().stream()
        .filter(cell -> cell.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no cell '" + name + "'; --list names them"));
  }

  /** With the keys of that folder, if it has TLS. */
  Cell withKeys(Path folder) {
    return setup.tls().isEmpty() ? this : with(setup.withTls(folder.toString()), work);
  }

  Cell with(Setup other, Work instead) {
    return new Cell(name, title, other, instead, subjects);
  }

  /** Only these of its subjects. */
  Cell only(List<String> some) {
    return new Cell(name, title, setup, work, subjects.stream().filter(some::contains).toList());
  }
}
