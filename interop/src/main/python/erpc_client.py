"""A client for erpc's wire protocol, version 1, from docs/protocol.md alone: unary calls (streams: erpc_stream.py).
    client = Client(("127.0.0.1", 8877))          # or a path, for a Unix socket
    reply = client.call("demo.echo", b'{"msg":"hi"}', codec="json", timeout=1.0)
"""
import select, socket, struct, time
from collections import namedtuple

PING, AUTH, REQUEST, RESPONSE, DATA, CREDIT, RESET, GOAWAY, SETTINGS = range(9)
END, TICK, MORE, ACK, PREFACE = 0x80, 0x40, 0x20, 0x10, b"\x3b\xef\x5c\x01"
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


class Call:  # one stream: its head until that is sent, our credit, what we owe, and what of the reply is here
    def __init__(self, method=None, number=0, head=b"", credit=0):
        self.method, self.number, self.head, self.credit = method, number, head, credit
        self.owed, self.done, self.error = 0, not number, None
        self.messages, self.message, self.total, self.more, self.headers, self.trailers = 0, b"", None, 0, [], []

    def end(self, error=None):
        self.done, self.error = True, self.error if self.done else error

    def data_part(self, fields, size, more):  # Messages in frames; returns for how many bytes to give credit now
        if (size or more) and not self.more:
            self.messages, self.message, _ = self.messages + 1, b"", fields.number(1)
            self.total = fields.number(4) if more else None
        self.message, self.more = self.message + fields.data[fields.at:], more
        if max(len(self.message), self.total or 0) > MAX_MESSAGE:
            self.end(RpcError(8, "the reply is larger than %d bytes" % MAX_MESSAGE, "YES"))
        elif not more and self.total not in (None, len(self.message)):
            self.end(RpcError(13, "the reply is not as long as announced", "YES"))
        return size


