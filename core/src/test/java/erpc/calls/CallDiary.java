package erpc.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import erpc.call.Status;
import erpc.trace.CallObserver;
import erpc.trace.CallView;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down every event of every call, in lines. */
final class CallDiary implements CallObserver {
  final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public Object begin(CallView call) {
    lines.add("begin " + call.method() + " " + call.kind() + " " + call.side());
    return "kept";
  }

  @Override
  public void tryBegun(Object kept, CallView call) {
    add(kept, "try " + call.attempts() + " at " + call.endpoint());
  }

  @Override
  public void sent(Object kept, CallView call) {
    add(kept, "sent " + call.requestBytes());
  }

  @Override
  public void firstByte(Object kept, CallView call) {
    add(kept, "first byte");
  }

  @Override
  public void retried(Object kept, CallView call, Status why) {
    add(kept, "retried " + why.code() + " at " + why.endpoint());
  }

  @Override
  public void ended(Object kept, CallView call, Status status) {
    assertThat(call.nowNanos()).isGreaterThanOrEqualTo(call.startNanos());
    add(kept, "ended " + status.code() + " " + call.requestBytes() + "/" + call.replyBytes());
  }

  private void add(Object kept, String line) {
    assertThat(kept).isEqualTo("kept");
    lines.add(line);
  }

  /** Its lines, once as many calls have ended. */
  List<String> lines(int calls) {
    await().until(() -> lines.stream().filter(line -> line.startsWith("ended")).count() == calls);
    return lines;
  }
}
