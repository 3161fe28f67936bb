package erpc.codegen;

import java.util.List;

/**
 * A service as code is generated for it, whatever language described it.
 *
 * @param source the file that describes it, for the first line of what is generated
 * @param name its name on the wire, {@code demo.Greeter}
 * @param javaPackage the package of its interface, empty for none
 * @param javaName the name of its interface
 * @param comment what its author says of it, as it stands in the file; empty if nothing
 * @param neighbours simple names of other classes of that package
 */
record ServiceModel(
    String source,
    String name,
    String javaPackage,
    String javaName,
    String comment,
    boolean deprecated,
    List<MethodModel> methods,
    List<String> neighbours) {

  /** How many messages go each way. */
  enum Shape {
    UNARY("unary"),
    CLIENT_STREAMING("clientStreaming"),
    SERVER_STREAMING("serverStreaming"),
    BIDIRECTIONAL("bidirectional");

    /** What makes such a method in {@code erpc.call.Method}. */
    final String factory;

    Shape(String factory) {
      this.factory = factory;
    }

    static Shape of(boolean streamsRequests, boolean streamsReplies) {
      if (streamsRequests) {
        return streamsReplies ? BIDIRECTIONAL : CLIENT_STREAMING;
      }
      return streamsReplies ? SERVER_STREAMING : UNARY;
    }

    boolean streamsRequests() {
      return this == CLIENT_STREAMING || this == BIDIRECTIONAL;
    }

    boolean streamsReplies() {
      return this == SERVER_STREAMING || this == BIDIRECTIONAL;
    }
  }

  /**
   * A method.
   *
   * @param name its name on the wire without its service's, {@code Hello}
   * @param javaName the name in the interface, {@code hello}
   * @param constant the name of its constant, {@code HELLO}
   */
  record MethodModel(
      String name,
      String javaName,
      String constant,
      Shape shape,
      TypeModel request,
      TypeModel reply,
      boolean idempotent,
      boolean deprecated,
      String comment) {}

  /**
   * A class that messages are of.
   *
   * @param javaPackage its package, empty for none
   * @param path the outermost class and what is nested in it, {@code Outer.Inner}
   */
  record TypeModel(String javaPackage, String path, boolean deprecated) {}

  boolean usesDeprecated() {
    return methods.stream().anyMatch(each -> each.request.deprecated || each.reply.deprecated);
  }
}
