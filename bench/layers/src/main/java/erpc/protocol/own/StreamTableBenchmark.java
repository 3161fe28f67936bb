package erpc.protocol.own;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a stream's life costs in the table of its connection while 256 are open: one ends, one is
 * looked up, one opens. Bounded by three memory accesses that the caches hold: a few nanoseconds
 * and no allocation.
 */
@State(Scope.Thread)
public class StreamTableBenchmark {
  private static final int OPEN = 256;

  private final ClientConnection connection = BenchLine.alone(new EmbeddedChannel());
  private final StreamTable<ClientStream> table = new StreamTable<>();
  private final Map<Integer, ClientStream> map = new HashMap<>();
  private int tableId;
  private int mapId;

  @Setup
  public void fill() {
    while (tableId < OPEN) {
      ClientStream stream = new BenchCall(connection).stream;
      stream.id = tableId++;
      table.put(stream);
    }
    while (mapId < OPEN) {
      map.put(mapId++, new BenchCall(connection).stream);
    }
  }

  /** The table as connections have it. */
  @Benchmark
  public @Nullable ClientStream table() {
    ClientStream oldest = table.remove(tableId - OPEN);
    ClientStream found = table.get(tableId - OPEN / 2);
    if (oldest != null) {
      oldest.id = tableId++;
      table.put(oldest);
    }
    return found;
  }

  /** The same with the JDK's map, for scale. */
  @Benchmark
  public @Nullable ClientStream hashMap() {
    ClientStream oldest = map.remove(mapId - OPEN);
    ClientStream found = map.get(mapId - OPEN / 2);
    if (oldest != null) {
      map.put(mapId++, oldest);
    }
    return found;
  }
}
