#!/usr/bin/env python3
"""The scripts of sandboxes, run by Python itself without a container: what `sbxc --emit=script` prints.

Values go in as arguments and as files, at random and hostile, and must come out unharmed; every Python from 3.8 on that
is found runs them (SBX_PYTHONS names more). Mistakes must be told by name, and tracebacks show the lines of the user's file.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import datetime
import fractions
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

SBXC = os.path.abspath(os.path.join(os.environ.get("SBX_BUILD", "build"), "sbxc"))
PASSED, FAILED = 0, 0
KINDS = ["int", "float", "str", "bool", "datetime.datetime", "datetime.timedelta", "list[str]", "dict[str, float]",
         "list[datetime.timedelta]", "list[int]"]
HOSTILE = ["", "'", '"', "'; rm -rf / #", "$(id) `id` ${HOME}", "--help", "-x", "--", "=", "a\nb\r\nc\r", "\t\x01\x7f", "é→🎈", "{{.inputs.y}}",
           "%s %(x)s", "\\n", "\\", "a" * 200000, " lead and trail \n", "@file", "{}", "'''", '"""', "\ud800x"]


def check(good, name, detail=""):
    global PASSED, FAILED
    if good:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAIL {name}: {str(detail)[-600:]}")


def pythons():
    """One interpreter for each version: what is installed, and those that SBX_PYTHONS (paths with *) names."""
    found = {}
    names = ["/usr/bin/python3"]
    for pattern in os.environ.get("SBX_PYTHONS", "").split():
        names += sorted(glob.glob(pattern))
    for name in names:
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], stdout=subprocess.PIPE, text=True,
                                     check=False).stdout.split()
            if version and (int(version[0]), int(version[1])) >= (3, 8):
                found.setdefault(tuple(version), path)
    return sorted(found.values())


