# The sandboxes of tests/docker/test_sandboxes.py.
import datetime

import flyte
import flyte.sandbox
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="env")

# ---- the three modes ----

stats = flyte.sandbox.create(
    name="compute-stats",
    code="""
import sys
nums = [float(v) for v in values.split(",")]
mean = sum(nums) / len(nums)
window_end = dt + delta
print("said on stdout")
print("said on stderr", file=sys.stderr)
""",
    inputs={"values": str, "dt": datetime.datetime, "delta": datetime.timedelta},
    outputs={"mean": float, "window_end": datetime.datetime},
)

etl = flyte.sandbox.create(
    name="manual-etl",
    code="""
import json, pathlib, sys
payload = json.loads(pathlib.Path("/var/inputs/payload").read_text())
total = sum(payload["values"]) * int(sys.argv[sys.argv.index("--factor") + 1])
pathlib.Path("/var/outputs/total").write_text(str(total))
if total < 0:
    raise ValueError("negative")
""",
    inputs={"payload": File, "factor": int},
    outputs={"total": int},
    auto_io=False,
)

runner = flyte.sandbox.create(
    name="runner",
    command=["/bin/sh", "-c", 'cat /var/inputs/tests.py; exit "$(cat /var/inputs/code)"'],
    inputs={"tests.py": File, "code": int},
    outputs={"exit_code": str},
)

files = flyte.sandbox.create(
    name="files",
    code="""
        import os, pathlib
        lines = pathlib.Path(text).read_text().splitlines()
        count = len(lines) + len(os.listdir(folder))
        pathlib.Path("/var/outputs/copy.txt").write_text("\\n".join(reversed(lines)))
        os.makedirs("/var/outputs/tree/deep")
        pathlib.Path("/var/outputs/tree/deep/leaf").write_text("leaf")
        pathlib.Path("/var/outputs/not_declared").write_text("x")
    """,
    inputs={"text": File, "folder": Dir},
    outputs={"count": int, "copy.txt": File, "tree": Dir},
)

trip = flyte.sandbox.create(
    name="trip",
    code="o_int, o_float, o_str, o_bool, o_dt, o_td, o_list, o_dict = i_int, i_float, i_str, i_bool, i_dt, i_td, i_list, i_dict",
    inputs={"i_int": int, "i_float": float, "i_str": str, "i_bool": bool, "i_dt": datetime.datetime, "i_td": datetime.timedelta, "i_list": list[str],
            "i_dict": dict[str, float]},
    outputs={"o_int": int, "o_float": float, "o_str": str, "o_bool": bool, "o_dt": datetime.datetime, "o_td": datetime.timedelta, "o_list": list[str],
             "o_dict": dict[str, float]},
)

# What a script and a command find, word by word and file by file.
KINDS = {"i_int": int, "i_float": float, "i_str": str, "i_bool": bool, "i_dt": datetime.datetime, "i_td": datetime.timedelta, "i_list": list[str],
         "i_dict": dict[str, float]}
words = flyte.sandbox.create(
    name="words",
    code="""
import json, os, sys
files = {name: open("/var/inputs/" + name, newline="", errors="surrogateescape").read() for name in os.listdir("/var/inputs") if name != "_script"}
open("/var/outputs/found", "w").write(json.dumps({"words": sys.argv[1:], "files": files}))
""",
    inputs=KINDS,
    outputs={"found": str},
    auto_io=False,
    block_network=True,
)
listing = flyte.sandbox.create(
    name="listing",
    command=["python3", "-c", "import json, os, sys; files = {n: open('/var/inputs/' + n, newline='', errors='surrogateescape').read() for n in "
             "os.listdir('/var/inputs')}; open('/var/outputs/found', 'w').write(json.dumps({'words': sys.argv[1:], 'files': files}))"],
    inputs=KINDS,
    outputs={"found": str},
    block_network=True,
)

# ---- what a container may ----

