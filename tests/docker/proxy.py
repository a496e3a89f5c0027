"""A door to the engine that we can shut: passes requests on, and does to the answers what a test wants.

    with Proxy(target, fault) as proxy: ... DOCKER_HOST=proxy.host ...

`fault(method, path)` gives the name of what happens to that request, or None:
    refuse     the connection closes before an answer        cut       it closes in the middle of the answer
    garbage    an answer that is no JSON                     error     status 500 with a message
    slow       the answer comes byte by byte, with pauses    empty     status 200 with nothing
    lost       the request reaches the engine, its answer nobody
With tls=(folder) it speaks TLS over TCP with the certificates in that folder.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import socket
import ssl
import subprocess
import threading
import time


def make_certificates(folder):
    """A CA, a server's and a client's certificate, as Docker names them."""
    def run(*words):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test ca")
    for name, subject in (("server", "/CN=localhost"), ("client", "/CN=client")):
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}-key.pem", "-out", f"{name}.csr", "-subj", subject)
        with open(os.path.join(folder, "names"), "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out", f"{name}.pem", "-days", "2",
            "-extfile", "names")
    os.rename(os.path.join(folder, "client.pem"), os.path.join(folder, "cert.pem"))
    os.rename(os.path.join(folder, "client-key.pem"), os.path.join(folder, "key.pem"))


class Proxy:
    def __init__(self, target, fault=None, path=None, tls=None):
        self.target, self.fault, self.tls = target.replace("unix://", ""), fault or (lambda method, path: None), tls
        if path:
            self.server = socket.socket(socket.AF_UNIX)
            self.server.bind(path)
            self.host = f"unix://{path}"
        else:
            self.server = socket.socket()
            self.server.bind(("127.0.0.1", 0))
            self.host = f"tcp://localhost:{self.server.getsockname()[1]}"
        self.server.listen(100)
        self.connections = []
        self.context = None
        if tls:
            self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{tls}/ca.pem")
            self.context.load_cert_chain(f"{tls}/server.pem", f"{tls}/server-key.pem")
            self.context.verify_mode = ssl.CERT_REQUIRED

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        self.server.close()
        self.sever()

    def sever(self):
        """Every connection breaks."""
        for one in self.connections:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.connections.clear()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self.target)
            self.connections += [client, engine]
            while self.exchange(client, engine):
                pass
        except (OSError, ValueError):
            pass
        for one in (client, locals().get("engine")):
            if one:
                one.close()

    @staticmethod
    def head(source, rest=b""):
        while b"\r\n\r\n" not in rest:
            more = source.recv(65536)
            if not more:
                raise OSError("closed")
            rest += more
        head, _, rest = rest.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n", rest

    @staticmethod
    def length(head):
        match = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return int(match.group(1)) if match else None

    def exchange(self, client, engine):
        """One request and its answer; False: no more of them."""
        head, rest = self.head(client)
        method, path = head.split(b" ", 2)[:2]
        fault = self.fault(method.decode(), path.decode())
        if fault == "refuse":
            return False
        if fault in ("garbage", "error", "empty"):
            left = (self.length(head) or 0) - len(rest)
            while left > 0:
                left -= len(client.recv(65536))
            body = {"garbage": b'{"Id": [}', "error": b'{"message": "the engine is unwell"}', "empty": b""}[fault]
            status = b"500 Internal Server Error" if fault == "error" else b"200 OK"
            client.sendall(b"HTTP/1.1 " + status + b"\r\nApi-Version: 1.41\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
            return True
        engine.sendall(head + rest)
        left = (self.length(head) or 0) - len(rest)
        while left > 0:
            more = client.recv(65536)
            left -= len(more)
            engine.sendall(more)
        if fault == "lost":
            self.head(engine)
            return False
        return self.answer(client, engine, fault, method == b"HEAD")

    def answer(self, client, engine, fault, bare):
        head, rest = self.head(engine)
        length, chunked = self.length(head), b"chunked" in head.lower()
        send = client.sendall
        if fault == "slow":
            def send(data):
                for i in range(0, len(data), 7):
                    client.sendall(data[i:i + 7])
                    time.sleep(0.001)
        if fault == "cut":
            client.sendall((head + rest)[:len(head) + max(1, len(rest) // 2)] if rest else head[:len(head) // 2])
            return False
        send(head + rest)
        got = rest
        if bare or b" 204 " in head[:20] or b" 304 " in head[:20]:
            return True
        while (length is not None and len(got) < length) or (length is None and not (chunked and got.endswith(b"0\r\n\r\n"))):
            more = engine.recv(65536)
            if not more:
                return False
            send(more)
            got = got + more if length is not None else (got + more)[-8:]
        return True
