package erpc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is promised of servers that are killed, in the shortest form of its benchmark. Restarts are
 * tested with the center, storms in the simulation, hedges with their calls.
 */
@Tag("processes")
@Timeout(240)
class PromisesTest {
  @Test
  void noCallRunsTwiceWhileServersAreKilled() throws Exception {
    String[] arguments = {"--calls", "800", "--rate", "200", "--gap", "500", "--warm", "1"};
    assertThat(Judging.run(new KillBench(), arguments)).isTrue();
  }
}
