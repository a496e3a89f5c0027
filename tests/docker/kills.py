#!/usr/bin/env python3
"""Random kills: of the client, of its container, and of the connection to the engine, at any moment of a run.

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
"""


class Kills:
    def __init__(self, folder, seed):
        self.folder, self.random = folder, random.Random(seed)
        self.temporary = os.path.join(folder, "tmp")
        os.mkdir(self.temporary)
        self.problems, self.ends = [], {}
        with open(os.path.join(folder, "killed.py"), "w", encoding="ascii") as file:
            file.write(PROGRAM)
        with open(os.path.join(folder, "text"), "w", encoding="ascii") as file:
            file.write("four")
        subprocess.run([SBXC, os.path.join(folder, "killed.py"), "-o", os.path.join(folder, "killed")], check=True)

    def start(self, host, seconds):
        return subprocess.Popen([os.path.join(self.folder, "killed"), "killed", "--seconds", str(seconds), "--text", "text"], cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=self.temporary, DOCKER_HOST=host))

    @staticmethod
    def containers():
        return engine.docker("ps", "-a", "-q", "--filter", "label=sbx.client").stdout.split()

    def left(self):
        volumes = engine.docker("volume", "ls", "-q", "--filter", "label=sbx.client").stdout.split()
        return self.containers() + volumes + [f for f in glob.glob(self.temporary + "/*") if not f.endswith("-files")]

    def one(self, number):
        way = self.random.choice(["client", "interrupt", "container", "connection", "none"])
        with proxy.Proxy(os.environ["DOCKER_HOST"], path=os.path.join(self.folder, f"{number}.sock")) as door:
            client = self.start(door.host, self.random.choice([0, 0, 0.2]))
            time.sleep(self.random.uniform(0, 0.9))
            if way == "client":
                client.kill()
            elif way == "interrupt":
                client.terminate()
            elif way == "container":
                for container in self.containers()[:1]:
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
        self.ends[(way, code)] = self.ends.get((way, code), 0) + 1
        good = code == 0 and out.startswith('{"n": 4, ') if code == 0 else code in {"client": (-9,), "interrupt": (130,), "none": ()}.get(way, (1, 4))
        if not good:
            self.problems.append(f"run {number}, {way}: {code} {out}{error}")
        os.unlink(os.path.join(self.folder, f"{number}.sock"))

    def run(self, count):
        self.start(os.environ["DOCKER_HOST"], 0).communicate()
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
