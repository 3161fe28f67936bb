"""A client for erpc's wire protocol, version 1: unary calls, one at a time. Written from docs/protocol.md alone.

    client = Client(("127.0.0.1", 8877))          # or a path, for a Unix socket
    reply = client.call("demo.echo", b'{"msg":"hi"}', codec="json", timeout=1.0)
"""
import select, socket, struct, time
from collections import namedtuple

PING, AUTH, REQUEST, RESPONSE, DATA, CREDIT, RESET, GOAWAY, SETTINGS = range(9)
END, TICK, MORE, ACK = 0x80, 0x40, 0x20, 0x10
PREFACE = b"\x3b\xef\x5c\x01"
CODECS = {"pb": 1, "json": 2, "binary": 5}
CODES = ("OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED "
         "RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS "
         "UNAUTHENTICATED").split()
MAX_FRAME, MAX_DATA, STREAM_WINDOW, CONNECTION_WINDOW, MAX_MESSAGE = 81920, 65536, 262144, 8388608, 4194304
Reply = namedtuple("Reply", "body headers trailers")


class RpcError(Exception):
    """A call that ended in another status than OK. started: 'NO', 'MAYBE' or 'YES'."""

    def __init__(self, code, message, started, details=b"", trailers=(), retry_after=0.0):
        self.code, self.message, self.started = CODES[code if code <= 16 else 2], message, started
        self.details, self.trailers, self.retry_after = details, list(trailers), retry_after
        super().__init__("%s: %s" % (self.code, message))


