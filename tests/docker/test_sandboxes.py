#!/usr/bin/env python3
"""Sandboxes on a real Docker engine: modes, values, hardening from inside, failures, images, and that nothing is left behind.

Starts an engine if none runs (engine.py). The programs are those of sandboxes.py, compiled once.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engine  # noqa: E402
import kills  # noqa: E402
import proxy  # noqa: E402
import test_tasks  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SBXC = os.path.abspath(os.path.join(os.environ.get("SBX_BUILD", "build"), "sbxc"))
PASSED, FAILED = 0, 0


def check(good, name, detail=""):
    global PASSED, FAILED
    if good:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAIL {name}: {str(detail)[-1500:]}")


def line_of(text):
    """The line of sandboxes.py in which the text stands first."""
    with open(os.path.join(HERE, "sandboxes.py"), encoding="utf-8") as file:
        return file.read().split(text)[0].count("\n") + 1


class Program:
    """NAME.py, and the modules beside it, compiled in a folder of its own."""

    def __init__(self, folder, name="sandboxes", beside=()):
        self.folder, self.path = os.path.join(folder, name), os.path.join(folder, name, name)
        self.temporary = os.path.join(self.folder, "tmp")
        os.makedirs(self.temporary)
        for source in (name, *beside):
            shutil.copy(os.path.join(HERE, source + ".py"), self.folder)
        built = subprocess.run([SBXC, self.path + ".py", "-o", self.path], stderr=subprocess.PIPE, text=True, check=False)
        if built.returncode:
            sys.exit(f"the sandboxes do not compile:\n{built.stderr}\n0 passed, 1 failed")

    def command(self, words):
        return [self.path, *words]

    def start(self, *words, **environment):
        return subprocess.Popen(self.command(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", cwd=self.folder,
                                env=dict(os.environ, TMPDIR=self.temporary, **environment))

    def __call__(self, *words, **environment):
        process = self.start(*words, **environment)
        out, error = process.communicate(timeout=300)
        return process.returncode, out, error

    def result(self, name, *words, **environment):
        """The entry's outputs, or None after a failed check."""
        status, out, error = self(*words, **environment)
        check(status == 0 and out.count("\n") == 1, name, f"{status} {out}{error}")
        return json.loads(out) if status == 0 else None

    def left(self):
        """What is left of containers, volumes and files of inputs."""
        containers = engine.docker("ps", "-a", "-q", "--filter", "label=sbx.client").stdout.split()
        volumes = engine.docker("volume", "ls", "-q", "--filter", "label=sbx.client").stdout.split()
        files = [f for f in glob.glob(self.temporary + "/*") if "-files" not in f]
        return containers + volumes + files


def modes(program):
    words = ("--values", "10,20,30", "--dt", "2024-01-01T00:00:00", "--delta", "7d")
    status, out, error = program("compute-stats", *words)
    check((status, out) == (0, '{"mean": 20.0, "window_end": "2024-01-08T00:00:00"}\n'), "auto-IO", error)
    check("[compute-stats#1] said on stdout\n" in error and "[compute-stats#1] said on stderr\n" in error, "its output is in the log", error)
    status, out, error = program("compute-stats", *words)
    check("[image]" not in error, "a second run builds nothing", error)
    payload = os.path.join(program.folder, "payload.json")
    with open(payload, "w", encoding="ascii") as file:
        file.write('{"values": [1, 2, 3]}')
    os.chmod(payload, 0o600)
    check(program.result("verbatim", "manual-etl", "--payload", payload, "--factor", "7") == {"total": 42}, "verbatim: its result")
    status, out, error = program("manual-etl", "--payload", payload, "--factor", "-7")
    check(status == 1 and f'File "sandboxes.py", line {line_of("raise ValueError")}, in <module>' in error and error.endswith("ValueError: negative\n"),
          "verbatim: the user's lines", error)
    check(program.result("command", "runner", "--tests.py", payload, "--code", "0") == {"exit_code": "0"}, "command: exit code 0")
    check(program.result("command", "runner", "--tests.py", payload, "--code", "9") == {"exit_code": "9"}, "command: another exit code is a result")
    given = json.dumps({"tests.py": {"__flyte_io_type__": "File", "path": payload}, "code": 3})
    with open(os.path.join(program.folder, "inputs.json"), "w", encoding="ascii") as file:
        file.write(given)
    check(program.result("command", "--input-json", "inputs.json", "runner") == {"exit_code": "3"}, "inputs as JSON")


