#!/usr/bin/env python3
"""The examples of examples/embed as users would run them, and the service killed again and again.

    tests/embed/run.py BUILD [RUNS KILLS]

The host on libuv is compared with the one in C++, killed, interrupted and started again. The service is asked everything that its
protocol has, stopped and started. Then RUNS (500) orchestrations are started at once and the service is killed with SIGKILL
KILLS (5) times while they go on, at points of their progress and while it starts.
In the end each must have its result, and no call that the journal had as finished at a kill may have been carried out after it:
the service writes a line for each call that it carries out. `make service-kills` does it with 10,000 runs and 25 kills.

SPDX-License-Identifier: Apache-2.0
"""
import collections
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = f"{TOP}/examples/embed"
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 500
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] if "san" in BUILD.split(os.sep) else []
FINISHED = 1  # a row of `events`: a call has its outcome (docs/journal.md)
counts = [0, 0]


def report(name, problem):
    counts[bool(problem)] += 1
    if problem:
        print(f"FAIL {name}: {problem}")


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.005)
    return None


def build(folder):
    """As the Makefile of the examples does it, with the libraries of the build at hand instead of installed ones."""
    script = f"{folder}/pkg-config"
    with open(script, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\ncase "$*" in *libuv*) exec pkg-config "$@";; esac\ncase $1 in\n--cflags) echo -I{TOP}/runtime/include -ffp-contract=off;;\n'
                   f"*) echo {BUILD}/libsbx-host.a {BUILD}/libsbx.a -lm -ldl;;\nesac\n")
    os.chmod(script, 0o755)
    flags = " ".join(["-O1 -g", *SANITIZE])
    # Not those of a make that runs this suite.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    result = subprocess.run(["make", "-s", "-C", EXAMPLES, f"OUT={folder}", f"SBXC={BUILD}/sbxc", f"PKG_CONFIG={script}", f"CFLAGS={flags} -Werror",
                             f"CXXFLAGS={flags} -Werror"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    report("the examples are built", result.returncode and result.stdout[-3000:])
    without = subprocess.run(["make", "-n", "-B", "-C", EXAMPLES, "PKG_CONFIG=false"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    report("without libuv its example is left out", "" if "uv_host" not in without.stdout and "threads.cc" in without.stdout else without.stdout)
    return result.returncode == 0


# ---- a service and its clients ----

class Service:
    def __init__(self, folder, name, *options):
        self.program, self.socket, self.journal = f"{folder}/service", f"{folder}/{name}.sock", f"{folder}/{name}.db"
        self.work_log, self.errors = f"{folder}/{name}.work", f"{folder}/{name}.errors"
        self.options, self.process = options, None

    def begin(self):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([self.program, "--socket", self.socket, "--journal", self.journal, "--work-log", self.work_log, *self.options],
                                            stdin=subprocess.DEVNULL, stderr=errors)

    def start(self):
        self.begin()
        return wait_for(lambda: self.process.poll() is not None or self.is_listening())

    def is_listening(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.socket)
            return True
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def problem(self):
        return open(self.errors, encoding="utf-8", errors="replace").read()[-2000:]


class Client:
    def __init__(self, service):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(service.socket)
        self.lines = self.socket.makefile("rb")

    def send(self, *requests):
        self.socket.sendall(b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in requests))

    def receive(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, verb, run=None, **more):
        self.send({"do": verb, **({"id": run} if run else {}), **more})
        return self.receive()

    def close(self):
        self.lines.close()
        self.socket.close()


def order(customer, items, **more):
    return {"entry": "order", "inputs": {"customer": customer, "items": items, **more}}


def expected(inputs):
    total = sum(100 * len(item) for item in inputs["items"]) + (500 if inputs.get("express") else 0)
    return {"receipt": f"{inputs['customer']} paid {total}", "shipment": f"{len(inputs['items'])} to {inputs['customer']}"}


# ---- what the protocol has ----

def check_threads(folder):
    inputs = ['{"customer": "Ada", "items": ["tea", "milk"]}', '{"customer": "Nobody", "items": ["tea"]}', '{"customer": 5}']
    result = subprocess.run([f"{folder}/threads", *inputs], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wanted = f'{inputs[0]}\n  {{"receipt": "Ada paid 700", "shipment": "2 to Ada"}}\n{inputs[1]}\n  ValueError: no such customer\n' \
             f"{inputs[2]}\n  input 'customer': expected str, got int\nmissing input 'items'\n"
    report("the host in C++", "" if result.stdout == wanted and result.returncode == 0 else f"{result.returncode}: {result.stdout}")


def check_protocol(folder):
    service = Service(folder, "protocol", "--task-ms", "100")  # long enough for a loaded machine
    service.start()
    client, other = Client(service), Client(service)

    def same(name, got, **wanted):
        report(name, "" if got == wanted else f"{got}, not {wanted}")
    again = subprocess.run([f"{folder}/service", "--socket", service.socket, "--journal", f"{folder}/other.db"], stderr=subprocess.PIPE, text=True, timeout=60)
    report("a second service on the same socket", "" if again.returncode == 4 and "another service" in again.stderr else again.stderr)
    with open(f"{folder}/precious", "w", encoding="utf-8") as file:
        file.write("data")
    again = subprocess.run([f"{folder}/service", "--socket", f"{folder}/precious", "--journal", f"{folder}/other.db"], stderr=subprocess.PIPE, text=True, timeout=60)
    report("a file in the socket's place stays", "" if again.returncode == 4 and open(f"{folder}/precious").read() == "data" else again.stderr)
    same("start", client.ask("start", "a", **order("Ada", ["tea"])), id="a", status="running")
    same("start again", other.ask("start", "a", **order("Ada", ["tea"])), id="a", status="running")
    same("status", client.ask("status", "a"), id="a", status="running")
    same("list", client.ask("list"), running=1, runs=["a"])
    same("result waits", client.ask("result", "a"), id="a", status="done", result={"receipt": "Ada paid 300", "shipment": "1 to Ada"})
    same("result of one that has ended", other.ask("result", "a"), id="a", status="done", result={"receipt": "Ada paid 300", "shipment": "1 to Ada"})
    same("start of one that has ended", client.ask("start", "a", **order("Ada", ["tea"])), id="a", status="done",
         result={"receipt": "Ada paid 300", "shipment": "1 to Ada"})
    answer = client.ask("start", "a", **order("Ada", ["milk"]))
    report("another run under the same id", "" if "other inputs" in answer.get("error", "") else answer)
    client.ask("start", "b", **order("Nobody", ["tea"]))
    answer = client.ask("result", "b")
    report("a run that fails", "" if answer["status"] == "failed" and answer["error"].endswith("ValueError: no such customer\n") else answer)
    client.ask("start", "c", **order("Cyd", ["tea"] * 60))
    other.send({"do": "result", "id": "c"})
    same("cancel", client.ask("cancel", "c"), id="c", status="cancelled")
    same("who waits is told", other.receive(), id="c", status="cancelled")
    same("unknown", client.ask("status", "nothing"), id="nothing", status="unknown")
    for name, request in (("no JSON", b"{nonsense\n"), ("no object", b"[1]\n"), ("no verb", b'{"id": "x"}\n'), ("no id", b'{"do": "start"}\n'),
                          ("unknown verb", b'{"do": "dance", "id": "x"}\n'), ("bytes", b"\xff\xfe\x00\n"), ("nothing", b"\n"),
                          ("a zero byte in the id", b'{"do": "status", "id": "a\\u0000"}\n'),
                          ("unknown entry", b'{"do": "start", "id": "x", "entry": "sell"}\n'),
                          ("ill-typed inputs", b'{"do": "start", "id": "x", "entry": "order", "inputs": {"customer": 5, "items": []}}\n'),
                          ("missing inputs", b'{"do": "start", "id": "x", "entry": "order"}\n'),
                          ("unknown inputs", b'{"do": "start", "id": "x", "entry": "order", "inputs": {"customer": "A", "items": [], "zip": 1}}\n')):
        client.send(request)
        answer = client.receive()
        report(f"a request that is wrong: {name}", "" if answer and answer.get("error") else answer)
    client.send(*[{"do": "start", "id": f"many-{i}", **order("Eve", ["ab"] * (1 + i % 3), express=i % 2 == 0)} for i in range(100)])
    answers = [client.receive() for _ in range(100)]
    report("a hundred requests at once", "" if all(a["status"] == "running" for a in answers) else answers)
    other.send({"do": "start", "id": "gone", **order("Fay", ["tea"])}, {"do": "result", "id": "gone"})
    other.close()  # before its answer comes
    client.send(*[{"do": "result", "id": f"many-{i}"} for i in range(100)])
    got = {a["id"]: a.get("result") for a in (client.receive() for _ in range(100))}
    wrong = [i for i in range(100) if got[f"many-{i}"] != expected(order("Eve", ["ab"] * (1 + i % 3), express=i % 2 == 0)["inputs"])]
    report("their results", wrong)
    same("of a client that went", client.ask("result", "gone"), id="gone", status="done", result={"receipt": "Fay paid 300", "shipment": "1 to Fay"})
    second = Service(folder, "protocol")
    client.ask("start", "later", **order("Gil", ["tea", "tea", "tea"]))
    report("stop", "" if service.stop() == 0 and not os.path.exists(service.socket) else service.problem())
    second.start()
    client = Client(second)
    same("what was unfinished goes on after a stop", client.ask("result", "later"), id="later", status="done",
         result={"receipt": "Gil paid 900", "shipment": "3 to Gil"})
    report("cancelled stays so", "" if client.ask("status", "c")["status"] == "cancelled" else client.ask("status", "c"))
    result = subprocess.run([f"{EXAMPLES}/client.py", second.socket, "result", "later"], stdout=subprocess.PIPE, text=True)
    report("client.py", "" if result.returncode == 0 and json.loads(result.stdout)["status"] == "done" else result.stdout)
    report("interrupt", "" if second.stop(signal.SIGINT) == 0 else second.problem())
    wrong = subprocess.run([f"{folder}/service", "--socket"], stderr=subprocess.PIPE, text=True)
    report("usage", "" if wrong.returncode == 2 and "usage" in wrong.stderr else wrong.stderr)
    wrong = subprocess.run([f"{folder}/service", "--socket", f"{folder}/x.sock", "--journal", "/dev/null/x"], stderr=subprocess.PIPE, text=True)
    report("a journal that cannot be", "" if wrong.returncode == 4 and "error" in wrong.stderr else f"{wrong.returncode} {wrong.stderr}")


def check_local(folder):
    service = Service(folder, "local", "--local")
    shutil.copy(f"{EXAMPLES}/shop.py", f"{folder}/shop.py")
    service.begin()
    wait_for(lambda: service.process.poll() is not None or service.is_listening())
    client = Client(service)
    client.ask("start", "a", **order("Ada", ["tea"]))
    answer = client.ask("result", "a")
    report("tasks in local Python processes", "" if answer.get("result") == expected(order("Ada", ["tea"])["inputs"]) else answer)
    service.stop()


# ---- the host on libuv ----

class UvHost:
    """Orders for the host on libuv; the host in C++ does the same ones without a journal, and says what comes out."""

    def __init__(self, folder, name, *orders, ms=20, program="uv_host"):
        self.folder, self.journal, self.log = folder, f"{folder}/{name}.db", f"{folder}/{name}.log"
        self.inputs = [json.dumps(o["inputs"]) for o in orders]
        self.words = [f"{folder}/{program}", "--journal", self.journal, "--log", self.log, "--charge-ms", str(ms), *self.inputs]
        self.calls = sum(2 * len(o["inputs"]["items"]) + (1 if o["inputs"]["customer"] == "Nobody" else 2) for o in orders)

    def start(self):
        if os.path.exists(self.log):
            os.remove(self.log)
        return subprocess.Popen(self.words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self):
        """(status, output, standard error, calls that were started, seconds)"""
        begun = time.monotonic()
        process = self.start()
        out, errors = process.communicate(timeout=120)
        return process.returncode, out, errors, self.started(), time.monotonic() - begun

    def started(self):
        return sum(line.endswith(" started\n") for line in open(self.log, encoding="utf-8")) if os.path.exists(self.log) else 0

    def expected(self):
        return subprocess.run([f"{self.folder}/threads", *self.inputs], stdout=subprocess.PIPE, text=True).stdout


def check_uv(folder):
    ada, eve, nobody = order("Ada", ["tea", "milk"]), order("Eve", ["a", "bb", "ccc"], express=True), order("Nobody", ["tea"])
    host = UvHost(folder, "uv", ada, nobody, eve, ms=600)
    status, out, errors, started, seconds = host.run()
    report("libuv: the same results as the host in C++", "" if (status, out) == (0, host.expected()) and "Ada paid 700" in out else f"{status} {out}{errors}")
    report("libuv: every call is made", "" if started == host.calls else f"{started} of {host.calls}")
    ticks, pause = (int(n) for n in re.search(r"(\d+) ticks of 10 ms, the longest pause (\d+) ms", errors).groups())
    report("libuv: the loop goes on while tasks run", "" if ticks > seconds * 30 and pause < 400 else f"{ticks} ticks in {seconds:.2f} s, the longest pause {pause} ms")
    status, again, errors, started, _ = host.run()
    report("libuv: what has ended is read from the journal", "" if (status, again, started) == (0, out, 0) else f"{status} {again}{errors} {started}")
    host.words[-1] = json.dumps(ada["inputs"])
    status, again, errors, started, _ = host.run()
    report("libuv: other inputs under the same id", "" if "begun with other inputs" in again and not started else f"{status} {again}{errors}")
    wrong = UvHost(folder, "wrong", {"inputs": {"customer": 5, "items": []}})
    status, out, errors, started, _ = wrong.run()
    report("libuv: ill-typed inputs", "" if (status, out) == (0, wrong.expected()) and not started else f"{status} {out}{errors}")
    usage = subprocess.run([f"{folder}/uv_host", "{}"], stderr=subprocess.PIPE, text=True)
    report("libuv: usage", "" if usage.returncode == 2 and "usage" in usage.stderr else usage)
    nowhere = subprocess.run([f"{folder}/uv_host", "--journal", "/dev/null/x", host.inputs[0]], stderr=subprocess.PIPE, text=True)
    report("libuv: a journal that cannot be", "" if nowhere.returncode == 4 and "unable to open" in nowhere.stderr else nowhere)


def check_uv_resumes(folder):
    """Killed, and interrupted, in the middle: finished calls are not made again."""
    orders = [order(c, ["tea", "milk", "rye", "x"][:n]) for c, n in (("Ada", 4), ("Bob", 2), ("Nobody", 1), ("Cyd", 3))]
    for how, name in ((signal.SIGKILL, "killed"), (signal.SIGINT, "interrupted"), (signal.SIGTERM, "ended")):
        host = UvHost(folder, name, *orders, ms=150)
        process, journal = host.start(), Journal(host.journal)

        def some_finished():
            try:
                return process.poll() is not None or journal.read() is not None and len(journal.finished) >= host.calls // 2
            except sqlite3.OperationalError:  # no tables yet
                return False
        wait_for(some_finished)
        process.send_signal(how)
        out, errors = process.communicate(timeout=60)
        wanted = -9 if how == signal.SIGKILL else 130
        report(f"libuv: {name}", "" if process.returncode == wanted and ("goes on at the next start" in out) == (wanted == 130) else f"{process.returncode} {out}{errors}")
        journal.read()
        finished = len(journal.finished)
        status, out, errors, started, _ = host.run()
        report(f"libuv: {name}, the results after that", "" if (status, out) == (0, host.expected()) else f"{status} {out}{errors}")
        report(f"libuv: {name}, what was finished is not made again", "" if 0 < finished < host.calls and started == host.calls - finished else
               f"{started} started of {host.calls}, {finished} had finished")


def check_uv_descriptors(folder):
    flags = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *SANITIZE, "-DSBX_NO_MAIN", f"-I{folder}", f"-I{EXAMPLES}", f"-I{TOP}/runtime/include"]
    result = subprocess.run(["cc", *flags, f"{TOP}/tests/embed/uv_descriptors.c", f"{folder}/shop.o", "-o", f"{folder}/uv_descriptors", f"{BUILD}/libsbx-host.a",
                             f"{BUILD}/libsbx.a", "-lm", "-ldl", "-luv"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    report("libuv: descriptors, built", result.returncode and result.stdout[-2000:])
    host = UvHost(folder, "descriptors", order("Ada", ["x"] * 12), order("Bob", ["yy"] * 12), ms=1, program="uv_descriptors")
    status, out, errors, _, seconds = host.run()
    # A change that is missed costs a quarter of a second: then the journal looks whether a run is to be cancelled.
    report("libuv: descriptors that change", "" if (status, out) == (0, host.expected()) and seconds < 4 else f"{status} in {seconds:.1f} s {out}{errors}")


# ---- kills ----

class Starter(threading.Thread):
    """Starts all runs, over as many lives of the service as it takes: what was not acknowledged is asked for again."""

    def __init__(self, service, inputs):
        super().__init__(daemon=True)
        self.service, self.inputs, self.acknowledged, self.problems = service, inputs, set(), []

    def run(self):
        while len(self.acknowledged) < len(self.inputs) and not self.problems:
            try:
                client = Client(self.service)
                missing = [i for i in self.inputs if i not in self.acknowledged]
                for at in range(0, len(missing), 200):
                    part = missing[at:at + 200]
                    client.send(*[{"do": "start", "id": i, "entry": "order", "inputs": self.inputs[i]} for i in part])
                    for _ in part:
                        answer = client.receive()
                        if not answer:
                            raise ConnectionError
                        if answer.get("status") not in ("running", "done", "failed"):
                            self.problems.append(answer)
                        self.acknowledged.add(answer["id"])
            except (OSError, ValueError):
                time.sleep(0.02)


def lines_of(path, offset=0):
    with open(path, "rb") as file:
        file.seek(offset)
        data = file.read()
    rows = [line.split() for line in data.decode().splitlines()]
    return [tuple(row[:2]) for row in rows if len(row) == 3], offset + len(data)  # a kill may cut the last line of a write


class Journal:
    """What is finished, read from the file itself."""

    def __init__(self, path):
        self.path, self.seq, self.finished = path, 0, set()

    def read(self):
        db = sqlite3.connect(self.path, timeout=30)
        rows = db.execute("SELECT e.seq, r.name, e.call FROM events e JOIN runs r ON r.id = e.run WHERE e.kind = ? AND e.seq > ? ORDER BY e.seq",
                          (FINISHED, self.seq)).fetchall()
        states = collections.Counter(row[0] for row in db.execute("SELECT state FROM runs"))
        db.close()
        if rows:
            self.seq = rows[-1][0]
        self.finished |= {(name, str(call)) for _, name, call in rows}
        return states


def make_inputs(count):
    chance = random.Random(7)
    customers = ["Ada", "Bob", "Cyd", "Dot"]
    return {f"run-{i}": {"customer": "Nobody" if i % 50 == 49 else chance.choice(customers), "items": ["x" * chance.randint(1, 9) for _ in range(chance.randint(1, 4))],
                         "express": chance.random() < 0.3} for i in range(count)}


def check_kills(folder):
    chance = random.Random(11)
    inputs = make_inputs(RUNS)
    calls = sum(2 * len(i["items"]) + (1 if i["customer"] == "Nobody" else 2) for i in inputs.values())
    # Slow enough that all are started before the first ones end.
    service = Service(folder, "kills", *(["--task-ms", "10", "--concurrency", "50"] if RUNS > 2000 else ["--task-ms", "5", "--concurrency", "20"]))
    journal, after_kill, offset, in_flight, again = Journal(service.journal), [], 0, [], []
    starter = Starter(service, inputs)
    begun = time.monotonic()
    service.begin()
    starter.start()
    wait_for(lambda: os.path.exists(service.work_log))
    for kill in range(KILLS):
        if kill < KILLS // 5:  # while clients begin them
            wanted = chance.randint(1, RUNS // 2)
            wait_for(lambda: len(starter.acknowledged) >= wanted or service.process.poll() is not None)
        elif kill % 5 == 4:  # while it starts
            time.sleep(chance.random() * 0.3)
        else:  # at a point of their progress
            starter.join(600)
            wanted = os.path.getsize(service.work_log) + 20 * chance.randint(1, 7 * calls // (5 * KILLS))
            wait_for(lambda: os.path.getsize(service.work_log) >= wanted or service.process.poll() is not None)
        if service.process.poll() is not None:
            report(f"kill {kill}", f"the service had ended with {service.process.returncode}: {service.problem()}")
            return
        service.stop(signal.SIGKILL)
        lines, end = lines_of(service.work_log, offset)
        after_kill += [line for line in lines if line in journal.finished]
        offset = end
        states = journal.read()
        in_flight.append(states["running"])
        service.begin()
    finished_at_kills = len(journal.finished)
    starter.join(600)
    report("all runs are acknowledged", starter.problems or (len(starter.acknowledged) != RUNS and len(starter.acknowledged)))
    service.start() if service.process.poll() is not None else wait_for(service.is_listening)
    client, wrong = Client(service), []
    for at in range(0, RUNS, 200):
        part = list(inputs)[at:at + 200]
        client.send(*[{"do": "result", "id": i} for i in part])
        for answer in (client.receive() for _ in part):
            given = inputs[answer["id"]]
            good = answer["status"] == "failed" and "no such customer" in answer["error"] if given["customer"] == "Nobody" else answer.get("result") == expected(given)
            if not good:
                wrong.append(answer)
    seconds = time.monotonic() - begun
    report("every run has its result", wrong[:3])
    report("it stops", "" if service.stop() == 0 else service.problem())
    lines, _ = lines_of(service.work_log, offset)
    after_kill += [line for line in lines if line in journal.finished]
    states = journal.read()
    times = collections.Counter(lines_of(service.work_log)[0])
    again = [n - 1 for n in times.values() if n > 1]
    report("no call that had finished was carried out again", after_kill[:3])
    report("every call is in the journal", "" if len(journal.finished) == calls else f"{len(journal.finished)} of {calls}")
    report("every call was carried out", sorted(journal.finished ^ set(times))[:3])
    report("none more than once for each kill", "" if max(times.values()) <= 1 + KILLS else max(times.values()))
    report("the journal knows no unfinished run", "" if states["done"] + states["failed"] == RUNS else states)
    report("the kills hit runs in flight", "" if max(in_flight) > RUNS / 2 and finished_at_kills else in_flight)
    print(f"{RUNS} runs, {calls} calls, {KILLS} kills in {seconds:.1f} s; unfinished runs at the kills: {' '.join(map(str, in_flight))}; finished calls at the last "
          f"kill: {finished_at_kills}, carried out again: {len(after_kill)}; calls in flight at a kill that ran again: {sum(again)}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        if build(folder):
            for check in ([check_threads, check_uv, check_uv_resumes, check_uv_descriptors, check_protocol, check_local] if len(sys.argv) < 3 else []) + [check_kills]:
                try:
                    check(folder)
                except Exception as error:  # a service that died, most often
                    report(check.__name__, repr(error) + "".join(f"\n{name}: " + open(f"{folder}/{name}", errors="replace").read()[-1500:]
                                                                for name in sorted(os.listdir(folder)) if name.endswith(".errors")))
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] != 0


sys.exit(main())
