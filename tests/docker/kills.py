#!/usr/bin/env python3
"""Random kills: of the client, of its container, and of the connection to the engine, at any moment of a run or of an image's build.

    tests/docker/kills.py [RUNS] [SEED]

Afterwards one ordinary run sweeps, and no container, volume, image layer's container or file may be left. 500 runs take some
minutes (`make kills`); the suite takes fewer.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engine  # noqa: E402
import proxy  # noqa: E402

SBXC = os.path.abspath(os.path.join(os.environ.get("SBX_BUILD", "build"), "sbxc"))
PROGRAM = """
import flyte.sandbox
from flyte.io import File

box = flyte.sandbox.create(name="killed", code=\"\"\"
    import time
    time.sleep(seconds)
    n = len(open(text).read())
    open('/var/outputs/copy', 'w').write('x' * n)
\"\"\", inputs={"seconds": float, "text": File}, outputs={"n": int, "copy": File}, block_network=True)
built = flyte.sandbox.create(name="built", code="n = 4", outputs={"n": int}, additional_commands=["sleep 0.4", "sleep 0.3"], block_network=True)
"""


class Kills:
    def __init__(self, folder, seed):
        self.folder, self.random = folder, random.Random(seed)
        self.temporary = os.path.join(folder, "tmp")
        os.mkdir(self.temporary)
        self.problems, self.ends, self.pace = [], {}, 1
        with open(os.path.join(folder, "killed.py"), "w", encoding="ascii") as file:
            file.write(PROGRAM)
        with open(os.path.join(folder, "text"), "w", encoding="ascii") as file:
            file.write("four")
        subprocess.run([SBXC, os.path.join(folder, "killed.py"), "-o", os.path.join(folder, "killed")], check=True)

    def start(self, host, seconds):
        """seconds None: the sandbox whose image is to be built."""
        words = ["built"] if seconds is None else ["killed", "--seconds", str(seconds), "--text", "text"]
        return subprocess.Popen([os.path.join(self.folder, "killed"), *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=self.temporary, DOCKER_HOST=host))

    @staticmethod
    def containers(client=""):
        """Those of sandboxes, of one client if it is given; and those of steps of a build, which have no label."""
        lines = engine.docker("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Command}} {{.Labels}}").stdout.splitlines()
        return [line.split()[0] for line in lines if ("sbx.client=" in line and client in line) or "sleep 0.4" in line or "sleep 0.3" in line]

    @staticmethod
    def forget_image(error):
        """The image that this run has built, with its steps."""
        for line in error.split("\n"):
            if line.startswith("[image] sandbox-"):
                engine.docker("rmi", "-f", line.split()[1])

    def left(self):
        volumes = engine.docker("volume", "ls", "-q", "--filter", "label=sbx.client").stdout.split()
        return self.containers() + volumes + [f for f in glob.glob(self.temporary + "/*") if not f.endswith("-files")]

    def one(self, number):
        way = self.random.choice(["client", "interrupt", "container", "connection", "none"])
        builds = self.random.random() < 0.2
        with proxy.Proxy(os.environ["DOCKER_HOST"], path=os.path.join(self.folder, f"{number}.sock")) as door:
            client = self.start(door.host, None if builds else self.random.choice([0, 0, 0.2]))
            time.sleep(self.random.uniform(0, 1.8 if builds else 0.9) * self.pace)
            if way == "client":
                client.kill()
            elif way == "interrupt":
                client.terminate()
            elif way == "container":
                for container in self.containers(f"/{client.pid}/")[:1]:
                    engine.docker("rm" if self.random.random() < 0.5 else "kill", *(["-f"] if self.random.random() < 0.5 else []), container)
            elif way == "connection":
                door.sever()
            try:
                out, error = client.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                client.kill()
                out, error = client.communicate()
                self.problems.append(f"run {number}, {way}: not finished in 60 s\n{error}")
        code = client.returncode
        if builds:
            self.forget_image(error)
        end = (way + (" of a build" if builds else ""), code)
        self.ends[end] = self.ends.get(end, 0) + 1
        good = code == 0 and out.startswith('{"n": 4') if code == 0 else code in {"client": (-9,), "interrupt": (130,), "none": ()}.get(way, (1, 4))
        if not good:
            self.problems.append(f"run {number}, {way}: {code} {out}{error}")
        os.unlink(os.path.join(self.folder, f"{number}.sock"))

    def run(self, count):
        self.forget_image(self.start(os.environ["DOCKER_HOST"], None).communicate()[1])
        self.start(os.environ["DOCKER_HOST"], 0).communicate()
        begun = time.monotonic()
        self.start(os.environ["DOCKER_HOST"], 0).communicate()
        self.pace = max(1, time.monotonic() - begun)  # a loaded machine is killed later, so that kills reach all of a run
        for number in range(count):
            self.one(number)
        _, error = self.start(os.environ["DOCKER_HOST"], 0).communicate()
        left = self.left()
        if left:
            self.problems.append(f"left behind: {left}\n{error}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    folder = tempfile.mkdtemp(prefix="sbx-kills-")
    os.chmod(folder, 0o755)
    try:
        with engine.running():
            kills = Kills(folder, sys.argv[2] if len(sys.argv) > 2 else "4")
            kills.run(count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for problem in kills.problems[:20]:
        print("FAIL", problem[:1500])
    print(", ".join(f"{way} {code}: {n}" for (way, code), n in sorted(kills.ends.items())))
    print(f"{count + 1 - len(kills.problems)} passed, {len(kills.problems)} failed")
    return 1 if kills.problems else 0


if __name__ == "__main__":
    sys.exit(main())
