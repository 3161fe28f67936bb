"""Streams as PythonStreamTest asks, and prints what came of it, one line each."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "main" / "python"))
from erpc_client import STREAM_WINDOW, RpcError
from erpc_stream import StreamClient


def show(ask):
    """Prints what came, or how it ended."""
    try:
        print(ask())
    except RpcError as e:
        print(e.code, "started=" + e.started, e.trailers, e.message)


def small(client):
    with client.stream("demo.chat", codec="binary", metadata=[("who", "me")]) as chat:
        for i in range(1000):
            chat.send(b"m%d" % i)
        chat.half_close()
        print(list(chat) == [b"m%d" % i for i in range(1000)])
        print(chat.headers, chat.trailers)
    show(lambda: client.call("demo.unary", b"still here", codec="binary", timeout=20).body)


def empty(client):
    with client.stream("demo.chat", codec="binary") as chat:
        chat.half_close()
        print(list(chat))
    with client.stream("demo.chat", codec="binary") as chat:
        chat.send(b"")
        chat.send(b"")
        chat.half_close()
        print(list(chat))


def large(client):
    equal, total = 0, 0
    with client.stream("demo.chat", codec="binary") as chat:
        for size in 65535, 65536, 262144, 1 << 20, 1 << 20, (1 << 20) + 1, 1 << 20, 1 << 20, 4 << 20, 4 << 20:
            body = bytes(i * 7 & 0xFF for i in range(251)) * (size // 251 + 1)
            chat.send(body[:size])
            equal, total = equal + (chat.receive() == body[:size]), total + size
        chat.half_close()
        print(equal, total > 8 << 20, chat.receive())


def several(client):
    chats = [client.stream("demo.chat", codec="binary") for _ in range(20)]
    for _ in range(3):  # in all more than the connection's credit
        for chat in chats:
            chat.send(bytes(150_000))
    print(sum(len(chat.receive()) for _ in range(3) for chat in chats))
    for chat in chats:
        chat.half_close()
    print([chat.receive() for chat in chats] == [None] * 20)


def slow(client):
    with client.stream("demo.count", codec="binary") as count:
        count.send(b"2000")
        count.half_close()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            client.step(until)  # takes what comes from the socket, but nothing out of the stream
        waiting = sum(owed for _, owed in count.ready)
        print("filled", STREAM_WINDOW - 1001 <= waiting <= STREAM_WINDOW)
        show(lambda: client.call("demo.unary", b"others go on", codec="binary", timeout=20).body)
        print("all", sum(1 for message in count if len(message) == 1000))


def cancel(client):
    with client.stream("demo.chat", codec="binary") as chat:
        chat.send(b"hi")
        print(chat.receive())
    show(lambda: client.call("demo.unary", b"still here", codec="binary", timeout=20).body)
    show(chat.receive)


def status(client):
    with client.stream("demo.fails", codec="binary") as stream:
        stream.send(b"3")
        stream.half_close()
        for _ in range(4):
            show(stream.receive)


def early(client):
    """The server ends the stream while messages are on their way to it."""
    with client.stream("demo.fails", codec="binary") as stream:
        stream.send(b"0")
        sent = 0
        while stream.send(bytes(100_000)):
            sent += 1
        print("stopped", sent < 100)
        show(stream.receive)
    for _ in range(3):
        client.call("demo.unary", bytes(4 << 20), codec="binary", timeout=20)
    show(lambda: client.call("demo.unary", b"still here", codec="binary", timeout=20).body)


def deadline(client):
    with client.stream("demo.chat", codec="binary", timeout=0.3) as chat:
        show(chat.receive)


def idle(client):
    with client.stream("demo.chat", codec="binary") as chat:
        show(chat.receive)


def unknown(client):
    with client.stream("demo.nothing", codec="binary") as stream:
        show(stream.receive)


if __name__ == "__main__":
    host, _, port = sys.argv[1].rpartition(":")
    globals()[sys.argv[2]](StreamClient((host, int(port))))
