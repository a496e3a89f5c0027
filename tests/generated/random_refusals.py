"""Is a refusal of the checker right? The refused expression is watched while CPython runs the program.

If CPython evaluates what was refused, to a value, the refusal is a false alarm. If it raises there, or never gets there, the
refusal stands.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import re
import signal

import random_batch
import random_tasks

# These speak about an argument or an operand: what fails is the whole call or operation around the place.
AROUND = re.compile(r"\[E05\d\d\]|\[E04(0[3-7]|18|19)\]")


def span(node):
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def place_of(tree, line, column, around):
    """The smallest expression at a place; the call or operation around it where `around`."""
    best, parents = None, {}
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            parents[child] = node
        if isinstance(node, ast.expr) and not isinstance(node, ast.Starred) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            first, start, last, end = span(node)
            if (first, start) <= (line, column) < (last, end) and (best is None or span(node)[1:] != span(best)[1:] and end - start <= best.end_col_offset - best.col_offset):
                best = node
    if around and best is not None:
        node = best
        while node in parents and isinstance(parents[node], (ast.expr, ast.keyword, ast.slice)):
            node = parents[node]
            if isinstance(node, (ast.Call, ast.BinOp, ast.Compare, ast.Subscript, ast.UnaryOp)):
                return node
        while node in parents and not isinstance(node, ast.stmt):
            node = parents[node]
        return node if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None # it fails as a whole
    return best


class Watch(ast.NodeTransformer):
    def __init__(self, node):
        self.node = node

    def visit(self, node):
        if node is self.node and isinstance(node, ast.stmt):
            return [node, ast.Expr(ast.Call(ast.Name("__seen__", ast.Load()), [ast.Constant("its end")], []))]
        if node is self.node:
            return ast.Call(ast.Name("__seen__", ast.Load()), [node], [])
        return self.generic_visit(node)


def false_alarm(program):
    """Why a refusal is wrong, or None."""
    line, message = program.refusal
    at = re.match(r"(\d+)\|", message)
    text = "\n" * (program.line - 1) + program.text
    tree = ast.parse(text)
    column = int(at.group(1)) - 1 if at else 0
    source = text.split("\n")[line - 1]
    column = len(source.encode()[:column].decode(errors="ignore").encode())
    node = place_of(tree, line, column, AROUND.search(message))
    if node is None:
        return None
    seen = []

    def note(value):
        seen.append(repr(value)[:100])
        return value
    tree = ast.fix_missing_locations(Watch(node).visit(tree))
    namespace = {"__name__": "programs", "__seen__": note, "print": lambda *a, **k: None}
    exec(compile(random_tasks.HEAD, "head.py", "exec"), namespace)
    namespace["flyte_map"] = random_tasks.flyte_map(namespace)
    exec(compile(tree, random_batch.SOURCE, "exec"), namespace)
    for values, _ in program.runs:
        signal.setitimer(signal.ITIMER_REAL, 1)
        try:
            namespace[program.name](*[random_batch.copy_input(v) for v in values])
        except BaseException:
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
    return f"{message}: CPython gets to {seen[0]} there, in {ast.unparse(node)}" if seen else None
