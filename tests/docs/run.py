#!/usr/bin/env python3
"""Runs the examples of README.md and docs/: what the documentation shows is what the program does.

    tests/docs/run.py [-v] [--bless] [DOCUMENT...]

--bless puts what commands print into the documents, but for blocks that have a line `...`.

A fenced block is one of these.

```python        A piece of an orchestrator's body. A statement says at its end what it gives:
    len("abc")               # expect: 3
    1 // 0                   # raises: ZeroDivisionError: integer division or modulo by zero
    total += 1               # error: E0309  help: total = total + 1
  `# cpython: JSON` or `# cpython: raises TEXT` after it says that CPython gives something else, `# cpython: any` that
  it gives something that is not always the same. All pieces of a document are compiled into one program; each is also run by CPython. A piece
  may use the tasks of the document's `python tasks` block.
```python tasks  Tasks for the pieces. It is a file with an environment called env.
```python        that imports flyte, or has a file name after the word `python`: a whole file. Comment lines say how to
  run it: `# run: ENTRY OPTIONS`, then `# expect: JSON` or `# raises: TEXT`. Its lines may have `# error: ID` too, and a
  `# list: LINE` is a line that `sbxc list` must print.
```c NAME        A file for commands that follow; any other language with a name, too.
```console       `$ COMMAND` lines with what they print, both streams; `> ` goes on with a command. A line `...` stands
  for any lines. Commands run in a folder of the document's own that has `build` and `examples`, and the document's
  named files. sbxc is in the PATH; pkg-config finds the libraries of the build.

A python block without any of these marks is a failure; so is a name of a file that is not there. Then
docs/diagnostics.md must be what its script makes.
SPDX-License-Identifier: Apache-2.0
"""
import ast
import asyncio
import glob
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")))
SBXC = os.path.join(BUILD, "sbxc")
ORACLE = "/usr/bin/python3"
sys.path.insert(0, os.path.join(TOP, "tests", "lang"))
sys.dont_write_bytecode = True

# Where a page's `name.c` may lie.
FOLDERS = [os.path.join(TOP, name) for name in ("gen", "grammar", "templates", "runtime", "runtime/include", "runtime/values", "runtime/runs",
                                                "runtime/host", "cli", "scripts", "docs", "tests", "examples")] + [os.path.join(BUILD, "gen"), BUILD]
FENCE = re.compile(r"^( *)```(\w*) *(.*)$")
MARK = re.compile(r"#\s*(expect|raises|cpython|error|warning|run|list): ?")
IDS = re.compile(r"^([EW]\d{4}(?:, *[EW]\d{4})*)(?: +help: (.*))?$")
counts = [0, 0]
lock = threading.Lock()
verbose = "-v" in sys.argv
blessing = "--bless" in sys.argv


def report(where, problem):
    with lock:
        counts[bool(problem)] += 1
        if problem:
            print(f"FAIL {where}: {problem}", flush=True)
        elif verbose:
            print(f"ok {where}", flush=True)


def run(command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=300, **options)


def marks(line):
    """What the comment of a line says: {kind: text}."""
    found = list(MARK.finditer(line))
    ends = [match.start() for match in found[1:]] + [len(line)]
    return {match.group(1): line[match.end():end].strip() for match, end in zip(found, ends)}


class Block:
    def __init__(self, document, line, language, info, lines):
        self.document, self.line, self.language, self.info, self.lines = document, line, language, info, lines
        self.text = "\n".join(lines) + "\n"
        self.marks = {number: marks(text) for number, text in enumerate(lines, 1) if marks(text)}

    def where(self, number=1):
        return f"{self.document}:{self.line + number}"


def read_blocks(path):
    blocks, opened = [], None
    name = os.path.relpath(path, TOP)
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        match = FENCE.match(line)
        if opened is None and match:
            opened = (number, match.group(2), match.group(3), [], len(match.group(1)))
        elif opened is not None and line.strip() == "```":
            blocks.append(Block(name, *opened[:4]))
            opened = None
        elif opened is not None:
            opened[3].append(line[opened[4]:])
    if opened:
        report(f"{name}:{opened[0]}", "this block is never closed")
    return blocks


