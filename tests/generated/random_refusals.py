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

# These speak about an argument: what fails is the call around the place. And about a value that a statement takes apart.
CALLS = re.compile(r"\[E05(01|15)\]|\[E04(0[3-7]|18|19|22)\]")
PARTS = re.compile(r"\[E05(0[89]|10|14)\]")
STATEMENTS = re.compile(r"\[E05(02|03|11|12|13)\]")


def parents_of(tree):
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def is_evaluated(node):
    return isinstance(node, ast.expr) and not isinstance(node, ast.Starred) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def place_of(tree, line, start, end, message):
    """The expression or statement that fails, by the marked place; None: it cannot be watched."""
    best = None
    for node in ast.walk(tree):
        if is_evaluated(node) and node.lineno == line == node.end_lineno and node.col_offset <= start and end <= node.end_col_offset:
            if best is None or node.end_col_offset - node.col_offset <= best.end_col_offset - best.col_offset:
                best = node
    if best is None or isinstance(best, ast.Compare) and best.col_offset < start: # of a chain, what may not be reached
        return None
    parents = parents_of(tree)
    if CALLS.search(message):
        while best in parents and not (isinstance(best, ast.Call) and (best.col_offset, best.end_col_offset) != (start, end)):
            best = parents[best]
        return best if isinstance(best, ast.Call) else None
    if PARTS.search(message):
        while best in parents and not isinstance(best, (ast.Subscript, ast.Dict, ast.DictComp, ast.Call)):
            best = parents[best]
        return best if isinstance(best, ast.expr) else None
    if STATEMENTS.search(message):
        node = best
        while node in parents and not isinstance(node, (ast.stmt, ast.Call, ast.Lambda, ast.ListComp, ast.DictComp, ast.GeneratorExp)):
            node = parents[node]
        return node if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None
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
    refusal = program.refusal
    text = "\n" * (program.line - 1) + program.text
    tree = ast.parse(text)
    source = text.split("\n")[refusal.line - 1]
    start = len(source[:refusal.column - 1].encode())
    end = len(source[:refusal.column - 1 + refusal.width].encode())
    node = place_of(tree, refusal.line, start, end, refusal.message)
    if node is None:
        return None
    seen = []

    def note(value):
        if value != {} or not isinstance(node, ast.DictComp): # an empty one has not got to its key
            seen.append(repr(value)[:100])
        return value
    tree = ast.fix_missing_locations(Watch(node).visit(tree))
    namespace = {"__name__": "programs", "__seen__": note, "print": lambda *a, **k: None}
    exec(compile(random_tasks.HEAD, "head.py", "exec"), namespace)
    namespace["flyte_map"] = random_tasks.flyte_map(namespace)
    exec(compile(tree, random_batch.SOURCE, "exec"), namespace)
    for values, _ in program.runs:
        signal.setitimer(signal.ITIMER_VIRTUAL, 1)
        try:
            with random_batch.bounded_memory():
                namespace[program.name](*[random_batch.copy_input(v) for v in values])
        except BaseException:
            pass
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return f"{refusal.message}: CPython gets to {seen[0]} there, in {ast.unparse(node)}" if seen else None
