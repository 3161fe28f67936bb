package erpc.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * The client's process: keeps so many calls in flight, each answer making the next call, and
 * measures after a warm-up. Prints one line at the start of measuring and one at its end.
 */
final class EchoClient {
  private final Subject.Caller caller;
  private final LongAdder calls = new LongAdder();
  private final SingleWriterRecorder latency = new SingleWriterRecorder(3);

  private EchoClient(Subject.Caller caller) {
    this.caller = caller;
  }

  public static void main(String[] args) throws Exception {
    Subject subject = Subject.named(args[0]);
    int port = Integer.parseInt(args[1]);
    int inFlight = Integer.parseInt(args[2]);
    int payload = Integer.parseInt(args[3]);
    int warmSeconds = Integer.parseInt(args[4]);
    int seconds = Integer.parseInt(args[5]);
    Profile profile = args.length > 6 ? Profile.of(args[6]) : Profile.NONE;
    EchoClient client = new EchoClient(subject.connect(port, payload));
    client.run(inFlight, warmSeconds, seconds, profile);
    System.exit(0);
  }

  private void run(int inFlight, int warmSeconds, int seconds, Profile profile) throws Exception {
    for (int i = 0; i < inFlight; i++) {
      new Chain().next();
    }
    TimeUnit.SECONDS.sleep(warmSeconds);
    profile.start();
    var parent = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("measuring");
    parent.readLine();
    var unused = latency.getIntervalHistogram();
    calls.reset();
    Usage before = Usage.now();
    long start = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    long nanos = System.nanoTime() - start;
    long count = calls.sum();
    Usage used = Usage.now().since(before);
    Histogram times = latency.getIntervalHistogram();
    profile.stop();
    System.out.println(
        String.join(
            " ",
            Long.toString(count),
            Long.toString(nanos),
            used.toString(),
            Long.toString(times.getValueAtPercentile(50)),
            Long.toString(times.getValueAtPercentile(99)),
            Long.toString(times.getValueAtPercentile(99.9))));
  }

  /**
   * One of the calls in flight, for ever the next. One call in 64 is timed: reading the clock is
   * not what is measured.
   */
  private final class Chain implements Runnable {
    private static final int TIMED = 64;

    private int count;
    private long startNanos;

    void next() {
      if (count % TIMED == 0) {
        startNanos = System.nanoTime();
      }
      caller.call(this);
    }

    @Override
    public void run() {
      if (count % TIMED == 0) {
        latency.recordValue(System.nanoTime() - startNanos);
      }
      count++;
      calls.increment();
      next();
    }
  }
}
