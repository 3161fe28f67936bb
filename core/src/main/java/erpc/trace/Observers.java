package erpc.trace;

import erpc.call.LineLimit;
import erpc.call.Status;
import erpc.call.Thrown;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The observers of a client or server, none of which can harm a call or an event loop by throwing.
 * Immutable. For erpc's own stacks; users hand each observer to a builder.
 */
public final class Observers {
  private static final Logger LOG = LoggerFactory.getLogger("erpc.trace");
  private static final LineLimit LINES = new LineLimit();

  private final CallObserver[] all;
  private final boolean wantTries;
  private final boolean wantSent;
  private final boolean wantFirstByte;

  public Observers(List<CallObserver> observers) {
    all = observers.toArray(CallObserver[]::new);
    wantTries = anyImplements("tryBegun");
    wantSent = anyImplements("sent");
    wantFirstByte = anyImplements("firstByte");
  }

  private boolean anyImplements(String event) {
    for (CallObserver each : all) {
      if (implementsEvent(each.getClass(), event)) {
        return true;
      }
    }
    return false;
  }

  private static boolean implementsEvent(Class<?> type, String event) {
    try {
      Method found = type.getMethod(event, Object.class, CallView.class);
      return found.getDeclaringClass() != CallObserver.class;
    } catch (ReflectiveOperationException | LinkageError e) {
      return true; // Whatever it is, telling it is right.
    }
  }

  /** Whether there is nobody to be told anything. */
  public boolean isEmpty() {
    return all.length == 0;
  }

  boolean wantTries() {
    return wantTries;
  }

  boolean wantSent() {
    return wantSent;
  }

  boolean wantFirstByte() {
    return wantFirstByte;
  }

  /** What they keep of a call: the one's own object, or an array if there are several. */
  @Nullable Object begin(CallView call) {
    if (all.length == 1) {
      return begin(all[0], call);
    }
    @Nullable Object @Nullable [] kept = null;
    for (int i = 0; i < all.length; i++) {
      Object one = begin(all[i], call);
      if (one != null) {
        kept = kept == null ? new @Nullable Object[all.length] : kept;
        kept[i] = one;
      }
    }
    return kept;
  }

  private static @Nullable Object begin(CallObserver observer, CallView call) {
    try {
      return observer.begin(call);
    } catch (Throwable e) {
      threw(observer, e);
      return null;
    }
  }

  void tryBegun(Object kept, CallView call) {
    each(kept, (observer, own) -> observer.tryBegun(own, call));
  }

  void sent(Object kept, CallView call) {
    each(kept, (observer, own) -> observer.sent(own, call));
  }

  void firstByte(Object kept, CallView call) {
    each(kept, (observer, own) -> observer.firstByte(own, call));
  }

  void retried(Object kept, CallView call, Status why) {
    each(kept, (observer, own) -> observer.retried(own, call, why));
  }

  void ended(Object kept, CallView call, Status status) {
    if (all.length == 1) { // Without a function that would have to be made for it.
      try {
        all[0].ended(kept, call, status);
      } catch (Throwable e) {
        threw(all[0], e);
      }
    } else {
      each(kept, (observer, own) -> observer.ended(own, call, status));
    }
  }

  private interface Event {
    void tell(CallObserver observer, Object own);
  }

  private void each(Object kept, Event event) {
    if (all.length == 1) {
      tell(all[0], kept, event);
      return;
    }
    @Nullable Object[] own = (@Nullable Object[]) kept;
    for (int i = 0; i < all.length; i++) {
      Object one = own[i];
      if (one != null) {
        tell(all[i], one, event);
      }
    }
  }

  private static void tell(CallObserver observer, Object own, Event event) {
    try {
      event.tell(observer, own);
    } catch (Throwable e) {
      threw(observer, e);
    }
  }

  private static void threw(CallObserver observer, Throwable thrown) {
    String name = observer.getClass().getName(); // not toString(), which may throw too
    Thrown.warn(
        LOG, LINES, "observer " + name + " threw, which it must not; the call goes on", thrown);
  }
}
