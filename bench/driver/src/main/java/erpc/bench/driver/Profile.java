package erpc.bench.driver;

import java.io.IOException;
import one.profiler.AsyncProfiler;

/** A profile of this process between two instants, written as a flame graph. */
interface Profile {
  /** No profile. */
  Profile NONE =
      new Profile() {
        @Override
        public void start() {}

        @Override
        public void stop() {}
      };

  /** Begins to sample. */
  void start() throws IOException;

  /** Ends sampling and writes the file. */
  void stop() throws IOException;

  /**
   * A profile as an argument says it: {@code cpu=FILE} or {@code alloc=FILE}; an event of
   * async-profiler and a file that ends in .html or .collapsed.
   */
  static Profile of(String argument) {
    int mark = argument.indexOf('=');
    String event =
        argument.substring(0, mark).equals("cpu") ? "ctimer" : argument.substring(0, mark);
    String file = argument.substring(mark + 1);
    String format = file.endsWith(".collapsed") ? "collapsed" : "flamegraph";
    return new Profile() {
      @Override
      public void start() throws IOException {
        AsyncProfiler.getInstance().execute("start,event=" + event + ",interval=1ms");
      }

      @Override
      public void stop() throws IOException {
        AsyncProfiler.getInstance().execute("stop,file=" + file + "," + format);
      }
    };
  }
}