class Client:
    """One connection. It reads only while a call waits, so the server ends it after a long pause."""
    def __init__(self, address):
        kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(kind)
        self.socket.settimeout(10)
        self.socket.connect(address)
        self.inbox, self.gone, self.last_id, self.calls, self.routes = b"", None, 0, {}, {}
        self.credit, self.owed, self.window, self.max_message = CONNECTION_WINDOW, 0, STREAM_WINDOW, MAX_MESSAGE
        self.socket.sendall(PREFACE + struct.pack(">II", SETTINGS, 0))  # the defaults are what this client takes
        if not self.need(4, time.monotonic() + 10) or self.inbox[:4] != PREFACE:
            raise ConnectionError("the server does not speak version 1 of erpc")
        self.inbox = self.inbox[4:]

    def call(self, method, body, codec="pb", timeout=1.0, metadata=()):
        """Makes one unary call; returns a Reply or raises RpcError. Values of keys in -bin are bytes, others str."""
        if self.gone or timeout <= 0 or len(body) > self.max_message:
            raise RpcError(14 if self.gone else 4 if timeout <= 0 else 8, self.gone or "no time, or too large", "NO")
        call, until = self.opened(Call, method, timeout, metadata), time.monotonic() + timeout
        try:
            self.send(call, CODECS[codec], body, END, until)
            while not call.done:
                self.wait(call, until)
        except OSError as broken:
            self.gone = self.gone or "the connection broke: %s" % broken
            self.socket.close()
            call.end(RpcError(14, self.gone, "MAYBE"))
        if call.error or call.messages != 1 or call.more:
            raise call.error or RpcError(13, "OK with %d messages" % call.messages, "YES")
        return Reply(call.message, call.headers, call.trailers)

    def opened(self, make, method, timeout, metadata):
        self.last_id, self.calls = self.last_id + 1, {n: call for n, call in self.calls.items() if not call.done}
        self.calls[self.last_id] = call = make(method, self.last_id, self.head(method, timeout, metadata), self.window)
        return call

    def wait(self, call, until):
        if not self.step(until):
            self.reset(call, RpcError(4, "nothing came in time", "MAYBE"))

    def reset(self, call, error):
        call.end(error)
        self.frame(RESET, 0, call.number, bytes([CODES.index(error.code)]))

    def head(self, method, timeout, metadata):  # REQUEST
        route, name, pairs = self.routes.get(method), method.encode(), b""
        for key, value in [(k.encode(), v if k.endswith("-bin") else v.encode()) for k, v in metadata]:
            pairs += bytes([len(key)]) + key + struct.pack(">H", len(value)) + value
        head = bytes([(0 if route else 0x01) | (0 if timeout is None else 0x02) | (0x08 if pairs else 0)])
        head += struct.pack(">H", route) if route else bytes([len(name)]) + name
        head += b"" if timeout is None else struct.pack(">I", min(0xFFFFFFFF, -int(-timeout * 1000 // 1)))
        return head + (struct.pack(">H", len(pairs)) + pairs if pairs else b"")

    def send(self, call, codec, body, end, until):  # Messages in frames; Flow control.
        rest = bytes([codec]) + body
        if len(rest) > min(MAX_DATA, call.credit, self.credit):
            rest = struct.pack(">BI", codec, len(body)) + body
        while rest and not call.done:
            size = min(len(rest), MAX_DATA, call.credit, self.credit)
            if size >= min(5, len(rest)):
                call.credit, self.credit = call.credit - size, self.credit - size
                self.frame(REQUEST if call.head else DATA, MORE if size < len(rest) else end, call.number,
                           call.head + rest[:size])
                call.head, rest = b"", rest[size:]
            else:
                self.wait(call, until)

    def frame(self, kind, flags, stream, payload):  # Frame; Time in buffers
        word, tick = (len(payload) + 4) << 8 | flags | TICK | kind, int(time.monotonic() * 1000) & 0xFFFFFFFF
        self.socket.sendall(struct.pack(">III", word, stream, tick) + payload)

    def need(self, count, until):
        while len(self.inbox) < count and select.select([self.socket], [], [], max(0.0, until - time.monotonic()))[0]:
            received = self.socket.recv(1 << 16)
            if not received:
                raise ConnectionError("the server closed it")
            self.inbox += received
        return len(self.inbox) >= count

    def step(self, until):  # reads and obeys one frame; False if none came in time
        if not self.need(8, until):
            return False
        word, number = struct.unpack_from(">II", self.inbox)  # Frame
        kind, flags, length, call = word & 0x0F, word & 0xF0, word >> 8, self.calls.get(number) or Call()
        if length > MAX_FRAME or kind in (AUTH, REQUEST) or RESPONSE <= kind <= RESET and number > self.last_id:
            raise ConnectionError("the server sent type %d, %d bytes, for stream %d" % (kind, length, number))
        if not self.need(8 + length, until):
            return False
        fields, self.inbox = Fields(self.inbox[8:8 + length]), self.inbox[8 + length:]
        fields.take(4 if flags & TICK else 0)
        if kind == PING and not flags & ACK:
            self.frame(PING, ACK, 0, fields.take(8))
        elif kind == CREDIT:
            (call if number else self).credit += fields.number(4)
        elif kind == GOAWAY:
            last, code, self.gone = fields.number(4), fields.number(1), "the server leaves: " + fields.block().decode()
            for each in [each for each in self.calls.values() if each.number > last]:
                each.end(RpcError(14, "%s (%d)" % (self.gone, code), "NO"))
        elif kind == SETTINGS:
            values = dict(struct.iter_unpack(">HI", fields.data[fields.at:]))
            self.max_message, self.window = values.get(1, self.max_message), max(self.window, values.get(2, 0))
        elif kind in (RESPONSE, DATA):
            self.received(kind, flags, fields, call)
        elif kind == RESET:
            call.end(RpcError(fields.number(1) or 1, "the server reset the stream", "MAYBE"))
        return True

    def received(self, kind, flags, fields, call):  # RESPONSE
        bits, was = fields.number(1) if kind == RESPONSE else 0, ((0x04, call.headers), (0x08, call.trailers))
        code, text = (fields.number(1), fields.block().decode()) if bits & 0x01 else (0, "")
        details = fields.block() if bits & 0x02 else b""
        call.headers, call.trailers = [fields.metadata() if bits & bit else old for bit, old in was]
        route = fields.number(2) if bits & 0x20 else 0
        self.routes.update({call.method: route} if route and call.method else {})
        retry_after, _ = fields.number(4) / 1000 if bits & 0x40 else 0.0, fields.block() if bits & 0x80 else b""
        if bits & 0x5B and not flags & END or bits & 4 and was[0][1] or len({*self.routes.values()}) < len(self.routes):
            raise ConnectionError("the server sent headers twice, a route of two methods or a status without END")
        size = len(fields.data) - fields.at
        if code:
            call.end(RpcError(code, text, "NO" if bits & 0x10 else "YES", details, call.trailers, retry_after))
        size = size if call.done else call.data_part(fields, size, flags & MORE)
        call.done = call.done or flags & END != 0
        self.pay(call, size)

    def pay(self, call, size):  # Flow control
        for owing, number, window in (call, call.number, STREAM_WINDOW), (self, 0, CONNECTION_WINDOW):
            owing.owed += size
            if owing.owed > window // 4 and not (number and call.done):
                self.frame(CREDIT, 0, number, struct.pack(">I", owing.owed))
                owing.owed = 0
