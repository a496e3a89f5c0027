#!/usr/bin/env python3
"""Turns template files into C: each section becomes a struct of its holes and a function that fills them.

    === suspend(state:ident site:int task:cstr source:comment body:block)
    text with $state$ and $site$

Kinds of hole, each quoted by its kind, so that no name or text of a user can become code:
    ident    const char *; letters, digits and _ only (a wrong one becomes an error of the C compiler: $invalid$)
    int      long long
    place    const char *; an identifier, or one behind f-> (a register that lives in the frame)
    cstr     TemplateBytes {bytes, length}: a C string literal with its quotes
    pystr    TemplateBytes: a Python string literal with its quotes
    comment  TemplateBytes: text inside a C comment; */ and line ends cannot leave it
    block    const Text *: text that other templates made
A misspelt hole is an error of the C compiler (no such member); an unused or unknown one an error of this tool.

usage: templates.py OUT.h OUT.c FILE.tmpl...
SPDX-License-Identifier: Apache-2.0
"""
import re
import sys

KINDS = {"ident": "const char *", "place": "const char *", "int": "long long ", "cstr": "TemplateBytes ", "pystr": "TemplateBytes ",
         "comment": "TemplateBytes ", "block": "const Text *"}
HEAD = "/* Made by scripts/templates.py from %s. */\n"


def fail(path, line, text):
    sys.exit(f"{path}:{line}: error: {text}")


def sections(path):
    name, holes, body, start = None, {}, [], 0
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = re.match(r"=== (\w+)\((.*)\)$", line.rstrip("\n"))
        if match:
            if name:
                yield name, holes, "".join(body), start
            name, start, body, holes = match.group(1), number, [], {}
            for hole in match.group(2).split():
                hole_name, _, kind = hole.partition(":")
                if kind not in KINDS:
                    fail(path, number, f"hole '{hole_name}' has no known kind")
                if hole_name in holes:
                    fail(path, number, f"hole '{hole_name}' stands twice")
                holes[hole_name] = kind
        elif line.startswith("==="):
            fail(path, number, "a section begins with === name(hole:kind ...)")
        elif name:
            body.append(line)
        elif line.strip() and not line.startswith("#"):
            fail(path, number, "text before the first section (comments begin with #)")
    if name:
        yield name, holes, "".join(body), start


def c_string(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + out.replace("\n", '\\n"\n\t\t"') + '"' if "\n" in out.rstrip("\n") else '"' + out.replace("\n", "\\n") + '"'


def main(header_path, source_path, paths):
    header = [HEAD % ", ".join(p.split("/")[-1] for p in paths),
              '#ifndef SBX_TEMPLATES_OUT_H\n#define SBX_TEMPLATES_OUT_H\n\n#include "template_holes.h"\n']
    source = [HEAD % ", ".join(p.split("/")[-1] for p in paths), '#include "templates.h"\n']
    seen = set()
    for path in paths:
        for name, holes, body, line in sections(path):
            if name in seen:
                fail(path, line, f"section '{name}' stands twice")
            seen.add(name)
            struct = "Template" + "".join(part.capitalize() for part in name.split("_"))
            if holes:
                header.append(f"\ntypedef struct {struct} {{")
                header += [f"\t{KINDS[kind]}{hole};" for hole, kind in holes.items()]
                header.append(f"}} {struct};")
            argument = f", const {struct} *holes" if holes else ""
            header.append(f"void template_{name}(Text *out{argument});")
            source.append(f"\nvoid template_{name}(Text *out{argument})\n{{")
            used = set()
            for i, part in enumerate(re.split(r"\$(\w+)\$", body.rstrip("\n") + "\n" if not body.endswith("\\\n") else body[:-2])):
                if i % 2:
                    if part not in holes:
                        fail(path, line, f"unknown hole '${part}$' in section '{name}'")
                    used.add(part)
                    source.append(f"\thole_{holes[part]}(out, holes->{part});")
                elif part:
                    source.append(f"\ttext_put(out, {c_string(part)});")
            for hole in holes:
                if hole not in used:
                    fail(path, line, f"hole '{hole}' of section '{name}' is not used")
            source.append("}")
    header.append("\n#endif")
    open(header_path, "w", encoding="utf-8").write("\n".join(header) + "\n")
    open(source_path, "w", encoding="utf-8").write("\n".join(source) + "\n")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
