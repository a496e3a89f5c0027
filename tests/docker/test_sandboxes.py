#!/usr/bin/env python3
"""Sandboxes on a real Docker engine: modes, values, hardening from inside, failures, images, and that nothing is left behind.

Starts an engine if none runs (engine.py). The programs are those of sandboxes.py, compiled once.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import contextlib
import glob
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engine  # noqa: E402
import fake_engine  # noqa: E402
import kills  # noqa: E402
import proxy  # noqa: E402
import test_large  # noqa: E402
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
        self.beside = 0
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


TEXTS = ["", "'", "'; touch /tmp/x #", "$(id)`id`$HOME", "--help", "--", "-", "a\nb\r\n\t\x01", "é→🎈", "=", "-x", "\\n", '"""']


def given_values(n, text):
    """Values for each type; over thirteen turns all of them come."""
    def pick(*options):
        return options[n % len(options)]
    return {"i_int": pick(0, -1, 10**4000, -(2**64), 2**63), "i_float": pick(1e-310, -0.0, float("inf"), float("nan"), 0.1, float("-inf"), -2.5), "i_str": text,
            "i_bool": n % 2 == 0, "i_dt": pick("2024-02-29T23:59:59.000001", "0001-01-01T00:00:00+05:30", "9999-12-31T23:59:59.999999-12:00"),
            "i_td": pick(-1.5, 1e-06, 86400.000001, -3600.0, 0.0), "i_list": TEXTS, "i_dict": {t: 0.5 for t in TEXTS}}


def with_values(program, entry, given):
    name = f"{entry}.json"
    with open(os.path.join(program.folder, name), "w", encoding="ascii") as file:
        json.dump(given, file)
    status, out, error = program("--input-json", name, entry)
    return status, json.loads(out) if status == 0 else {}, error


def values(program):
    turns = list(enumerate([*TEXTS, "\ud800 alone", "x" * 3_000_000]))
    for n, text in turns:
        given = given_values(n, text)
        status, got, error = with_values(program, "trip", given)
        check(status == 0 and repr({k[2:]: v for k, v in got.items()}) == repr({k[2:]: v for k, v in given.items()}), f"values, turn {n}", error[-2000:])
    with open(os.path.join(program.folder, "nul.json"), "w", encoding="ascii") as file:
        json.dump({"mode": "a\0b"}, file)
    status, _, error = program("--input-json", "nul.json", "fails")
    check(status == 1 and "ValueError: the input 'mode': a str with a null character cannot cross into a sandbox" in error, "NUL is refused", error)


def as_text(kind, value):
    """The text in which a value crosses (docs/sandboxes.md)."""
    if kind == "i_bool":
        return "true" if value else "false"
    if kind == "i_td":
        sign, micro = "-" * (value < 0), round(abs(value) * 10**6)
        return f"{sign}{micro // 10**6}" + (f".{micro % 10**6:06}".rstrip("0") if micro % 10**6 else "") + "s"
    if kind in ("i_list", "i_dict"):
        return json.dumps(value)
    return str(value)


