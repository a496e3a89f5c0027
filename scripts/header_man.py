#!/usr/bin/env python3
"""Makes a manual page of a public header: header_man.py HEADER VERSION >PAGE

The head comment becomes the description, `/* ---- name ---- */` a section, each comment the text before the declarations that
follow it. Indented lines of a comment are examples and stay as they are.

SPDX-License-Identifier: Apache-2.0
"""
import re
import sys

START = re.compile(r"^/\*(?! -{4} )")
SECTION = re.compile(r"^/\* -{4} (.*) -{4} \*/$")
SKIPPED = re.compile(r"^(#|extern \"C\"|}$|\s*$)")


def escape(line):
    line = line.replace("\\", "\\e").replace("-", "\\-").replace("\t", "    ")
    return "\\&" + line if line.startswith((".", "'")) else line


def text(lines):
    """The lines of a comment without its signs; lists and examples keep their lines."""
    out, literal = [], False
    for line in lines:
        is_literal = line.startswith("  ") and line.strip() != ""
        if is_literal != literal and (is_literal or line.strip()):
            out.append(".PP\n.nf" if is_literal else ".fi\n.PP")
            literal = is_literal
        if literal or line.strip():
            out.append(escape(line.rstrip()))
        elif out and not out[-1].endswith(".PP"):
            out.append(".PP")
    while out and out[-1] == ".PP":
        out.pop()
    if literal:
        out.append(".fi")
    return out


def comment_lines(body):
    """`body` from /* to */, one string a line, with the indentation that follows the star."""
    first, *rest = body[2:].rsplit("*/", 1)[0].split("\n")
    lines = [first.strip()] + [re.sub(r"^ \* ?|^ {3}(?=\S)|^\t+(?=\S)", "", line) for line in rest]
    while lines and not lines[0].strip():
        lines.pop(0)
    return lines


def blocks(source):
    """("section", name), ("text", lines), ("code", lines) in their order."""
    lines, at, code = source.split("\n"), 0, []
    depth = 0
    while at < len(lines):
        line = lines[at]
        section = SECTION.match(line)
        if code and (section or START.match(line) or (not line.strip() and depth == 0)):
            yield "code", code
            code = []
        if section:
            yield "section", section.group(1)
        elif START.match(line) and depth == 0:
            body = [line]
            while "*/" not in body[-1]:
                at += 1
                body.append(lines[at])
            yield "text", comment_lines("\n".join(body))
        elif code or not SKIPPED.match(line) or line.startswith("#define SBX_STATUS_LIST"):
            code.append(re.sub(r"\b(SBX_API|SBX_MUST_CHECK) ", "", line))
            depth += line.count("{") - line.count("}")
        at += 1
    if code:
        yield "code", code


def main():
    path, version = sys.argv[1:3]
    source = open(path, encoding="utf-8").read()
    name = re.sub(r".*/|\.h$", "", path)
    head = re.match(r"/\*\n(.*?)\n \*/", source, re.S).group(0)
    lines = [line for line in comment_lines(head) if "SPDX-" not in line]
    end = lines.index("")
    summary = " ".join(lines[:end]).split(" - ", 1)[1].rstrip(".")
    lines = lines[end + 1:]
    out = ['.\\" Made of ' + f"{name}.h by scripts/header_man.py.",
           f'.TH LIB{name.upper()} 3 "" "sbxc {version}" "Library Functions"', ".SH NAME", f"lib{name} \\- {escape(summary)}",
           ".SH SYNOPSIS", ".nf", f"#include <{name}.h>", "", f"cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs {name})", ".fi", ".SH DESCRIPTION"]
    out += text(lines)
    body = source[source.index("extern \"C\" {"):]
    for kind, what in blocks(body):
        if kind == "section":
            out.append(f".SH {what.upper()}")
        elif kind == "text":
            out += [".PP", *text(what)]
        elif any(line.strip() for line in what):
            out += [".PP", ".nf", ".B" if len(what) == 1 else ".ft B", *[escape(line) for line in what], *([] if len(what) == 1 else [".ft R"]), ".fi"]
    out += [".SH SEE ALSO", "sbxc(1), " + ("libsbx\\-host(3)" if name == "sbx" else "libsbx(3)")]
    print("\n".join(out))


if __name__ == "__main__":
    main()
