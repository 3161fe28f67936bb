package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a context carries, and what it does when its call is cancelled. */
class ContextTest {
  private static final Attribute<String> TENANT = Attribute.named("tenant");
  private static final Attribute<Integer> LEVEL = Attribute.named("level");

  private static Context context() {
    Peer nobody =
        new Peer() {
          @Override
          public SocketAddress address() {
            return new InetSocketAddress(1);
          }

          @Override
          public boolean isSameMachine() {
            return true;
          }

          @Override
          public void onClose(Runnable action) {}
        };
    Method<byte[], byte[]> method = Method.unary("demo.echo", byte[].class, byte[].class);
    return new Context(method, Metadata.EMPTY, nobody, Deadline.after(Duration.ofMinutes(1)), null);
  }

  @Test
  void carriesAttributesToThoseBehindOnly() {
    Context plain = context();
    Context first = plain.with(TENANT, "a").with(LEVEL, 1);
    Context second = first.with(TENANT, "b").withMetadata(Metadata.of("k", "v"));
    assertThat(plain.get(TENANT)).isNull();
    assertThat(first.get(TENANT)).isEqualTo("a");
    assertThat(second.get(TENANT)).isEqualTo("b");
    assertThat(second.get(LEVEL)).isEqualTo(1);
    assertThat(second.get(Attribute.<String>named("tenant"))).as("of that name").isNull();
    assertThat(second.isOfSameCall(plain)).isTrue();
    assertThat(context().isOfSameCall(plain)).isFalse();
  }

  @Test
  void knowsItsPrincipalBesideAttributes() {
    Principal caller = () -> "somebody";
    Context context = context().with(TENANT, "a").withPrincipal(caller).with(LEVEL, 1);
    assertThat(context.principal()).isSameAs(caller);
    assertThat(context.get(TENANT)).isEqualTo("a");
    assertThat(context().principal()).isNull();
  }

  @Test
  void isAmbientWhileItCalls() throws Exception {
    Context context = context();
    assertThat(context.<@Nullable Context>call(Context::current)).isSameAs(context);
    assertThat(Context.current()).isNull();
  }

  @Test
  void isAmbientInTheCallbacksOfFlows() throws Exception {
    Context context = context();
    CompletableFuture<Context> seen = new CompletableFuture<>();
    Outgoing<String> to = message -> seen.complete(Context.current());
    try (var publisher = new SubmissionPublisher<String>()) {
      CompletableFuture<?> sent = context.call(() -> Flows.send(publisher, to, () -> {}));
      publisher.submit("message");
      assertThat(seen.get(10, TimeUnit.SECONDS)).isSameAs(context);
      assertThat(sent.cancel(false)).isTrue();
      await().until(() -> !publisher.hasSubscribers());
    }
  }

  @Test
  void runsActionsOnceAndNotThoseTakenBack() {
    for (int most : new int[] {3, 100}) {
      List<Integer> ran = new ArrayList<>();
      Context context = context();
      List<Runnable> actions = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        int number = i;
        actions.add(() -> ran.add(number));
        context.onCancel(actions.get(i));
      }
      context.onCancel(actions.get(0)); // twice
      context.removeOnCancel(actions.get(1));
      context.removeOnCancel(() -> ran.add(-1));
      context.cancel(Status.of(Status.Code.CANCELLED, "the caller cancelled"));
      context.cancel(Status.of(Status.Code.CANCELLED, "again"));
      assertThat(ran).hasSize(most).contains(0, 2).doesNotContain(1, -1);
      assertThat(ran.stream().filter(number -> number == 0)).hasSize(2);
    }
  }

  /** An action that counts how often it is compared. */
  private static final class Compared implements Runnable {
    private final AtomicInteger comparisons;

    Compared(AtomicInteger comparisons) {
      this.comparisons = comparisons;
    }

    @Override
    public void run() {}

    @Override
    public boolean equals(@Nullable Object other) {
      comparisons.incrementAndGet();
      return this == other;
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  @Test
  void takesAnActionBackWithoutLookingAtAllOthers() {
    AtomicInteger comparisons = new AtomicInteger();
    Context context = context();
    List<Runnable> actions = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      actions.add(new Compared(comparisons));
      context.onCancel(actions.get(i));
    }
    actions.reversed().forEach(context::removeOnCancel);
    assertThat(comparisons).hasValueLessThan(10_000);
  }
}
