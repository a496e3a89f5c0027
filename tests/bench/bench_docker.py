#!/usr/bin/env python3
"""Sandboxes against `docker run`, in turns, and against the engine itself, on a real engine (tests/docker/engine.py).

What a sandbox costs beyond the engine is found within one run, through a relay: the time of the whole process less that from each
request to create, to start (until the answer to wait) and to remove to its answer. Two runs of the same take 220 ms each and
differ by 15, so their difference says nothing about 5 ms.

Prints rows for bench.py, one JSON object a line.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import contextlib
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
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
TURNS = 12


class Relay:
    """Between a client and the engine: when the engine had something to do for create, start, wait and remove."""

    def __init__(self, path):
        self.host, self.sums, self.begun = f"unix://{path}", 0.0, {}
        self.real = os.environ["DOCKER_HOST"].replace("unix://", "")
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.door.accept()
            engine_side = socket.socket(socket.AF_UNIX)
            engine_side.connect(self.real)
            asked = []
            for pair in ((client, engine_side, self.sent), (engine_side, client, self.answered)):
                threading.Thread(target=self.pump, args=(*pair, asked), daemon=True).start()

    @staticmethod
    def pump(source, target, note, asked):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                note(data, asked)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def sent(self, data, asked):
        found = re.match(rb"(POST|DELETE) /v[0-9.]+/containers/(?:create\?name=)?([^/? ]+)(/start|/wait)?", data)
        if not found or b"/attach" in data[:200]:
            return
        method, name, step = found.groups()
        if step != b"/wait": # from start on the container runs, and the engine waits for it
            self.begun[name] = time.perf_counter()
        if step != b"/start":
            asked.append(name)

    def answered(self, data, asked):
        if asked:
            self.sums += time.perf_counter() - self.begun.pop(asked.pop())


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
    def ours(*words, **environment):
        return subprocess.run([f"{folder}/bench", "--log", f"{folder}/log", *words], check=True, stdout=subprocess.DEVNULL,
                              env=dict(os.environ, TMPDIR=folder, **environment))
    with open(f"{folder}/bench.py", "w", encoding="ascii") as file:
        file.write(PROGRAM)
    subprocess.run([sbxc, f"{folder}/bench.py", "-o", f"{folder}/bench"], check=True)
    ours("true")
    built = os.path.getsize(f"{folder}/log")
    one, peer, beyond = [], [], []
    for _ in range(TURNS):
        one.append(seconds(lambda: ours("true")))
        peer.append(seconds(lambda: subprocess.run(RUN, check=True)))
    relay = Relay(f"{folder}/relay")
    for _ in range(TURNS):
        relay.sums = 0
        beyond.append((seconds(lambda: ours("many", "--count", "5", "--at_once", "1", DOCKER_HOST=relay.host)) - relay.sums) / 5)
    burnt = min(processor_time(lambda: ours("true")) for _ in range(TURNS))
    mine, theirs = (statistics.median(times) * 1e3 for times in (one, peer))
    row("one sandbox: `true`, no network", mine, "ms", "docker run --rm", mine / theirs, "at most 1 x", mine <= theirs)
    row("processor time of the client, one sandbox", burnt * 1e3, "ms", "", None, "", True)
    extra = statistics.median(beyond) * 1e3
    row("a sandbox beyond create, start, wait, remove", extra, "ms", "the engine, in the same run", None, "at most 5 ms", extra <= 5)
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