# ---- pieces of an orchestrator ----

class Case:
    """One function made of a block: all that is expected in it, or one thing that it raises."""

    def __init__(self, block, name, raising):
        self.block, self.name, self.raising = block, name, raising
        self.seen = []  # (line number, what is expected natively, what CPython gives)
        tree = ast.parse(block.text) if "await" not in block.text else ast.parse("async def f():\n" + indent(block.text))
        body = tree.body if "await" not in block.text else tree.body[0].body
        shift = 0 if "await" not in block.text else 1
        inset = 4 * shift
        lines = list(block.lines)
        for node in body:
            first, last = node.lineno - shift, node.end_lineno - shift
            said = block.marks.get(last, {})
            if "raises" in said and last != raising:
                lines[first - 1:last] = ["pass"] + [""] * (last - first)
            elif raising and first > raising:
                lines[first - 1:last] = [""] * (last - first + 1)
            elif "expect" in said and isinstance(node, ast.Expr):
                end = node.end_col_offset - inset
                lines[last - 1] = lines[last - 1].encode()[:end].decode() + "))"
                lines[first - 1] = "_seen.append((" + lines[first - 1]
                if not raising:
                    self.seen.append((last, said["expect"], said.get("cpython", said["expect"])))
        kind = "async def" if "await" in block.text else "def"
        self.lines = [f"{kind} {name}():", "    _seen = []"] + ["    " + line if line else "" for line in lines] + ["    return _seen"]


def indent(text):
    return "".join("    " + line + "\n" for line in text.split("\n"))


def normal(text):
    return json.dumps(json.loads(text))


class Batch:
    """All pieces of a document, compiled into one program."""

    def __init__(self, prelude, blocks, folder):
        self.prelude, self.folder, self.cases = prelude, folder, []
        for number, block in enumerate(blocks):
            name = f"piece_{number}_line_{block.line}"
            if any("expect" in said for said in block.marks.values()):
                self.cases.append(Case(block, name, None))
            for line, said in block.marks.items():
                if "raises" in said:
                    self.cases.append(Case(block, f"{name}_raise_{line}", line))
        self.source = prelude + "".join("\n\n@env.sandbox.orchestrator\n" + "\n".join(case.lines) + "\n" for case in self.cases)

    def check(self):
        path = os.path.join(self.folder, "pieces.py")
        program = os.path.join(self.folder, "pieces")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.source)
        if not self.cases:
            return
        result = run([SBXC, path, "-o", program], env=dict(os.environ, CFLAGS="-O0"))
        if result.returncode:
            report(self.cases[0].block.document, "the pieces do not compile:\n" + result.stderr)
            return
        python = self.run_python(path)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda case: self.check_case(case, program, python[case.name]), self.cases):
                pass

    def run_python(self, path):
        """What CPython gives, in a process of its own: {case: ["values", [JSON...]] or ["raises", line]}."""
        result = run([ORACLE, os.path.abspath(__file__), "--python", path] + [case.name for case in self.cases],
                     env=dict(os.environ, PYTHONHASHSEED="0"))
        return json.loads(result.stdout) if result.returncode == 0 else {case.name: ["raises", result.stderr] for case in self.cases}

    def check_case(self, case, program, python):
        where = case.block.where(case.raising or 1)
        result = run([program, "--log", os.devnull, case.name])
        last = result.stderr.rstrip("\n").split("\n")[-1]
        if case.raising:
            said = case.block.marks[case.raising]
            native = last if result.returncode in (1, 3) else f"status {result.returncode}: {result.stdout}{result.stderr}"
            report(where, "" if native == said["raises"] else f"says {said['raises']}, native: {native}")
            self.compare_python(where, said.get("cpython", "raises " + said["raises"]), python)
            return
        if result.returncode:
            report(where, f"status {result.returncode}\n{result.stderr}")
            return
        values = [json.dumps(value) for value in json.loads(result.stdout)]
        for index, (line, wanted, of_python) in enumerate(case.seen):
            where = case.block.where(line)
            try:
                wanted = normal(wanted)
            except ValueError:
                report(where, f"not JSON: {wanted}; native: {values[index]}")
                continue
            report(where, "" if values[index] == wanted else f"says {wanted}, native: {values[index]}")
            if python[0] == "values":
                self.compare_python(where, of_python, ["values", python[1][index]])
            elif of_python != "any":
                report(where, f"CPython raises {python[1]}")

    @staticmethod
    def compare_python(where, wanted, got):
        if wanted == "any":
            return
        said = "raises " + got[1] if got[0] == "raises" else got[1] if isinstance(got[1], str) else json.dumps(got[1])
        good = said == wanted if wanted.startswith("raises ") else got[0] == "values" and said == normal(wanted)
        report(where + " (CPython)", "" if good else f"says {wanted}, CPython: {said}")


