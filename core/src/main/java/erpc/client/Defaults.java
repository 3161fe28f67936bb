package erpc.client;

import erpc.call.CallOptions;
import erpc.call.Method;
import erpc.codec.Codecs;
import erpc.discovery.CenterMethods;
import java.util.Map;

/**
 * What a client's calls say that don't say it themselves: by method, by service, or all of them.
 * Asked once per destination. Immutable.
 */
final class Defaults {
  private final CallOptions ofAll;
  private final Map<String, CallOptions> byName;

  /**
   * What holds for the calls of one method.
   *
   * @param unary if it has one request and one reply
   * @param streaming if it has more, so that it has no end unless somebody means just it
   */
  record OfMethod(CallOptions unary, CallOptions streaming) {
    static final OfMethod NONE = new OfMethod(CallOptions.NONE, CallOptions.NONE);

    CallOptions of(Method<?, ?> method) {
      return method.kind() == Method.Kind.UNARY ? unary : streaming;
    }
  }

  /**
   * Defaults of one client.
   *
   * @param byName by the full names of methods, and by names of services
   */
  Defaults(CallOptions ofAll, Map<String, CallOptions> byName) {
    this.ofAll = ofAll;
    this.byName = Map.copyOf(byName);
  }

  /**
   * Returns if the codecs and compressions that these name are known and usable.
   *
   * @throws IllegalArgumentException naming the known ones if one is not
   * @throws erpc.codec.MissingLibraryException naming a library that a compression needs
   */
  void requireUsable(Codecs codecs) {
    codecs.requireUsable(ofAll.codec(), ofAll.compression());
    byName.values().forEach(each -> codecs.requireUsable(each.codec(), each.compression()));
  }

  OfMethod of(String method) {
    String service = method.substring(0, method.lastIndexOf('.'));
    CallOptions own = byName.getOrDefault(method, CallOptions.NONE);
    if (service.equals(CenterMethods.SERVICE)) {
      return new OfMethod(own, own);
    }
    CallOptions others = byName.getOrDefault(service, CallOptions.NONE).over(ofAll);
    return new OfMethod(own.over(others), own.over(others.withoutTimeout()));
  }
}
