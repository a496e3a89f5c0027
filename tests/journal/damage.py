#!/usr/bin/env python3
"""Journals that are cut, damaged, hostile, of something else, full, locked or read-only: an error, or the right result.

    tests/journal/damage.py [BUILD]

sweep_host runs the program of tests/journal and answers its tasks itself. DAMAGE=N makes N random
damages instead of those of the suite (make kill-sweep: 5,000).

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402
SANITIZED = "san" in BUILD.split(os.sep)
DAMAGE = int(os.environ.get("DAMAGE", "150"))


class Host:
    """sweep_host as a program of one run: HOST_RUN makes it do the last entry once and tell how it ended."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copy(f"{TOP}/tests/journal/durable_pipeline.py", f"{folder}/durable_pipeline.py")
        subprocess.run([f"{BUILD}/sbxc", "durable_pipeline.py", "-o", "durable_pipeline.c"], cwd=folder, check=True)
        subprocess.run(["cc", "-O0", "-shared", "-fPIC", "-DSBX_NO_MAIN", f"-I{TOP}/runtime/include", "-o", f"{folder}/p.so",
                        f"{folder}/durable_pipeline.c"], check=True)
        self.journal = f"{folder}/swept.db"

    def run(self, room=None, limit=None):
        """(status, result, words on standard error)"""
        words = [f"{BUILD}/tests/journal/sweep_host", f"{self.folder}/p.so", "sbx_entries_durable_pipeline", room or self.folder, "1"]
        if limit is not None:
            words = ["prlimit", f"--fsize={limit}", *words]
        result = f"{room or self.folder}/result"
        if os.path.exists(result):
            os.remove(result)
        done = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ, HOST_RUN="durable.steps", ASAN_OPTIONS="detect_leaks=0"),
                              errors="replace", timeout=60)
        text = open(result, encoding="utf-8", errors="replace").read() if os.path.exists(result) else ""
        return done.returncode, text, done.stderr

    def forget(self):
        for path in glob.glob(f"{self.journal}*"):
            os.remove(path)
        if os.path.exists(f"{self.folder}/log"):
            os.remove(f"{self.folder}/log")

    def put(self, files):
        self.forget()
        for name, data in files.items():
            open(name, "wb").write(data)


def good_end(outcome, reference):
    """The right result; or an error with words; never a crash, never another result."""
    status, result, words = outcome
    if "Sanitizer" in words or status < 0:
        return False
    if status == 0:
        return result == reference or result.startswith("status ")
    return bool(words.strip())


def has_calls(host):
    try:
        connection = sqlite3.connect(host.journal)
        count = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        connection.close()
        return count >= 2
    except sqlite3.Error:
        return False


def left_behind(host):
    """The files of a run that was killed in the middle: some calls are in the WAL, some in the file itself."""
    preload = f"{host.folder}/kill_at.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", preload, f"{TOP}/tests/journal/kill_at.c", "-ldl"], check=True)
    if SANITIZED:
        preload = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip() + " " + preload
    for at in range(30, 200, 3):
        host.forget()
        subprocess.run([f"{BUILD}/tests/journal/sweep_host", f"{host.folder}/p.so", "sbx_entries_durable_pipeline", host.folder, "1"],
                       capture_output=True, env=dict(os.environ, HOST_RUN="durable.steps", LD_PRELOAD=preload, KILL_FILE="swept.db", KILL_AT=str(at),
                                                     ASAN_OPTIONS="detect_leaks=0"))
        files = {path: open(path, "rb").read() for path in glob.glob(f"{host.journal}*") if not path.endswith("-shm")}
        if has_calls(host):
            return files
    raise SystemExit("no journal was left behind")


