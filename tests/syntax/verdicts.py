"""Asks CPython and the front end for their verdicts on many small programs.

SPDX-License-Identifier: Apache-2.0
"""

import ast
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)


def cpython(source):
    """CPython's dump, or its error's message."""
    try:
        compile(source, "<string>", "exec", dont_inherit=True)
        return True, ast.dump(ast.parse(source), include_attributes=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        place = f"{getattr(error, 'lineno', 0)}:{(getattr(error, 'offset', 0) or 0) - 1}"
        return False, f"{place} {getattr(error, 'msg', error)}"


def front_end(tool, sources, options=("-a",)):
    """One line of dump_ast, with places unless told otherwise, for each source (bytes)."""
    text = b"".join(b"%d\n%s" % (len(source), source) for source in sources)
    result = subprocess.run([tool, *options, "-"], input=text, stdout=subprocess.PIPE, check=False)
    lines = result.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
    return lines + [f"crash: the tool ended with {result.returncode}"] * (len(sources) - len(lines))


def difference(ours, theirs):
    """Where two prints part."""
    same = (index for index, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1])
    at = next(same, min(len(ours), len(theirs)))
    return f"at {at}: ours ...{ours[max(0, at - 60):at + 60]!r}, CPython ...{theirs[max(0, at - 60):at + 60]!r}"


def compare(source, line):
    """An empty string, or what differs. Newer syntax than CPython's own is taken as it is."""
    good, text = cpython(source)
    if line.startswith("newer "):
        return ""
    if good and line != "ok " + text:
        if line.startswith("error"):
            return f"CPython accepts, we say {line[:100]}"
        return "the tree differs " + difference(line[3:], text)
    if not good and not line.startswith("error "):
        return f"CPython says {text}, we say {line[:60]}"
    return ""