facts = flyte.sandbox.create(
    name="facts",
    code="""
        import json, os, resource, socket
        status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)

        def refused(action):
            try:
                action()
            except OSError as error:
                return error.strerror
            return "allowed"

        def processes():
            children = []
            try:
                while len(children) < 1000:
                    pid = os.fork()
                    if not pid:
                        os.read(held, 1)
                        os._exit(0)
                    children.append(pid)
            except OSError:
                pass
            return len(children)

        def memory():
            for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
                if os.path.exists(path):
                    return int(open(path).read())

        def processors():
            # the quota of the control group, and how often it has bitten: several that work compete with a busy machine
            import signal, time
            workers = []
            for _ in range(4):
                workers.append(os.fork())
                while not workers[-1]:
                    pass
            unified = os.path.exists("/sys/fs/cgroup/cpu.max")
            path = "/sys/fs/cgroup/cpu.stat" if unified else "/sys/fs/cgroup/cpu/cpu.stat"
            end, throttled = time.monotonic() + 20, 0
            while not throttled and time.monotonic() < end:
                time.sleep(0.1)
                throttled = int(open(path).read().split("nr_throttled")[1].split()[0])
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
                os.waitpid(worker, 0)
            if unified:
                quota, period = open("/sys/fs/cgroup/cpu.max").read().split()
            else:
                quota, period = (open("/sys/fs/cgroup/cpu/cpu.cfs_%s_us" % name).read() for name in ("quota", "period"))
            return [int(quota) / int(period), throttled]

        held, end = os.pipe()
        found = json.dumps({
            "uid": os.getuid(), "gid": os.getgid(), "groups": os.getgroups(), "capabilities": status["CapEff"].strip(), "bounding": status["CapBnd"].strip(),
            "no_new_privileges": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(),
            "root": refused(lambda: open("/file", "w")), "inputs": refused(lambda: open("/var/inputs/file", "w")),
            "etc": refused(lambda: open("/etc/file", "w")), "shadow": refused(lambda: open("/etc/shadow")),
            "tmp": refused(lambda: open("/tmp/file", "w")), "outputs": refused(lambda: open("/var/outputs/file", "w")),
            "tmp_flags": [line.split()[3] for line in open("/proc/mounts") if line.split()[1] == "/tmp"],
            "docker": [p for p in ("/var/run/docker.sock", "/run/docker.sock") if os.path.exists(p)],
            "interfaces": sorted(name for _, name in socket.if_nameindex()), "core": resource.getrlimit(resource.RLIMIT_CORE),
            "memory": memory(), "processors": processors(), "setuid": refused(lambda: os.setuid(0)), "chroot": refused(lambda: os.chroot("/tmp")),
            "mknod": refused(lambda: os.mknod("/tmp/device", 0o600 | 0o20000, os.makedev(1, 3))), "processes": processes(),
            "environment": sorted(os.environ), "mount_in": [line.split()[3].split(",")[0] for line in open("/proc/mounts") if line.split()[1] == "/var/inputs"],
        })
    """,
    outputs={"found": str},
    block_network=True,
    resources=flyte.Resources(cpu=0.4, memory="100Mi"),
)

online = flyte.sandbox.create(name="online", code="import socket; n = len(socket.if_nameindex())", outputs={"n": int})

settings = flyte.sandbox.create(
    name="settings",
    code="import os; seen = [os.environ.get('PLAIN', ''), os.environ.get('TOKEN', ''), os.environ.get('MY_KEY', '')]",
    outputs={"seen": list[str]},
    env_vars={"PLAIN": "a b'\"$x"},
    secrets=["token", flyte.Secret(key="k", group="grp", as_env_var="MY_KEY")],
)

# ---- failures ----

fails = flyte.sandbox.create(
    name="fails",
    code="""
        import os, signal, subprocess, sys, time

        def inner():
            raise LookupError("two\\nlines") from ZeroDivisionError("cause")

        if mode == "raise":
            inner()
        if mode == "exit":
            print("last words", file=sys.stderr)
            sys.exit(3)
        if mode == "signal":
            os.kill(os.getpid(), signal.SIGKILL) if os.getpid() != 1 else os.abort()
        if mode == "memory":
            hog = [bytearray(1 << 20) for _ in range(1000)]
        if mode == "sleep":
            time.sleep(60)
        if mode == "text":
            n = "text"
        elif mode == "link":
            os.symlink("/etc/passwd", "/var/outputs/n")
        elif mode == "fifo":
            os.mkfifo("/var/outputs/n")
        elif mode == "folder":
            os.mkdir("/var/outputs/n")
        elif mode == "large":
            open("/var/outputs/n", "w").truncate(65 << 20)
        elif mode != "missing":
            n = 1
        if mode in ("link", "fifo", "folder", "large"):
            os._exit(0)
    """,
    inputs={"mode": str},
    outputs={"n": int},
    resources=flyte.Resources(memory="64Mi"),
    block_network=True,
)

