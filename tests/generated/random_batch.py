"""One batch of random programs: written, compiled by sbxc, run natively and by CPython, compared.

All programs of a batch stand in one file, so that one C file and one process do them all; a program that the checker
refuses is blanked out and the file is compiled again. Every program runs with two sets of inputs.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import builtins
import contextlib
import io
import json
import linecache
import marshal
import os
import re
import resource
import signal
import subprocess
import sys
import traceback
import types

import random_programs
import random_tasks

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SOURCE = "programs.py"
TOO_LONG = 200_000
MOST_MEMORY = 3 << 30 # of this process while a program runs in it: a signal does not end a call that fills the machine
ENTRIES_OF_HEAD = 1 # orchestrators of random_tasks.HEAD stand first in the table
LIMIT_REACHED = -2 # SBX_E_MEMORY: CPython has no such limit
DEPTH_REACHED = "\nRecursionError: maximum recursion depth exceeded"
NO_COMPLEX = "\nValueError: complex numbers are not supported: " # docs/language.md: CPython goes on with one

VALUES = {
    "I": [0, 1, 2, 3, -1, 5, 7, 10, 255, -100, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 2**63, 10**25],
    "F": [0.0, 1.0, -0.5, 2.5, 1e300, 0.1, 3.0, -2.0],
    "S": ["", "a", "abc", "é", "ß", "12", "a,b", "Hello World", "😀x", " pad "],
    "B": [True, False],
    "Y": [b"", b"a", b"\x00\xff", b"a,b"],
    "LI": [[], [1], [3, 1, 2], [2**63, -1], [1, 1, 1]],
    "LF": [[], [0.5], [2.5, -1.0, 1.0]],
    "LS": [[], ["a"], ["b", "", "é"]],
    "LL": [[], [[1], [2, 3]], [[]]],
    "LA": [[], [1, "a", None], [2.5, [1], {"a": 1}]],
    "DS": [{}, {"a": 1}, {"b": 2, "a": 1, "": 0}],
    "DI": [{}, {1: "a"}, {3: "", -1: "z"}],
    "DA": [{}, {"a": None, "k": [1]}, {"a": "x"}],
    "TI": [(), (1,), (3, 1, 2)],
    "TP": [(1, "a"), (0, "")],
    "XI": [set(), {1, 2}, {3}],
    "ZI": [frozenset(), frozenset({1, 2})],
    "int | None": [None, 0, 5, -1],
    "str | int": [0, "a", 7, ""],
    "list[int] | None": [None, [], [1, 2]],
    "Any": [0, "a", None, 2.5, [1, 2], {"a": 1}, True, ""],
}


class TooLong(BaseException):
    pass


def stop(*_):
    raise TooLong


def as_json(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError


def choose_inputs(writer, inputs):
    """Two sets of values, each as a list and as JSON."""
    made = []
    for _ in range(2 if inputs else 1):
        values = [writer.pick(VALUES.get(declared) or VALUES["Any" if kind in "AU" else kind]) for _, kind, declared in inputs]
        made.append((values, json.dumps({name: value for (name, _, _), value in zip(inputs, values)}, default=as_json)))
    return made


class Program:
    """Its text, its first line in the file, and its runs: the values and JSON of each, then what CPython gave."""

    def __init__(self, name, text, inputs, runs):
        self.name, self.text, self.inputs, self.runs = name, text, inputs, runs
        self.line = 0
        self.expected = []
        self.refusal = None


def write_programs(writer, count):
    programs = []
    for i in range(count):
        text, inputs = writer.program(f"p{i}")
        programs.append(Program(f"p{i}", text, inputs, choose_inputs(writer, inputs)))
    return programs


def lay_out(programs):
    """The whole file; notes where each program begins."""
    parts, line = [random_tasks.HEAD], random_tasks.HEAD_LINES + 1
    for program in programs:
        program.line = line
        parts.append(program.text)
        line += program.text.count("\n")
    return "".join(parts)


# ---- CPython ----

def stand_in():
    flyte = types.ModuleType("flyte")
    flyte.TaskEnvironment = random_tasks.Environment
    sys.modules["flyte"] = flyte


def trace_text(error):
    """The traceback with this file's frames only, tasks not among them."""
    trace = traceback.TracebackException.from_exception(error)
    links = [trace]
    for link in links:
        links += [other for other in (link.__cause__, link.__context__) if other]
        link.stack[:] = [frame for frame in link.stack if frame.filename == SOURCE and frame.lineno > random_tasks.HEAD_LINES]
        if link is not trace and not link.stack:
            link.stack = None
    return "".join(trace.format())


