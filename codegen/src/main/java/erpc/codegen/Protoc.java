package erpc.codegen;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs a protoc binary over {@code .proto} files and makes the Java of their services from what it
 * says of them. It writes no files but temporary ones: {@link Outputs} puts the result somewhere.
 *
 * <p>Immutable, safe for use by any number of threads.
 */
public final class Protoc {
  /** How long one run may take unless {@link #within} says otherwise: two minutes. */
  public static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** Of what protoc says no more than this is read, in bytes. */
  private static final int MOST_WORDS = 1 << 20;

  /** No file has this name: theirs are absolute paths. */
  private static final String ON_PATH = "protoc";

  private static final Duration DEATH = Duration.ofSeconds(5);

  private final String binary;
  private final Duration timeout;
  private final Consumer<String> warnings;

  private Protoc(String binary, Duration timeout, Consumer<String> warnings) {
    this.binary = binary;
    this.timeout = timeout;
    this.warnings = warnings;
  }

  /** The binary in this file. If nobody may run the file, a copy of it is run. */
  public static Protoc at(Path file) {
    return new Protoc(file.toAbsolutePath().toString(), TIMEOUT, words -> {});
  }

  /** The binary called {@code protoc} in a folder of {@code PATH}. */
  public static Protoc onPath() {
    return new Protoc(ON_PATH, TIMEOUT, words -> {});
  }

