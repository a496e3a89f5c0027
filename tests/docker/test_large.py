"""Parts of the docker suite about large files and many of them: a service's loop goes on while they are read and written, since
each poll does a piece. test_sandboxes.py runs them; the program is large_boxes.py, its host container_host.c, which measures its
polls.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import hashlib
import json
import os
import shutil
import subprocess

import engine
import test_tasks

BLOB = 300 << 20
FILES = 20000
SOME = 4000  # enough for 20 polls; a file system may take long to make files where many have just been removed
# A poll may take 50 ms, or a twentieth of all polls where the machine is slow; what was done at once took most of them. One in which the
# machine did something else is no fault of ours: it does not happen each time.
MOST_MS, MOST_SHARE, TRIES = 50, 1 / 20, 3


class Host:
    """The host in C of large_boxes.py, in the program's folder."""

    def __init__(self, check, program, sbxc):
        self.check, self.program = check, program
        self.path = test_tasks.build_host(check, lambda *words: self.run(words), sbxc, "large_boxes")

    def run(self, words, **environment):
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=self.program.folder, timeout=300,
                              env=dict(os.environ, TMPDIR=self.program.temporary, **environment))

    def result(self, name, entry, inputs, **environment):
        """The entry's result; the longest poll is looked at."""
        told, good = [], False
        for _ in range(TRIES):
            self.forget()
            ran = self.run([self.path, entry, json.dumps(inputs)], SBX_TEST_POLLS="polls", **environment)
            if ran.returncode:
                break
            with open(os.path.join(self.program.folder, "polls"), encoding="ascii") as file:
                longest, worked, total, count = (int(word) for word in file.read().split())
            told.append(f"longest poll {longest / 1000:.1f} ms ({worked / 1000:.1f} of the processor) of {count} in {total / 1000:.0f} ms")
            good = good or longest < max(MOST_MS * 1000, total * MOST_SHARE)
            if good:
                break
        self.check(ran.returncode == 0, name, ran.stderr)
        self.check(good, f"{name}: no poll takes long", told)
        if os.environ.get("SBX_TEST_SHOW"):
            print(f"    {name}: {told[-1] if told else ran.stderr}")
        return json.loads(ran.stdout) if ran.returncode == 0 else None

    def cancelled(self, name, entry, inputs, polls=20, **environment):
        """The run ends in the middle of its work, and nothing is left."""
        self.forget()
        ran = self.run([self.path, entry, json.dumps(inputs)], SBX_TEST_CANCEL=str(polls), **environment)
        self.check(ran.returncode == 1 and not ran.stdout and "cancelled" in ran.stderr, f"{name}: cancelled in the middle", (ran.returncode, ran.stdout[:200], ran.stderr))
        self.left(name)

    def late(self, name, entry, inputs, polls=20):
        """Its timeout comes in the middle of its work."""
        self.forget()
        ran = self.run([self.path, entry, json.dumps(inputs)], SBX_TEST_LATE=str(polls))
        self.check(ran.returncode == 1 and "TimeoutError: the task took longer than 100000 ms" in ran.stderr, f"{name}: a timeout in the middle", (ran.returncode, ran.stdout[:200], ran.stderr))
        self.left(name)

    def left(self, name):
        """Files of outputs, too, go with a call that gives none."""
        left = self.program.left() + glob.glob(self.program.temporary + "/*-files")
        self.check(not left, f"{name}: nothing is left", left)

    def forget(self):
        """The files of the last run."""
        for folder in glob.glob(self.program.temporary + "/*-files"):
            shutil.rmtree(folder)


def digest_of(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def handle(kind, path):
    return {"__flyte_io_type__": kind, "path": path}


def right_tree(path):
    names = {name: os.path.join(folder, name) for folder, _, inside in os.walk(path) for name in inside}
    return len(names) == FILES and all(open(names[str(i)], encoding="ascii").read() == str(i) for i in range(0, FILES, 999))


def write_blob(program, name, size):
    path = os.path.join(program.folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        for i in range(size >> 20):
            file.write(b"%07d\n" % i * (1 << 17))
    os.chmod(path, 0o600)
    return path


def large_outputs(check, host):
    host.run([host.path, "large", '{"size": 1}'])  # builds the image
    result = host.result("a large output", "large", {"size": BLOB >> 20})
    check(result and os.path.getsize(result["blob"]["path"]) == BLOB and digest_of(result["blob"]["path"]) == result["digest"], "a large output: its content", result)
    result = host.result("many outputs", "many", {"count": FILES, "refused": False})
    check(result and right_tree(result["tree"]["path"]), "many outputs: their content", result)
    host.cancelled("a large output", "large", {"size": BLOB >> 20})
    host.cancelled("many outputs", "many", {"count": SOME, "refused": False})
    ran = host.run([host.path, "many", json.dumps({"count": SOME, "refused": True})])
    check(ran.returncode == 1 and ran.stderr.endswith("the output 'tree' holds a link or a device, which is refused\n"), "many outputs: refused", ran.stderr)
    host.left("many outputs, refused")


def large_inputs(check, host):
    path = write_blob(host.program, "private", BLOB)
    wanted = digest_of(path)
    given = {"data": handle("File", path)}
    check(host.result("a large input of its owner", "reads", given) == {"digest": wanted}, "a large input of its owner: its content")
    host.cancelled("a large input of its owner", "reads", given)
    host.late("a large input of its owner", "timed", {"size": 1, **given})
    small = test_tasks.write(host.program, "small", "a small one")
    os.chmod(small, 0o600)
    host.late("a large output", "timed", {"size": BLOB >> 20, "data": handle("File", small)})


def large_remote(check, host, proxy):
    path = write_blob(host.program, "tree/blob", BLOB)
    wanted = digest_of(path)
    for i in range(SOME):
        test_tasks.write(host.program, f"tree/{i // 1000}/{i}", str(i))
    with proxy.Proxy(os.environ["DOCKER_HOST"]) as door:
        remote = {"DOCKER_HOST": door.host}
        given = {"tree": handle("Dir", os.path.dirname(path))}
        check(host.result("a remote engine: a large file", "reads", {"data": handle("File", path)}, **remote) == {"digest": wanted}, "a remote engine: the file's content")
        check(host.result("a remote engine: a large folder", "walks", given, **remote) == {"count": SOME + 1, "digest": wanted}, "a remote engine: the folder's content")
        # curl takes all that comes in a poll, up to a bound that is not of time
        result = host.result("a remote engine: a large output", "large", {"size": BLOB >> 20}, **remote)
        check(result and digest_of(result["blob"]["path"]) == result["digest"], "a remote engine: the output's content", result)
        host.cancelled("a remote engine: a large file", "reads", {"data": handle("File", path)}, **remote)
        host.cancelled("a remote engine: a large folder", "walks", given, **remote)


def large_tasks(check, host):
    check(host.result("a task: a large answer", "answered", {"size": 8 << 20}) == 8 << 20, "a task: its large answer")
    result = host.result("a task: many files", "made", {"count": SOME, "size": 4000})
    check(result and len(os.listdir(result["path"])) == SOME, "a task: the files", result)
    host.cancelled("a task: many files", "made", {"count": SOME, "size": 4000})
