#!/usr/bin/env python3
"""Sandboxes against `docker run` and against the engine itself, in turns, on a real engine (tests/docker/engine.py).

Prints rows for bench.py, one JSON object a line.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import http.client
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/docker")
import engine  # noqa: E402

PROGRAM = """
import flyte
import flyte.sandbox

env = flyte.TaskEnvironment(name="bench")
true = flyte.sandbox.create(name="true", command=["true"], block_network=True)
each = flyte.sandbox.create(name="each", command=["true"], inputs={"n": int}, block_network=True)
each_task = each.as_task()


@env.sandbox.orchestrator
def many(count: int, at_once: int) -> int:
    return len(flyte_map("each_task", list(range(count)), concurrency=at_once, return_exceptions=False))
"""
RUN = ["docker", "run", "--rm", "--network", "none", engine.BASE, "true"]
TURNS, PAIRS = 12, 20


class Engine(http.client.HTTPConnection):
    """The Engine API as it is: create, start, wait, remove."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.environ["DOCKER_HOST"].replace("unix://", ""))

    def ask(self, method, path, body=None):
        self.request(method, "/v1.41" + path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = self.getresponse()
        return answer.read()

    def container(self):
        host = {"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"], "ReadonlyRootfs": True, "Tmpfs": {"/tmp": "rw"}, "PidsLimit": 256,
                "Memory": 1 << 30, "NanoCpus": 10**9, "NetworkMode": "none", "LogConfig": {"Type": "none"},
                "Mounts": [{"Type": "volume", "Target": "/var/outputs"}, {"Type": "bind", "Source": "/var/tmp", "Target": "/var/inputs", "ReadOnly": True}]}
        made = json.loads(self.ask("POST", "/containers/create", {"Image": self.image, "Entrypoint": ["true"], "User": "65534:65534", "HostConfig": host}))
        for method, path in (("POST", "/start"), ("POST", "/wait"), ("DELETE", "?force=1&v=1")):
            self.ask(method, f"/containers/{made['Id']}{path}")


def seconds(action):
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def processor_time(action):
    """Of the processes that the action starts, their start and the loading of libraries too."""
    def now():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    begun = now()
    action()
    return now() - begun


def row(workload, value, unit, against, ratio, bound, holds):
    print(json.dumps({"workload": workload, "value": value, "unit": unit, "against": against, "ratio": ratio, "bound": bound, "holds": holds}))


def measure(sbxc, folder):
    def ours(*words):
        return subprocess.run([f"{folder}/bench", "--log", f"{folder}/log", *words], check=True, stdout=subprocess.DEVNULL, env=dict(os.environ, TMPDIR=folder))
    with open(f"{folder}/bench.py", "w", encoding="ascii") as file:
        file.write(PROGRAM)
    subprocess.run([sbxc, f"{folder}/bench.py", "-o", f"{folder}/bench"], check=True)
    ours("true")
    built = os.path.getsize(f"{folder}/log")
    api = Engine("localhost")
    with open(f"{folder}/log", encoding="utf-8") as log:
        api.image = next(line.split()[1] for line in log if line.startswith("[image] sandbox-"))
    one, peer, bare, beyond = [], [], [], []
    for _ in range(TURNS):
        one.append(seconds(lambda: ours("true")))
        peer.append(seconds(lambda: subprocess.run(RUN, check=True)))
    for _ in range(PAIRS):  # an engine's times vary by more than what is looked for, and slowly: neighbours are compared
        five = seconds(lambda: ours("many", "--count", "5", "--at_once", "1")) / 5
        bare.append(seconds(lambda: [api.container() for _ in range(5)]) / 5)
        beyond.append(five - bare[-1])
    burnt = min(processor_time(lambda: ours("true")) for _ in range(TURNS))
    mine, theirs = (statistics.median(times) * 1e3 for times in (one, peer))
    row("one sandbox: `true`, no network", mine, "ms", "docker run --rm", mine / theirs, "at most 1 x", mine <= theirs)
    row("processor time of the client, one sandbox", burnt * 1e3, "ms", "", None, "", True)
    extra = statistics.median(beyond) * 1e3
    row("a sandbox beyond create, start, wait, remove", extra, "ms", f"the engine: {statistics.median(bare) * 1e3:.0f} ms", None, "at most 5 ms", extra <= 5)
    with open(f"{folder}/log", encoding="utf-8") as log:
        log.seek(built)
        again = log.read().count("[image]")
    row("builds in later runs of an unchanged sandbox", again, "", "", None, "none", again == 0)
    serial = seconds(lambda: ours("many", "--count", "20", "--at_once", "1"))
    beside = seconds(lambda: ours("many", "--count", "20", "--at_once", "4"))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        docker = seconds(lambda: list(pool.map(lambda _: subprocess.run(RUN, check=True), range(20))))
    row("20 sandboxes, 4 at a time", 20 / beside, "/s", "one after another", serial / beside, "at least 1.5 x", serial / beside >= 1.5)
    row("20 sandboxes, 4 at a time", 20 / beside, "/s", "4 parallel docker run", docker / beside, "at least 1 x", docker >= beside)


def main():
    folder = tempfile.mkdtemp(prefix="sbx-bench-")
    try:
        with engine.running():
            engine.docker("rmi", "-f", *engine.docker("images", "-q", "--filter", "reference=sandbox-*").stdout.split())
            measure(os.path.abspath(sys.argv[1]), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