def emit(folder, text, name):
    path = os.path.join(folder, "case.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write("import datetime\nimport flyte.sandbox\nfrom flyte.io import Dir, File\n" + text)
    result = subprocess.run([SBXC, "--emit=script", path, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return result.returncode, result.stdout.decode("utf-8", "surrogateescape"), result.stderr.decode()


def go_duration(value):
    total = (value.days * 86400 + value.seconds) * 10**6 + value.microseconds
    sign, total = ("-", -total) if total < 0 else ("", total)
    return f"{sign}{total // 10**6}.{total % 10**6:06d}s"


def text_of(kind, value):
    if kind == "str":
        return value
    if kind == "bool":
        return "true" if value else "false"
    if kind == "datetime.datetime":
        return value.isoformat()
    if kind == "datetime.timedelta":
        return go_duration(value)
    if kind.startswith("list[datetime"):
        return json.dumps([go_duration(item) for item in value])
    if kind.startswith(("list", "dict")):
        return json.dumps(value)
    return repr(value)


def random_delta(r):
    return datetime.timedelta(microseconds=r.choice([0, 1, -1, 999999, -999999, r.randrange(-10**12, 10**12), r.randrange(-8 * 10**19, 8 * 10**19)]))


def random_value(r, kind):
    if kind == "int":
        return r.choice([0, -1, 2**63, -(2**64), r.randrange(-10**6, 10**6), -(10**5000) + 7])
    if kind == "float":
        return r.choice([0.0, -0.0, 1e-310, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), r.uniform(-1e9, 1e9)])
    if kind == "bool":
        return r.random() < 0.5
    if kind == "datetime.datetime":
        zone = r.choice([None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(minutes=r.randrange(-1439, 1440)))])
        return datetime.datetime(r.randrange(1, 10000), r.randrange(1, 13), r.randrange(1, 29), r.randrange(24), r.randrange(60), r.randrange(60),
                                 r.choice([0, 1, 999999, r.randrange(10**6)]), zone)
    if kind == "datetime.timedelta":
        return random_delta(r)
    if kind == "list[datetime.timedelta]":
        return [random_delta(r) for _ in range(3)]
    if kind == "list[int]":
        return [random_value(r, "int") for _ in range(3)]
    if kind == "list[str]":
        return [r.choice(HOSTILE[:16]) for _ in range(3)]
    if kind == "dict[str, float]":
        return {r.choice(HOSTILE[:16]): random_value(r, "float") for _ in range(3)}
    return r.choice(HOSTILE)


def same(kind, text, value):
    """Does the output's text say the value?"""
    if kind in ("int", "str", "bool"):
        return text == text_of(kind, value)
    if kind == "float":
        return repr(float(text)) == repr(value)
    if kind == "datetime.datetime":
        return text == value.isoformat()
    if kind == "datetime.timedelta":
        return text.endswith("s") and fractions.Fraction(text[:-1]) == fractions.Fraction(go_duration(value)[:-1])
    if kind == "list[datetime.timedelta]":
        return all(same("datetime.timedelta", a, b) for a, b in zip(json.loads(text), value))
    return repr(json.loads(text)) == repr(value)


def run(python, script, arguments, inputs, outputs, **more):
    environment = dict(os.environ, SBX_INPUTS=inputs, SBX_OUTPUTS=outputs, **more)
    command = [python, script] + [a.encode("utf-8", "surrogatepass") for a in arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False, errors="replace")


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogatepass")


def round_trips(folder, interpreters):
    inputs = ", ".join(f'"i{n}": {kind}' for n, kind in enumerate(KINDS))
    outputs = ", ".join(f'"o{n}": {kind}' for n, kind in enumerate(KINDS))
    # the code uses and rebinds every name that the script could depend on
    code = "str = int = open = repr = type = isinstance = os = sys = json = re = argparse = datetime = traceback = None\\n"
    code += "".join(f"o{n} = i{n}\\n" for n in range(len(KINDS)))
    status, script, error = emit(folder, f's = flyte.sandbox.create(name="trip", code="{code}", inputs={{{inputs}}}, outputs={{{outputs}}})\n', "trip")
    check(status == 0, "the script is made", error)
    check(bool(ast.parse(script, feature_version=(3, 8))), "its syntax is that of Python 3.8")
    path = os.path.join(folder, "trip_script.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script)
    r = random.Random(4)
    sys.set_int_max_str_digits(0)
    for python in interpreters:
        for turn in range(25):
            given, taken = os.path.join(folder, "in"), os.path.join(folder, "out")
            for name in (given, taken):
                shutil.rmtree(name, ignore_errors=True)
                os.mkdir(name)
            values = [random_value(r, kind) for kind in KINDS]
            if turn < len(HOSTILE):
                values[2] = HOSTILE[turn]
            arguments = []
            for n, (kind, value) in enumerate(zip(KINDS, values)):
                text = text_of(kind, value)
                if len(text) > 60000 or "\ud800" in text or r.random() < 0.3:
                    with open(os.path.join(given, f"i{n}"), "wb") as file:
                        file.write(text.encode("utf-8", "surrogatepass"))
                else:
                    arguments.append(f"--i{n}={text}")
            result = run(python, path, arguments, given, taken)
            good = result.returncode == 0 and all(same(kind, read(os.path.join(taken, f"o{n}")), value)
                                                  for n, (kind, value) in enumerate(zip(KINDS, values)))
            check(good, f"{python}: values cross unharmed, turn {turn}", result.stderr or repr(values))


DURATIONS = [("1h30m", 5400), ("90", 90), ("1m30.5s", 90.5), ("-0.000001s", -1e-6), ("1500ms", 1.5), ("3us", 3e-6), ("3\u00b5s", 3e-6),
             ("2999ns", 2e-6), (".5s", 0.5), ("0s", 0), ("-1h", -3600)]
MOMENTS = [("2024-01-31T08:30:00Z", "2024-01-31T08:30:00+00:00"), ("2024-01-31T08:30:00.123456789Z", "2024-01-31T08:30:00.123456+00:00"),
           ("2024-01-31T08:30:00.5+05:30", "2024-01-31T08:30:00.500000+05:30"), ("2024-01-31", "2024-01-31T00:00:00"),
           ("2024-01-31 08:30", "2024-01-31T08:30:00"), ("2024-01-31T08:30:00-0800", "2024-01-31T08:30:00-08:00")]


def backend_forms(folder, python):
    """What a Flyte backend writes for a duration and a datetime, and what it can read."""
    _, script, _ = emit(folder, 's = flyte.sandbox.create(name="b", code="x = a; y = b", inputs={"a": datetime.timedelta, "b": datetime.datetime},\n'
                        '    outputs={"x": datetime.timedelta, "y": datetime.datetime})\n', "b")
    path, taken = os.path.join(folder, "b.py"), os.path.join(folder, "out")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script)
    for n, (text, seconds) in enumerate(DURATIONS):
        moment, wanted = MOMENTS[n % len(MOMENTS)]
        result = run(python, path, [f"--a={text}", f"--b={moment}"], folder, taken)
        check(result.returncode == 0 and same("datetime.timedelta", read(os.path.join(taken, "x")), datetime.timedelta(seconds=seconds)),
              f"duration {text}", result.stderr)
        check(result.returncode == 0 and read(os.path.join(taken, "y")) == wanted, f"datetime {moment}", result.stderr)
    result = run(python, path, ["--a=1s", "--b=2024-01-31T08:30:00"], folder, taken, SBX_RFC3339="1")
    check(read(os.path.join(taken, "y")) == "2024-01-31T08:30:00Z", "on a cluster a datetime without a zone is UTC", result.stderr)
    for arguments, wanted in [(["--a=1x", "--b=2024-01-31"], "argument --a: expected timedelta, got '1x'"), (["--a=1s"], "the input b (datetime) is missing"),
                              (["--a=1s", "--b=soon"], "argument --b: expected datetime, got 'soon'"), (["--a=1s", "--b=2024-01-31", "--c=1"], "--c=1")]:
        result = run(python, path, arguments, os.path.join(folder, "in"), taken)
        check(result.returncode == 2 and wanted in result.stderr, f"refused: {arguments}", result.stderr)


ERRORS = '''s = flyte.sandbox.create(
    name="errors",
    code="""
        from __future__ import annotations
        def inner(n):
            return 1 / n
        if mode == "raise":
            try:
                inner(0)
            except ZeroDivisionError as error:
                raise KeyError("outer") from error
        if mode != "missing":
            out = {"type": "text", "near": True, "huge": float("inf"), "fine": 3}.get(mode, None)
    """,
    inputs={"mode": str},
    outputs={"out": int},
)
'''
RAISED = """Traceback (most recent call last):
  File "case.py", line 12, in <module>
    inner(0)
  File "case.py", line 9, in inner
    return 1 / n
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "case.py", line 14, in <module>
    raise KeyError("outer") from error
KeyError: 'outer'
"""


def mistakes(folder, python):
    _, script, error = emit(folder, ERRORS, "errors")
    path, taken = os.path.join(folder, "errors_script.py"), os.path.join(folder, "out")
    with open(path, "w", encoding="utf-8") as file:
        file.write(script)
    check("\nfrom __future__ import annotations\n" in script[:400], "a future import moves to the top", error)
    without_carets = "\n".join(line for line in run(python, path, ["--mode=raise"], folder, taken).stderr.split("\n") if line.strip("~^ ") or not line)
    check(without_carets.replace(os.path.join(folder, "case.py"), "case.py") == RAISED, "tracebacks have the user's lines", without_carets)
    for mode, last in [("missing", "NameError: the output 'out' (int) was never assigned"), ("type", "TypeError: the output 'out': expected int, got str: 'text'"),
                       ("huge", "TypeError: the output 'out': expected int, got float: inf"), ("none", "TypeError: the output 'out': expected int, got NoneType: None")]:
        result = run(python, path, [f"--mode={mode}"], folder, taken)
        check(result.returncode == 1 and result.stderr.strip().split("\n")[-1] == last, f"told: {mode}", result.stderr)
    for mode in ("near", "fine"):
        check(run(python, path, [f"--mode={mode}"], folder, taken).returncode == 0, f"accepted: {mode}")


def other_modes(folder):
    verbatim = 's = flyte.sandbox.create(name="v", auto_io=False, code="""\n    import sys\n    print(sys.argv)\n""", inputs={"a": int})\n'
    check(emit(folder, verbatim, "v")[1] == "import sys\nprint(sys.argv)\n", "verbatim is the code, dedented")
    status, _, error = emit(folder, 's = flyte.sandbox.create(name="c", command=["true"])\n', "c")
    check(status == 2 and "it runs a command and has no script" in error, "a command has no script", error)
    status, _, error = emit(folder, "", "absent")
    check(status == 2 and "no sandbox has this name" in error, "an unknown name", error)
    hostile = 's = flyte.sandbox.create(name="a\\\'; import os #", code="x = 1", outputs={"x": int})\n'
    status, script, error = emit(folder, hostile, "a'; import os #")
    check(status == 0 and not any(isinstance(n, ast.Import) and n.names[0].name == "os" for n in ast.parse(script).body), "a hostile name stays text", error)


def main():
    folder = tempfile.mkdtemp(prefix="sbx-scripts-")
    try:
        interpreters = pythons()
        round_trips(folder, interpreters)
        for python in interpreters:
            mistakes(folder, python)
        backend_forms(folder, interpreters[0])
        other_modes(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


sys.exit(main())
