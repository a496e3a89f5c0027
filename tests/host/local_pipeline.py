"""Tasks that succeed, fail, die, hang and write garbage, for test_local.py.

SPDX-License-Identifier: Apache-2.0
"""
import os
import signal
import subprocess
import sys
import time

import flyte

env = flyte.TaskEnvironment(name="demo")


@env.task
def same(x):
    return x


@env.task
def special(x):
    """Values that JSON cannot say."""
    return {"tuple": (1, (2.5, None)), "set": {3}, "bytes": b"\x00\xff", "inf": float("-inf"), "big": -(1 << 200),
            "frozen": frozenset({"a"}), "nan": float("nan"), "text": "ü\U0001f600\0", 4: (), ("k",): True}


@env.task
def check(x):
    wanted = special.func(None)
    nan, other = x.pop("nan"), wanted.pop("nan")
    assert nan != nan and other != other
    assert repr(x) == repr(wanted), repr(x)
    assert list(map(type, x.values())) == list(map(type, wanted.values()))
    return "as it was"


@env.task
def fails(x):
    raise ValueError(f"negative input: {x}")


@env.task
def prints(x):
    print("out", flush=True)
    print("err", file=sys.stderr)
    subprocess.run(["echo", "child"])
    os.write(1, b"raw\nbar 10%\rend\r\nlast")
    return x


@env.task
def controls(x):
    print("\x1b[31mred \x07")


@env.task
def sleeps_long(x):
    child = subprocess.Popen(["sleep", "1000"])
    print("pid", os.getpid())
    print("pid", child.pid)
    time.sleep(1000)


@env.task
def hangs_once(x):
    """And is large, so that its end takes time."""
    if os.path.exists(x):
        return "again"
    ballast = bytearray(200 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    open(x, "w").close()
    time.sleep(1000)


@env.task
def variables(x):
    return [os.environ.get(name) for name in ("COLOR", "SBX_CALL_ID", "SBX_ATTEMPT")]


@env.task
def is_my_pid(x):
    return x == os.getpid()


@env.task
def exits(x):
    os._exit(7)


@env.task
def crashes(x):
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(10)


@env.task
def hangs(x):
    child = subprocess.Popen(["sleep", "1000"])
    print("pid", os.getpid())
    print("pid", child.pid)
    time.sleep(1000)


@env.task
def garbage(x):
    for number in range(3, 20):
        try:
            os.write(number, b"garbage" * 10)
        except OSError:
            pass
    time.sleep(0.2)
    return x


@env.task
def huge_length(x):
    os.write(3, b"SB\x01R\xff\xff\xff\xff")
    time.sleep(0.2)
    return x


@env.task
def closes(x):
    os.closerange(3, 100)
    time.sleep(1)


@env.task
def wrong_number(x):
    os.write(3, b"SB\x01R\x09\x00\x00\x00" + b"\xee" * 8 + b"N")
    time.sleep(0.2)
    return x


@env.task
def damaged(x):
    sequence = sys._getframe(1).f_locals.get("sequence", 0)
    os.write(3, b"SB\x01R\x0a\x00\x00\x00" + sequence.to_bytes(8, "little") + b"l\xff")
    time.sleep(0.2)
    return x


@env.task
def dies_afterwards(x):
    """Its own call is done; then the worker ends when it is to begin another one, which must not be the one to pay."""
    os.read = lambda *arguments: os._exit(9)
    return x


@env.task
def pid(x):
    return os.getpid()


@env.task
def flaky(x):
    """Fails until the third attempt; x is a file that counts."""
    with open(x, "a") as file:
        file.write(".")
    if os.path.getsize(x) < 3:
        raise RuntimeError("not yet")
    return os.environ["SBX_ATTEMPT"]


@env.task
def cannot_cross(x):
    return [object()]