hasty = flyte.sandbox.create(name="hasty", command=["sleep", "60"], timeout=1, block_network=True)
stubborn = flyte.sandbox.create(name="stubborn", command=["/bin/sh", "-c", "exit 7"], retries=2, block_network=True)
absent = flyte.sandbox.create(name="absent", command=["/no/such/program"], block_network=True)
linked_dir = flyte.sandbox.create(name="linked-dir", code="import os; os.mkdir('/var/outputs/d'); os.symlink('/etc', '/var/outputs/d/etc')", outputs={"d": Dir},
                                  block_network=True)
keeper = flyte.sandbox.create(name="keeper", command=["sleep", "60"], block_network=True, secrets=["token"], env_vars={"PLAIN": "x"})
sleeper = flyte.sandbox.create(name="sleeper", command=["sleep", "60"], block_network=True)

# ---- images ----

packaged = flyte.sandbox.create(name="packaged", code="import subprocess; out = subprocess.run(['hello'], stdout=subprocess.PIPE, text=True).stdout",
                                outputs={"out": str}, system_packages=["hello"], additional_commands=["RUN echo built > /built"], block_network=True)
unknown = flyte.sandbox.create(name="unknown-package", code="x = 1", system_packages=["no-such-package-anywhere"])
broken = flyte.sandbox.create(name="broken-step", code="x = 1", additional_commands=["true", "RUN sh -c 'echo going; exit 9'"])
slow_build = flyte.sandbox.create(name="slow-build", code="x = 1", outputs={"x": int}, additional_commands=["sleep 2"], block_network=True)
requests = flyte.sandbox.create(name="requests", code="import sbx_test_wheel; out = sbx_test_wheel.WORD", outputs={"out": str},
                                packages=["sbx-test-wheel==1.0"], system_packages=["gcc-12-base"], block_network=True)
unknown_wheel = flyte.sandbox.create(name="unknown-wheel", code="x = 1", packages=["sbx-no-such-wheel"], system_packages=["gcc-12-base"])
given = flyte.sandbox.create(name="given-image", code="x = 1", outputs={"x": int}, image="sbx-test-base:1", block_network=True)

# ---- from an orchestrator ----

double = flyte.sandbox.create(name="double", code="result = x * 2", inputs={"x": int}, outputs={"result": int}, block_network=True)
double_task = double.as_task()


nap = flyte.sandbox.create(name="nap", code="import time; time.sleep(2); result = x", inputs={"x": int}, outputs={"result": int}, block_network=True)
nap_task = nap.as_task()


@env.sandbox.orchestrator
async def pipeline(values: str, dt: datetime.datetime) -> dict[str, float]:
    mean, end = stats.run(values=values, dt=dt, delta=one_day())
    again, _ = await stats.run.aio(values=values + ",100", dt=end, delta=one_day())
    return {"mean": mean, "again": again}


@env.task
def one_day() -> datetime.timedelta:
    return datetime.timedelta(days=1)


@env.sandbox.orchestrator
def many(n: int) -> list[int]:
    return flyte_map("double_task", list(range(n)), concurrency=4)


@env.sandbox.orchestrator
def at_once(n: int) -> list[int]:
    return flyte_map("nap_task", list(range(n)))


@env.sandbox.orchestrator
def chain(x: int) -> int:
    return double_task(x=double.run(x=x))


by_text = flyte.sandbox.orchestrator_from_str("double.run(x=x) + 1", inputs={"x": int}, output=int, tasks=[double], name="by-text")
