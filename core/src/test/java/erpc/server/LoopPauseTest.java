package erpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import erpc.protocol.Responder;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopPauseTest {
  private final List<Runnable> turn = new ArrayList<>();
  private final List<Long> rests = new ArrayList<>();
  private final LoopPause pause = new LoopPause(rests::add);

  @Test
  void aLoopRestsOnceForAllThatItRefusesInATurn() {
    pause.after(responder(true));
    pause.after(responder(true));
    assertThat(rests).isEmpty();
    endTurn();
    assertThat(rests).containsExactly(LoopPause.NANOS);
    pause.after(responder(true));
    endTurn();
    assertThat(rests).hasSize(2);
  }

  @Test
  void aCallThatIsRefusedOnAnotherThreadLetsNoLoopRest() {
    pause.after(responder(false));
    assertThat(turn).isEmpty();
  }

  private void endTurn() {
    List<Runnable> due = List.copyOf(turn);
    turn.clear();
    due.forEach(Runnable::run);
  }

  private Responder responder(boolean onLoop) {
    return (Responder)
        Proxy.newProxyInstance(
            Responder.class.getClassLoader(),
            new Class<?>[] {Responder.class},
            (self, method, args) -> {
              if (method.getName().equals("isOnLoop")) {
                return onLoop;
              }
              turn.add((Runnable) args[0]);
              return null;
            });
  }
}
