"""Makes a program that differs small: statements go, expressions give way to a part of them or to a constant.

Each candidate is compiled and run both ways; it is kept when it differs in the same manner (kinds of outcome and types of
exception), not necessarily in the same words.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import copy
import re
import time

import random_batch

SIMPLE = ["0", "1", "''", "'a'", "[]", "[1]", "None", "{}", "True"]


def exception_name(text):
    last = text.rstrip("\n").split("\n")[-1]
    return re.match(r"[\w ]*", last).group(0)


def manner(expected, got):
    """How two outcomes differ, in short."""
    kind, text, said = expected
    status, native, native_said = got
    if status is None:
        return "crash " + re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "", native)[:60]
    return (kind, exception_name(text) if kind == "!" else "", status, exception_name(native) if status else "", said == native_said)


def outcome(tools, text, program, run):
    """The manner in which this text differs when it runs alone, with both outcomes; None if it does not."""
    one = random_batch.Program(program.name, text, program.inputs, [program.runs[run]])
    whole = random_batch.lay_out([one])
    try:
        random_batch.run_python(whole, [one])
        left = random_batch.build(tools, whole, [one])
    except random_batch.Broken as error:
        got = (None, str(error), "")
        return manner(one.expected[0], got), one.expected[0], got
    except Exception: # no program at all
        return None
    if not left:
        return None
    results, crashes = random_batch.run_native(tools, left)
    found = random_batch.compare(left, results, crashes)
    if not found:
        return None
    _, _, expected, got = found[0]
    return manner(expected, got), expected, got


def bodies(tree):
    for node in ast.walk(tree.body[0]):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield body, field


def fewer_statements(tree):
    """Trees with one statement less, or with a block in its statement's place."""
    for number in range(sum(1 for _ in bodies(tree))):
        length = len(list(bodies(tree))[number][0])
        for at in reversed(range(length)):
            for how in ("drop", "body", "orelse"):
                other = copy.deepcopy(tree)
                body, field = list(bodies(other))[number]
                inner = getattr(body[at], how, None)
                if how != "drop" and (not isinstance(inner, list) or not inner or isinstance(body[at], ast.FunctionDef)):
                    continue
                body[at:at + 1] = inner if how != "drop" else []
                if not body and field == "body":
                    body.append(ast.Pass())
                yield other


def places(tree):
    """(node, field, index or None) of each expression."""
    found = []
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for i, one in enumerate(values):
                if isinstance(one, ast.expr) and not isinstance(getattr(one, "ctx", None), (ast.Store, ast.Del)) and field not in ("decorator_list", "annotation", "returns"):
                    found.append((node, field, i if isinstance(value, list) else None))
    return found


def inner_expressions(node):
    return [n for child in ast.iter_child_nodes(node) for n in ([child] if isinstance(child, ast.expr) else ast.walk(child)) if isinstance(n, ast.expr)]


def simpler_expressions(tree):
    for number in range(len(places(tree))):
        node, field, index = places(tree)[number]
        value = getattr(node, field) if index is None else getattr(node, field)[index]
        if isinstance(value, ast.Constant) and repr(value.value) in ("0", "''", "None", "1"):
            continue
        if isinstance(node, ast.JoinedStr) or isinstance(value, ast.FormattedValue):
            continue
        parts = [ast.unparse(p) for p in inner_expressions(value) if not isinstance(p, (ast.FormattedValue, ast.Starred))]
        for text in dict.fromkeys(parts + ([] if isinstance(value, (ast.Constant, ast.Name)) else SIMPLE)):
            other = copy.deepcopy(tree)
            node, field, index = places(other)[number]
            new = ast.parse(text, mode="eval").body
            if index is None:
                setattr(node, field, new)
            else:
                getattr(node, field)[index] = new
            yield other
        if index is not None and isinstance(node, (ast.List, ast.Tuple, ast.Call, ast.Return)):
            other = copy.deepcopy(tree)
            node, field, index = places(other)[number]
            del getattr(node, field)[index]
            yield other


def shrink(tools, program, run, seconds=40):
    """(text, expected, native) of a smaller program that differs alike; None if it does not differ when it runs alone."""
    first = outcome(tools, program.text, program, run)
    if not first:
        return None
    wanted, best = first[0], (program.text,) + first[1:]
    tree, until = ast.parse(program.text), time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < until:
        progress = False
        for candidates in (fewer_statements, simpler_expressions):
            again = True
            while again and time.monotonic() < until:
                again = False
                for other in candidates(tree):
                    if time.monotonic() > until:
                        break
                    try:
                        text = ast.unparse(ast.fix_missing_locations(other)) + "\n"
                    except Exception:
                        continue
                    if len(text) >= len(best[0]) and ast.dump(other) != ast.dump(tree) and len(best[0]) < len(program.text):
                        continue
                    found = outcome(tools, text, program, run)
                    if found and found[0] == wanted:
                        best, tree, again, progress = (text,) + found[1:], ast.parse(text), True, True
                        break
    return best
