package erpc.discovery;

import erpc.call.Printable;
import erpc.call.Status;
import erpc.call.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that a file lists, followed as the file changes: {@code file:///etc/demo.list}.
 *
 * <p>It reads the whole file at each look. Such files are small, and there is no way to change one
 * that this misses: times and inodes can stay the same over a change, and notifications get lost on
 * network file systems and when a directory on the way is swapped.
 */
final class FileResolver implements Resolver {
  /** The largest file read, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  /**
   * What is new must be found the same once more after this time before it counts: the file may be
   * half-written, or gone for the moment between a delete and a rename.
   */
  static final Duration SETTLE = Duration.ofMillis(100);

  private final Scheduler scheduler;
  private final Duration poll;

  FileResolver(Scheduler scheduler, Duration poll) {
    this.scheduler = scheduler;
    this.poll = poll;
  }

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public Watch watch(String where, Listener listener) {
    String source = "file://" + Printable.of(where);
    Delivery delivery = new Delivery(source, listener);
    return Polling.start(
        scheduler, Ticker.system(), delivery, new Look(source, path(source, where), delivery));
  }

  private static Path path(String source, String where) {
    try {
      if (where.startsWith("/") && !where.endsWith("/")) {
        return Path.of(where);
      }
    } catch (InvalidPathException e) {
      // Falls through to the same complaint.
    }
    throw new IllegalArgumentException(
        source + ": the path must be absolute and name a file, as in file:///etc/demo.list");
  }

  /** What a look found: a text, or why there is none. */
  private record Finding(@Nullable String text, String problem) {}

  /** One watch; its looks never overlap and each sees what the one before it left. */
  private final class Look implements Supplier<Duration> {
    private final String source;
    private final Path path;
    private final Delivery delivery;
    private @Nullable Finding delivered;
    private @Nullable Finding unsettled;

    Look(String source, Path path, Delivery delivery) {
      this.source = source;
      this.path = path;
      this.delivery = delivery;
    }

    @Override
    public Duration get() {
      Finding found = read(path);
      if (!found.equals(delivered) && !found.equals(unsettled)) {
        unsettled = found;
        return SETTLE;
      }
      if (!found.equals(delivered)) {
        delivered = found;
        tell(found);
      }
      unsettled = null;
      return poll;
    }

    private void tell(Finding found) {
      if (found.text() == null) {
        failed(found.problem());
        return;
      }
      List<Endpoint> endpoints;
      try {
        endpoints = EndpointFile.parse(found.text());
      } catch (IllegalArgumentException e) {
        failed(e.getMessage());
        return;
      }
      delivery.endpoints(endpoints);
    }

    private void failed(@Nullable String what) {
      delivery.failed(
          Status.of(
              Status.Code.UNAVAILABLE,
              source + ": " + what + "; the last good list, if any, stays in use"));
    }
  }

  private static Finding read(Path path) {
    try {
      // Opening a pipe would wait for a writer for ever.
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        return new Finding(null, "not a regular file");
      }
      try (InputStream in = Files.newInputStream(path)) {
        return finding(in.readNBytes(MAX_BYTES + 1));
      }
    } catch (NoSuchFileException e) {
      return new Finding(null, "no such file");
    } catch (AccessDeniedException e) {
      return new Finding(null, "this process may not read it");
    } catch (IOException e) {
      return new Finding(null, "cannot be read: " + Printable.of(e.toString()));
    }
  }

  private static Finding finding(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return new Finding(null, "larger than the limit of " + MAX_BYTES + " bytes");
    }
    if (bytes.length == 0) {
      // Far more often the trace of a full disk or a crash than meant; losing all endpoints to it
      // would be worse than asking for a comment.
      return new Finding(
          null, "empty; to say that there are no endpoints, leave a line with a # in it");
    }
    // Bytes that are not UTF-8 become U+FFFD, which no address has: the line is found broken.
    return new Finding(new String(bytes, StandardCharsets.UTF_8), "");
  }
}