  /** With another timeout for one run; more than zero. */
  public Protoc within(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("the timeout of protoc must be positive, not " + limit);
    }
    return new Protoc(binary, limit, warnings);
  }

  /** With a receiver for what protoc says though it succeeds: lines, in protoc's own words. */
  public Protoc warningsTo(Consumer<String> receiver) {
    return new Protoc(binary, timeout, receiver);
  }

  /**
   * What protoc reads, and what is made of it.
   *
   * @param imports folders in which files and what they import are looked for; the first that has
   *     one counts. Protobuf's own files ({@code google/protobuf/…}) are found without any
   * @param files files to generate from, each below one of these folders
   * @param messages whether to generate the messages too, and not the services alone
   */
  public record Input(List<Path> imports, List<Path> files, boolean messages) {
    /** Copies the lists. */
    public Input {
      imports = List.copyOf(imports);
      files = List.copyOf(files);
    }

    /**
     * From files, and from all {@code .proto} files below folders. Such a folder is looked through
     * for imports too, before the others. So is, for a file that is below none of all these, the
     * working folder if it has the file, and else the file's own folder.
     *
     * @throws IOException if a folder cannot be read
     */
    public static Input of(List<Path> imports, List<Path> sources, boolean messages)
        throws IOException {
      Set<Path> folders = new LinkedHashSet<>();
      // One below a folder of imports has names there: protoc must not see its files by two.
      sources.stream()
          .filter(Files::isDirectory)
          .filter(each ->
              imports.stream().noneMatch(one -> has(one, each.toAbsolutePath().normalize())))
          .forEach(folders::add);
      folders.addAll(imports);
      Set<Path> files = new LinkedHashSet<>();
      for (Path source : sources) {
        if (Files.isDirectory(source)) {
          files.addAll(Folders.protos(source));
        } else {
          Path file = source.toAbsolutePath().normalize();
          Path working = Path.of("").toAbsolutePath();
          Path own = file.startsWith(working) ? working : file.getParent();
          if (own != null && folders.stream().noneMatch(each -> has(each, file))) {
            folders.add(own);
          }
          files.add(source);
        }
      }
      return new Input(List.copyOf(folders), List.copyOf(files), messages);
    }

    private static boolean has(Path folder, Path file) {
      return file.startsWith(folder.toAbsolutePath().normalize());
    }
  }

  /**
   * Generates Java. The same input gives the same result.
   *
   * @return the content of each file by its path, as {@code demo/Greeter.java}, sorted; none if
   *     there is no file to generate from
   * @throws CodegenException if the files are wrong, in protoc's own words; or if protoc cannot be
   *     run or does not end in time
   * @throws IOException if temporary files cannot be written or read
   * @throws InterruptedException if the thread is interrupted, after protoc has been ended
   */
  public SortedMap<String, String> generate(Input input)
      throws CodegenException, IOException, InterruptedException {
    if (input.files().isEmpty()) {
      return new TreeMap<>();
    }
    Map<String, Path> names = names(input);
    Path work = Files.createTempDirectory("erpc-protoc");
    try {
      return generate(input, names, work);
    } finally {
      try {
        Folders.delete(work);
      } catch (IOException e) {
        // What is wrong with the files says more than what is left in a temporary folder.
      }
    }
  }

  private SortedMap<String, String> generate(Input input, Map<String, Path> names, Path work)
      throws CodegenException, IOException, InterruptedException {
    Path messages = Files.createDirectory(work.resolve("messages"));
    Path described = work.resolve("described");
    List<String> arguments = new ArrayList<>();
    for (Path folder : input.imports()) {
      arguments.add("--proto_path=" + named(folder));
    }
    arguments.add("--proto_path=" + WellKnown.unpack(work.resolve("well-known")));
    List<String> files = names.values().stream().map(Path::toString).toList();
    List<String> describe = new ArrayList<>(arguments);
    describe.add("--descriptor_set_out=" + described);
    describe.add("--include_imports");
    describe.add("--include_source_info");
    describe.add("--retain_options"); // Some of them decide about names in Java.
    describe.addAll(files);
    warnings(run(describe, work));
    FileDescriptorSet set;
    try (InputStream in = Files.newInputStream(described)) {
      set = FileDescriptorSet.parseFrom(in);
    }
    Codegen.requireNames(set); // Before protoc writes files of such names.
    if (input.messages()) {
      arguments.add("--java_out=" + messages);
      arguments.addAll(files);
      String unused = run(arguments, work); // It has said the same before.
    }
    SortedMap<String, String> made = new TreeMap<>(Folders.texts(messages));
    for (Map.Entry<String, String> service : Codegen.generate(set, names.keySet()).entrySet()) {
      if (made.put(service.getKey(), service.getValue()) != null) {
        throw new CodegenException(
            service.getKey()
                + " would be the code of a message and of a service; rename one of them in its"
                + " .proto file");
      }
    }
    return made;
  }

  // ---- names

  /**
   * Files by the names that protoc gives them: their paths below the first folder that has them.
   */
  private static Map<String, Path> names(Input input) throws CodegenException {
    Map<String, Path> names = new LinkedHashMap<>();
    for (Path each : input.files()) {
      Path file = each.toAbsolutePath().normalize();
      if (!Files.isRegularFile(file)) {
        throw new CodegenException(
            "there is no file " + each + (Files.isDirectory(file) ? ": it is a folder" : ""));
      }
      Path folder =
          input.imports().stream()
              .filter(one -> Input.has(one, file))
              .map(one -> one.toAbsolutePath().normalize())
              .findFirst()
              .orElseThrow(() ->
                  new CodegenException(
                      each
                          + " is below none of the folders that imports are looked for in: "
                          + input.imports()
                          + "; add one that has it"));
      names.put(Folders.name(folder, file), file);
    }
    return names;
  }

  /** protoc takes several folders in one argument, and other names for them. */
  private static String named(Path folder) throws CodegenException {
    String name = folder.toAbsolutePath().normalize().toString();
    if (name.contains(File.pathSeparator) || name.contains("=")) {
      throw new CodegenException(
          "protoc cannot be told of the folder "
              + name
              + ", whose name has '"
              + File.pathSeparator
              + "' or '='; rename it");
    }
    return name;
  }

  // ---- the process

  private String run(List<String> arguments, Path work)
      throws CodegenException, IOException, InterruptedException {
    // A file, since a line of commands has a limit.
    Path list = Files.write(work.resolve("arguments"), arguments);
    Path said = work.resolve("said");
    Process process;
    try {
      process =
          new ProcessBuilder(runnable(work), "@" + list)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
    } catch (IOException e) {
      throw new CodegenException("cannot run protoc: " + e.getMessage(), e);
    }
    int code;
    try {
      process.getOutputStream().close();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new CodegenException(
            binary + " did not end within its timeout of " + seconds(timeout) + " and was ended");
      }
      code = process.exitValue();
    } finally {
      end(process);
    }
    String words = words(said);
    if (code != 0) {
      throw new CodegenException(
          words.isBlank() ? binary + " ended with exit code " + code + " and said nothing" : words);
    }
    return words;
  }

  private void warnings(String words) {
    if (!words.isBlank()) {
      warnings.accept(words);
    }
  }

  /** Maven's repository keeps binaries as files that nobody may run. */
  private String runnable(Path work) throws IOException {
    if (binary.equals(ON_PATH)) {
      return binary;
    }
    Path file = Path.of(binary);
    if (Files.isExecutable(file) || !Files.isRegularFile(file)) {
      return file.toString();
    }
    Path copy = work.resolve("protoc.exe");
    if (!Files.exists(copy)) { // It runs more than once.
      Files.copy(file, copy);
    }
    return copy.toFile().setExecutable(true) ? copy.toString() : file.toString();
  }

  /** A process whose end nobody waits for would keep its temporary files in use. */
  private static void end(Process process) throws InterruptedException {
    if (process.isAlive()) {
      Process dying = process.destroyForcibly();
      boolean unused = dying.waitFor(DEATH.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static String words(Path said) throws IOException {
    try (InputStream in = Files.newInputStream(said)) {
      return new String(in.readNBytes(MOST_WORDS), StandardCharsets.UTF_8).stripTrailing();
    }
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  // ---- where binaries are

  /**
   * A binary in a local Maven repository.
   *
   * @param repository its folder, such as {@code ~/.m2/repository}
   * @param version protobuf's, such as {@code 4.36.2}
   * @return the file, if it is there and there is a binary for this machine at all
   */
  public static Optional<Path> in(Path repository, String version) {
    String folder = "com/google/protobuf/protoc/" + version;
    return classifier(System.getProperty("os.name", ""), System.getProperty("os.arch", ""))
        .map(kind -> repository.resolve(folder).resolve("protoc-" + version + "-" + kind + ".exe"))
        .filter(Files::isRegularFile);
  }

  /**
   * What the artifact {@code com.google.protobuf:protoc} calls a machine, as {@code linux-x86_64}.
   *
   * @param os the system property {@code os.name}
   * @param machine the system property {@code os.arch}
   * @return nothing if it has no binary for such a machine
   */
  public static Optional<String> classifier(String os, String machine) {
    String system = os.toLowerCase(Locale.ROOT);
    String processor =
        switch (machine.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "x86", "i386", "i486", "i586", "i686" -> "x86_32";
          case "aarch64", "arm64" -> "aarch_64";
          case "ppc64le" -> "ppcle_64";
          case "s390x" -> "s390_64";
          default -> "";
        };
    if (system.startsWith("linux") && !processor.isEmpty()) {
      return Optional.of("linux-" + processor);
    }
    if (system.startsWith("mac") && processor.endsWith("64")) {
      return Optional.of("osx-" + processor);
    }
    if (system.startsWith("windows") && !processor.isEmpty()) {
      // There is none for ARM, where the system runs what is for x86.
      return Optional.of(processor.equals("x86_32") ? "windows-x86_32" : "windows-x86_64");
    }
    return Optional.empty();
  }
}
