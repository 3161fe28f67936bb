package erpc.tools;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages and enums that somebody must know to write and read some messages: these, the types
 * of their fields, those of theirs and so on. Protobuf's own, as Timestamp, are known to everybody.
 * For one thread.
 */
final class NeededTypes {
  private static final String WELL_KNOWN = "google.protobuf";

  private final Set<GenericDescriptor> needed = new HashSet<>();
  private final Set<GenericDescriptor> around = new HashSet<>();
  private final Set<GenericDescriptor> outermost = new LinkedHashSet<>();

  /** Adds a message and what its fields need; null is none. */
  void add(@Nullable Descriptor message) {
    Queue<Descriptor> next = new ArrayDeque<>();
    if (message != null) {
      meet(message, message.getContainingType(), next);
    }
    for (Descriptor each = next.poll(); each != null; each = next.poll()) {
      for (FieldDescriptor field : each.getFields()) {
        switch (field.getJavaType()) {
          case MESSAGE ->
              meet(field.getMessageType(), field.getMessageType().getContainingType(), next);
          case ENUM -> meet(field.getEnumType(), field.getEnumType().getContainingType(), next);
          default -> {} // A scalar.
        }
      }
    }
  }

  private void meet(
      GenericDescriptor type, @Nullable Descriptor container, Queue<Descriptor> next) {
    if (type.getFile().getPackage().equals(WELL_KNOWN) || !needed.add(type)) {
      return;
    }
    if (type instanceof Descriptor message) {
      next.add(message);
    }
    GenericDescriptor last = type;
    for (Descriptor each = container; each != null; each = each.getContainingType()) {
      around.add(each);
      last = each;
    }
    outermost.add(last);
  }

  /** Whether the type itself is needed. */
  boolean has(GenericDescriptor type) {
    return needed.contains(type);
  }

  /** Whether the type is needed, or one that is declared in it. */
  boolean shows(GenericDescriptor type) {
    return needed.contains(type) || around.contains(type);
  }

  /** Those needed, and those around them, that are declared in no other, as they were met. */
  Collection<GenericDescriptor> outermost() {
    return outermost;
  }
}
