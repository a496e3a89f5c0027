# The tasks of tests/docker/test_tasks.py: each entry gives the same in containers as in local workers, or says why not.
import datetime
import os
import sys

import flyte
import flyte.sandbox
from flyte.io import Dir, File

from helper_module import scaled

plain = flyte.TaskEnvironment(name="plain")
tools = flyte.TaskEnvironment(
    name="tools",
    image=flyte.Image.from_debian_base().with_apt_packages("hello").with_env_vars({"QUOTED": 'a"$b\\c'}).with_commands(["echo built > /built"]),
    resources=flyte.Resources(cpu="500m", memory="64Mi"),
    env_vars={"COLOR": "r e'd\"$x"},
    secrets=["token", flyte.Secret(key="k", group="grp", as_env_var="MY_KEY")],
)
given = flyte.TaskEnvironment(name="given", image="sbx-test-base:1")
odd = flyte.TaskEnvironment(name="odd", image=flyte.Image.from_debian_base().with_source_folder("."))


# ---- values, both ways ----

@plain.task
def echo(value, more=None):
    print("echo:", type(value).__name__)
    return value


@plain.sandbox.orchestrator
def trip(i: int, f: float, s: str, b: bytes, t: datetime.timedelta, d: datetime.datetime, li: list[dict[str, float]], tu: tuple[int, str]) -> list:
    return [echo(i), echo(s), echo([f, b, t, d, li, tu, None, {"a": (True, [2.5])}])]


@plain.task
async def shapes(*more: int, scale: int = 2, **named: int) -> dict[str, int]:
    return {"sum": sum(more) * scale, **named}


@plain.sandbox.orchestrator
def called(n: int) -> list:
    return [shapes(1, n, scale=3, x=4), flyte_map("plain.nine", list(range(n))), inner(n)]


@plain.task
def nine(x: int) -> int:
    import helper_module
    return scaled(x) - x * (helper_module.SCALE - 9)


@plain.sandbox.orchestrator
def inner(n: int) -> int:
    return nine(n) + 1


# ---- failures ----

class Refused(Exception):
    pass


@plain.task
def fails(how: str) -> int:
    if how == "raise":
        try:
            scaled(None)
        except TypeError as error:
            raise Refused("two\nlines") from error
    if how == "exit":
        sys.exit("words")
    if how == "type":
        return "text"
    if how == "object":
        return object()
    print("last words", file=sys.stderr, flush=True)
    if how == "gone":
        os._exit(0)
    if how == "code":
        os._exit(3)
    if how == "signal":
        os.abort()
    return 1


@plain.sandbox.orchestrator
def failing(how: str) -> int:
    return fails(how)


@plain.task(timeout=1)
def slow() -> int:
    import time
    time.sleep(60)
    return 1


@plain.task(retries=2)
def stubborn() -> str:
    if os.environ["SBX_ATTEMPT"] != "3":
        raise ValueError("again")
    return os.environ["SBX_CALL_ID"]


@tools.task
def hungry() -> int:
    return len([bytearray(1 << 20) for _ in range(1000)])


@odd.task
def unbuilt() -> int:
    return 1


@plain.sandbox.orchestrator
def late(which: str) -> str:
    if which == "slow":
        return str(slow())
    if which == "hungry":
        return str(hungry())
    if which == "unbuilt":
        return str(unbuilt())
    return stubborn()


# ---- files ----

@plain.task
async def write(text: str, where: str) -> File:
    if where == "tmp":
        with open("/tmp/note.txt", "w") as file:
            file.write(text)
        return await File.from_local("/tmp/note.txt")
    made = File.new_remote("note.txt")
    async with made.open("wb") as file:
        await file.write(text.encode())
    return made


@plain.task
def tree(texts: list[str]) -> Dir:
    folder = Dir.new_remote("tree")
    for i, text in enumerate(texts):
        os.makedirs(f"{folder.path}/{i}")
        with open(f"{folder.path}/{i}/leaf", "w") as file:
            file.write(text)
    return folder


@plain.task
def read(files: dict[str, list[File]], folder: Dir, again: File) -> dict:
    texts = {}
    for name, items in files.items():
        texts[name] = []
        for item in items:
            with open(item.path) as file:
                texts[name].append([os.path.basename(item.path), file.read()])
            try:
                open(item.path, "a").close()
                texts[name].append("written")
            except OSError as error:
                texts[name].append(error.strerror)
    leaves = sorted(os.path.join(where, name)[len(folder.path):] for where, _, names in os.walk(folder.path) for name in names)
    return {"texts": texts, "leaves": leaves, "same": again, "part": File(path=folder.path + "/0/leaf")}


@plain.task
def size(file: File) -> int:
    return os.path.getsize(file.path)


@plain.sandbox.orchestrator
def handed(outer: File, folder: Dir) -> dict:
    note = write("note", "run")
    made = tree(["a", "b"])
    told = read({"x": [note, outer, note], "y": [write("other", "tmp")]}, made, outer)
    return {"told": told, "size": size(told["part"]) + size(told["same"]), "whole": made, "given": folder}


@plain.task
def forge(how: str) -> File:
    if how == "link":
        made = File.new_remote("link")
        os.symlink("/etc/passwd", made.path)
        return made
    if how == "missing":
        return File(path="/tmp/absent")
    frame = sys._getframe()
    while "value_to_wire" not in frame.f_globals:
        frame = frame.f_back
    frame.f_globals["box"] = None  # paths leave as they are
    os.path.abspath = str
    return File(path={"host": "/etc/hostname", "up": "/var/outputs/files/../../etc/passwd", "relative": "file://etc/passwd"}[how])


@plain.sandbox.orchestrator
def forged(how: str) -> File:
    return forge(how)


# ---- what a container may, and what it has ----

@given.task
def facts(file: File) -> dict:
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)

    def refused(path):
        try:
            open(path, "w").close()
        except OSError as error:
            return error.strerror
        return "allowed"
    return {"uid": os.getuid(), "capabilities": status["CapEff"].strip(), "no_new_privileges": status["NoNewPrivs"].strip(),
            "seccomp": status["Seccomp"].strip(), "text": open(file.path).read(), "root": refused("/file"), "inputs": refused("/var/inputs/file"), "tmp": refused("/tmp/file"),
            "leak": "SBX_TEST_LEAK" in os.environ, "cwd": os.getcwd(), "docker": os.path.exists("/var/run/docker.sock")}


@tools.task
def has() -> dict:
    import subprocess
    hello = subprocess.run(["hello"], stdout=subprocess.PIPE, text=True, check=False).stdout
    return {"hello": hello, "built": os.path.exists("/built"), "quoted": os.environ["QUOTED"], "color": os.environ["COLOR"],
            "token": os.environ["TOKEN"], "key": os.environ["MY_KEY"]}


@flyte.trace
def traced(x: int) -> int:
    return x + 1


twice = flyte.sandbox.create(name="twice", code="y = x * 2", inputs={"x": int}, outputs={"y": int}, block_network=True)


@plain.sandbox.orchestrator
def inside(file: File) -> dict:
    return {"facts": facts(file), "has": has(), "traced": traced(1), "twice": twice.run(x=4)}


@plain.sandbox.orchestrator
def waits() -> int:
    return endless()


@plain.task
def endless() -> int:
    import time
    time.sleep(600)
    return 1