def copy_input(value):
    return random_tasks.crossing(value) if type(value) not in random_tasks.SCALARS else value


@contextlib.contextmanager
def bounded_memory():
    unlimited, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (unlimited, most))


def run_python(text, programs):
    """Fills in what CPython gives: (kind, text, printed); kind "=", "!" or "" where nothing can be said."""
    printed = io.StringIO()
    namespace = {"__name__": "programs", "print": lambda *a, sep=" ", end="\n", file=None, flush=False: print(*a, sep=sep, end=end, file=printed)}
    exec(compile(text, SOURCE, "exec"), namespace)
    namespace["flyte_map"] = random_tasks.flyte_map(namespace)
    linecache.cache[SOURCE] = (len(text), None, [line + "\n" for line in text.split("\n")], SOURCE)
    signal.signal(signal.SIGVTALRM, stop)
    with bounded_memory():
        run_each(programs, namespace, printed)


def run_each(programs, namespace, printed):
    for program in programs:
        function = namespace[program.name]
        program.expected = []
        for values, _ in program.runs:
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, 1) # of its own time: the machine may be loaded
                try:
                    result = function(*[copy_input(v) for v in values])
                    try:
                        marshal.dumps(result)
                        got = ("=", repr(result))
                    except ValueError:
                        got = ("", "a result that crosses no boundary")
                finally:
                    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            except TooLong:
                got = ("", "takes too long")
            except BaseException as error:
                got = ("!", trace_text(error)) if not isinstance(error, MemoryError) or error.args else ("", "memory")
            said = printed.getvalue()
            if len(got[1]) + len(said) > TOO_LONG or len(said) > 65000:
                got = ("", "prints too much")
            program.expected.append(got + (said,))
            if said:
                printed.seek(0)
                printed.truncate()


# ---- natively ----

class Tools:
    """The programs that a batch needs, and how the C is compiled."""

    def __init__(self, build, compiler, options, folder, host=None):
        self.sbxc = os.path.join(build, "sbxc")
        self.compiler, self.options, self.folder = compiler, options, folder
        self.host = host or os.path.join(build, "tests", "generated", "random_host")
        self.include = os.path.join(TOP, "runtime", "include")
        self.edit, self.counted = None, [] # to count operations: random_coverage.py

    def compile_python(self):
        return subprocess.run([self.sbxc, SOURCE, "-o", "programs.c"], cwd=self.folder, capture_output=True, text=True, errors="replace")

    def compile_c(self):
        tcc = os.path.basename(self.compiler) == "tcc"
        command = [self.compiler, *self.options, "-w", "-DSBX_NO_MAIN", "-I" + self.include, "-shared", "-o", "programs.so", "programs.c"]
        command[1:1] = ["-include", os.path.join(HERE, "random_tcc.h")] if tcc else ["-fPIC"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, errors="replace")

    def run_host(self):
        return subprocess.run([self.host, "./programs.so", "sbx_entries_programs", "runs.txt"], cwd=self.folder, capture_output=True)

    def path(self, name):
        return os.path.join(self.folder, name)


class Refusal:
    """Where and why: line, first column, width of the marked text, message."""

    def __init__(self, line, column, width, message):
        self.line, self.column, self.width, self.message = line, column, width, message


REFUSAL = re.compile(r"^programs\.py:(\d+):(\d+): error: (.*)\n +\d+ \|.*\n +\| *(\^~*)", re.M)


def refusals(errors, programs):
    """{program: its first Refusal} of a failed compilation."""
    found = {}
    for line, column, message, marks in REFUSAL.findall(errors):
        for program in reversed(programs):
            if program.line <= int(line):
                found.setdefault(program, Refusal(int(line), int(column), len(marks), message))
                break
    return found


def blank(text, programs):
    lines = text.split("\n")
    for program in programs:
        for line in range(program.line, program.line + program.text.count("\n")):
            lines[line - 1] = ""
    return "\n".join(lines)


class Broken(Exception):
    """The batch as a whole could not be built."""


def build(tools, text, programs):
    """Compiles the file; gives the programs that are left, and notes the refusals of the others."""
    left = list(programs)
    for _ in range(12):
        with open(tools.path(SOURCE), "w", encoding="utf-8") as out:
            out.write(text)
        result = tools.compile_python()
        if result.returncode == 0:
            break
        refused = refusals(result.stderr, left) if result.returncode == 2 else {}
        if not refused:
            raise Broken(f"sbxc ends with {result.returncode}:\n{result.stderr[:3000]}")
        for program, refusal in refused.items():
            program.refusal = refusal
        left = [program for program in left if program not in refused]
        text = blank(text, refused)
    else:
        raise Broken("sbxc refuses again and again")
    if left:
        if tools.edit:
            tools.edit(tools.path("programs.c"))
        result = tools.compile_c()
        if result.returncode:
            raise Broken(f"{tools.compiler} ends with {result.returncode}:\n{result.stderr[:3000]}")
    return left


