package erpc.center;

import erpc.discovery.wire.Instance;

/**
 * How the center's state lies in the engine's keys. Neither services nor ids may contain a slash.
 */
final class Keys {
  /**
   * Written first, so that no revision that a watcher sees is 0; its value is the layout's version.
   */
  static final String LAYOUT = "layout";

  /** The value of a service's mark: its last members left by an explicit stop. */
  static final byte STOPPED = 'e';

  /** The value of a service's mark: its last members left by a timeout or with their connection. */
  static final byte LOST = 't';

  private static final String INSTANCE = "i/";
  private static final String OWNER = "o/";
  private static final String SERVICE = "s/";

  private Keys() {}

  static String instance(String service, String id) {
    return INSTANCE + service + "/" + id;
  }

  static String of(Instance instance) {
    return instance(instance.getService(), instance.getId());
  }

  /** The fence of an owner. */
  static String owner(String owner) {
    return OWNER + owner;
  }

  /** A service's mark: that it is known, and how its last members left. */
  static String service(String service) {
    return SERVICE + service;
  }

  static boolean isInstance(String key) {
    return key.startsWith(INSTANCE);
  }

  static boolean isOwner(String key) {
    return key.startsWith(OWNER);
  }

  static boolean isService(String key) {
    return key.startsWith(SERVICE);
  }

  /** The service in the key of an instance or of a mark. */
  static String serviceOf(String key) {
    return isService(key) ? key.substring(2) : key.substring(2, key.indexOf('/', 2));
  }

  /** The id in the key of an instance. */
  static String idOf(String key) {
    return key.substring(key.indexOf('/', 2) + 1);
  }
}