def plain_values(program):
    """Verbatim scripts and commands get the same texts as words and files; nothing on the way is a shell."""
    sys.set_int_max_str_digits(0)
    for n, text in enumerate(TEXTS):
        given = given_values(n, text)
        wanted = {name: as_text(name, value) for name, value in given.items()}
        status, got, error = with_values(program, "words", given)
        found = json.loads(got.get("found", "{}"))
        check(status == 0 and found.get("files") == wanted, f"verbatim: files, turn {n}", (error[-500:], found, wanted))
        pairs = [word for name, value in wanted.items() for word in (f"--{name}", value)]
        check(found.get("words") == pairs, f"verbatim: words, turn {n}", found.get("words"))
        if n % 3 == 0:
            status, got, error = with_values(program, "listing", given)
            found = json.loads(got.get("found", "{}"))
            check(status == 0 and found == {"words": [], "files": wanted}, f"command: files, turn {n}", (error[-500:], found, wanted))
    long = given_values(0, "y" * 200_000)
    status, got, error = with_values(program, "listing", long)
    check(status == 0 and json.loads(got["found"])["files"]["i_str"] == long["i_str"], "command: a long value", error[-500:])
    status, got, error = with_values(program, "words", long)
    check(status == 1 and "the input 'i_str' is too long for an argument (64 KiB)" in error, "verbatim: a long value is refused", error[-500:])
    for entry in ("words", "listing"):
        status, got, error = with_values(program, entry, given_values(0, "a\0b"))
        check(status == 1 and "a str with a null character cannot cross" in error, f"{entry}: NUL is refused", error[-500:])


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
    share, throttled = found.get("processors", (0, 0))
    check(share == 0.4 and throttled > 0, "hardening: processors", found.get("processors"))
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
    status, _, missing = program("settings", TOKEN="x")
    client = program.start("keeper", TOKEN="s3cr3t-token")
    inspected = json.loads(engine.docker("inspect", wait_for_container("keeper") or "none").stdout or "[]")
    with open(f"/proc/{client.pid}/cmdline", encoding="utf-8") as file:
        own_words = file.read()
    client.terminate()
    _, error = client.communicate(timeout=60)
    variables = inspected[0]["Config"].pop("Env") if inspected else []
    check("TOKEN=s3cr3t-token" in variables and "PLAIN=x" in variables, "a secret is a variable of the container", variables)
    check(inspected and "s3cr3t" not in json.dumps(inspected) + own_words + error, "and nothing else of it: no word, label, mount")
    check(status == 1 and "the secret 'k' is not in the environment (GRP_K)" in missing, "a missing secret is named", missing)


def failures(program):
    for mode, wanted in {
            "raise": "LookupError: two\nlines\n", "missing": "NameError: the output 'n' (int) was never assigned\n",
            "text": "TypeError: the output 'n': expected int, got str: 'text'\n",
            "memory": "MemoryError: sandbox 'fails' ran out of memory: its limit is 64 MiB\n",
            "exit": "RuntimeError: sandbox 'fails' ended with exit code 3; the end of its output:\n  last words\n",
            "signal": "RuntimeError: sandbox 'fails' was killed by signal 11 (SIGSEGV)\n",
            "link": "RuntimeError: sandbox 'fails': the output 'n' holds a link or a device, which is refused\n",
            "fifo": "RuntimeError: sandbox 'fails': the output 'n' holds a link or a device, which is refused\n",
            "folder": "RuntimeError: sandbox 'fails': the output 'n' is a folder and not a file\n",
            "large": "RuntimeError: sandbox 'fails': the output 'n' is larger than 64 MiB\n"}.items():
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