def python_main(path, names):
    """The process of run_python."""
    from run_lang import as_json, flyte_map, stand_in
    stand_in()
    namespace = {"__name__": "pieces", "print": lambda *a, **k: None}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), namespace)
    namespace["flyte_map"] = flyte_map(namespace)
    results = {}
    for name in names:
        try:
            values = namespace[name]()
            if inspect.isawaitable(values):
                values = asyncio.run(values)
            results[name] = ["values", [as_json(value) for value in values]]
        except BaseException as error:
            results[name] = ["raises", traceback.format_exception_only(error)[-1].rstrip("\n")]
    print(json.dumps(results))


# ---- what is refused ----

def check_diagnostics(text, wanted, path):
    """Each line must have exactly the diagnostics that it names. wanted: {line: (where, text of the mark)}"""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    result = run([SBXC, "check", "--format=json", path])
    found = {}
    for item in json.loads(result.stdout):
        found.setdefault(item["range"]["start"]["line"], []).append(item)
    for line in sorted(set(wanted) | set(found)):
        where, said = wanted.get(line, (f"{path}:{line}", ""))
        match = IDS.match(said)
        ids = sorted(match.group(1).replace(" ", "").split(",")) if match else []
        got = sorted(item["id"] for item in found.get(line, []))
        help_text = match.group(2) if match and match.group(2) else ""
        helps = [item.get("help") or "" for item in found.get(line, [])]
        if ids != got:
            report(where, f"says {', '.join(ids) or 'nothing'}, got " +
                   ("; ".join(f"{item['id']} {item['message']}" for item in found.get(line, [])) or "nothing"))
        else:
            report(where, "" if any(help_text in text for text in helps) else f"no help '{help_text}': {helps}")


def check_refused(prelude, blocks, folder):
    text, wanted = prelude, {}
    for number, block in enumerate(blocks):
        kind = "async def" if "await" in block.text or "async " in block.text else "def"
        text += f"\n\n@env.sandbox.orchestrator\n{kind} refused_{number}():\n"
        start = text.count("\n")
        text += "".join("    " + line + "\n" if line else "\n" for line in block.lines) + "    return None\n"
        for line, said in block.marks.items():
            if "error" in said or "warning" in said:
                wanted[start + line] = (block.where(line), said.get("error", said.get("warning")))
    if blocks:
        check_diagnostics(text, wanted, os.path.join(folder, "refused.py"))


# ---- whole files ----