def handles(program):
    text, folder = os.path.join(program.folder, "lines.txt"), os.path.join(program.folder, "some folder")
    os.mkdir(folder)
    for name in "ab":
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass
    with open(text, "w", encoding="ascii") as file:
        file.write("1\n2\n3\n")
    result = program.result("files and folders", "files", "--text", "lines.txt", "--folder", "some folder")
    if not result:
        return
    check(result["count"] == 5, "inputs are read", result)
    with open(result["copy.txt"]["path"], encoding="ascii") as file:
        check(file.read() == "3\n2\n1", "an output file comes back")
    with open(os.path.join(result["tree"]["path"], "deep", "leaf"), encoding="ascii") as file:
        check(file.read() == "leaf", "an output folder comes back")
    check(not glob.glob(os.path.dirname(result["tree"]["path"]) + "/not_declared"), "what is not declared stays inside")
    for words, what in [(("--text", "absent", "--folder", "some folder"), "no file of this machine"),
                        (("--text", "some folder", "--folder", "some folder"), "no file of this machine"),
                        (("--text", "s3://bucket/x", "--folder", "some folder"), "no file of this machine")]:
        status, _, error = program("files", *words)
        check(status == 1 and "FileNotFoundError: the input 'text'" in error and what in error, f"refused: {words}", error)


def values(program):
    r = random.Random(7)
    texts = ["", "'", "'; touch /tmp/x #", "$(id)`id`$HOME", "--help", "--", "-", "a\nb\r\n\t\x01", "é→🎈\ud800", "=", "x" * 3_000_000, "\\n", '"""']
    for n, text in enumerate(texts):
        given = {"i_int": r.choice([0, -1, 10**4000, -(2**64)]), "i_float": r.choice([1e-310, -0.0, float("inf"), float("nan"), 0.1]), "i_str": text,
                 "i_bool": n % 2 == 0, "i_dt": r.choice(["2024-02-29T23:59:59.000001", "0001-01-01T00:00:00+05:30", "9999-12-31T23:59:59.999999-12:00"]),
                 "i_td": r.choice([-1.5, 1e-06, 86400.000001, -3600.0]), "i_list": texts[:10], "i_dict": {t: 0.5 for t in texts[:10]}}
        with open(os.path.join(program.folder, "values.json"), "w", encoding="ascii") as file:
            json.dump(given, file)
        status, out, error = program("--input-json", "values.json", "trip")
        got = json.loads(out) if status == 0 else {}
        check(status == 0 and repr({k[2:]: v for k, v in got.items()}) == repr({k[2:]: v for k, v in given.items()}), f"values, turn {n}", error or out)
    with open(os.path.join(program.folder, "nul.json"), "w", encoding="ascii") as file:
        json.dump({"mode": "a\0b"}, file)
    status, _, error = program("--input-json", "nul.json", "fails")
    check(status == 1 and "ValueError: the input 'mode': a str with a null character cannot cross into a sandbox" in error, "NUL is refused", error)


def hardening(program):
    """docs/sandboxes.md has a row for each of these."""
    result = program.result("facts from inside", "facts", SBX_TEST_LEAK="leak")
    found = json.loads(result["found"]) if result else {}
    for name, wanted in {
            "uid": 65534, "gid": 65534, "capabilities": "0000000000000000", "bounding": "0000000000000000", "no_new_privileges": "1", "seccomp": "2",
            "root": "Read-only file system", "etc": "Read-only file system", "inputs": "Read-only file system", "shadow": "Permission denied",
            "tmp": "allowed", "outputs": "allowed", "docker": [], "interfaces": ["lo"], "core": [0, 0], "memory": 100 << 20,
            "setuid": "Operation not permitted", "chroot": "Operation not permitted", "mknod": "Operation not permitted", "mount_in": ["ro"]}.items():
        check(found.get(name) == wanted, f"hardening: {name}", found.get(name))
    check(0 < found.get("processes", 0) < 256, "hardening: processes", found.get("processes"))
    check(found.get("groups") in ([], [65534]), "hardening: groups", found.get("groups"))
    flags = found.get("tmp_flags", [""])[0].split(",")
    check("nosuid" in flags and "nodev" in flags and any(f.startswith("size=") for f in flags), "hardening: /tmp is a bounded tmpfs", flags)
    check("SBX_TEST_LEAK" not in found.get("environment", ["SBX_TEST_LEAK"]), "hardening: no variable of the client", found.get("environment"))
    result = program.result("a network where it is not blocked", "online")
    check(result and result["n"] > 1, "a network where it is not blocked: its interfaces", result)


