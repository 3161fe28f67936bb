package erpc.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.guide.Orders;
import com.example.guide.Orders.Order;
import com.example.guide.Orders.OrderKey;
import com.example.guide.Shelves;
import com.example.guide.Stock;
import erpc.call.Request;
import erpc.client.Client;
import erpc.server.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guide's commands, in its order, beside the guide's service. */
@Tag("processes")
@Timeout(300)
class GuideCommandsTest {
  private static final Pattern COMMAND = Pattern.compile("^\\./erpc (.*)$", Pattern.MULTILINE);

  @TempDir Path folder;

  @Test
  void doWhatItSays() throws Exception {
    int port = Started.freePort();
    List<Started> open = new ArrayList<>();
    try (Client client = Client.builder().center("127.0.0.1:" + port).build();
        Server server = serve(client)) {
      for (List<String> words : commands(port, server.address())) {
        Started started = Started.program(erpc.tools.Main.class, folder, port, words);
        open.add(started);
        switch (words.getFirst()) {
          case "center" -> awaitRegistered(client);
          case "list" -> assertAnswers(started, "shop.Orders");
          default -> assertAnswers(started, answerOf(words.get(1)));
        }
      }
    } finally {
      open.forEach(Started::close);
    }
    assertThat(open).hasSizeGreaterThan(4);
  }

  private static String answerOf(String method) {
    if (method.contains("health")) {
      return "SERVING";
    }
    return method.contains("Stock") ? "\"tea\"" : "\"7\"";
  }

  private static Server serve(Client client) throws IOException {
    return Server.builder()
        .register(client.centerCalls())
        .build()
        .handle(Stock.SERVICE, new Shelves())
        .handle(Orders.PLACE, (context, order) -> new OrderKey(order.id()))
        .handle(Orders.GET, (context, key) -> new Order(key.id(), "tea", 2))
        .listen("127.0.0.1:0");
  }

  private static void awaitRegistered(Client client) {
    Request<OrderKey, Order> request =
        Request.of(Orders.GET, new OrderKey("7")).withTimeout(Duration.ofSeconds(60));
    assertThat(client.send(request).body().item()).isEqualTo("tea");
  }

  private static void assertAnswers(Started command, String text) throws InterruptedException {
    assertThat(command.awaitEnd()).as(command.output()).isZero();
    assertThat(command.output()).contains(text);
  }

  /** The words of each command, with places of this test instead of the guide's. */
  private List<List<String>> commands(int centerPort, String server) throws IOException {
    return COMMAND
        .matcher(Documents.text("docs/guide.md"))
        .results()
        .map(each -> each.group(1))
        .filter(line -> !line.startsWith("gen ")) // Of a project that the guide's reader has.
        .map(line -> line.replace(" :8081", " 127.0.0.1:" + centerPort))
        .map(line -> line.replace("/var/lib/erpc", folder.toString()))
        .map(line -> line.replace("127.0.0.1:8877", server))
        .map(ReadmeProgramsTest::words)
        .toList();
  }
}
