#!/usr/bin/env python3
"""Journals and caches on a file system that is really full: an error that says so, and nothing lost.

    tests/journal/full_disk.py [BUILD]

The file lies on a small tmpfs, in a mount namespace of this test's own. It has room for more and more, page by page, so that it
is full when the journal is made, when a run begins, when outcomes are written, and when the WAL is put into the file. Then room
is made, and the run goes on under its id: invariants 1, 2, 7, 8 of docs/journal.md.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402
NO_ROOM = re.compile(r"database or disk is full|No space left on device")
NO_FILE = re.compile(NO_ROOM.pattern + "|unable to open database file")
KIB, MIB = 1024, 1024 * 1024


def enter_namespace():
    """Goes on in a process that may mount, and whose mounts nobody else sees."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/tmp"], stderr=subprocess.DEVNULL).returncode == 0:
            os.execvp("unshare", [*words, sys.executable, os.path.abspath(__file__), BUILD, "inside"])
    print("FAIL a file system can be mounted: neither as root nor in a user namespace")
    print("0 passed, 1 failed")
    sys.exit(1)


class Disk:
    """A file system of so many bytes, or of so many files."""

    def __init__(self, folder):
        self.folder = f"{folder}/disk"
        os.mkdir(self.folder)

    def mount(self, size, files=1000):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes={files}", "tmpfs", self.folder], check=True)

    def make_larger(self):
        subprocess.run(["mount", "-o", "remount,size=64M,nr_inodes=1000", "tmpfs", self.folder], check=True)

    def unmount(self):
        subprocess.run(["umount", self.folder], check=True)

    def fill(self, room):
        """Something else takes all but `room` bytes."""
        with open(f"{self.folder}/other", "wb") as file:
            file.write(bytes(os.statvfs(self.folder).f_bavail * 4096 - room))

    def clear(self):
        os.remove(f"{self.folder}/other")


class Ended:
    def __init__(self, words, log):
        if os.path.exists(log):
            os.remove(log)
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        text = open(log, encoding="utf-8").read() if os.path.exists(log) else ""
        self.code, self.out, self.error = done.returncode, done.stdout, done.stderr
        self.started, self.done, self.cached = (re.findall(rf"^\[(\S+)\] {what}$", text, re.M) for what in ("started", "done", "cached"))
        self.log = text

    def __repr__(self):
        return f"exit {self.code} {self.out[:100]!r} {self.error[:300]!r} started {len(self.started)} done {len(self.done)} cached {len(self.cached)}"

    def is_full(self, what, why=NO_ROOM):
        """What a user is told: which file, and why."""
        return self.code == 4 and not self.out and self.error.count("\n") == 1 and f"error: the {what}: " in self.error and bool(why.search(self.error))


class Program:
    def __init__(self, folder, disk, source):
        self.folder, self.disk, self.path = folder, disk, f"{folder}/{os.path.basename(source)[:-3]}"
        shutil.copy(source, folder)
        subprocess.run([f"{BUILD}/sbxc", os.path.basename(source), "-o", self.path], cwd=folder, check=True)

    def run(self, *words):
        log = f"{self.folder}/log"
        return Ended([self.path, "--log", log, *words], log)

    def with_journal(self, *words):
        return self.run("--journal", f"{self.disk.folder}/j.db", "--run-id", "r", *words)


def recorded(disk):
    """The calls whose outcome is durable, read from a copy: there is no room for SQLite's own files beside the original."""
    with tempfile.TemporaryDirectory() as copy:
        for end in ("", "-wal"):
            if os.path.exists(f"{disk.folder}/j.db{end}"):
                shutil.copy(f"{disk.folder}/j.db{end}", copy)
        db = sqlite3.connect(f"{copy}/j.db")
        try:
            return {f"{task.split('.')[-1]}#{call}" for call, task in db.execute("SELECT call, task FROM events WHERE kind = 1")}
        except sqlite3.OperationalError:  # no table yet
            return set()
        finally:
            db.close()


def is_intact(path):
    db = sqlite3.connect(path)
    found = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return found == "ok"


def journal(program, disk, words, reference, where, make_room, why=NO_ROOM):
    """A run that meets the end of the room. Returns how far it came: the calls that were recorded, and whether it ended."""
    first = program.with_journal(*words)
    before = recorded(disk)
    again = program.with_journal(*words)
    files = {name: os.path.getsize(f"{disk.folder}/{name}") for name in sorted(os.listdir(disk.folder))}
    between = recorded(disk)
    make_room()
    last = program.with_journal(*words)
    good = (first.code == 0 and first.out == reference.out) or first.is_full("journal", why)
    good &= (again.code == 0 and again.out == reference.out) or again.is_full("journal", why)
    # An outcome is recorded, or its run has not seen it: of the calls that were done the last one may be missing.
    good &= before <= set(first.done) and len(first.done) - len(before) <= 1 and before <= between
    good &= not before & set(again.started) and not between & set(last.started)
    every = set(first.started + again.started + last.started)
    good &= last.code == 0 and last.out == reference.out and every == set(reference.started)
    good &= recorded(disk) == every and is_intact(f"{disk.folder}/j.db")
    check(good, where, first, again, last, files, sorted(before), sorted(between))
    return len(before), first.code == 0, files.get("j.db", 0), files.get("j.db-wal", 0)


