"""An engine that follows a script, for faults that a real one, or a proxy before it, cannot be made to show.

    with Fake(case, path) as fake: ... DOCKER_HOST=fake.host ...

It knows the requests of one run of the sandbox `double` with x=4. A case replaces the answers to some of them: bytes that are sent
as they are, or a function that is given the socket.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import io
import os
import re
import socket
import struct
import tarfile
import threading
import time

STEPS = {"ping": r"GET /_ping", "list": r"GET .*/containers/json", "volumes": r"GET .*/volumes", "create": r"POST .*/containers/create",
         "attach": r"POST .*/attach", "start": r"POST .*/start", "wait": r"POST .*/wait", "archive": r"GET .*/archive", "delete": r"DELETE "}


def answer(body=b"", status="200 OK", length=None, head=b""):
    if isinstance(body, str):
        body = body.encode()
    return f"HTTP/1.1 {status}\r\nApi-Version: 1.41\r\nContent-Length: {len(body) if length is None else length}\r\n".encode() + head + b"\r\n" + body


def chunked(*parts, end=b"0\r\n\r\n"):
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + end


def frame(stream, text, length=None):
    return struct.pack(">BxxxI", stream, len(text) if length is None else length) + text


def tar(*members):
    """Members (name, kind, text); a number as text is a size without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if isinstance(text, int):
                member.size = text
                out.write(member.tobuf())
                continue
            member.size = len(text) if kind == tarfile.REGTYPE else 0
            member.linkname = text.decode() if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            archive.addfile(member, io.BytesIO(text))
    return out.getvalue()


OUTPUTS = tar(("outputs", tarfile.DIRTYPE, b""), ("outputs/result", tarfile.REGTYPE, b"8"))
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
CREATED = '{"Id": "' + "f" * 64 + '", "Warnings": []}'
DEFAULT = {"ping": answer(b"OK"), "list": answer(b"[]"), "volumes": answer(b'{"Volumes": null}'), "create": answer(CREATED, "201 Created"),
           "attach": frame(1, b"said\n"), "start": answer(status="204 No Content"), "wait": answer(b'{"StatusCode": 0}'), "archive": answer(OUTPUTS),
           "delete": answer(status="204 No Content")}


def bytewise(data, pause=0.0005):
    """Single bytes; after 700 of them, pieces of an odd length."""
    def send(client):
        at = 0
        while at < len(data):
            length = 1 if at < 700 else 97
            client.sendall(data[at:at + length])
            at += length
            time.sleep(pause)
    return send


def endless(head, part):
    def send(client):
        client.sendall(head)
        while True:
            client.sendall(part)
    return send


def closing(data):
    def send(client):
        client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)
    return send


class Case:
    def __init__(self, name, wanted=None, **answers):
        """wanted: a pattern of the last line of the error; None: the run succeeds all the same."""
        self.name, self.wanted, self.answers = name, wanted, answers


