package erpc.call;

/**
 * Where a call goes: {@code scheme://where/service.method}, or a bare {@code service.method} that
 * the center resolves. Immutable.
 *
 * @param scheme which resolver knows the place: {@code ip}, {@code list}, {@code dns}, {@code
 *     file}, {@code unix} or {@link #CENTER}
 * @param where what the resolver is asked for; for the center, the service's name
 * @param method the full method name
 */
public record Target(String scheme, String where, String method) {
  /** The scheme of bare names. */
  public static final String CENTER = "center";

  /**
   * Checks the method's name.
   *
   * @throws IllegalArgumentException if it breaks the grammar of names
   */
  public Target {
    Names.checkMethod(method);
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException saying what is wrong and how an address looks
   */
  public static Target parse(String address) {
    int mark = address.indexOf("://");
    if (mark < 0) {
      String method = checked(address, address);
      return new Target(CENTER, method.substring(0, method.lastIndexOf('.')), method);
    }
    String rest = address.substring(mark + 3);
    int slash = rest.lastIndexOf('/');
    if (mark == 0 || slash <= 0 || slash == rest.length() - 1) {
      throw new IllegalArgumentException(
          "address '"
              + Printable.of(address)
              + "' must be scheme://where/method, as in ip://127.0.0.1:8877/demo.hello");
    }
    return new Target(
        address.substring(0, mark),
        rest.substring(0, slash),
        checked(rest.substring(slash + 1), address));
  }

  /** The method's name, or an error that says what the whole address may have been meant to be. */
  private static String checked(String method, String address) {
    try {
      return Names.checkMethod(method);
    } catch (IllegalArgumentException e) {
      String meant = Meant.address(address);
      if (meant == null) {
        throw e;
      }
      throw new IllegalArgumentException(
          "'" + Printable.of(address) + "' is no address of a method: write " + Printable.of(meant),
          e);
    }
  }

  @Override
  public String toString() {
    return scheme.equals(CENTER) ? method : scheme + "://" + where + "/" + method;
  }
}
