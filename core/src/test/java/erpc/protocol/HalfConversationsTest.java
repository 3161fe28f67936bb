package erpc.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Conversations that are cut, come slowly, fall silent or are damaged on their way, in the words of
 * each protocol.
 */
@ParameterizedClass
@MethodSource("spoken")
class HalfConversationsTest extends StrangersFixture {
  /** Where a unit of the conversation ends. */
  private List<Integer> ends() {
    List<Integer> ends = new ArrayList<>();
    int at = 0;
    for (byte[] unit : words.conversation()) {
      at += unit.length;
      ends.add(at);
    }
    return ends;
  }

  @Test
  void nothingReachesAHandlerHalfWay() throws IOException {
    byte[] whole = Spoken.together(words.conversation());
    int firstCall = ends().get(words.callsAreWholeAfter().get(0));
    for (int length = 0; length < whole.length; length++) {
      // The call of the round before may still be on its way to its handler.
      Awaitility.await().until(() -> server.inFlight() == 0);
      int before = handled.get();
      try (Socket socket = connected()) {
        socket.getOutputStream().write(whole, 0, length);
        socket.shutdownOutput();
        try {
          socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
          // Reset: closed all the same.
        }
      }
      int most = length >= firstCall ? 1 : 0;
      assertThat(handled.get() - before).as("calls of %d bytes", length).isBetween(0, most);
    }
  }

  @Test
  void closesSilentPeersAfterTheHandshakesTimeout() throws Exception {
    restart(ConnectionSettings.DEFAULTS.withHandshakeTimeout(Duration.ofMillis(300)));
    List<Socket> silent = new ArrayList<>();
    for (int length = 0; length < 4; length++) {
      Socket socket = connected();
      socket.getOutputStream().write(words.hello(), 0, length);
      silent.add(socket);
    }
    for (Socket socket : silent) {
      socket.setSoTimeout(3_000);
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
      socket.close();
    }
    assertThat(handled).hasValue(0);
  }

  @Test
  void closesPeersThatFallSilentInTheMiddle() throws Exception {
    restart(
        ConnectionSettings.DEFAULTS.withKeepalive(Duration.ofMillis(400), Duration.ofMillis(300)));
    byte[] whole = Spoken.together(words.conversation());
    List<Socket> silent = new ArrayList<>();
    for (int length = ends().get(0); length < whole.length; length += 3) {
      Socket socket = connected();
      socket.getOutputStream().write(whole, 0, length);
      silent.add(socket);
    }
    for (Socket socket : silent) {
      socket.setSoTimeout(4_000);
      socket.getInputStream().readAllBytes();
      socket.close();
    }
    other.close();
    anotherClient();
  }

  @Test
  void closesPeersThatDoNotEndWhatTheyHaveBegun() throws Exception {
    restart(ConnectionSettings.DEFAULTS.withProgressTimeout(Duration.ofMillis(200)));
    byte[] whole = Spoken.together(words.conversation());
    List<Socket> slow = new ArrayList<>();
    for (int length = ends().get(0) + 1; length < whole.length; length += 5) {
      if (!ends().contains(length)) {
        Socket socket = connected();
        socket.getOutputStream().write(whole, 0, length);
        slow.add(socket);
      }
    }
    assertThat(slow).hasSizeGreaterThan(10);
    for (Socket socket : slow) {
      socket.setSoTimeout(3_000);
      byte[] sent = socket.getInputStream().readAllBytes();
      assertThat(words.goodbye(sent)).contains("progressTimeout");
      socket.close();
    }
  }

  @Test
  void aByteAtATimeHoldsNobodyUp() throws Exception {
    byte[] whole = Spoken.together(words.conversation());
    try (Socket socket = connected()) {
      socket.setSoTimeout(5_000);
      for (int i = 0; i < whole.length; i++) {
        socket.getOutputStream().write(whole, i, 1);
        if (i % 16 == 0) {
          callOnTheOther();
        }
      }
      assertThat(words.answer(socket.getInputStream()).code()).isZero();
      assertThat(words.answer(socket.getInputStream()).code()).isZero();
    }
  }

  @Test
  void everyBitFlipEndsInAReplyAnErrorOrAClosedConnection() throws IOException {
    byte[] whole = Spoken.together(words.conversation());
    List<Socket> sockets = new ArrayList<>();
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Socket socket = connected();
      sockets.add(socket);
      socket.getOutputStream().write(flipped);
      socket.shutdownOutput();
      if (sockets.size() == 64) {
        assertAllEnd(sockets);
      }
    }
    assertAllEnd(sockets);
  }

  private void assertAllEnd(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      try {
        socket.getInputStream().readAllBytes();
      } catch (SocketException e) {
        // Reset: closed all the same.
      }
      socket.close();
    }
    sockets.clear();
    callOnTheOther();
  }
}
