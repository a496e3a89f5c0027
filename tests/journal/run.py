#!/usr/bin/env python3
"""The journal of generated programs: docs/journal.md has the invariants that are named here by number.

    tests/journal/run.py [BUILD]

The program is killed at each write and sync of its journal in turn, whole and torn, and resumed. Then journals are cut
and damaged. Each must end in the right result or in an error.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402
EVERY = int(os.environ.get("EVERY", "16"))  # of the places to be killed at; 1: all of them


class Program:
    def __init__(self, folder):
        self.folder, self.number = folder, 0
        shutil.copy(f"{TOP}/tests/journal/durable_pipeline.py", f"{folder}/durable_pipeline.py")
        self.path = self.build("durable_pipeline")
        self.preload = f"{folder}/kill_at.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", self.preload, f"{TOP}/tests/journal/kill_at.c", "-ldl"], check=True)

    def build(self, name):
        subprocess.run([f"{BUILD}/sbxc", f"{name}.py", "-o", name], cwd=self.folder, check=True)
        return f"{self.folder}/{name}"

    def journal(self):
        self.number += 1
        return f"{self.folder}/journal{self.number}.db"

    def run(self, journal, entry, *words, run_id="r", program=None, kill=None, torn=False, count=None):
        """(exit code, standard output, standard error, calls that were started)"""
        log = f"{self.folder}/log"
        if os.path.exists(log):
            os.remove(log)
        env = dict(os.environ)
        if kill or count:
            env.update(LD_PRELOAD=self.preload, KILL_FILE=os.path.basename(journal))
        if kill:
            env["KILL_AT"] = str(kill)
        if torn:
            env["KILL_TORN"] = "1"
        if count:
            env["COUNT_TO"] = count
        result = subprocess.run([program or self.path, "--log", log, "--journal", journal, "--run-id", run_id, entry, *words], capture_output=True,
                                text=True, env=env, cwd=self.folder, timeout=60)
        text = open(log, encoding="utf-8").read() if os.path.exists(log) else ""
        return result.returncode, result.stdout, result.stderr, re.findall(r"^\[(\S+)\] started$", text, re.M)


def recorded(journal):
    """The ids of the calls whose outcome is durable."""
    copy = journal + ".copy"
    for path in glob.glob(journal + "*"):
        if not path.endswith("-shm") and ".copy" not in path:
            shutil.copy(path, path.replace(journal, copy))
    try:
        connection = sqlite3.connect(copy)
        rows = {f"{task.split('.')[-1]}#{call}" for call, task in connection.execute("SELECT call, task FROM events WHERE kind = 1")}
        connection.close()
    except sqlite3.OperationalError:
        rows = set()
    for path in glob.glob(copy + "*"):
        os.remove(path)
    return rows


def sweep(program, entry, words):
    """Killed at each write: invariants 1, 2, 3, 7."""
    reference = program.run(program.journal(), entry, *words)
    counter = f"{program.folder}/count"
    program.run(program.journal(), entry, *words, count=counter)
    # workers are forked without the journal; the program is the one that saw writes
    writes = max(int(n) for n in open(counter).read().split())
    os.remove(counter)
    check(writes > 10, f"{entry}: writes of the journal are seen", f"{writes}")
    kills = 0
    for torn in (False, True):
        for at in range(1 + torn, writes + 1, EVERY):
            journal = program.journal()
            killed = program.run(journal, entry, *words, kill=at, torn=torn)
            kills += killed[0] == -9
            before = recorded(journal)
            resumed = program.run(journal, entry, *words)
            where = f"{entry}: killed at write {at} of {writes}{', torn' if torn else ''}"
            again = before & set(resumed[3])
            started = killed[3] + resumed[3]
            twice = [c for c in set(started) if started.count(c) > 2]
            check(resumed[:3] == reference[:3] and not again and not twice, where,
                  f"{resumed}\n  not {reference}\n  run again though finished: {again}; more than twice: {twice}")
    check(kills > 1 or EVERY > 40, f"{entry}: the program was killed", f"{kills}")


def same_beginning(program):
    """Invariants 5, 6."""
    journal = program.journal()
    first = program.run(journal, "steps", "--n", "4")
    check(first[0] == 0 and len(first[3]) == 5, "a run with a journal", first)
    second = program.run(journal, "steps", "--n", "4")
    check(second[:3] == first[:3] and not second[3], "a finished run gives its stored result", second)
    other = program.run(journal, "steps", "--n", "5")
    check(other[0] == 2 and "other inputs" in other[2], "other inputs are refused", other)
    other = program.run(journal, "mapped", "--n", "4")
    check(other[0] == 2 and "not of durable.mapped" in other[2], "another entry is refused", other)
    plain = program.run(journal, "steps", "--n", "5", run_id="second")
    check(plain[0] == 0, "several runs in one journal", plain)
    failed = program.run(journal, "fails", "--n", "5", run_id="f")
    again = program.run(journal, "fails", "--n", "5", run_id="f")
    check(failed[0] == 1 and "ZeroDivisionError" in failed[2] and again[:3] == failed[:3] and not again[3], "a failed run gives its stored error", again)


def divergence(program):
    """Invariant 4."""
    journal = program.journal()
    # killed in the middle: the journal has some calls
    at = 1
    while len(recorded(journal)) < 2:
        for path in glob.glob(journal + "*"):
            os.remove(path)
        at += 2
        program.run(journal, "steps", "--n", "6", kill=at)
    text = open(f"{program.folder}/durable_pipeline.py", encoding="utf-8").read()
    os.makedirs(f"{program.folder}/changed", exist_ok=True)
    changed = Program.__new__(Program)
    changed.folder = f"{program.folder}/changed"
    open(f"{changed.folder}/durable_pipeline.py", "w", encoding="utf-8").write(text.replace("add(total, i)", "add(total, i + 1)"))
    binary = changed.build("durable_pipeline")
    rows = len(recorded(journal))
    result = program.run(journal, "steps", "--n", "6", program=binary)
    check(result[0] == 1 and "in the journal: durable.add(x=0, y=0)" in result[2] and "in the program: durable.add(x=0, y=1)" in result[2]
          and not result[3], "a changed program is told from the recorded one", result)
    check(len(recorded(journal)) == rows, "a divergence writes nothing")
    good = program.run(journal, "steps", "--n", "6")
    check(good[0] == 0, "the unchanged program goes on after that", good)


def attempts(program):
    """Invariants 3 and 10: what was in flight runs again under the same ids, what has failed does not."""
    journal, notes = program.journal(), f"{program.folder}/notes"
    killed = program.run(journal, "insists", "--notes", notes)
    check(killed[0] == -9, "the task ends the program", killed)
    resumed = program.run(journal, "insists", "--notes", notes)
    seen = [line.split(" ", 2) for line in json.loads(resumed[1] or '""').split("|")]
    check([line[:2] for line in seen] == [["1", "1"], ["1", "2"], ["1", "2"]], "the failed attempt is not made again, the one in flight is", resumed)
    check(len({line[2] for line in seen}) == 1 and seen[0][2].startswith("r begun "), "SBX_RUN is the same in both processes", seen)
    rows = sqlite3.connect(journal).execute("SELECT kind, number, type, started > 0, ended >= started FROM events WHERE kind IN (1, 2) ORDER BY seq")
    check(list(rows) == [(2, 1, "ValueError", 1, 1), (1, 2, None, 1, 1)], "both attempts are recorded with their times")


def cancelled(program):
    """sbxc cancel reaches a run that another process has open, and ends its task."""
    journal = program.journal()
    holder = subprocess.Popen([program.path, "--log", "/dev/null", "--journal", journal, "--run-id", "w", "waits", "--ms", "60000"], cwd=program.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(200):
        if os.path.exists(journal) and subprocess.run([f"{BUILD}/sbxc", "runs", journal, "w"], capture_output=True).returncode == 0:
            break
        time.sleep(0.05)
    done = subprocess.run([f"{BUILD}/sbxc", "cancel", "--wait", "30", journal, "w"], capture_output=True, text=True)
    output, words = holder.communicate(timeout=30)
    check(done.returncode == 0 and done.stdout == "cancelled\n", "a run of another process is cancelled", done)
    check(holder.returncode == 1 and not output and "was cancelled" in words, "that process says so", words)
    again = program.run(journal, "waits", "--ms", "60000", run_id="w")
    check(again[0] == 1 and "was cancelled" in again[2] and not again[3], "a cancelled run stays so", again)


def under_way(program):
    """A call that lasts is to be seen before its end, and its run goes on as any other."""
    def view(*options):
        return subprocess.run([f"{BUILD}/sbxc", "runs", *options, journal, "long"], capture_output=True, text=True).stdout

    journal = program.journal()
    holder = subprocess.Popen([program.path, "--log", "/dev/null", "--journal", journal, "--run-id", "long", "waits", "--ms", "3000"], stdout=subprocess.DEVNULL,
                              cwd=program.folder)
    seen = ""
    for _ in range(100):
        time.sleep(0.05)
        seen = view()
        if "runs since" in seen:
            break
    check(re.search(r"#1 durable.slow\(ms=3000\) line \d+  runs since 0\.\d+ s\n", seen) and re.search(r"#1 durable.slow +\|\.*=+\| \d\.\d+ s, not ended\n", seen), "a call that is under way", seen)
    holder.kill()
    holder.wait()
    events = json.loads(view("--format=json"))["events"]
    check([(e["event"], e["call"], e["attempt"], e["ended"]) for e in events] == [("started", 1, 1, None)] and events[0]["started"], "in JSON, after the end of its process", events)
    replayed = subprocess.run([f"{BUILD}/sbxc", "replay", journal, "durable_pipeline.py"], capture_output=True, text=True, cwd=program.folder)
    check(replayed.returncode == 0 and "goes on" in replayed.stdout, "such a run is replayed", replayed)
    done = program.run(journal, "waits", "--ms", "3000", run_id="long")
    check(done[:2] == (0, "3000\n") and done[3] == ["slow#1"], "and taken up", done)
    seen = view()
    check(seen.count("runs since") == 2 and seen.count("= 3000\n") == 1 and len(re.findall(r"#1 durable.slow +\|", seen)) == 1 and "not ended" not in seen,
          "what has ended is drawn once", seen)
    short = program.run(journal, "waits", "--ms", "300", run_id="long2")
    rows = sqlite3.connect(journal).execute("SELECT kind, ended - started > 900000 FROM events WHERE run = (SELECT id FROM runs WHERE name = 'long2')").fetchall()
    check(short[0] == 0 and (rows == [(1, 0)] or rows[-1] == (1, 1)), "a short call has one row", rows)  # a slow machine may make it long


def marked(program):
    """A run whose process does not look is shown as one that is to be cancelled; Ctrl-C is not final."""
    journal = program.journal()
    words = [program.path, "--log", "/dev/null", "--journal", journal, "--run-id", "w", "waits", "--ms", "3000"]
    holder = subprocess.Popen(words, cwd=program.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def states():
        done = subprocess.run([f"{BUILD}/sbxc", "runs", "--format=json", journal], capture_output=True, text=True)
        return [run["state"] for run in json.loads(done.stdout or "[]")]
    for _ in range(200):
        if os.path.exists(journal) and states():
            break
        time.sleep(0.05)
    holder.send_signal(signal.SIGSTOP)
    asked = subprocess.run([f"{BUILD}/sbxc", "cancel", "--wait", "0", journal, "w"], capture_output=True, text=True)
    check(asked.returncode == 1 and states() == ["cancelling"], "a run that is to be cancelled is shown so", asked, states())
    listed = {state: subprocess.run([f"{BUILD}/sbxc", "runs", f"--state={state}", journal], capture_output=True, text=True).stdout.count("durable.waits")
              for state in ("running", "cancelling", "cancelled")}
    check(listed == {"running": 0, "cancelling": 1, "cancelled": 0}, "and is found by that state", listed)
    holder.send_signal(signal.SIGCONT)
    holder.communicate(timeout=30)
    check(states() == ["cancelled"], "it is cancelled when its process goes on", states())
    words[6] = "again"
    holder = subprocess.Popen(words, cwd=program.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(200):
        if len(states()) == 2:
            break
        time.sleep(0.05)
    holder.send_signal(signal.SIGINT)
    holder.communicate(timeout=30)
    check(holder.returncode == 130 and states() == ["cancelled", "left"], "an interrupted run is left", holder.returncode, states())
    again = program.run(journal, "waits", "--ms", "3000", run_id="again")
    check(again[:2] == (0, "3000\n"), "and can be taken up", again)


def damage(program):
    """Invariant 8: an error, or the right result."""
    reference = program.run(program.journal(), "steps", "--n", "6")
    journal = program.journal()
    at = 20
    program.run(journal, "steps", "--n", "6", kill=at)
    while len(recorded(journal)) < 3:
        for path in glob.glob(journal + "*"):
            os.remove(path)
        at += 2
        program.run(journal, "steps", "--n", "6", kill=at)
    files = {path: open(path, "rb").read() for path in glob.glob(journal + "*")}
    wal = files.get(journal + "-wal", b"")
    variants = [("cut", journal + "-wal", wal[:n]) for n in range(0, len(wal), max(1, len(wal) // 12))]
    variants += [("flip", path, data[:n] + bytes([data[n] ^ 0x41]) + data[n + 1:]) for path, data in files.items() if not path.endswith("-shm")
                 for n in range(40, len(data), max(1, len(data) // 8))]
    for kind, path, data in variants:
        for name, original in files.items():
            if not name.endswith("-shm"):
                open(name, "wb").write(original)
        if os.path.exists(journal + "-shm"):
            os.remove(journal + "-shm")
        open(path, "wb").write(data)
        result = program.run(journal, "steps", "--n", "6")
        check(result[:2] == reference[:2] or (result[0] in (1, 2, 4) and result[2].strip()), f"{kind} {os.path.basename(path)} of {len(data)} bytes", result)


def unusable(program):
    """Invariants 8, 9."""
    result = program.run(f"{program.folder}/nowhere/j.db", "steps", "--n", "1")
    check(result[0] == 4 and "unable to open" in result[2], "a folder that is not there", result)
    open(f"{program.folder}/text.db", "w").write("this is no database, but it is long enough to look like one" * 100)
    result = program.run(f"{program.folder}/text.db", "steps", "--n", "1")
    check(result[0] == 4 and "not a database" in result[2], "a file that is no database", result)
    journal = program.journal()
    holder = subprocess.Popen([program.path, "--log", "/dev/null", "--journal", journal, "--run-id", "w", "waits", "--ms", "4000"], cwd=program.folder,
                              stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    result = program.run(journal, "waits", "--ms", "4000", run_id="w")
    check(result[0] == 2 and "open in another process" in result[2], "a run that is open elsewhere", result)
    other = program.run(journal, "steps", "--n", "2", run_id="other")
    check(other[0] == 0, "another run of the same journal meanwhile", other)
    check(holder.communicate()[0] == "4000\n", "the first one is not disturbed")
    for words in (["--journal", journal], ["--run-id", "x"]):
        alone = subprocess.run([program.path, *words, "steps", "--n", "1"], capture_output=True, text=True, cwd=program.folder)
        check(alone.returncode == 2 and "belong together" in alone.stderr, f"{words[0]} alone", alone)


def one_journal(program):
    """Invariant 9, whatever path leads to the journal; and a path is the name of a file, whatever SQLite may make of it."""
    rooms = [f"{program.folder}/{name}" for name in ("real", "linked", "other")]
    os.mkdir(rooms[0])
    os.symlink("real", rooms[1])
    os.mkdir(rooms[2])
    journal = f"{rooms[0]}/j.db"
    os.symlink("../real/j.db", f"{rooms[2]}/link.db")
    os.symlink("link.db", f"{rooms[2]}/link of link.db")
    paths = [f"{rooms[2]}/link.db", journal, f"{rooms[1]}/j.db", f"{rooms[2]}/link of link.db", "other/../linked/j.db"]
    holder = subprocess.Popen([program.path, "--log", "/dev/null", "--journal", paths[0], "--run-id", "w", "waits", "--ms", "4000"], cwd=program.folder,
                              stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    for path in paths:
        result = program.run(path, "waits", "--ms", "4000", run_id="w")
        check(result[0] == 2 and "open in another process" in result[2] and not result[3], f"a run that is open elsewhere, by {path}", result)
        shown = subprocess.run([f"{BUILD}/sbxc", "runs", path, "w"], capture_output=True, text=True, cwd=program.folder)
        check("state    running" in shown.stdout, f"the run is shown as running, by {path}", shown)
    check(holder.communicate()[0] == "4000\n", "the first one is not disturbed")
    for path in paths:
        result = program.run(path, "waits", "--ms", "4000", run_id="w")
        check(result[:2] == (0, "4000\n") and not result[3], f"its result is found by {path}", result)
    check(sorted(os.listdir(rooms[2])) == ["link of link.db", "link.db"] and sorted(os.listdir(rooms[0])) == ["j.db", "j.db-runs"],
          "nothing lies beside a link", os.listdir(rooms[2]), os.listdir(rooms[0]))
    os.link(journal, f"{rooms[2]}/hard.db")
    for path in (f"{rooms[2]}/hard.db", journal):
        result = program.run(path, "steps", "--n", "2", run_id="h")
        check(result[0] == 4 and "hard links" in result[2] and not result[3], "a file with two names is no journal to write", result)
        shown = subprocess.run([f"{BUILD}/sbxc", "runs", path], capture_output=True, text=True)
        check(shown.returncode == 0 and "durable.waits" in shown.stdout, "it can be looked at", shown)
    for name in (":memory:", "file:kept.db?mode=memory", "file::memory:"):
        results = [program.run(name, "steps", "--n", "2") for _ in range(2)]
        check([len(r[3]) for r in results] == [3, 0] and results[0][:3] == results[1][:3] and os.path.getsize(f"{program.folder}/{name}"),
              f"'{name}' is a file", results)
        shown = subprocess.run([f"{BUILD}/sbxc", "runs", name], capture_output=True, text=True, cwd=program.folder)
        check("durable.steps" in shown.stdout, f"'{name}' is read as a file", shown)
    for words in (["--journal", "", "--run-id", "x"], ["--journal=", "--run-id", "x"], ["--cache", ""]):
        done = subprocess.run([program.path, *words, "steps", "--n", "2"], capture_output=True, text=True, cwd=program.folder)
        check(done.returncode == 2 and "expected the name of a file" in done.stderr and not done.stdout, f"{words[:2]}: no file", done)
    for command in (["runs", ""], ["cancel", "", "x"], ["gc", "--keep", "0", ""], ["resume", "", "durable_pipeline.py"], ["replay", "", "durable_pipeline.py"]):
        done = subprocess.run([f"{BUILD}/sbxc", *command], capture_output=True, text=True, cwd=program.folder)
        check(done.returncode == 2 and done.stderr, f"sbxc {command[0]} of no file", done)


def left_beside(program):
    """Looking leaves nothing beside a journal that nobody has open."""
    journal = program.journal()
    program.run(journal, "steps", "--n", "2")
    copy = f"{program.folder}/copies/j.db"
    os.mkdir(f"{program.folder}/copies")
    shutil.copy(journal, copy)
    before = open(copy, "rb").read()
    for words in (["runs", copy], ["runs", copy, "r"], ["replay", copy, "durable_pipeline.py"]):
        done = subprocess.run([f"{BUILD}/sbxc", *words], capture_output=True, text=True, cwd=program.folder)
        check(done.returncode == 0 and "durable.steps" in done.stdout, f"sbxc {words[0]} of a copy", done)
        check(os.listdir(f"{program.folder}/copies") == ["j.db"], f"sbxc {words[0]} leaves nothing beside it", os.listdir(f"{program.folder}/copies"))
        check(open(copy, "rb").read() == before, f"sbxc {words[0]} leaves the file as it is")


def limits_in_replay(program):
    """A limit that stops a replay after all that is recorded is no divergence, where the recorded run was not further."""
    text = open(f"{TOP}/tests/journal/limited.py", encoding="utf-8").read()
    open(f"{program.folder}/limited.py", "w").write(text)
    open(f"{program.folder}/counts_down.py", "w").write(text.replace("k = 0", "k = 0 - 1"))
    path, journal = program.build("limited"), program.journal()
    ends = program.run(journal, "counts", "--n", "10000000000", program=path)
    check(ends[0] == 3 and "TimeoutError" in ends[2], "the limit is reached", ends)

    def replay(source, *words):
        done = subprocess.run([f"{BUILD}/sbxc", "replay", *words, journal, source], capture_output=True, text=True, cwd=program.folder)
        return done.returncode, done.stdout

    def change(sql):
        connection = sqlite3.connect(journal)
        connection.execute(sql)
        connection.commit()
        connection.close()

    stopped = "then stopped: TimeoutError: the deadline of"
    for source in ("limited.py", "counts_down.py"):
        code, said = replay(source)
        check(code == 0 and said.startswith("goes on") and f"{stopped} 100 ms" in said, f"{source}: stopped as the recorded run was", said)
    change("DELETE FROM events WHERE kind = 5")
    code, said = replay("limited.py")
    check(code == 0 and said.startswith("goes on") and stopped in said, "one that was killed, and the same program", said)
    code, said = replay("counts_down.py")
    check(code == 1 and "cannot go on: TimeoutError" in said, "one that was killed, and another program: it can not go on", said)
    change("INSERT INTO events(run, life, kind, call, number, task, arguments, ended) SELECT run, life, 6, 2, 1, task, arguments, ended FROM events")
    code, said = replay("limited.py")
    check(code == 1 and "cannot go on: TimeoutError" in said, "the recorded run was further: its second call had begun", said)
    journal = program.journal()
    ends = subprocess.run([path, "--timeout-ms", "60000", "--journal", journal, "--run-id", "r", "counts", "--n", "100000000"], capture_output=True, text=True)
    check(ends.returncode == 0 and ends.stdout == "3\n", "a wider limit", ends)
    code, said = replay("limited.py", "--timeout-ms", "20")
    check(code == 1 and "call 2 is in the journal" in said and "stopped after call 1" in said and "deadline of 20 ms" in said,
          "a limit where the recorded run went on is a divergence", said)
    code, said = replay("limited.py", "--timeout-ms", "60000")
    check(code == 0 and said.startswith("same"), "none with the limit of the recorded run", said)


def missing_engine(program):
    """What is not there is no outcome: nothing is recorded of it, and the run can go on when it is there."""
    shutil.copy(f"{TOP}/tests/journal/missing_engine.py", program.folder)
    path, journal = program.build("missing_engine"), program.journal()
    for calls in (["add#1", "double#2"], ["double#2"]):
        os.environ["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
        result = program.run(journal, "values", "--n", "1", program=path)
        del os.environ["DOCKER_HOST"]
        check(result[0] == 4 and "no Docker engine" in result[2] and not result[1], "a missing engine ends the run", result)
        check([call for call in result[3] if call != "double#3"] == calls, "what had finished before is not run again", result)
    check(recorded(journal) == {"add#1"}, "a missing engine is no outcome", recorded(journal))


with tempfile.TemporaryDirectory() as folder:
    program = Program(folder)
    same_beginning(program)
    divergence(program)
    sweep(program, "steps", ["--n", "3"])
    sweep(program, "mapped", ["--n", "5"])
    sweep(program, "fails", ["--n", "3"])
    attempts(program)
    cancelled(program)
    under_way(program)
    damage(program)
    unusable(program)
    one_journal(program)
    left_beside(program)
    limits_in_replay(program)
    missing_engine(program)
sys.exit(finish())
