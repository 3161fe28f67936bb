package erpc.demo;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles sources that are no files. */
final class Javac {
  private Javac() {}

  /**
   * What the compiler has to say; empty if all is well.
   *
   * @param sources the text of each by its path
   * @param classes where the classes go; those that are there already are known
   */
  static String compile(Map<String, String> sources, Path classes) {
    List<Source> files =
        sources.entrySet().stream()
            .map(each -> new Source(each.getKey(), each.getValue()))
            .toList();
    String path = classes + ":" + System.getProperty("java.class.path");
    List<String> options = List.of("-proc:none", "-d", classes.toString(), "-cp", path);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled = compiler.getTask(messages, null, null, options, null, files).call();
    return compiled ? "" : messages.toString();
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String path, String text) {
      super(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
