"""A real registry for tests: Debian's docker-registry on a loopback port, which engines take without TLS, with one user.

    with Registry(folder) as registry: ... registry.host, registry.repositories()

SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

USER, PASSWORD = "team", "pass:w0rd-é"  # a colon and a letter beyond ASCII belong to the password

CONFIGURATION = """
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: test, path: {folder}/users}}}}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Registry:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.host = f"127.0.0.1:{self.port}"
        os.mkdir(folder)
        with open(os.path.join(folder, "users"), "w", encoding="ascii") as users:
            subprocess.run(["htpasswd", "-nbB", USER, PASSWORD], stdout=users, check=True)
        with open(os.path.join(folder, "config.yml"), "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=folder, port=self.port))

    def ask(self, path):
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(f"http://{self.host}/v2/{path}", headers={"Authorization": "Basic " + login})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)

    def repositories(self):
        return self.ask("_catalog")["repositories"] or []

    def __enter__(self):
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", os.path.join(self.folder, "config.yml")], stdout=log, stderr=log)
        for _ in range(200):
            try:
                self.ask("")
                return self
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise RuntimeError("docker-registry does not answer: " + open(os.path.join(self.folder, "log"), encoding="utf-8").read()[-1000:])

    def __exit__(self, *ignored):
        self.process.terminate()
        self.process.wait()
