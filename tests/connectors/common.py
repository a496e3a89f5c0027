"""What the tests of connectors share: building a pipeline, running its program, checking, the count at the end."""
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402, F401


class Ended:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out.strip(), err, seconds

    def __repr__(self):
        return f"exit {self.code} in {self.seconds:.2f} s\n{self.out}\n{self.err}"

    def last(self):
        """The last line that is no line of the log."""
        lines = [line for line in self.err.strip().split("\n") if not re.match(r"\[\S+\] ", line)]
        return lines[-1] if lines else ""


class Program:
    def __init__(self, folder, name, *options):
        self.folder, self.options = folder, list(options)
        shutil.copy(f"{HERE}/{name}.py", folder)
        subprocess.run([f"{BUILD}/sbxc", f"{name}.py", "-o", name], cwd=folder, check=True)
        self.path = f"{folder}/{name}"

    def start(self, *words, env=None, options=()):
        return subprocess.Popen([self.path, *self.options, *options, *words], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})

    def run(self, *words, env=None, options=(), timeout=60):
        begun = time.monotonic()
        process = self.start(*words, env=env, options=options)
        out, err = process.communicate(timeout=timeout)
        return Ended(process.returncode, out, err, time.monotonic() - begun)


def wait_for(what, seconds=20):
    """Waits until `what` gives something true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.01)
    return what()
