"""Streams for erpc_client.py: several at a time, messages both ways, flow control. Written from docs/protocol.md alone.

    client = StreamClient(("127.0.0.1", 8877))
    with client.stream("demo.chat", codec="json") as chat:
        chat.send(b'{"msg":"hi"}')
        chat.half_close()
        for message in chat:
            print(message)

A stream's messages wait here until they are read, and their credit with them: who doesn't read holds the sender back.
"""
import time
from collections import deque
from contextlib import contextmanager

from erpc_client import CODECS, DATA, END, REQUEST, Call, Client, RpcError


class StreamClient(Client):
    def stream(self, method, codec="pb", timeout=None, metadata=()):
        """Opens a stream. timeout: seconds for all of it; None: it may live for ever."""
        if self.gone:
            raise RpcError(14, self.gone, "NO")
        stream = self.opened(Stream, method, timeout, metadata)
        stream.client, stream.codec = self, CODECS[codec]
        with stream.working():
            self.frame(REQUEST, 0, stream.number, stream.head)
            stream.head = b""
        return stream


class Stream(Call):
    """One stream. Like its client it is for one thread. headers and trailers are there once they have come."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.ready, self.withheld, self.closed = deque(), 0, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cancel()

    def send(self, body, timeout=20.0):
        """Sends one message; waits for credit. False if the stream has ended, which receive() explains."""
        if self.closed or len(body) > self.client.max_message:
            raise ValueError("half-closed, or a message over %d bytes" % self.client.max_message)
        with self.working():
            self.client.send(self, self.codec, body, 0, time.monotonic() + timeout)
        return not self.done

    def half_close(self):
        """Says that no more messages will come from here."""
        if not self.done and not self.closed:
            with self.working():
                self.client.frame(DATA, END, self.number, b"")
        self.closed = True

    def receive(self, timeout=20.0):
        """The next message; None after the last one. Raises RpcError if the stream ended in another status than OK."""
        until = time.monotonic() + timeout
        with self.working():
            while not self.ready and not self.done:
                self.client.wait(self, until)
            if self.ready:
                message, owed = self.ready.popleft()
                if not self.ready:  # the rest of the next message is what the reader waits for
                    owed, self.withheld = owed + self.withheld, 0
                self.client.pay(self, owed)
                return message
        if self.error or self.more:
            raise self.error or RpcError(13, "OK within a message", "YES")
        return None

    def __iter__(self):
        return iter(self.receive, None)

    def cancel(self):
        """Ends it unless it has ended; what waits to be read is dropped."""
        with self.working():
            if not self.done:
                self.client.reset(self, RpcError(1, "cancelled here", "YES"))
            self.client.pay(self, self.withheld + sum(owed for _, owed in self.ready))
        self.ready.clear()
        self.withheld = 0

    def data_part(self, fields, size, more):
        began = size > 0 or self.more
        super().data_part(fields, size, more)
        if self.done:  # super's reason: too large, or not as long as announced
            self.client.reset(self, self.error)
            return size
        if began and not more:
            self.ready.append((self.message, self.withheld + size))
            self.withheld = 0
            return 0
        if not self.ready:
            return size
        self.withheld += size
        return 0

    @contextmanager
    def working(self):
        try:
            yield
        except OSError as broken:
            self.client.gone = self.client.gone or "the connection broke: %s" % broken
            self.client.socket.close()
            self.end(RpcError(14, self.client.gone, "MAYBE"))
