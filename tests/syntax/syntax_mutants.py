"""Mutates pieces of the standard library and compares the verdicts, and the trees, with CPython's.

usage: syntax_mutants.py DUMP_AST [COUNT [SEED]]

SPDX-License-Identifier: Apache-2.0
"""

import random
import re
import sys
import sysconfig
from pathlib import Path

from verdicts import compare, front_end

TOKEN = re.compile(r"\s+|\w+|\"\"\"|'''|[<>*/]{2}=?|[-+*/%@&|^=<>!:]=|->|\.\.\.|.", re.S)
POOL = """( ) [ ] { } , : ; . = == := != + - * ** / // % @ & | ^ ~ < > -> ... ' \" f' f\" ''' b' r' # \\ \n \t
if else elif for while in is not and or def class return yield await async with as try except finally lambda None True
import from global nonlocal del pass break continue raise assert match case type _ x 0 1.5 1j 0x1f 'a' f'{x}' f'{x!r:>{w}}'
*a **k a.b a[0] (a, b) [a] {a} {a:b} {**a} x=1 x:int print __debug__ except* @x !r {{ }} 'b' b'c' \n\x20\x20\x20\x20""".split(" ")
POOL = [word for item in POOL for word in ([item] if item.strip(" ") else [])] + ["\n", "    ", "\n\t", " "]


def pieces(files, rng):
    """Runs of lines that begin at a definition or statement, without their common margin."""
    while True:
        lines = rng.choice(files)
        start = rng.randrange(len(lines))
        margin = len(lines[start]) - len(lines[start].lstrip())
        size = rng.choice((1, 2, 3, 5, 8, 13, 21))
        chunk = []
        for line in lines[start:start + size]:
            if line.strip() and len(line) - len(line.lstrip()) < margin:
                break
            chunk.append(line[margin:] if line.strip() else "")
        if chunk and chunk[0].strip():
            yield "\n".join(chunk) + "\n"


def mutate(text, rng):
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        at = rng.randrange(len(tokens) + 1)
        action = rng.randrange(6)
        if action == 0:
            del tokens[at:at + 1]
        elif action == 1:
            tokens.insert(at, rng.choice(POOL))
        elif action == 2 and at < len(tokens):
            tokens[at] = rng.choice(POOL)
        elif action == 3 and tokens:
            tokens.insert(at, rng.choice(tokens))
        elif action == 4 and at + 1 < len(tokens):
            tokens[at], tokens[at + 1] = tokens[at + 1], tokens[at]
        elif tokens:
            tokens[rng.randrange(len(tokens))] = rng.choice(tokens)
        if not tokens:
            tokens = ["x"]
    return "".join(tokens)


def main():
    tool = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 311)
    paths = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    files = []
    for path in rng.sample(paths, 200):
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        files.append([line for line in lines if "coding" not in line])
    source = pieces(files, rng)
    failed = accepted = 0
    for start in range(0, count, 500):
        batch = [mutate(next(source), rng).replace("\0", "").encode("utf-8") for _ in range(min(500, count - start))]
        for text, line in zip(batch, front_end(tool, batch)):
            accepted += line.startswith("ok ")
            problem = compare(text, line)
            if problem:
                failed += 1
                print(f"FAIL {problem}\n{text.decode()!r}")
    print(f"# {accepted} of them are Python", file=sys.stderr)
    print(f"{count - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