def secrets(program):
    status, out, error = program("settings", TOKEN="s3cr3t-token", GRP_K="s3cr3t-key")
    check(status == 0 and json.loads(out) == {"seen": ["a b'\"$x", "s3cr3t-token", "s3cr3t-key"]}, "environment and secrets", error)
    check("s3cr3t" not in error, "no secret in the log", error)
    images = engine.docker("images", "-q").stdout.split()
    history = "".join(engine.docker("history", "--no-trunc", image).stdout for image in images)
    check("s3cr3t" not in history, "no secret in an image")
    status, _, error = program("settings", TOKEN="x")
    check(status == 1 and "the secret 'k' is not in the environment (GRP_K)" in error, "a missing secret is named", error)


def failures(program):
    for mode, wanted in {
            "raise": "LookupError: two\nlines\n", "missing": "NameError: the output 'n' (int) was never assigned\n",
            "text": "TypeError: the output 'n': expected int, got str: 'text'\n",
            "memory": "MemoryError: sandbox 'fails' ran out of memory: its limit is 64 MiB\n",
            "exit": "RuntimeError: sandbox 'fails' ended with exit code 3; the end of its output:\n  last words\n",
            "signal": "RuntimeError: sandbox 'fails' was killed by signal 11 (SIGSEGV)\n",
            "link": "RuntimeError: sandbox 'fails': the output 'n' holds a link or a device, which is refused\n",
            "fifo": "RuntimeError: sandbox 'fails': the output 'n' holds a link or a device, which is refused\n",
            "folder": "RuntimeError: sandbox 'fails': the output 'n' is a folder and not a file\n"}.items():
        status, out, error = program("fails", "--mode", mode)
        check(status == 1 and not out and error.endswith(wanted), f"failure: {mode}", f"{status} {out} {error}")
        if mode == "raise":
            check(f'File "sandboxes.py", line {line_of("raise LookupError")}, in inner' in error and "ZeroDivisionError: cause" in error, "its own traceback, causes too", error)
    for words, code, wanted in [(["hasty"], 1, "TimeoutError: the task took longer than 1000 ms"), (["absent"], 1, "its container cannot be started"),
                                (["linked-dir"], 1, "the output 'd' holds a link or a device"), (["--timeout-ms", "x", "fails"], 2, "--timeout-ms")]:
        begun = time.monotonic()
        status, _, error = program(*words)
        check(status == code and wanted in error, f"failure: {words}", f"{status} {error}")
        check(time.monotonic() - begun < 20, f"failure: {words} in time")
    status, _, error = program("stubborn")
    check(status == 1 and error.count("[stubborn#1] retry") == 2 and "exit code 7" in error, "retries", error)
    status, _, error = program("fails", "--mode", "x", DOCKER_HOST="unix:///nowhere/docker.sock")
    check(status == 4 and "no Docker engine at unix:///nowhere/docker.sock" in error, "no engine", f"{status} {error}")
    for host in ("ssh://x", "nonsense", "unix://relative"):
        status, _, error = program("fails", "--mode", "x", DOCKER_HOST=host)
        check(status == 4 and "expected unix:///PATH or tcp://HOST:PORT" in error, f"a host that cannot be: {host}", f"{status} {error}")
    status, _, error = program("--runtime", "no-such-runtime", "fails", "--mode", "x")
    check(status == 1 and "no-such-runtime" in error, "another runtime is asked for", error)