def cut(host, reference, files):
    wal = host.journal + "-wal"
    tail = range(max(0, len(files[wal]) - 4200), len(files[wal]), 61 if DAMAGE < 1000 else 1)
    for length in tail:
        host.put({**files, wal: files[wal][:length]})
        outcome = host.run()
        check(outcome[0] == 0 and outcome[1] == reference, f"the WAL cut to {length} of {len(files[wal])} bytes: a correct resume", outcome)
    main = files[host.journal]
    for length in range(0, len(main), max(1, len(main) // 12)):
        host.put({**files, host.journal: main[:length]})
        outcome = host.run()
        check(good_end(outcome, reference), f"the file cut to {length} of {len(main)} bytes", outcome)


def scraps(host, reference, files):
    """Files of less than SQLite's smallest page: refused and left as they are, but for an empty one, which is a new journal."""
    host.put(files)
    whole = whole_file(host)
    for what, left in (("", whole), (" beside its WAL", files)):
        wrong = []
        for length in range(1, 512):
            given = {**left, host.journal: left[host.journal][:length]}
            host.put(given)
            status, _, words = outcome = host.run()
            if status == 0 or "not a database" not in words or any(open(path, "rb").read() != data for path, data in given.items()):
                wrong.append((length, outcome))
        check(not wrong, f"the file cut to 1 to 511 bytes{what}: no journal", *wrong[:3])
    host.put({host.journal: b""})
    outcome = host.run()
    check(outcome[0] == 0 and outcome[1] == reference, "an empty file is a new journal", outcome)
    # Of a process that ended within the first write: SQLite's rollback journal (no page before it) says that the file was empty.
    rollback = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5L", 0, 1, 0, 512, 4096)
    host.put({host.journal: whole[host.journal][:100], host.journal + "-journal": rollback.ljust(512, b"\0")})
    outcome = host.run()
    check(outcome[0] == 0 and outcome[1] == reference, "a first page that was torn is a new journal", outcome)


def whole_file(host):
    """A finished copy of everything in the main file, and a run that is left in it."""
    connection = sqlite3.connect(host.journal)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return {host.journal: open(host.journal, "rb").read()}


def flips(host, reference, files):
    """Bits flipped at random, in every page in turn."""
    rng = random.Random(20261201)
    host.put(files)
    whole = whole_file(host)
    data = whole[host.journal]
    pages = len(data) // 4096
    for number in range(DAMAGE):
        damaged = bytearray(data)
        page = number % pages
        for _ in range(rng.choice((1, 1, 2, 8, 64))):
            damaged[page * 4096 + rng.randrange(4096)] ^= 1 << rng.randrange(8)
        host.put({host.journal: bytes(damaged)})
        outcome = host.run()
        # A flipped bit inside a recorded value that stays a value of its type cannot be told from another value.
        tells = good_end(outcome, reference) or (outcome[0] == 0 and "Sanitizer" not in outcome[2])
        check(tells, f"bits flipped in page {page}, case {number}", outcome)


def hostile(host, reference, files):
    """Rows that no journal has written."""
    changes = {
        "a value that is no wire data": "UPDATE events SET value = x'ff00ff00' WHERE kind = 1",
        "a value of length 0": "UPDATE events SET value = x'' WHERE kind = 1",
        "arguments that are no wire data": "UPDATE events SET arguments = x'00' WHERE kind = 1",
        "arguments that are a list": "UPDATE events SET arguments = x'6c0000000000000000' WHERE kind = 1",
        "a list of 2**60 items": "UPDATE events SET value = x'6c0000000000000010' WHERE kind = 1",
        "a text of 2**63 bytes": "UPDATE events SET value = x'7300000000000000807878' WHERE kind = 1",
        "a value where text belongs": "UPDATE events SET task = x'ff', type = 17 WHERE kind = 1",
        "no task": "UPDATE events SET task = NULL WHERE kind = 1",
        "neither value nor failure": "UPDATE events SET value = NULL, type = NULL WHERE kind = 1",
        "call ids that are one": "UPDATE events SET call = 1",
        "call ids below zero": "UPDATE events SET call = -call",
        "call ids of text": "UPDATE events SET call = 'first'",
        "a call id of 2**62": "UPDATE events SET call = 4611686018427387904 WHERE seq = (SELECT max(seq) FROM events)",
        "an unknown kind": "UPDATE events SET kind = 99",
        "a kind below zero": "UPDATE events SET kind = -1",
        "inputs that are no dict": "UPDATE runs SET inputs = x'6c0000000000000000'",
        "inputs that are text": "UPDATE runs SET inputs = 'n'",
        "no state": "UPDATE runs SET state = ''",
        "an unknown state": "UPDATE runs SET state = 'elsewhere'",
        "done without a result": "UPDATE runs SET state = 'done', result = NULL",
        "failed without an error": "UPDATE runs SET state = 'failed', error = NULL",
        "a task name of control characters": "UPDATE events SET task = char(27) || '[2J' WHERE kind = 1",
        "a task name of 100,000 letters": "UPDATE events SET task = hex(zeroblob(50000)) WHERE kind = 1",
        "another version": "PRAGMA user_version = 3",
        "another application": "PRAGMA application_id = 7",
        "no table of events": "DROP TABLE events",
        "runs without a column": "ALTER TABLE runs RENAME COLUMN cancel TO cancelled",
        "a table that is an endless view": "DROP TABLE runs; CREATE VIEW runs AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t)"
                                           " SELECT n id, 'r' || n name, 'durable.steps' entry, x'' inputs, 0 program, 'done' state, NULL result,"
                                           " NULL error, 0 begun, 0 ended, 1 life, 0 calls, '' owner, 0 cancel FROM t",
        "a view more": "CREATE VIEW v AS SELECT * FROM events",
        "a column that is computed": "ALTER TABLE events ADD COLUMN more AS (hex(value))",
        "a trigger": "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END",
    }
    host.put(files)
    whole = whole_file(host)
    for what, sql in changes.items():
        host.put(whole)
        connection = sqlite3.connect(host.journal)
        connection.executescript(sql)
        connection.commit()
        connection.close()
        outcome = host.run()
        check(good_end(outcome, reference), f"hostile: {what}", outcome)
        if sql.split()[0] in ("CREATE", "DROP", "ALTER"):
            check(outcome[0] != 0 and "not those of a journal" in outcome[2], f"hostile: {what}: refused", outcome)
        for words in (["runs", host.journal], ["runs", host.journal, "r"], ["runs", "--format=json", host.journal, "r"]):
            done = subprocess.run([f"{BUILD}/sbxc", *words], capture_output=True, errors="replace", text=True, timeout=60)
            check(done.returncode in (0, 2, 4) and "Sanitizer" not in done.stderr and "\x1b" not in done.stdout, f"hostile: {what}: sbxc {words[0]}",
                  (done.returncode, done.stderr[-2000:]))


def no_room(host, reference):
    """The disk is full at one size after another: limits of the file's size, and a small file system."""
    for limit in (100, *range(0, 160000, 20000 if DAMAGE < 1000 else 3000)):
        host.forget()
        outcome = host.run(limit=limit)
        check(outcome[0] not in (134, 139, -6, -11) and "Sanitizer" not in outcome[2] and (outcome[0] != 0 or outcome[1] == reference or
              outcome[1].startswith("status ")), f"no file over {limit} bytes", outcome)
        outcome = host.run()
        check(outcome[0] == 0 and outcome[1] == reference, f"no file over {limit} bytes, then room: a correct resume", outcome)


def in_the_way(host, reference, files):
    """Locked by another process, read-only, a folder, text."""
    host.put(files)
    holder = sqlite3.connect(host.journal, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.time()
    outcome = host.run()
    check(outcome[0] != 0 and "locked" in outcome[2] and 8 < time.time() - begun < 40, "locked by another process: an error after ten seconds", outcome)
    holder.execute("ROLLBACK")
    holder.close()
    outcome = host.run()
    check(outcome[0] == 0 and outcome[1] == reference, "unlocked again: a correct resume", outcome)
    host.forget()
    os.mkdir(host.journal)
    outcome = host.run()
    check(outcome[0] != 0 and "unable to open" in outcome[2], "a folder in its place", outcome)
    os.rmdir(host.journal)
    for what, data in (("text", b"no database " * 1000), ("zeros", bytes(40960))):
        host.put({host.journal: data})
        outcome = host.run()
        check(outcome[0] != 0 and outcome[2].strip(), f"{what} in its place", outcome)
        check(open(host.journal, "rb").read() == data, f"{what} in its place: left as it is")
    other = sqlite3.connect(f"{host.journal}.other")
    other.execute("CREATE TABLE t(x)")
    other.commit()
    other.close()
    os.replace(f"{host.journal}.other", host.journal)
    outcome = host.run()
    check(outcome[0] != 0 and "something else" in outcome[2], "a database of something else", outcome)


def unwritable(host, files):
    """Who may only read a journal can look at it, and changes nothing."""
    host.put(files)
    whole = whole_file(host)
    host.put(whole)
    connection = sqlite3.connect(host.journal)
    connection.execute("ANALYZE")
    connection.close()
    outcome = host.run()
    check(outcome[0] == 0, "SQLite's own statistics are no stranger", outcome)
    host.put(whole)
    shutil.copy(f"{BUILD}/sbxc", f"{host.folder}/sbxc")
    os.chmod(host.folder, 0o755)
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    if not other:
        os.chmod(host.folder, 0o555)
    for words, status, says in ((["runs", host.journal], 0, ""), (["cancel", host.journal, "r"], 4, "readonly"), (["gc", "--keep", "0", host.journal], 4, "readonly")):
        done = subprocess.run([f"{host.folder}/sbxc", *words], capture_output=True, text=True, **other)
        check(done.returncode == status and says in done.stderr and (status or "durable.steps" in done.stdout), f"unwritable: sbxc {words[0]}", done)
    os.chmod(host.folder, 0o755)
    check(open(host.journal, "rb").read() == whole[host.journal], "unwritable: nothing is changed")


def main():
    room = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=room) as folder:
        host = Host(folder)
        status, reference, words = host.run()
        check(status == 0 and reference.startswith("result "), "the program runs", (status, reference, words))
        files = left_behind(host)
        host.put(files)
        outcome = host.run()
        check(outcome[0] == 0 and outcome[1] == reference, "what was left behind is taken up", outcome)
        cut(host, reference, files)
        scraps(host, reference, files)
        flips(host, reference, files)
        hostile(host, reference, files)
        no_room(host, reference)
        unwritable(host, files)
        in_the_way(host, reference, files)
    return finish()


sys.exit(main())
