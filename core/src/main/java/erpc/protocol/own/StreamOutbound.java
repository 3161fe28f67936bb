package erpc.protocol.own;

/** Something a thread sends on an open stream, through its {@link Outbox}. */
abstract sealed class StreamOutbound extends ChargedOutbound permits StreamMessage, StreamBatch {
  final Stream stream;

  StreamOutbound(Stream stream) {
    this.stream = stream;
  }

  /** What its outbox counts it as until it has left. */
  abstract int aheadBytes();

  /** Credit that it takes to be written at once. */
  abstract int dataBytes();

  /** Bytes of it that have not been written. */
  abstract int unsentBytes();

  @Override
  void write() {
    stream.send(this);
  }

  @Override
  void dropped() {
    Outbox from = stream.outbox();
    if (from != null) {
      from.released(aheadBytes());
    }
  }
}