def images(program):
    result = program.result("system packages and commands", "packaged")
    check(result and "Hello, world!" in result["out"], "a package is there", result)
    status, _, error = program("unknown-package")
    check(status == 1 and "there is no package 'no-such-package-anywhere'" in error.split("\n")[-2], "an unknown package is named", error)
    status, _, error = program("broken-step")
    last = error.strip().split("\n")[-1]
    check(status == 1 and "RUN sh -c 'echo going; exit 9'" in last and "exit" in last and "9" in last, "a failing step is named", error)
    check(program.result("a given image", "given-image") == {"x": 1}, "a given image: its result")
    good = os.path.join(program.folder, "good.py")
    with open(good, "w", encoding="ascii") as file:
        file.write('import flyte.sandbox\na = flyte.sandbox.create(name="a", code="x = 1")\n'
                   'b = flyte.sandbox.create(name="b b", command=["true"], additional_commands=["true"])\n')
    for turn in ("builds", "has them"):
        built = subprocess.run([SBXC, "build", good], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        check(built.returncode == 0 and re.fullmatch(r"a sandbox-\w{12}:latest\nb b sandbox-\w{12}:latest\n", built.stdout), f"sbxc build {turn}", built)
        check(turn == "builds" or "[image]" not in built.stderr, "sbxc build builds once", built.stderr)
    status, out, error = program("--build-images")
    check(status == 1 and "double sandbox-" in out and "sandbox 'unknown-package' cannot be built: there is no package" in error, "--build-images", error)
    status, out, error = program("--build-images", DOCKER_HOST="unix:///nowhere")
    check(status == 4 and not out and "no Docker engine at" in error, "--build-images without an engine", error)
    check(program("--build-images", "double")[0] == 2, "--build-images takes no entry")
    engine.docker("image", "prune", "-f")
    clients = [program.start("slow-build") for _ in range(3)]
    told = [client.communicate(timeout=120) for client in clients]
    builders = sum("Successfully built" in error for _, error in told)
    check(all(out == '{"x": 1}\n' for out, _ in told) and builders <= 1, "three clients build one image once", (builders, told))


def calls(program):
    result = program.result("from an orchestrator", "pipeline", "--values", "10,20,30", "--dt", "2024-01-01T00:00:00")
    check(result == {"mean": 20.0, "again": 40.0}, "from an orchestrator: its result", result)
    check(program.result("mapped", "many", "--n", "6") == [0, 2, 4, 6, 8, 10], "mapped: its result")
    check(program.result("chained", "chain", "--x", "5") == 20, "chained: its result")
    check(program.result("from a code string", "by-text", "--x", "5") == 11, "from a code string: its result")


def wait_for_container(name):
    for _ in range(200):
        found = engine.docker("ps", "-q", "--filter", f"label=sbx.sandbox={name}").stdout.split()
        if found:
            return found[0]
        time.sleep(0.05)
    return None


def interruptions(program):
    client = program.start("sleeper")
    container = wait_for_container("sleeper")
    inspected = engine.docker("inspect", container or "none").stdout
    check('"sbx.client"' in inspected, "a container has its client's label", inspected[:300])
    client.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, error = client.communicate(timeout=60)
    check(client.returncode == 130 and "KeyboardInterrupt" in error and time.monotonic() - begun < 10, "Ctrl-C", (client.returncode, error))
    check(not program.left(), "nothing is left after Ctrl-C", program.left())
    client = program.start("sleeper")
    check(wait_for_container("sleeper"), "a container to be killed")
    client.kill()
    client.communicate()
    check(len(program.left()) >= 2, "a killed client leaves its container and folder", program.left())
    program("double", "--x", "1")
    check(not program.left(), "the next client sweeps them", program.left())
    client = program.start("sleeper")
    container = wait_for_container("sleeper")
    other = program.result("another client runs beside it", "double", "--x", "2")
    check(other == {"result": 4} and engine.docker("ps", "-q", "--filter", "label=sbx.sandbox=sleeper").stdout.strip(), "a living client is left alone")
    engine.docker("rm", "-f", container or "none")
    _, error = client.communicate(timeout=60)
    check(client.returncode == 1 and "RuntimeError: sandbox 'sleeper'" in error, "a container that is removed under our hands", error)


def remote(program):
    """An engine behind TCP, and behind TLS: nothing of this machine can be mounted there."""
    host = os.environ["DOCKER_HOST"]
    tree = os.path.join(program.folder, "tree")
    os.makedirs(os.path.join(tree, "deep"))
    os.symlink("/etc/hostname", os.path.join(tree, "link"))
    for name in ("a", "deep/b"):
        with open(os.path.join(tree, name), "w", encoding="ascii") as file:
            file.write(name)
    with open(os.path.join(program.folder, "remote.txt"), "w", encoding="ascii") as file:
        file.write("1\n2\n")
    os.chmod(os.path.join(program.folder, "remote.txt"), 0o600)
    with proxy.Proxy(host) as door:
        result = program.result("a remote engine: files", "files", "--text", "remote.txt", "--folder", "tree", DOCKER_HOST=door.host)
        check(result and result["count"] == 5, "a remote engine: its result", result)
        result = program.result("a remote engine: a long value", "trip", "--i_int", "1", "--i_float", "1", "--i_str", "x" * 100000, "--i_bool", "true",
                                "--i_dt", "2024-01-01", "--i_td", "1", "--i_list", "[]", "--i_dict", "{}", DOCKER_HOST=door.host)
        check(result and len(result["o_str"]) == 100000, "a remote engine: its length")
        status, _, error = program("fails", "--mode", "raise", DOCKER_HOST=door.host)
        check(status == 1 and error.endswith("LookupError: two\nlines\n"), "a remote engine: a failure", error)
    certificates = os.path.join(program.folder, "certificates")
    os.mkdir(certificates)
    proxy.make_certificates(certificates)
    with proxy.Proxy(host, tls=certificates) as door:
        tls = {"DOCKER_HOST": door.host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": certificates}
        check(program.result("TLS", "double", "--x", "4", **tls) == {"result": 8}, "TLS: its result")
        status, _, error = program("double", "--x", "4", **dict(tls, DOCKER_CERT_PATH=program.folder))
        check(status == 4 and "no Docker engine at" in error, "TLS without certificates", f"{status} {error}")
        os.rename(os.path.join(certificates, "ca.pem"), os.path.join(certificates, "old.pem"))
        os.rename(os.path.join(certificates, "cert.pem"), os.path.join(certificates, "ca.pem"))
        os.rename(os.path.join(certificates, "old.pem"), os.path.join(certificates, "cert.pem"))
        status, _, error = program("double", "--x", "4", **tls)
        check(status == 4 and "no Docker engine at" in error, "TLS with another CA", f"{status} {error}")


# Requests of one run in their order, as the proxy sees them; attach is a stream and wait the exit code. Only on a remote engine, behind
# TCP, is the image looked for before a container is created.
REQUESTS = {"ping": r"/_ping", "sweep": r"/containers/json", "image": r"/images/sandbox", "create": r"/containers/create", "attach": r"/attach",
            "start": r"/start$", "wait": r"/wait$", "outputs": r"/archive", "remove": r"^DELETE .*/containers/"}


def one_fault(program, name, pattern, kind):
    """Runs a sandbox while one request of this name goes wrong; what is amiss, or None."""
    seen = []

    def fault(method, path):
        if not seen and re.search(pattern, f"{method} {path.split('?')[0]}"):
            seen.append(path)
            return kind
        return None
    begun = time.monotonic()
    path = None if name == "image" else os.path.join(program.folder, f"{name}-{kind}.sock")
    with proxy.Proxy(os.environ["DOCKER_HOST"], fault, path) as door:
        client = program.start("double", "--x", "4", DOCKER_HOST=door.host)
        try:
            out, error = client.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            client.kill()
            out, error = client.communicate()
            return "not finished in 40 s: " + error
    last = error.strip().split("\n")[-1]
    good = (client.returncode == 0 and out == '{"result": 8}\n') or (
        client.returncode in (1, 4) and not out and kind != "slow" and re.search(r"^(RuntimeError|TypeError): ", last))
    return None if good and seen and time.monotonic() - begun < 30 else f"{seen} {client.returncode} {out}{error}"


def faults(program):
    """What a real engine cannot be made to show: each request of a run goes wrong in each way, once."""
    program("double", "--x", "1")
    cases = [(name, pattern, kind) for name, pattern in REQUESTS.items() for kind in ("refuse", "cut", "garbage", "error", "empty", "lost", "slow")
             if (name, kind) != ("attach", "lost")]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for (name, _, kind), amiss in zip(cases, pool.map(lambda case: one_fault(program, *case), cases)):
            check(amiss is None, f"fault: {name} {kind}", amiss)
    program("double", "--x", "1")  # sweeps what a lost answer has left


def tasks(program):
    """Python tasks in containers: the parts of test_tasks.py."""
    program = Program(os.path.dirname(program.folder), "tasks", ["helper_module"])
    begun = time.monotonic()
    for part, *more in ((test_tasks.task_values,), (test_tasks.task_failures,), (test_tasks.task_files,), (test_tasks.task_boxes,), (test_tasks.task_ends,),
                        (test_tasks.task_remote, proxy), (test_tasks.task_commands, SBXC)):
        part(check, program, *more)
        check(not program.left(), f"nothing is left behind after {part.__name__}", program.left())
        if "-v" in sys.argv:
            print(f"  {part.__name__}: {time.monotonic() - begun:.1f} s")
            begun = time.monotonic()


def random_kills(program):
    """A few of the runs of kills.py; `make kills` has 500."""
    folder = os.path.join(program.folder, "kills")
    os.mkdir(folder)
    runs = kills.Kills(folder, "4")
    runs.run(20)
    check(not runs.problems, "random kills", "\n".join(runs.problems))


def main():
    folder = tempfile.mkdtemp(prefix="sbx-docker-")
    os.chmod(folder, 0o755)
    names = [word for word in sys.argv[1:] if word != "-v"]
    try:
        with engine.running():
            program = Program(folder)
            for part in (modes, handles, values, hardening, secrets, failures, images, calls, interruptions, remote, faults, tasks, random_kills):
                if names and part.__name__ not in names:
                    continue
                begun = time.monotonic()
                part(program)
                check(not program.left(), f"nothing is left behind after {part.__name__}", program.left())
                if "-v" in sys.argv:
                    print(f"{part.__name__}: {time.monotonic() - begun:.1f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


sys.exit(main())
