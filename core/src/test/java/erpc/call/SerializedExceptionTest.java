package erpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frameworks carry exceptions from one process to another by Java's serialization. */
class SerializedExceptionTest {
  static Stream<Status> statuses() {
    return Stream.of(Status.Code.values())
        .filter(code -> code != Status.Code.OK)
        .flatMap(code ->
            Stream.of(Status.Started.values())
                .map(started -> Status.of(code, "why " + code).withStarted(started)))
        .flatMap(status ->
            Stream.of(
                status,
                status.withMessage(""),
                status.asRemote().withEndpoint("127.0.0.1:8877"),
                status.withDetails(new byte[] {1, 2, 3})));
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void keepsItsStatus(Status status) throws Exception {
    RpcException read = read(written(status.toException()));
    assertThat(read.status()).isEqualTo(status).hasToString(status.toString());
    assertThat(read.code()).isSameAs(status.code());
    assertThat(read.status().isRemote()).isEqualTo(status.isRemote());
    assertThat(read.status().started()).isSameAs(status.started());
    assertThat(read).hasMessage(status.toString());
  }

  @Test
  void keepsItsCauseAndItsStack() throws Exception {
    IllegalStateException cause = new IllegalStateException("deep");
    RpcException thrown = Status.of(Status.Code.INTERNAL, "broken").toException(cause);
    RpcException read = read(written(thrown));
    assertThat(read).hasCauseInstanceOf(IllegalStateException.class).hasRootCauseMessage("deep");
    assertThat(read.getStackTrace()).isEqualTo(thrown.getStackTrace());
  }

  private static byte[] written(RpcException e) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(e);
    }
    return bytes.toByteArray();
  }

  private static RpcException read(byte[] bytes) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (RpcException) in.readObject();
    }
  }
}