def culprits(tools, text, programs):
    """Of a batch that cannot be built, a few programs that cannot be built alone: [(program, why)]."""
    try:
        build(tools, text, programs)
        return []
    except Broken as error:
        if len(programs) == 1:
            return [(programs[0], str(error))]
    half = len(programs) // 2
    found = []
    for part, other in ((programs[:half], programs[half:]), (programs[half:], programs[:half])):
        found += culprits(tools, blank(text, other), part)
        if len(found) > 2:
            break
    return found


def run_native(tools, programs):
    """{(program, run index): (status, text, printed)}; one that is missing crashed."""
    runs = [(index + ENTRIES_OF_HEAD, program, i) for index, program in enumerate(programs) for i in range(len(program.runs))]
    results, crashes = {}, []
    while runs:
        with open(tools.path("runs.txt"), "w", encoding="utf-8") as out:
            out.writelines(f"{index} {program.runs[i][1]}\n" for index, program, i in runs)
        done = tools.run_host()
        count = read_results(done.stdout, runs, results)
        if tools.edit:
            tools.counted = [tuple(map(int, line.split())) for line in done.stdout.rpartition(b"@ end\n")[2].split(b"\n") if line]
        if count == len(runs) and done.returncode == 0:
            break
        if count < len(runs):
            crashes.append((runs[count][1], runs[count][2], f"exit {done.returncode}: {done.stderr.decode(errors='replace')[:6000]}"))
        else:
            crashes.append((runs[-1][1], runs[-1][2], f"at the end, exit {done.returncode}: {done.stderr.decode(errors='replace')[:6000]}"))
        runs = runs[count + 1:]
    return results, crashes


def read_results(out, runs, results):
    at = count = 0
    while True:
        end = out.find(b"\n", at)
        head = out[at:end].split(b" ")
        if end < 0 or head[0] != b"@" or head[1] == b"end":
            return count
        line, status, length, printed = map(int, head[1:])
        text = out[end + 1:end + 1 + length].decode("utf-8", "surrogatepass")
        said = out[end + 1 + length:end + 1 + length + printed].decode("utf-8", "surrogatepass")
        results[runs[line][1], runs[line][2]] = (status, text, said)
        at = end + 1 + length + printed
        count += 1


# ---- comparing ----

LAST_FRAME = re.compile(r'  File "[^"]*", line \d+(, in \S+)\n    .*\n(?: *[\^~]+\n)?(?=\w)')


def plain(trace):
    """CPython 3.11 tells the place of the instruction before where it does two at once (STORE_FAST__LOAD_FAST and the like)."""
    if "UnboundLocalError" not in trace and "NameError" not in trace:
        return trace
    return LAST_FRAME.sub(r"\1\n", re.sub(r"^ *[\^~]+\n", "", trace, flags=re.M))


UNORDERED = re.compile(r"set[(\[]|\.keys\(\)")
ORDERED = re.compile(r"not supported between instances of '(\w+)' and '(\w+)'")


def differs_by_order(program, expected, got):
    """Sorting a set of mixed types: which two meet first depends on its order."""
    if not UNORDERED.search(program.text):
        return False
    return ORDERED.sub("", expected[1]) == ORDERED.sub("", got[1]) and expected[2] == got[2]


def differs(expected, got):
    kind, text, said = expected
    status, native, native_said = got
    if not kind or status == LIMIT_REACHED or status == -1 and NO_COMPLEX in native:
        return False
    if said != native_said:
        return True
    if kind == "=":
        return status != 0 or native != text
    text = text.partition("\0")[0] # the traceback is a C string
    if DEPTH_REACHED in text and DEPTH_REACHED in native: # the depths are not the same
        return False
    return status not in (-1, -2, -3, -4) or native != text and plain(native) != plain(text)


def compare(programs, results, crashes):
    """[(program, run, expected, native)]"""
    found = []
    for program in programs:
        for i, expected in enumerate(program.expected):
            got = results.get((program, i))
            if got and differs(expected, got) and not differs_by_order(program, expected, got):
                found.append((program, i, expected, got))
                break
    for program, i, why in crashes:
        found.append((program, i, program.expected[i], (None, why, "")))
    return found
