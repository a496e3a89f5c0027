# Sandboxes with mistakes: each is told before anything is built.
import datetime
import os

import flyte
import flyte.sandbox
from flyte.io import DataFrame, Dir, File
from flyte.sandbox import ImageConfig

name = "x"
flyte.sandbox.create(name="neither")  # error: E0218
flyte.sandbox.create(name="both", code="x = 1", command=["true"])  # error: E0219
flyte.sandbox.create(name="odd", code="x = 1", network=False)  # error: E0220  says: no argument 'network'
flyte.sandbox.create("x = 1", name="p", code="y = 1")  # error: E0221
flyte.sandbox.create(name="a", code="x = 1", arguments=["-v"])  # error: E0222
flyte.sandbox.create(name="names", code="y = 1", inputs={
    "class": int,  # error: E0223  says: it is a keyword of Python
    "_sbx_x": int,  # error: E0223  says: belong to the generated script
    "__name__": str,  # error: E0223  says: belong to Python
    "a.b": int,  # error: E0223  says: it becomes a variable
    "größe": int,  # error: E0223
    "fine": int,
})
flyte.sandbox.create(name="files", command=["cat"], inputs={
    "../etc": File,  # error: E0223  says: it becomes a file
    "-v": str,  # error: E0223
    "tests.py": File,
}, outputs={"a/b": File, "exit_code": float})  # error: E0223, E0223  says: 'a/b'  says: declare it as int or str
flyte.sandbox.create(name="types", code="y = 1", inputs={
    "a": bytes,  # error: E0224
    "b": DataFrame,  # error: E0224
    "c": dict[int, int],  # error: E0224
    "d": list[list[int]],  # error: E0224
    "e": int | None,  # error: E0224
    "f": undefined,  # error: E0201
    "g": list[datetime.timedelta],
    "h": dict[str, float],
    "i": Dir,
})
flyte.sandbox.create(
    name="code",
    code="""
        total = 0
        for x in range(n)  # error: E0102
            total += x
    """,
    inputs={"n": int},
    outputs={"total": int},
)
flyte.sandbox.create(
    name="outputs",
    code="""
        import os as assigned_by_import
        def assigned_by_def():
            global through_global
            inside = 1
        for looped in []:
            pass
        with open("x") as opened, open("y") as (one, two):
            pass
        try:
            pass
        except ValueError as caught:
            pass
        print(walrus := 1, [in_comprehension for in_comprehension in []])
        a, (b, *c) = 1, (2, 3)
        annotated: int = 3
    """,
    inputs={"given": int},
    outputs={
        "assigned_by_import": str,
        "assigned_by_def": str,
        "through_global": int,
        "looped": int,
        "opened": str,
        "two": str,
        "caught": str,
        "walrus": int,
        "c": list[int],
        "annotated": int,
        "given": int,
        "by_hand": File,
        "exit_code": int,
        "inside": int,  # error: E0225  says: never assigns the output 'inside'
        "in_comprehension": int,  # error: E0225
        "missing": int,  # error: E0225  help: assign it at the top level of the code: missing = ...
    },
)
flyte.sandbox.create(name="star", code="from mine import *", outputs={"anything": int})
flyte.sandbox.create(name="exec", code="exec(open('x').read())", outputs={"anything": int})
flyte.sandbox.create(name="verbatim", code="print(1)", outputs={"anything": int}, auto_io=False)
flyte.sandbox.create(name="p1", code="x = 1", packages=["--index-url=http://x"])  # error: E0226
flyte.sandbox.create(name="p2", code="x = 1", system_packages=["vim; rm -rf /"])  # error: E0226
flyte.sandbox.create(name="p3", code="x = 1", packages=["numpy>=1.2,<2", "mine[extra] @ https://x/y.whl"])
flyte.sandbox.create(name="r1", code="x = 1", additional_commands=["COPY /etc /etc"])  # error: E0227
flyte.sandbox.create(name="r2", code="x = 1", additional_commands=["make\nUSER root"])  # error: E0227
flyte.sandbox.create(name="i1", code="x = 1", image="debian", packages=["numpy"])  # error: E0228
flyte.sandbox.create(name="i2", code="x = 1", image="debian:12", image_name="-x")  # error: E0203
flyte.sandbox.create(name="i3", code="x = 1", image_config=ImageConfig(python_version=(2, 7)))  # error: E0203
flyte.sandbox.create(name="i9", code="x = 1", image_config=ImageConfig(registry="https://ghcr.io/team"))  # error: E0203
flyte.sandbox.create(name="i4", code="x = 1", image_config=3)  # error: E0203
flyte.sandbox.create(name="m1", code="x = 1", resources=flyte.Resources(memory="1Xi"))  # error: E0203
flyte.sandbox.create(name="m2", code="x = 1", resources=flyte.Resources(cpu="many"))  # error: E0203
flyte.sandbox.create(name="m3", code="x = 1", resources=flyte.Resources(cpu=(1, 2), memory="512Mi"))
flyte.sandbox.create(name="b1", code="x = 1", block_network="yes")  # error: E0203
flyte.sandbox.create(name="b2", code="x = 1", block_network=os.environ["X"])  # error: E0201
flyte.sandbox.create(name="t1", code="x = 1", timeout="soon")  # error: E0203
flyte.sandbox.create(name="t2", code="x = 1", retries=-1)  # error: E0203
flyte.sandbox.create(name="t3", code="x = 1", retries=3, timeout=datetime.timedelta(minutes=1))
flyte.sandbox.create(name="e1", code="x = 1", env_vars={"A=B": "c"})  # error: E0203
flyte.sandbox.create(name="e2", code="x = 1", env_vars={"A": 1})  # error: E0203
flyte.sandbox.create(name="e3", code="x = 1", secrets=[flyte.Secret(key="k", as_env_var="K"), "other"])
flyte.sandbox.create(name="e4", code="x = 1", secrets=[1])  # error: E0203
flyte.sandbox.create(name="c1", code="x = 1", cache="sometimes")  # error: E0203
flyte.sandbox.create(name="c2", command="true")  # error: E0203
flyte.sandbox.create(name="c3", command=[])  # error: E0203
flyte.sandbox.create(name=3, code="x = 1")  # error: E0203


def made_at_run_time(code):
    return flyte.sandbox.create(name="later", code=code, outputs={"x": int})