class Fields:  # reads a payload from its beginning
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        if self.at > len(self.data):
            raise ConnectionError("the server sent fields that pass their frame's end")
        return self.data[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def block(self, size=2):
        return self.take(self.number(size))

    def metadata(self):
        entries, found = Fields(self.block()), []
        while entries.at < len(entries.data):
            key, value = entries.block(1).decode(), entries.block()
            found.append((key, value if key.endswith("-bin") else value.decode()))
        return found


class Call:  # one stream: our credit, what we owe, and what of the reply is here
    def __init__(self, method, credit):
        self.method, self.credit, self.owed, self.done, self.error = method, credit, 0, False, None
        self.messages, self.message, self.total, self.more, self.headers, self.trailers = 0, b"", None, 0, [], []

    def end(self, error=None):
        self.done, self.error = True, self.error if self.done else error

    def data_part(self, fields, more):  # Messages in frames
        if fields.at < len(fields.data) and not self.more:
            self.messages, self.message, _ = self.messages + 1, b"", fields.number(1)
            self.total = fields.number(4) if more else None
        self.message, self.more = self.message + fields.take(len(fields.data) - fields.at), more
        if max(len(self.message), self.total or 0) > MAX_MESSAGE:
            self.end(RpcError(8, "the reply is larger than %d bytes" % MAX_MESSAGE, "YES"))
        elif not more and self.total not in (None, len(self.message)):
            self.end(RpcError(13, "the reply is not as long as announced", "YES"))


class Client:
    """One connection. It reads only while a call waits, so the server ends it after a long pause."""

    def __init__(self, address):
        kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(kind)
        self.socket.settimeout(10)
        self.socket.connect(address)
        self.inbox, self.greeted, self.gone, self.last_id, self.current, self.routes = b"", False, None, 0, None, {}
        self.credit, self.owed, self.window, self.max_message = CONNECTION_WINDOW, 0, STREAM_WINDOW, MAX_MESSAGE
        self.socket.sendall(PREFACE)
        self.frame(SETTINGS, 0, 0, b"")  # the defaults are what this client takes

    def call(self, method, body, codec="pb", timeout=1.0, metadata=()):
        """Makes one unary call; returns a Reply or raises RpcError. Values of keys in -bin are bytes, others str."""
        if self.gone or timeout <= 0 or len(body) > self.max_message:
            raise RpcError(14 if self.gone else 4 if timeout <= 0 else 8, self.gone or "no time, or too large", "NO")
        until, self.last_id = time.monotonic() + timeout, self.last_id + 1
        self.current = call = Call(method, self.window)
        try:
            self.request(call, self.head(method, timeout, metadata), CODECS[codec], body, until)
            while not call.done:
                if not self.step(until):
                    call.end(RpcError(4, "no answer within %g s" % timeout, "MAYBE"))
                    self.frame(RESET, 0, self.last_id, bytes([4]))
        except OSError as broken:
            self.gone = self.gone or "the connection broke: %s" % broken
            self.socket.close()
            call.end(RpcError(14, self.gone, "MAYBE"))
        if call.error or call.messages != 1 or call.more:
            raise call.error or RpcError(13, "OK with %d messages" % call.messages, "YES")
        return Reply(call.message, call.headers, call.trailers)

    def head(self, method, timeout, metadata):  # REQUEST
        route, name, pairs = self.routes.get(method), method.encode(), b""
        for key, value in metadata:
            value = value if key.endswith("-bin") else value.encode()
            pairs += bytes([len(key)]) + key.encode() + struct.pack(">H", len(value)) + value
        head = bytes([(0 if route else 0x01) | 0x02 | (0x08 if pairs else 0)])
        head += struct.pack(">H", route) if route else bytes([len(name)]) + name
        head += struct.pack(">I", min(0xFFFFFFFF, -int(-timeout * 1000 // 1)))
        return head + (struct.pack(">H", len(pairs)) + pairs if pairs else b"")

    def request(self, call, head, codec, body, until):  # Messages in frames; Flow control
        rest, kind = bytes([codec]) + body, REQUEST
        if len(rest) > min(MAX_DATA, call.credit, self.credit):
            rest = struct.pack(">BI", codec, len(body)) + body
        while rest and not call.done:
            size = min(len(rest), MAX_DATA, call.credit, self.credit)
            if size >= min(5, len(rest)):
                call.credit, self.credit = call.credit - size, self.credit - size
                self.frame(kind, MORE if size < len(rest) else END, self.last_id, head + rest[:size])
                head, rest, kind = b"", rest[size:], DATA
            elif not self.step(until):
                return  # the caller sees that its time is over

    def frame(self, kind, flags, stream, payload):  # Frame; Time in buffers
        tick = int(time.monotonic() * 1000) & 0xFFFFFFFF
        word = (len(payload) + 4) << 8 | flags | TICK | kind
        self.socket.sendall(struct.pack(">III", word, stream, tick) + payload)

    def need(self, count, until):
        while len(self.inbox) < count and time.monotonic() < until:
            if select.select([self.socket], [], [], max(0.0, until - time.monotonic()))[0]:
                received = self.socket.recv(1 << 16)
                if not received:
                    raise ConnectionError("the server closed it")
                self.inbox += received
        return len(self.inbox) >= count

    def step(self, until):
        """Reads and obeys one frame; False if none came in time."""
        if not self.greeted and self.need(4, until):
            if self.inbox[:4] != PREFACE:
                raise ConnectionError("the server does not speak version 1 of erpc")
            self.greeted, self.inbox = True, self.inbox[4:]
        if not self.greeted or not self.need(8, until):
            return False
        word, number = struct.unpack_from(">II", self.inbox)
        kind, flags, length, current = word & 0x0F, word & 0xF0, word >> 8, self.current
        if length > MAX_FRAME or kind in (RESPONSE, DATA, CREDIT, RESET) and number > self.last_id:
            raise ConnectionError("the server sent %d bytes for stream %d" % (length, number))
        if not self.need(8 + length, until):
            return False
        fields, self.inbox = Fields(self.inbox[8:8 + length]), self.inbox[8 + length:]
        fields.take(4 if flags & TICK else 0)
        if kind == PING and not flags & ACK:
            self.frame(PING, ACK, 0, fields.take(8))
        elif kind == CREDIT and number == 0:
            self.credit += fields.number(4)
        elif kind == GOAWAY:
            last, code, self.gone = fields.number(4), fields.number(1), "the server leaves: " + fields.block().decode()
            if self.last_id > last:
                current.end(RpcError(14, "%s (%d)" % (self.gone, code), "NO"))
        elif kind == SETTINGS:
            values = dict(struct.iter_unpack(">HI", fields.data[fields.at:]))
            self.max_message, self.window = values.get(1, self.max_message), max(self.window, values.get(2, 0))
        elif kind in (RESPONSE, DATA):
            self.received(kind, flags, number, fields, current if number == self.last_id else Call(None, 0))
        elif number == self.last_id and kind == CREDIT:
            current.credit += fields.number(4)
        elif number == self.last_id and kind == RESET:
            current.end(RpcError(fields.number(1), "the server reset the stream", "MAYBE"))
        return True

    def received(self, kind, flags, number, fields, call):  # RESPONSE; Flow control
        bits = fields.number(1) if kind == RESPONSE else 0
        code, text = (fields.number(1), fields.block().decode()) if bits & 0x01 else (0, "")
        details = fields.block() if bits & 0x02 else b""
        call.headers = fields.metadata() if bits & 0x04 else call.headers
        call.trailers = fields.metadata() if bits & 0x08 else call.trailers
        self.routes.update({call.method: fields.number(2)} if bits & 0x20 else {})
        retry_after = fields.number(4) / 1000 if bits & 0x40 else 0.0
        fields.take(fields.number(2) if bits & 0x80 else 0)
        size = len(fields.data) - fields.at
        call.owed, self.owed = call.owed + size, self.owed + size
        if code:
            call.end(RpcError(code, text, "NO" if bits & 0x10 else "YES", details, call.trailers, retry_after))
        if not call.done:
            call.data_part(fields, flags & MORE)
        call.done = call.done or flags & END != 0
        if call.owed > STREAM_WINDOW // 4 and not call.done:
            self.frame(CREDIT, 0, number, struct.pack(">I", call.owed))
            call.owed = 0
        if self.owed > CONNECTION_WINDOW // 4:
            self.frame(CREDIT, 0, 0, struct.pack(">I", self.owed))
            self.owed = 0
