package erpc.client;

import erpc.races.Interleavings;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Calls of several threads at one endpoint, while these are counted in those of its place. */
class CallsInFlightRaceTest {
  /** Calls enter and leave while a balancer asks for those of the place. */
  public static class Counted {
    private final AtomicInteger ofAll = new AtomicInteger();
    private final CallsInFlight calls = new CallsInFlight(ofAll);

    public Counted() {
      for (int i = 0; i < 10; i++) {
        calls.enter();
      }
    }

    @Operation
    public void enter() {
      calls.enter();
    }

    @Operation
    public void leave() {
      calls.leave();
    }

    @Operation
    public int inFlight() {
      return calls.inFlight();
    }

    @Operation(nonParallelGroup = "lists")
    public void countInAll() {
      calls.countInAll();
    }

    @Validate
    public void countsAll() {
      calls.countInAll();
      if (ofAll.get() != calls.inFlight()) {
        throw new IllegalStateException(ofAll + " in all, here are " + calls.inFlight());
      }
    }
  }

  /** As if two threads had them counted. */
  public static class Careless extends Counted {
    @Operation
    public void countInAllToo() {
      countInAll();
    }
  }

  @Test
  void eachCallCountsOnceInThoseOfThePlace() {
    Interleavings.areHarmless(Counted.class);
  }

  @Test
  void callThatIsCountedTwiceWouldBeFound() {
    Interleavings.doHarm(Careless.class);
  }
}
