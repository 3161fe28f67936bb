package erpc.client;

import erpc.call.Method;
import erpc.codec.Codec;
import org.jspecify.annotations.Nullable;

/**
 * What calls of a destination are encoded with if they don't say it themselves, once it is known:
 * to find that out takes looks at all codecs and at both types. Thread-safe.
 */
final class KnownCodec {
  /**
   * A method's codec.
   *
   * @param method by identity: another one of the same name may have other types
   * @param codec takes both of its types
   * @param immutable whether the codec writes from requests that nobody changes
   */
  record Found(Method<?, ?> method, Codec codec, boolean immutable) {}

  private @Nullable Found last; // immutable, so a thread sees a whole one or none

  /** What is known of a method; null if nothing is yet. */
  @Nullable Found of(Method<?, ?> method) {
    Found found = last;
    return found != null && found.method == method ? found : null;
  }

  /** This codec takes both types of a method, and is used for it. */
  void is(Method<?, ?> method, Codec codec) {
    last = new Found(method, codec, codec.isImmutable(method.requestType()));
  }
}
