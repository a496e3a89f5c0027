"""Parts of the docker suite about Python tasks in containers: the same values, errors and files as in local workers, the same
hardening as sandboxes, nothing left behind. test_sandboxes.py runs them; the program is tasks.py.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import glob
import json
import os
import shutil
import signal
import subprocess
import time

import engine

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TRIP = {"i": -(2**70), "f": 0.1, "s": "a'\"$\\\n\u0000\ud800🎈", "b": "AAH/", "t": 90061.5, "d": "2024-02-29T23:59:59.000001+05:30",
        "li": [{"x": 1.5, "": -0.0}, {}], "tu": [1, "x" * 300000]}


def both(check, program, name, *words, **environment):
    """The same from local workers and from containers: output, exit code, traceback. Returns those of the containers."""
    local = program("--backend", "local", "--log", "local.log", *words, **environment)
    boxed = program("--backend", "docker", "--log", "docker.log", *words, **environment)
    check(local == boxed, f"local and docker: {name}", f"\n{local}\n{boxed}")
    return boxed


def several(program, commands, **environment):
    """What each of the commands gives; four of them at a time."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda words: program("--backend", "docker", *words, **environment), commands))


def write(program, name, text):
    path = os.path.join(program.folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def task_values(check, program):
    os.remove(os.path.join(program.folder, "helper_module.py"))  # the program carries it
    write(program, "trip.json", json.dumps(TRIP))
    status, out, error = both(check, program, "values", "--input-json", "trip.json", "trip")
    got = json.loads(out) if status == 0 else []
    check(got == [TRIP["i"], TRIP["s"], [TRIP[name] for name in ("f", "b", "t", "d", "li", "tu")] + [None, {"a": [True, [2.5]]}]], "values cross unharmed",
          out or error)
    with open(os.path.join(program.folder, "docker.log"), encoding="utf-8") as file:
        check("[echo#1] echo: int\n" in file.read(), "what a task prints is in the log")
    both(check, program, "*args, a map, another orchestrator", "called", "--n", "3")
    status, out, error = both(check, program, "retries", "late", "--which", "stubborn")
    check((status, out) == (0, '"1"\n'), "call id and attempt are told", error)


def task_failures(check, program):
    for how in ("raise", "exit", "type", "object"):
        status, _, error = both(check, program, f"failure {how}", "failing", "--how", how)
        check(status == 1, f"failure {how}: its exit code", error)
    cases = {("failing", "--how", "gone"): "RuntimeError: task 'plain.fails' ended without an answer\n",
             ("failing", "--how", "code"): "RuntimeError: task 'plain.fails' ended with exit code 3; the end of its output:\n  last words\n",
             ("failing", "--how", "signal"): "RuntimeError: task 'plain.fails' was killed by signal 11 (SIGSEGV)\n",
             ("late", "--which", "slow"): "TimeoutError: the task took longer than 1000 ms\n",
             ("late", "--which", "hungry"): "MemoryError: task 'tools.hungry' ran out of memory: its limit is 64 MiB\n",
             ("late", "--which", "unbuilt"): "and with_env_vars, not of with_source_folder (line 21)\n"}
    for (words, wanted), (status, _, error) in zip(cases.items(), several(program, cases, TOKEN="t", GRP_K="k")):
        check(status == 1 and error.endswith(wanted), f"failure {words[2]}", error)
    status, _, error = program("--backend", "docker", "late", "--which", "hungry")
    check(status == 1 and error.endswith("RuntimeError: the secret 'token' is not in the environment (TOKEN)\n"), "a missing secret", error)
    status, _, error = program("--backend", "docker", "failing", "--how", "x", DOCKER_HOST="unix:///nowhere/docker.sock")
    check(status == 4 and "no Docker engine at unix:///nowhere/docker.sock" in error, "no engine", error)
    status, _, error = program("--backend", "flyte", "failing", "--how", "x")
    check(status == 2 and "--backend: 'flyte' is unknown; there are 'local' and 'docker'" in error, "a backend that does not exist", error)


def task_files(check, program):
    folder = os.path.join(program.folder, "given")
    outer = write(program, "outer.txt", "outer")
    write(program, "given/deep/x", "x")
    os.chmod(outer, 0o666)
    words = ("handed", "--outer", outer, "--folder", folder)
    result = program.result("files", "--backend", "docker", *words)
    if not result:
        return
    told, denied = result["told"], "Permission denied"  # of files that others may not write; the mount forbids the rest
    check(told["texts"] == {"x": [["note.txt", "note"], denied, ["outer.txt", "outer"], "Read-only file system", ["note.txt", "note"], denied],
                            "y": [["note.txt", "other"], denied]}, "files are read, and not written", told)
    check(told["leaves"] == ["/0/leaf", "/1/leaf"] and result["size"] == 6, "a folder, and a file in it that a task has named", result)
    check(told["same"]["path"] == outer and result["given"]["path"] == folder, "a handle that only passes stays as it is", result)
    with open(os.path.join(result["whole"]["path"], "1", "leaf"), encoding="ascii") as file:
        check(file.read() == "b", "what a task has made is kept")
    local = program.result("files in local workers", "--backend", "local", *words)
    for folder in glob.glob(program.temporary + "/sbx-run-*[0-9a-f]"):
        shutil.rmtree(folder)  # what tasks make in local workers is kept, too
    check(local and local["told"]["leaves"] == told["leaves"] and local["size"] == result["size"], "files: the same from local workers", local)
    cases = {"link": "RuntimeError: task 'plain.forge': the output 'files' holds a link or a device, which is refused\n",
             "missing": "FileNotFoundError: the result has '/tmp/absent', which is not there\n",
             "host": "ValueError: task 'plain.forge': its result names '/etc/hostname', which it was not given and has not made\n",
             "up": "its result names '/var/outputs/files/../../etc/passwd', which it was not given and has not made\n",
             "relative": "which it was not given and has not made\n"}
    for (how, wanted), (status, out, error) in zip(cases.items(), several(program, [("forged", "--how", how) for how in cases])):
        check(status == 1 and not out and error.endswith(wanted), f"a forged result: {how}", f"{out} {error}")


def task_boxes(check, program):
    """Hardening from inside, images of several environments, environment and secrets."""
    file = write(program, "fact.txt", "of its owner only")
    os.chmod(file, 0o600)  # the container's user is another
    status, out, error = program("--backend", "docker", "inside", "--file", file, SBX_TEST_LEAK="leak", TOKEN="s3cr3t-token", GRP_K="s3cr3t-key")
    got = json.loads(out) if status == 0 else {}
    check(got.get("facts") == {"uid": 65534, "capabilities": "0000000000000000", "no_new_privileges": "1", "seccomp": "2", "text": "of its owner only", "root": "Read-only file system",
                               "inputs": "Read-only file system", "tmp": "allowed", "leak": False, "cwd": "/tmp", "docker": False}, "hardening of a task",
          f"{got.get('facts')} {error}")
    check(got.get("has") == {"hello": "Hello, world!\n", "built": True, "quoted": 'a"$b\\c', "color": "r e'd\"$x", "token": "s3cr3t-token", "key": "s3cr3t-key"},
          "image, environment and secrets of a task", got.get("has"))
    check(got.get("traced") == 2 and got.get("twice") == 8, "a traced function, and a sandbox beside tasks", got)
    check("s3cr3t" not in error, "no secret in the log", error)
    images = engine.docker("images", "-q").stdout.split()
    check("s3cr3t" not in "".join(engine.docker("history", "--no-trunc", image).stdout for image in images), "no secret in an image")
    status, out, error = program("--build-images")
    lines = dict(line.split(" ") for line in out.strip().split("\n"))
    check(status == 1 and "with_source_folder (line 21)" in error, "an image that cannot be built is told", error)
    check(len(set(lines.values())) == 3 and lines["plain.echo"] == lines["twice"] == lines["traced"] != lines["tools.has"], "tasks and sandboxes share images", lines)


def task_ends(check, program):
    """Ctrl-C, a killed client, and a remote engine."""
    for way in (signal.SIGINT, signal.SIGKILL):
        client = program.start("--backend", "docker", "waits")
        for _ in range(200):
            container = engine.docker("ps", "-q", "--filter", "label=sbx.sandbox=plain.endless").stdout.split()
            if container:
                break
            time.sleep(0.05)
        said = engine.docker("inspect", "--format", "{{json .Config.Entrypoint}}", *container).stdout
        check(container and "endless" not in said, "the program is not in the command line", said)
        client.send_signal(way)
        _, error = client.communicate(timeout=60)
        check(client.returncode == (130 if way == signal.SIGINT else -9), f"ended by {way.name}", error)
    program("--backend", "docker", "failing", "--how", "x")  # sweeps what the killed one has left


def task_remote(check, program, proxy):
    words = ("handed", "--outer", write(program, "outer.txt", "outer"), "--folder", os.path.dirname(write(program, "given/x", "x")))
    with proxy.Proxy(os.environ["DOCKER_HOST"]) as door:
        result = program.result("a remote engine", "--backend", "docker", *words, DOCKER_HOST=door.host)
    check(result and result["size"] == 6 and result["told"]["leaves"] == ["/0/leaf", "/1/leaf"], "a remote engine: files both ways", result)


def task_commands(check, program, sbxc):
    """run and exec, and a host in C."""
    def run(*words, **more):
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=program.folder, **more)
    shutil.copy(os.path.join(HERE, "helper_module.py"), program.folder)
    ran = run(sbxc, "run", "--backend=docker", "tasks.py", "inner", "--n", "4")
    check((ran.returncode, ran.stdout) == (0, "37\n"), "sbxc run --backend docker", ran.stderr)
    ran = run(sbxc, "exec", "nine(x) + twice.run(x=x)", "--input", "x=4", "--tasks", "tasks.py", "--backend", "docker")
    check((ran.returncode, ran.stdout) == (0, "44\n"), "sbxc exec --backend docker", ran.stderr)
    host = build_host(check, run, sbxc, "tasks")
    ran = run(host, "called", '{"n": 2}')
    check((ran.returncode, ran.stdout) == (0, '[{"sum": 9, "x": 4}, [0, 9], 19]\n'), "a host in C", ran.stderr)
    ran = run(host, "failing", '{"how": "raise"}')
    check(ran.returncode == 1 and "helper_module.py" in ran.stderr and ran.stderr.endswith("tasks.Refused: two\nlines\n"), "a host in C: a failure", ran.stderr)
    ran = run(host, "twice", '{"x": 4}', "sandboxes")
    check((ran.returncode, ran.stdout) == (0, '{"y": 8}\n'), "a host in C: sandboxes only", ran.stderr)


