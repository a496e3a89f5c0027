"""A job service over HTTP that a test starts, looks into, and can make fail.

POST /v1/jobs {"mode": ..., "task": ..., "inputs": {...}} with an Idempotency-Key makes a job, GET /v1/jobs/ID looks at it, GET
/v1/jobs/ID/result has its result, DELETE /v1/jobs/ID ends it. What a job does is its mode; a mode may have a number: "get500:2".
"""
import json
import socket
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Job:
    def __init__(self, number, key, body):
        self.id, self.key, self.body = f"job/{number} ü", key, body
        self.mode, _, count = body["mode"].partition(":")
        self.count = int(count or 0)
        self.gets = self.deletes = 0
        self.state = "PENDING"
        self.made = time.monotonic()


class SocketServer(ThreadingHTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self):
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "localhost", 0


class JobServer:
    def __init__(self, token=None, certificate=None, socket_path=None):
        self.jobs, self.by_key, self.requests, self.faults = {}, {}, [], {}
        self.token, self.lock = token, threading.Lock()
        self.creates, self.is_down = 0, False
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def handle_one(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if service.is_down:  # a connection that was kept
                    self.close_connection = True
                    return
                with service.lock:
                    answer = service.answer(self.command, self.path, self.headers, body)
                if answer is None:  # says nothing at all
                    time.sleep(3)
                    self.close_connection = True
                    return
                status, data, more = answer
                if not isinstance(data, bytes):
                    data = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(more.get("length", len(data))))
                for name, value in more.get("headers", {}).items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:
                    pass
                if "length" in more:
                    self.close_connection = True

            do_GET = do_POST = do_DELETE = handle_one

        self.handler, self.address, self.certificate = Handler, socket_path or ("127.0.0.1", 0), certificate
        self.listen()
        self.url = "http://localhost/v1" if socket_path else f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_address[1]}/v1"

    def listen(self):
        self.server = (SocketServer if isinstance(self.address, str) else ThreadingHTTPServer)(self.address, self.handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *arguments: None  # clients are killed
        self.address = self.server.server_address
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.is_down = True
        self.server.shutdown()
        self.server.server_close()

    def open(self):
        """Again, at the same address and with the same jobs."""
        self.is_down = False
        self.listen()

    def answer(self, method, path, headers, body):
        self.requests.append((method, path, dict(headers), body))
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"error": "who are you?"}, {}
        parts = [urllib.parse.unquote(part) for part in path.split("?")[0].split("/")[2:]]
        if method == "POST" and parts == ["jobs"]:
            return self.create(headers.get("Idempotency-Key"), json.loads(body))
        job = self.jobs.get(parts[1]) if len(parts) >= 2 and parts[0] == "jobs" else None
        if job is None:
            return 404, {"error": "no such job"}, {}
        if method == "DELETE":
            job.deletes += 1
            if job.mode == "delete500" and job.deletes <= job.count:
                return 500, {"error": "not now"}, {}
            job.state = "CANCELLED"
            return 204, b"", {}
        if parts[2:] == ["result"]:
            return 200, {"value": self.result(job)}, {}
        return self.get(job)

    def create(self, key, body):
        self.creates += 1
        known = self.by_key.get(key)
        if known is None:
            known = Job(len(self.jobs) + 1, key, body)
            self.jobs[known.id] = known
            if key:
                self.by_key[key] = known
        if self.faults.get("slow create"):
            self.lock.release()
            time.sleep(self.faults["slow create"])
            self.lock.acquire()
        fault = self.faults.get("create", [])
        if fault:
            return fault.pop(0)
        return 201, {"job": {"id": known.id}, "noise": [1, {"a": None}]}, {}

    @staticmethod
    def result(job):
        inputs = job.body["inputs"]
        if "n" in inputs:
            return inputs["n"] * 2
        return list(inputs.values())

    def get(self, job):
        job.gets += 1
        if job.state == "CANCELLED":
            return 200, {"state": "CANCELLED", "detail": {"text": "deleted"}}, {}
        mode = job.mode
        links = {"links": {"console": f"https://console.example/{job.id}"}}
        if mode == "get500" and job.gets <= job.count:
            return 503, {"error": "busy"}, {}
        if mode == "truncated" and job.gets <= job.count:
            return 200, b'{"state": "RUN', {"length": 400}
        if mode == "wrong" and job.gets <= job.count:
            return 200, b"<html>oops</html>", {}
        if mode == "silent" and job.gets <= job.count:
            return None
        if mode == "redirect":
            return 302, b"", {"headers": {"Location": "http://127.0.0.1:1/elsewhere"}}
        if mode == "huge":
            return 200, b'{"state": "' + b"x" * 2_000_000 + b'"}', {}
        if mode == "strange":
            return 200, {"state": "SIDEWAYS"}, {}
        if mode == "stateless":
            return 200, {"status": "RUNNING"}, {}
        if mode == "resultless":
            return 200, {"state": "COMPLETE"}, {}
        if mode == "gone":
            del self.jobs[job.id]
            return 404, {}, {}
        if mode == "endless":
            return 200, {"state": "RUNNING", **links}, {}
        if mode == "lasts" and time.monotonic() - job.made < job.count / 1000:
            return 200, {"state": "RUNNING", **links}, {}
        if job.gets == 1:
            return 200, {"state": "PENDING", **links}, {}
        if job.gets == 2:
            return 200, {"state": "RUNNING", "progress": {"done": 0.5}, **links}, {}
        if mode == "waits" and not self.faults.get("go"):
            return 200, {"state": "RUNNING", **links}, {}
        end = {"fails": "FAILED", "aborts": "CANCELLED", "late": "TIMED_OUT"}.get(mode, "COMPLETE")
        if mode == "failsonce" and job.key and job.key.rsplit("-", 1)[-1] == "1":
            end = "FAILED"
        job.state = end
        return 200, {"state": end, "result": self.result(job), "detail": {"text": f"it {mode}"}, **links}, {}