def check_file(block, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write(block.text)
    wanted = {line: (block.where(line), said.get("error", said.get("warning")))
              for line, said in block.marks.items() if "error" in said or "warning" in said}
    check_diagnostics(block.text, wanted, path)
    listed, words = None, None
    for line, said in block.marks.items():
        if "list" in said:
            listed = listed if listed is not None else run([SBXC, "list", path]).stdout.split("\n")
            report(block.where(line), "" if said["list"] in listed else f"sbxc list prints {listed}")
        if "run" in said:
            words = shlex.split(said["run"])
        elif words and ("expect" in said or "raises" in said):
            check_run(block.where(line), path, words, said)


def check_run(where, path, words, said):
    options = words[:words.index("--")] if "--" in words else []
    words = words[len(options) + bool("--" in words):]
    result = run([SBXC, "run", "--log", os.devnull, *options, path, *words], cwd=os.path.dirname(path), env=dict(os.environ, CFLAGS="-O0"))
    if "raises" in said:
        last = result.stderr.rstrip("\n").split("\n")[-1]
        good = result.returncode in (1, 2, 3) and last == said["raises"]
    else:
        good = result.returncode == 0 and result.stdout == said["expect"] + "\n"
    report(where, "" if good else f"says {said}, status {result.returncode}: {result.stdout}{result.stderr}")


# ---- commands ----

def commands_of(block):
    """(line, command, expected lines) one by one."""
    commands = []
    for number, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            commands.append((number, [line[2:]], []))
        elif commands and line.startswith("> ") and not commands[-1][2]:
            commands[-1][1].append(line[2:])
        elif commands:
            commands[-1][2].append(line)
    return commands


def lines_match(wanted, got):
    if not wanted:
        return not got
    if wanted[0] == "...":
        return any(lines_match(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and wanted[0] == got[0] and lines_match(wanted[1:], got[1:])


def bless(block, commands, outputs):
    """Rewrites the block in its document; blocks are blessed from the last to the first, so that places stay."""
    lines = []
    for (_, words, _), output in zip(commands, outputs):
        lines += ["$ " + words[0]] + ["> " + word for word in words[1:]] + ([output.strip("\n")] if output.strip("\n") else [])
    path = os.path.join(TOP, block.document)
    with open(path, encoding="utf-8") as file:
        text = file.read().split("\n")
    text[block.line:block.line + len(block.lines)] = lines
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(text))


def check_console(block, folder, environment):
    mark = "@@ the end of a command @@"
    commands = commands_of(block)
    if not commands:
        report(block.where(), "a console block without a command")
    script = "".join("\n".join(lines) + f"\nstatus_of_it=$?; echo; echo '{mark}'; (exit $status_of_it)\n" for _, lines, _ in commands)
    result = subprocess.run(["sh", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300)
    outputs = result.stdout.split(f"\n{mark}\n")
    if blessing and "..." not in block.lines and len(outputs) == len(commands) + 1:
        return lambda: bless(block, commands, outputs)
    for (number, lines, wanted), output in zip(commands, outputs):
        got = output.rstrip("\n").split("\n") if output.strip("\n") else []
        while wanted and not wanted[-1].strip():
            wanted.pop()
        report(block.where(number), "" if lines_match(wanted, got) else f"`{lines[0]}` prints\n" + "\n".join(got))
    if len(outputs) != len(commands) + 1:
        report(block.where(), f"the shell stopped: {result.stdout}")
    return None


def console_environment(folder):
    """sbxc in the PATH, and pkg-config files that point into the build."""
    os.mkdir(os.path.join(folder, "bin"))
    os.symlink(SBXC, os.path.join(folder, "bin", "sbxc"))
    flags = ""
    if "san" in BUILD.split(os.sep):
        flags = " -fsanitize=address,undefined"
    for name, libraries in (("sbx", "-lsbx -lm"), ("sbx-host", "-lsbx-host -lsbx -lm")):
        with open(os.path.join(folder, "bin", name + ".pc"), "w", encoding="utf-8") as file:
            file.write(f"Name: {name}\nDescription: in the build folder\nVersion: 0\nCflags: -I{TOP}/runtime/include\n"
                       f"Libs: -L{BUILD} {libraries}{flags}\n")
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(folder, "bin"), LC_ALL="C.UTF-8")
    environment["PATH"] = os.path.join(folder, "bin") + os.pathsep + os.environ["PATH"]
    for name in ("CC", "CFLAGS", "SBX_PYTHON"):
        environment.pop(name, None)
    return environment


# ---- documents ----

def check_document(path, folder):
    blocks = read_blocks(path)
    work = os.path.join(folder, "work")
    os.makedirs(work)
    os.symlink(BUILD, os.path.join(work, "build"))
    os.symlink(os.path.join(TOP, "examples"), os.path.join(work, "examples"))
    environment = console_environment(folder)
    prelude = "import flyte\n\nenv = flyte.TaskEnvironment(name=\"docs\")\n"
    pieces, refused = [], []
    for block in blocks:
        if block.language == "python" and block.info == "tasks":
            prelude = block.text
        elif block.language == "python" and not block.info and "import flyte" not in block.text:
            kinds = {kind for said in block.marks.values() for kind in said}
            if kinds & {"error", "warning"}:
                refused.append(block)
            elif kinds & {"expect", "raises"}:
                pieces.append(block)
            else:
                report(block.where(), "this block shows nothing: no # expect, # raises or # error")
    try:
        Batch(prelude, pieces, folder).check()
    except SyntaxError as error:
        report(f"{path}", f"a piece is not Python: {error}")
    check_refused(prelude, refused, folder)
    later = []
    for number, block in enumerate(blocks):
        if block.info and block.info != "tasks":
            with open(os.path.join(work, block.info), "w", encoding="utf-8") as file:
                file.write(block.text)
        if block.language == "python" and block.info != "tasks" and (block.info or "import flyte" in block.text):
            if not block.marks and not block.info:
                report(block.where(), "this file shows nothing")
            check_file(block, os.path.join(work, block.info or f"file_{number}.py"))
        elif block.language == "console":
            later.append(check_console(block, work, environment))
    for write in reversed([write for write in later if write]):
        write()


FILE_NAME = re.compile(r"`([\w/.*-]+\.(?:c|h|def|re|y|tmpl|py|md|case|txt))`|\]\(([^):# ]+)")


def check_names(path):
    """Files that a page names or links to are there; but for those of its own blocks and commands."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    own = set(re.findall(r"^```\w+ (\S+)$", text, re.M)) | set(re.findall(r"-o (\S+)", text))
    own |= {name[:-2] + ".h" for name in own if name.endswith(".c")}
    shown = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for word, link in FILE_NAME.findall(shown):
        name = word or link
        if name in own:
            continue
        places = [os.path.dirname(path)] if link else [os.path.dirname(path), TOP, *FOLDERS]
        found = any(glob.glob(os.path.join(place, name)) for place in places)
        report(f"{os.path.relpath(path, TOP)}", "" if found else f"names {name}, which is not there")


def check_manual(folder):
    """sbxc(1) has every option that --help tells, and no other."""
    with open(os.path.join(TOP, "docs", "man", "sbxc.1"), encoding="utf-8") as file:
        manual = file.read().replace("\\-", "-")
    program = os.path.join(folder, "manual")
    run([SBXC, os.path.join(TOP, "examples", "pipeline.py"), "-o", program], env=dict(os.environ, CFLAGS="-O0"))
    helps = [run([SBXC, *words, "--help"]).stdout for words in ([], ["check"], ["list"], ["run"], ["exec"], ["build"], ["tasks"], ["runs"], ["resume"], ["replay"], ["cancel"], ["gc"], ["cache"])]
    helps.append(run([program, "--help"]).stdout)
    option = re.compile(r"--[a-z][a-z-]+")
    told, written = set(option.findall("".join(helps))), set(option.findall(manual)) - {"--n"}
    for name in sorted(told ^ written):
        report("docs/man/sbxc.1", f"{name} is " + ("in the manual only" if name in written else "not in the manual"))
    report("docs/man/sbxc.1", "" if told else "no option found in --help")


def check_generated():
    result = run([sys.executable, os.path.join(TOP, "scripts", "diagnostics_doc.py"), "--check"])
    report("docs/diagnostics.md", result.stdout + result.stderr if result.returncode else "")


def main():
    if "--python" in sys.argv:
        return python_main(sys.argv[2], sys.argv[3:])
    documents = [os.path.abspath(word) for word in sys.argv[1:] if not word.startswith("-")]
    everything = not documents
    if everything:
        listed = run(["git", "-C", TOP, "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]).stdout
        documents = [os.path.join(TOP, name) for name in listed.split("\n") if name and os.path.exists(os.path.join(TOP, name))]
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(documents):
            check_document(path, os.path.join(folder, str(number)))
            check_names(path)
        if everything:
            check_manual(folder)
            check_generated()
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] != 0


sys.exit(main())