def build_host(check, run, sbxc, name):
    """container_host.c with the C of NAME.py; its path."""
    build = os.path.dirname(sbxc)
    libraries = [os.path.join(build, library) for library in ("libsbx-host.a", "libsbx.a")]
    made = run(sbxc, f"{name}.py", "-o", f"{name}.c")
    if made.returncode == 0:
        made = run(*os.environ.get("CC", "cc").split(), "-std=c11", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", f"-DENTRIES=sbx_entries_{name}",
                   f"-I{ROOT}/runtime/include", os.path.join(HERE, "container_host.c"), f"{name}.c", "-o", f"{name}-host", *libraries, "-lm",
                   *(["-fsanitize=address,undefined"] if "san" in build.split(os.sep) else []))
    check(made.returncode == 0, f"a host in C of {name}.py is built", made.stderr)
    return f"./{name}-host"


SEEDS_WORDS = ("--values", "10,20,30", "--dt", "2024-01-01T00:00:00", "--delta", "7d")


def seeds_inputs(program):
    return (write(program, "payload.json", '{"values": [1, 2, 3]}'), write(program, "good_tests.py", "def test_good():\n    assert 1 + 1 == 2\n"),
            write(program, "bad_tests.py", "def test_bad():\n    assert 1 + 1 == 3\n"))