def sizes(program, disk):
    """From no page to as many as are needed, which is the end of the sweep; room is made by a larger disk."""
    words = ("steps", "--n", "4")
    reference, seen = program.run(*words), []
    for pages in range(1, 60):
        disk.mount(pages * 4 * KIB)
        seen.append(journal(program, disk, words, reference, f"a disk of {pages} pages", disk.make_larger))
        disk.unmount()
        if seen[-1][1] and seen[-1][3] == 0:  # it has ended and its WAL is in the file
            break
    told = [one[0] for one in seen if not one[1]]
    check(told[0] == 0 and set(told) == set(range(6)), "the disk was full before the run, and after each of its calls", told)
    check(any(one[1] and one[3] for one in seen), "the disk was full when the WAL was put into the file", seen)
    check(seen[-1][1] and not seen[-1][3], "there was room in the end", seen[-1])


def files_at_most(program, disk):
    """A file system that takes no more files. SQLite tells no reason where it cannot make one."""
    words = ("steps", "--n", "4")
    reference = program.run(*words)
    for files in range(2, 7):
        disk.mount(MIB, files)
        journal(program, disk, words, reference, f"a disk for {files - 1} files", disk.make_larger, NO_FILE)
        disk.unmount()


def checkpoints(program, disk):
    """SQLite puts the WAL into the file at every thousand pages; something else fills the disk, and goes."""
    words = ("bulk", "--n", "24", "--kib", "256")
    reference, seen = program.run(*words), []
    disk.mount(32 * MIB)
    for room in (1, 3, 5, 6, 7, 8, 9, 10, 11, 14):
        disk.fill(room * MIB)
        seen.append(journal(program, disk, words, reference, f"{room} MiB of room", disk.clear))
        for name in os.listdir(disk.folder):
            os.remove(f"{disk.folder}/{name}")
    disk.unmount()
    stuck = [one for one in seen if not one[1] and one[2] > 4096]  # the file had grown by the WAL
    check(stuck, "the disk was full when the WAL had been put into the file", seen)
    check(seen[-1][1] and not seen[0][1], "there was room in the end", seen)


def commands(program, disk):
    """What a user does then: looks, cancels, tidies."""
    disk.mount(64 * MIB)
    disk.fill(22 * 4 * KIB)
    first = program.with_journal("steps", "--n", "4")
    path = f"{disk.folder}/j.db"
    left = os.statvfs(disk.folder).f_bavail
    shown = subprocess.run([f"{BUILD}/sbxc", "runs", path, "r"], capture_output=True, text=True)
    check(first.is_full("journal") and left < 2 and shown.returncode == 0 and "add(x=0, y=0)" in shown.stdout, "sbxc runs looks at it", first, shown, left)
    cancel = subprocess.run([f"{BUILD}/sbxc", "cancel", path, "r"], capture_output=True, text=True)
    check(cancel.returncode == 4 and NO_ROOM.search(cancel.stderr), "sbxc cancel says why it cannot", cancel)
    disk.clear()
    cancel = subprocess.run([f"{BUILD}/sbxc", "cancel", path, "r"], capture_output=True, text=True)
    gone = subprocess.run([f"{BUILD}/sbxc", "gc", "--keep", "0", path], capture_output=True, text=True)
    check((cancel.stdout, gone.stdout) == ("cancelled\n", "1 run removed\n"), "and does it when there is room", cancel, gone)
    disk.unmount()


def caches(program, disk):
    """A cache that cannot be written is told once and the tasks run; one that cannot be made ends the program before."""
    words = ("--cache", f"{disk.folder}/c.db", "mapped", "--n", "30")
    reference, seen = program.run(*words[2:]), []
    for pages in (1, 2, 9, 10, 12, 14, 18, 24, 36, 48, 64, 80, 96):
        disk.mount(pages * 4 * KIB)
        first = program.run(*words)
        kept = len(first.done) if "not used any more" not in first.log else 0
        disk.make_larger()
        last = program.run(*words)
        again = program.run(*words)
        good = first.is_full("cache") or (first.code == 0 and first.out == reference.out and
                                          (kept > 0 or bool(NO_ROOM.search("".join(re.findall(r"^\[cache\] not used any more: .*", first.log, re.M))))))
        good &= last.code == 0 and last.out == reference.out and len(last.cached) >= kept and len(again.cached) == 30
        check(good and is_intact(f"{disk.folder}/c.db"), f"a cache on a disk of {pages} pages", first, last, again)
        seen.append((first.code, kept, len(last.cached)))
        disk.unmount()
    check(seen[0][0] == 4 and any(not one[1] and 0 < one[2] < 30 for one in seen) and seen[-1][1:] == (30, 30),
          "the disk was full when the cache was made, and after some of its results; there was room in the end", seen)


def main():
    if len(sys.argv) < 3:
        enter_namespace()
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(folder)
        program = Program(folder, disk, f"{TOP}/tests/journal/durable_pipeline.py")
        for part in (sizes, files_at_most, checkpoints, commands):
            part(program, disk)
        caches(Program(folder, disk, f"{TOP}/tests/cache/cached.py"), disk)
    return finish()


sys.exit(main())
