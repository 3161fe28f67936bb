package erpc.endpoints;

import erpc.races.Interleavings;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Weights that one thread changes while another one draws. */
class WeightTreeRaceTest {
  private static final int SIZE = 4;

  /** What any thread may do, and what is so once all is done. */
  public abstract static class Weights {
    final WeightTree tree = new WeightTree(SIZE);

    Weights() {
      tree.add(1, 3);
    }

    @Operation
    public long total() {
      return tree.total();
    }

    @Operation
    public boolean drawsOneOfThem() {
      int index = tree.at(0);
      return index >= 0 && index <= SIZE;
    }

    @Validate
    public void addsUp() {
      if (tree.before(SIZE) != tree.total()) {
        throw new IllegalStateException(tree.before(SIZE) + " in all, said are " + tree.total());
      }
    }
  }

  /** One writer at a time. */
  @Param(name = "index", gen = IntGen.class, conf = "0:3")
  public static class OneWriter extends Weights {
    @Operation(nonParallelGroup = "writers")
    public void add(@Param(name = "index") int index) {
      tree.add(index, 2);
    }
  }

  /** As if rosters had no lock. */
  @Param(name = "index", gen = IntGen.class, conf = "0:3")
  public static class TwoWriters extends Weights {
    @Operation
    public void add(@Param(name = "index") int index) {
      tree.add(index, 2);
    }
  }

  @Test
  void readersSeeTheSumOfAllAndDrawWhatThereIs() {
    Interleavings.areHarmless(OneWriter.class);
  }

  @Test
  void weightThatIsLostWouldBeFound() {
    Interleavings.doHarm(TwoWriters.class);
  }
}