def seeds_modes(check, program, sbxc):
    """The examples of Flyte's documentation in all three modes: from the command line, an orchestrator and a host in C."""
    payload, good, bad = seeds_inputs(program)
    stats = {"mean": 20.0, "window_end": "2024-01-08T00:00:00"}
    check(program.result("compute-stats", "compute-stats", *SEEDS_WORDS) == stats, "compute-stats: its result")
    check(program.result("manual-etl", "manual-etl", "--payload", payload) == {"total": 6}, "manual-etl: its result")
    check(program.result("pytest", "pytest-sandbox", "--tests.py", good) == {"exit_code": "0"}, "pytest: its result")
    check(program.result("pytest fails", "pytest-sandbox", "--tests.py", bad) == {"exit_code": "1"}, "pytest: a test that fails")
    check(program.result("numpy-stats", "numpy-stats", "--values", "[1, 2.5]") == {"mean": 1.75}, "numpy-stats: its result")
    check(program.result("reusable-task", "reusable-task", "--x", "41") == {"result": 42}, "reusable-task: its result")
    whole = {**stats, "total": 6, "exit_code": "0", "numpy": 10.5, "task": 42}
    words = ("every_mode", *SEEDS_WORDS, "--payload", payload, "--tests", good)
    check(program.result("from an orchestrator", *words) == whole, "from an orchestrator")

    def run(*words):
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=program.folder)
    host = build_host(check, run, sbxc, "seeds")
    handle = '{"__flyte_io_type__": "File", "path": "%s"}'
    times = '"values": "10,20,30", "dt": "2024-01-01T00:00:00", "delta": 604800'
    for entry, given, wanted in (("compute-stats", "{%s}" % times, stats), ("manual-etl", '{"payload": %s}' % (handle % payload), {"total": 6}),
                                 ("pytest-sandbox", '{"tests.py": %s}' % (handle % bad), {"exit_code": "1"}),
                                 ("every_mode", '{%s, "payload": %s, "tests": %s}' % (times, handle % payload, handle % good), whole)):
        ran = run(host, entry, given)
        check(ran.returncode == 0 and json.loads(ran.stdout) == wanted, f"a host in C: {entry}", f"{ran.stdout} {ran.stderr}")


