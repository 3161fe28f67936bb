package erpc.bench;

/** A command that judges promises by what its processes do. */
interface Judging {
  /** Takes its options; false if only help is wanted. */
  boolean read(Arguments args);

  /** Runs it, and prints what it comes to; false if a promise was not kept. */
  boolean run() throws Exception;

  /** The command as a program: ends the process with 1 if a promise was not kept. */
  static void main(String command, String usage, Judging judging, String[] args) throws Exception {
    if (Arguments.taken(command, usage, args, judging::read)) {
      System.exit(judging.run() ? 0 : 1);
    }
  }

  /** The same for tests, which go on. */
  static boolean run(Judging judging, String... args) throws Exception {
    return judging.read(new Arguments(args)) && judging.run();
  }
}
