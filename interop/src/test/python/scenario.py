"""Calls a server as PythonClientTest asks, and prints what came of it, one line each."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "main" / "python"))
from erpc_client import Client, RpcError


class Patient(Client):
    """On a busy machine a first call may take longer than the client's second."""

    def call(self, method, body, timeout=20.0, **more):
        return super().call(method, body, timeout=timeout, **more)


def pb(text):
    """A protobuf message whose field 1 is this string."""
    size, length = len(text.encode()), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return b"\x0a" + length + bytes([size]) + text.encode()


def show(call):
    """Prints how a call ended."""
    try:
        reply = call()
        print("OK", len(reply.body), repr(reply.body[:40]), reply.headers, reply.trailers)
    except RpcError as e:
        print(e.code, "started=" + e.started, "details=" + e.details.hex(), e.trailers, e.message)


def echo(client):
    show(lambda: client.call("demo.echo", pb("hi")))
    print("number", client.routes["demo.echo"] > 0)
    show(lambda: client.call("demo.echo", pb("by number")))
    show(lambda: client.call("demo.json", b'{"msg":"hi"}', codec="json"))
    show(lambda: client.call("demo.bytes", b"", codec="binary"))


def large(client):
    for size in 65535, 65536, 262144, 1 << 20, 4 << 20:
        body = bytes(i * 7 & 0xFF for i in range(251)) * (size // 251 + 1)
        print(size, client.call("demo.bytes", body[:size], codec="binary", timeout=20).body == body[:size])
    for _ in range(5):  # more than the connection's credit each way
        client.call("demo.bytes", bytes(4 << 20), codec="binary", timeout=20)
    show(lambda: client.call("demo.bytes", b"still here", codec="binary"))


def errors(client):
    show(lambda: client.call("demo.nothing", pb("")))
    show(lambda: client.call("no good", pb("")))
    show(lambda: client.call("demo.fails", pb("")))
    show(lambda: client.call("demo.throws", pb("")))
    show(lambda: client.call("demo.echo", b"\xff"))
    show(lambda: client.call("demo.echo", b"hi", codec="binary"))
    show(lambda: client.call("demo.echo", pb("hi")))


def metadata(client):
    sent = [("who", "me"), ("who", "too"), ("raw-bin", b"\x00\xff")]
    show(lambda: client.call("demo.metadata", pb(""), metadata=sent))
    show(lambda: client.call("demo.metadata", pb(""), metadata=[("Who", "me")]))
    show(lambda: client.call("demo.metadata", pb(""), metadata=[("k", "v" * 9000)]))


def deadline(client):
    start = time.monotonic()
    show(lambda: client.call("demo.hangs", pb(""), timeout=0.3))
    print("in time", 0.3 <= time.monotonic() - start < 2)
    show(lambda: client.call("demo.echo", pb(""), timeout=0))
    show(lambda: client.call("demo.echo", pb("hi")))


def oversize(client):
    show(lambda: client.call("demo.bytes", bytes((4 << 20) + 1), codec="binary"))
    client.max_message = 1 << 30
    show(lambda: client.call("demo.bytes", bytes((4 << 20) + 1), codec="binary", timeout=20))
    show(lambda: client.call("demo.small", bytes(2000), codec="binary"))
    show(lambda: client.call("demo.bytes", b"still here", codec="binary"))


def settings(client):
    show(lambda: client.call("demo.bytes", bytes(1000), codec="binary"))
    show(lambda: client.call("demo.bytes", bytes(1001), codec="binary"))


def waits(client):
    show(lambda: client.call("demo.slow", pb("hi"), timeout=20))


def leaves(client):
    show(lambda: client.call("demo.held", pb("hi"), timeout=20))
    show(lambda: client.call("demo.echo", pb("hi"), timeout=20))


if __name__ == "__main__":
    host, _, port = sys.argv[1].rpartition(":")
    globals()[sys.argv[2]](Patient((host, int(port))))
