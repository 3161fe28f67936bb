package erpc.call;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A service as generated code describes it: its name, its methods, and how its interface is joined
 * to calls on either side. Clients make one with {@code client.of(Greeter.SERVICE)}, servers answer
 * it with {@code server.handle(Greeter.SERVICE, new GreeterImpl())}. Immutable and thread-safe.
 *
 * @param <T> the interface that callers use and servers implement
 */
public abstract class Service<T> {
  private final String name;
  private final List<Method<?, ?>> methods;

  /**
   * A service with these methods.
   *
   * @throws IllegalArgumentException if a method belongs to another service, or comes twice
   */
  protected Service(String name, List<? extends Method<?, ?>> methods) {
    this.name = Names.checkService(name);
    this.methods = List.copyOf(methods);
    for (Method<?, ?> each : this.methods) {
      if (!each.service().equals(name)) {
        throw new IllegalArgumentException(
            "method " + each + " belongs to the service " + each.service() + ", not to " + name);
      }
      if (this.methods.stream().anyMatch(other -> other != each && isSame(other, each))) {
        throw new IllegalArgumentException("method " + each + " comes twice");
      }
    }
  }

  private static boolean isSame(Method<?, ?> one, Method<?, ?> other) {
    return one.name().equals(other.name());
  }

  /** Its name at the center, {@code demo.Greeter}. */
  public final String name() {
    return name;
  }

  /** Its methods, in the order of the file that describes it. */
  public final List<Method<?, ?>> methods() {
    return methods;
  }

  /** Its methods as generated code names them, whatever {@link #with} says of them. */
  public List<Method<?, ?>> declared() {
    return methods;
  }

  /** Joins the interface to calls: each of its methods asks {@code caller}. */
  public abstract T client(Caller caller);

  /** Joins calls to an implementation: tells {@code handlers} what answers each method. */
  public abstract void bind(T implementation, Handlers handlers);

  /**
   * This service with one of its methods described otherwise, for whoever is given the result:
   * {@code SERVICE.with(Greeter.HELLO.timeout(Duration.ofMillis(50)))}.
   *
   * @throws IllegalArgumentException if it has no method of that name, kind and types
   */
  public final Service<T> with(Method<?, ?> changed) {
    List<Method<?, ?>> all = new ArrayList<>(methods);
    for (int i = 0; i < all.size(); i++) {
      Method<?, ?> each = all.get(i);
      if (isSame(each, changed)
          && each.kind() == changed.kind()
          && each.requestType().equals(changed.requestType())
          && each.responseType().equals(changed.responseType())) {
        all.set(i, changed);
        return new Changed<>(this, all);
      }
    }
    throw new IllegalArgumentException(
        "the service " + name + " has no method " + changed + " of that kind and these types");
  }

  /** One whose methods are partly described otherwise. */
  private static final class Changed<T> extends Service<T> {
    private final Service<T> of;

    Changed(Service<T> of, List<Method<?, ?>> methods) {
      super(of.name(), methods);
      this.of = Objects.requireNonNull(of);
    }

    @Override
    public List<Method<?, ?>> declared() {
      return of.declared();
    }

    @Override
    public T client(Caller caller) {
      return of.client(caller);
    }

    @Override
    public void bind(T implementation, Handlers handlers) {
      of.bind(implementation, handlers);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