def pip(program):
    """Python packages, from a folder of wheels that stands in for a registry."""
    folder = os.path.join(program.folder, "pip")
    os.mkdir(folder)
    name = "sbx_test_wheel-1.0"
    with zipfile.ZipFile(os.path.join(folder, f"{name}-py3-none-any.whl"), "w") as wheel:
        for member, text in (("sbx_test_wheel.py", "WORD = 'wheel'\n"), (f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: sbx-test-wheel\nVersion: 1.0\n"),
                             (f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                             (f"{name}.dist-info/RECORD", "")):
            wheel.writestr(zipfile.ZipInfo(member), text)
    with open(os.path.join(folder, "Dockerfile"), "w", encoding="ascii") as file:
        file.write(f"FROM {engine.BASE}\nRUN apt-get update && apt-get install -y --no-install-recommends python3-pip\nCOPY *.whl /wheels/\n"
                   "ENV PIP_BREAK_SYSTEM_PACKAGES=1 PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\n")
    made = engine.docker("build", "-t", "sbx-test-pip:1", folder)
    check(made.returncode == 0, "a base with pip", made.stdout[-500:] + made.stderr[-500:])
    result = program.result("Python packages", "requests", SBX_BASE_IMAGE="sbx-test-pip:1")
    check(result == {"out": "wheel"}, "a Python package is there", result)
    status, _, error = program("unknown-wheel", SBX_BASE_IMAGE="sbx-test-pip:1")
    check(status == 1 and "there is no package 'sbx-no-such-wheel'" in error.split("\n")[-2] and '"pip", "install"' in error.split("\n")[-2],
          "an unknown Python package is named", error[-500:])


def terminal(program):
    """Progress is shown on a terminal, and only there."""
    source = os.path.join(program.folder, "shown.py")
    with open(source, "w", encoding="ascii") as file:
        file.write('import flyte.sandbox\na = flyte.sandbox.create(name="a", code="x = 1", outputs={"x": int}, block_network=True, '
                   f'additional_commands=["sleep 2 && echo {time.time()}"])\n')
    main, other = pty.openpty()
    client = subprocess.Popen([SBXC, "run", source, "a"], stdout=subprocess.PIPE, stderr=other, env=dict(os.environ, TMPDIR=program.temporary))
    os.close(other)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone
        while part := os.read(main, 4096):
            shown += part
    os.close(main)
    client.communicate(timeout=60)
    text = shown.decode(errors="replace")
    image = re.search(r"\r\x1b\[K(sandbox-\w{12}:latest) is built, \d+ s: Step 3/4 : RUN sleep 2", text)
    check(client.returncode == 0 and image, "progress on a terminal", text[-800:])
    engine.docker("rmi", "-f", image.group(1) if image else "none")
    check(text.rstrip().endswith("done") and "\x1b[K\x1b[36m[" in text, "it makes room for the log", text[-300:])


def unchanged(program):
    """A second run builds, packs and sends nothing: the requests that it makes are these."""
    program("double", "--x", "1")
    seen = []
    with proxy.Proxy(os.environ["DOCKER_HOST"], lambda method, path: seen.append((method, path)), os.path.join(program.folder, "seen.sock")) as door:
        program.result("through a proxy", "double", "--x", "2", DOCKER_HOST=door.host)
    short = sorted(f"{method} " + re.sub(r"^/v1.\d+|\?.*|sbx-box-[-\w]+", "", path) for method, path in seen)
    check(short == sorted(["GET /_ping", "POST /containers/create", "POST /containers//attach", "POST /containers//start", "POST /containers//wait",
                           "GET /containers//archive", "DELETE /containers/", "GET /containers/json", "GET /volumes"]), "requests of a second run", short)


def other_runtime(program):
    """engine.py registers a second OCI runtime: a program that leaves a mark and becomes runc."""
    known = json.loads(engine.docker("info", "--format", "{{json .Runtimes}}").stdout)
    name = "sbx-marked" if "sbx-marked" in known else "runc"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(engine.MARK)
    client = program.start("--runtime", name, "sleeper")
    container = wait_for_container("sleeper") or "none"
    used = engine.docker("inspect", "--format", "{{.HostConfig.Runtime}}", container).stdout.strip()
    client.terminate()
    client.communicate(timeout=60)
    check(used == name, "--runtime", used)
    result = program.result("a call under another runtime", "--runtime", name, "double", "--x", "3")
    check(result == {"result": 6} and (name == "runc" or os.path.exists(engine.MARK)), "the other runtime has run it", result)


def calls(program):
    result = program.result("from an orchestrator", "pipeline", "--values", "10,20,30", "--dt", "2024-01-01T00:00:00")
    check(result == {"mean": 20.0, "again": 40.0}, "from an orchestrator: its result", result)
    check(program.result("mapped", "many", "--n", "6") == [0, 2, 4, 6, 8, 10], "mapped: its result")
    begun = time.monotonic()
    client = program.start("at_once", "--n", "12")
    most = 0
    while client.poll() is None and time.monotonic() < begun + 100:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            most = max(most, len(os.listdir(f"/proc/{client.pid}/task")))
        running = engine.docker("ps", "-q", "--filter", "label=sbx.sandbox=nap").stdout.split()
        program.beside = max(program.beside, len(running))
        time.sleep(0.1)
    out, error = client.communicate(timeout=60)
    check(out == json.dumps(list(range(12))) + "\n" and most == 1 and program.beside >= 3, "many at once in one process without threads", (out, most, program.beside, error[-300:]))
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


def large(program):
    """Large files and many of them: the parts of test_large.py."""
    program = Program(os.path.dirname(program.folder), "large_boxes")
    host = test_large.Host(check, program, SBXC)
    for part, *more in ((test_large.large_outputs,), (test_large.large_inputs,), (test_large.large_remote, proxy), (test_large.large_tasks,)):
        begun = time.monotonic()
        part(check, host, *more)
        host.forget()
        check(not program.left(), f"nothing is left behind after {part.__name__}", program.left())
        if "-v" in sys.argv:
            print(f"  {part.__name__}: {time.monotonic() - begun:.1f} s")


def scripted_faults(program):
    """What neither an engine nor a proxy before it shows: an engine that follows a script."""
    for case in fake_engine.CASES:
        with fake_engine.Fake(case, os.path.join(program.folder, "fake.sock")) as door:
            client = program.start("double", "--x", "4", DOCKER_HOST=door.host)
            try:
                out, error = client.communicate(timeout=40)
            except subprocess.TimeoutExpired:
                client.kill()
                out, error = client.communicate()
        last = error.strip().split("\n")[-1]
        good = (client.returncode == 0 and out == '{"result": 8}\n') if case.wanted is None else (
            client.returncode in (1, 4) and not out and re.search(case.wanted, last))
        check(good, f"scripted: {case.name}", f"{client.returncode} {out[-200:]}{error[-600:]}")


def seeds(program):
    """The examples of Flyte's documentation."""
    program = Program(os.path.dirname(program.folder), "seeds")
    for part in (test_tasks.seeds_modes, test_tasks.seeds_specs):
        part(check, program, SBXC)
        check(not program.left(), f"nothing is left behind after {part.__name__}", program.left())


def cache(program):
    """Results that are kept, and what makes them others."""
    program = Program(os.path.dirname(program.folder), "cached_boxes")
    kept, text = os.path.join(program.folder, "kept.db"), os.path.join(program.folder, "text.txt")
    with open(text, "w", encoding="ascii") as file:
        file.write("abc")

    def happened(what, wanted, *words, **environment):
        status, out, error = program("--cache", kept, *words, **environment)
        log = [line.split("] ")[1] for line in error.splitlines() if line.endswith(("] started", "] cached"))]
        check(status == 0 and log == wanted, f"cache: {what}", f"{status} {log} {error}")
        return out

    first = happened("a miss", ["started"], "plus", "--x", "1", "--text", text)
    check(first == '{"total": 4}\n', "cache: its result", first)
    check(happened("a hit", ["cached"], "plus", "--x", "1", "--text", text) == first, "cache: the same result")
    happened("from an orchestrator", ["cached", "cached"], "twice", "--x", "1", "--text", text)
    with open(text, "w", encoding="ascii") as file:
        file.write("abcd")
    check(happened("another content", ["started"], "plus", "--x", "1", "--text", text) == '{"total": 5}\n', "cache: another result")
    written = happened("a file", ["started"], "writes", "--text", "hello")
    check(happened("a file that is there", ["cached"], "writes", "--text", "hello") == written, "cache: the same file")
    os.remove(json.loads(written)["out"]["path"])
    happened("a file that is gone", ["started"], "writes", "--text", "hello")


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
            for part in (modes, handles, unchanged, values, plain_values, hardening, secrets, failures, images, pip, terminal, other_runtime, calls, interruptions,
                         remote, faults, scripted_faults, tasks, large, seeds, cache, random_kills):
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