NOT_HTTP = "the connection to the engine failed: the answer is not HTTP"
CASES = [
    Case("nothing is wrong"),
    Case("answers in single bytes", **{step: bytewise(data) for step, data in DEFAULT.items() if step != "attach"}),
    Case("chunks in single bytes", archive=bytewise(chunked(*(OUTPUTS[i:i + 700] for i in range(0, len(OUTPUTS), 700))), 0), wait=bytewise(chunked(b'{"Stat', b'usCode": 0}'))),
    Case("every connection is closed", **{step: answer(b"OK" if step == "ping" else data.partition(b"\r\n\r\n")[2], head=b"Connection: close\r\n")
                                          for step, data in DEFAULT.items() if step not in ("attach", "start", "delete", "create")}),
    Case("connections end without a word", **{step: closing(data) for step, data in DEFAULT.items() if step != "attach"}),
    Case("a continue before the answer", create=b"HTTP/1.1 100 Continue\r\n\r\n" + DEFAULT["create"]),
    Case("two answers to one request", create=DEFAULT["create"] * 2),
    Case("more than was promised", create=answer(CREATED, "201 Created", 20)),
    Case("a head that does not end", NOT_HTTP, create=b"HTTP/1.1 201 Created\r\nX: " + b"a" * 200_000),
    Case("head lines without end", NOT_HTTP, create=endless(b"HTTP/1.1 201 Created\r\n", b"X: 1\r\n" * 1000)),
    Case("a body without end", "the answer is too large", create=endless(b"HTTP/1.1 201 Created\r\n\r\n", b" " * 65536)),
    Case("chunks without end", "the answer is too large", create=endless(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n")),
    Case("a negative length", NOT_HTTP, create=answer(CREATED, "201 Created", -1)),
    Case("a length beyond all", "it ended in the middle of an answer", create=closing(answer(CREATED, "201 Created", 10**17))),
    Case("two lengths", NOT_HTTP, create=answer(CREATED, "201 Created", head=b"Content-Length: 3\r\n")),
    Case("a chunk of no size", NOT_HTTP, create=chunked(b"x", end=b"zz\r\n")),
    Case("no status", NOT_HTTP, create=b"HTTP/1.1 abc Created\r\n\r\n"),
    Case("another protocol", NOT_HTTP, create=CREATED.encode() + b"\n"),
    Case("an engine that is too old", "is too old: it has API 1.30", ping=b"HTTP/1.1 200 OK\r\nApi-Version: 1.30\r\nContent-Length: 0\r\n\r\n"),
    Case("an engine without a version", "is too old: it has API \\?", ping=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    Case("no container", "its container cannot be created: no space left", create=answer('{"message": "no space left"}', "500 Internal Server Error")),
    Case("a name that is taken", "its container cannot be created: taken", create=answer('{"message": "taken"}', "409 Conflict")),
    Case("a creation whose answer is lost", create=[closing(b""), answer('{"message": "taken"}', "409 Conflict")]),
    Case("a start without an answer", "its container cannot be started: .*it ended without an answer", start=closing(b"")),
    Case("a frame that is cut", attach=frame(1, b"said\n") + frame(2, b"half", 100)),
    Case("a frame of 4 GiB", attach=frame(1, b"x" * 100_000, 0xffffffff)),
    Case("a stream of no number", attach=frame(77, b"said\n") + frame(0, b"\0\x1b[2J\n")),
    Case("frames that are none", attach=b"\xff" * 1001),
    Case("an exit code that is none", "its end cannot be awaited: the engine's answer has no exit code", wait=answer(b'{"StatusCode": "zero"}')),
    Case("an exit code with an error", "its end cannot be awaited: no such container", wait=answer(b'{"StatusCode": 0, "Error": {"Message": "no such container"}}')),
    Case("outputs that are cut", "the outputs are damaged", archive=answer(OUTPUTS[:700])),
    Case("outputs that break off", "its outputs cannot be read: the connection to the engine failed: it ended in the middle", archive=closing(chunked(OUTPUTS[:700], end=b""))),
    Case("outputs that are no tar", "the outputs are (damaged|no tar)", archive=answer(b"no tar at all " * 100)),
    Case("no outputs", "did not write the output 'result'", archive=answer(tar(("outputs", tarfile.DIRTYPE, b"")))),
    Case("outputs that leave their folder", "has a path that leaves its folder", archive=answer(tar(("outputs/result/../../x", tarfile.REGTYPE, b"8")))),
    Case("others that leave the folder", "a path that leaves their folder", archive=answer(tar(("outputs/x/../../../etc", tarfile.REGTYPE, b"8")))),
    Case("a link", "holds a link or a device", archive=answer(tar(("outputs/result", tarfile.SYMTYPE, b"/etc/passwd")))),
    Case("a hard link", "holds a link or a device", archive=answer(tar(("outputs/result", tarfile.LNKTYPE, b"/etc/passwd")))),
    Case("a device", "holds a link or a device", archive=answer(tar(("outputs/result", tarfile.CHRTYPE, b"")))),
    Case("a value of 1 TiB", "is larger than 64 MiB", archive=answer(tar(("outputs/result", tarfile.REGTYPE, 1 << 40)))),
    Case("an unwell engine at the end", delete=[answer('{"message": "busy"}', "500 Internal Server Error")] * 3 + [DEFAULT["delete"]]),
    Case("a container that is gone already", delete=answer('{"message": "No such container"}', "404 Not Found")),
]


class Fake:
    def __init__(self, case, path):
        self.case, self.host, self.path = case, f"unix://{path}", path
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(100)
        self.started = threading.Event()
        self.counts = {}

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        self.server.close()
        os.unlink(self.path)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        rest = b""
        with contextlib.suppress(OSError), client:
            while True:
                while b"\r\n\r\n" not in rest:
                    more = client.recv(65536)
                    if not more:
                        return
                    rest += more
                head, _, rest = rest.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                left = int(length.group(1)) if length else 0
                while len(rest) < left:
                    rest += client.recv(65536)
                rest = rest[left:]
                step = next(name for name, pattern in STEPS.items() if re.match(pattern, head.decode()))
                if not self.give(client, step):
                    return

    def give(self, client, step):
        """One answer; False: the connection ends with it."""
        data = self.case.answers.get(step, DEFAULT[step])
        if isinstance(data, list):
            count = self.counts.get(step, 0)
            self.counts[step] = count + 1
            data = data[min(count, len(data) - 1)]
        if step == "attach":
            client.sendall(STREAM)
            self.started.wait(30)
        if callable(data):
            data(client)
        else:
            client.sendall(data)
        if step == "start":
            self.started.set()
        return step != "attach"
