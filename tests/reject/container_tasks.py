# What sandboxes may do and container tasks cannot: `sbxc tasks` tells.
import datetime

import flyte.sandbox
from flyte.io import Dir, File

long = "a23456789-" * 6 + "1234"

fine = flyte.sandbox.create(
    name="fine",
    code="a, b, c, d, e = i, f, s == 'x', t, td",
    inputs={"i": int, "f": float, "s": str, "t": datetime.datetime, "td": datetime.timedelta, "file": File, "folder": Dir, "li": list[int],
            "di": dict[str, float]},
    outputs={"a": int, "b": float, "c": bool, "d": datetime.datetime, "e": datetime.timedelta, "made": File, "exit_code": str},
)
named = flyte.sandbox.create(name=long, command=["true"])  # error: E0229  says: the name of a container task: it has 64 characters
put = flyte.sandbox.create(name="put", command=["true"], inputs={long: int})  # error: E0229  says: the name of an input
got = flyte.sandbox.create(name="got", command=["true"], outputs={long: int})  # error: E0229  says: the name of an output
verbatim = flyte.sandbox.create(name="v", code="pass", auto_io=False, inputs={"li": list[int]})  # error: E0230  says: 'li' is a list[int]
command = flyte.sandbox.create(name="c", command=["true"], inputs={"d": dict[str, int]})  # error: E0230  help: auto-IO
listed = flyte.sandbox.create(name="l", code="x = [1]", outputs={"x": list[int]})  # error: E0231  says: 'x' is a list[int]
told = flyte.sandbox.create(name="t", code="x = {}", outputs={"x": dict[str, str]})  # error: E0231  help: File
text = flyte.sandbox.create(name="text", code="x = ''", outputs={"x": str})  # warning: W0002  says: 'x' is a str
filled = flyte.sandbox.create(name="f", command=["echo", "{{.inputs.x}}"], inputs={"x": int})  # warning: W0003  says: {{.inputs.x}}
large = flyte.sandbox.create(name="large", code="x = '" + "y" * 600000 + "'")  # error: E0232  says: larger than 512 KiB