def seeds_specs(check, program, sbxc):
    """The documents of `sbxc tasks` on the engine as a backend's helper would run them: inputs as files, outputs from files."""
    printed = subprocess.run([sbxc, "tasks", "seeds.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=program.folder)
    specs = {spec["taskTemplate"]["id"]["name"]: spec["taskTemplate"] for spec in json.loads(printed.stdout or "[]")}
    check(specs["custom-env"]["container"]["image"].startswith("my-registry.io/project/sandbox-"), "custom-env: its registry", specs["custom-env"])
    payload, _, bad = seeds_inputs(program)
    for name, inputs, wanted in (("compute-stats", {"values": "10,20,30", "dt": "2024-01-01T00:00:00Z", "delta": "168h0m0s"},
                                  {"mean": "20.0", "window_end": "2024-01-08T00:00:00+00:00"}),
                                 ("manual-etl", {"payload": open(payload, encoding="ascii").read()}, {"total": "6"}),
                                 ("pytest-sandbox", {"tests.py": open(bad, encoding="ascii").read()}, {"exit_code": "1\n"})):
        folders = {side: os.path.join(program.folder, f"{name}-{side}") for side in ("inputs", "outputs")}
        for folder in folders.values():
            os.makedirs(folder)
        for key, text in inputs.items():
            write(program, f"{name}-inputs/{key}", text)
        container = specs[name]["container"]
        words = [word for pair in container["env"] for word in ("-e", f"{pair['key']}={pair['value']}")]
        words += ["-v", f"{folders['inputs']}:/var/inputs:ro", "-v", f"{folders['outputs']}:/var/outputs", "--network", "none", "--entrypoint", container["command"][0]]
        done = engine.docker("run", "--rm", *words, container["image"], *container["command"][1:], *container.get("args", []))
        got = {key: open(os.path.join(folders["outputs"], key), encoding="ascii").read() for key in os.listdir(folders["outputs"])}
        check(done.returncode == 0 and got == wanted, f"the task of {name}, run from its document", f"{got} {done.stdout} {done.stderr}")
