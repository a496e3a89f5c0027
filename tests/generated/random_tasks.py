"""The tasks that random programs call, and what stands for flyte when CPython runs them.

The same tasks are answered by random_host.c. Here they check and copy their arguments as sbx does at every boundary.

SPDX-License-Identifier: Apache-2.0
"""
import copy
import inspect

HEAD = '''import flyte
from typing import Any
env = flyte.TaskEnvironment(name="random")
@env.task
def ti(x: int) -> int:
    return x
@env.task
def tf(x: float) -> float:
    return x
@env.task
def ts(x: str) -> str:
    return x
@env.task
def tl(x: list) -> list:
    return x
@env.task
def td(x: dict) -> dict:
    return x
@env.task
def ta(x, y=3):
    return x if y == 3 else y
@env.task
def tb(x) -> bool:
    return bool(x)
@env.task
def tn(x) -> int:
    return len(repr(x))
@env.task
def tr(x) -> str:
    return repr(x)
@env.task
def tx(x: int) -> int:
    n = len(repr(x))
    if n % 3 == 2:
        raise (LookupError if n % 2 else ValueError)("no " + repr(x)[:40])
    return x
@env.sandbox.orchestrator
def oi(x: int) -> int:
    return x
'''
HEAD_LINES = HEAD.count("\n")
SHOWN = {list: "list[Any]", dict: "dict[Any, Any]"}
SCALARS = (int, str, float, bool, bytes, type(None))


def crossing(value, where=""):
    """A copy, as of a value that crosses a boundary."""
    kind = type(value)
    if kind in SCALARS:
        return value
    refused = find_refused(value, set())
    if refused:
        raise TypeError(f"{where}: expected a value that can cross the boundary, got {refused}")
    return copy.deepcopy(value)


def find_refused(value, seen):
    kind = type(value)
    if kind in SCALARS or id(value) in seen:
        return None
    if kind in (list, tuple, set, frozenset):
        inside = list(value)
    elif kind is dict:
        inside = [item for pair in value.items() for item in pair]
    else:
        return kind.__name__
    seen.add(id(value))
    for item in inside:
        refused = find_refused(item, seen)
        if refused:
            return refused
    return None


def fit(declared, value, where):
    if declared is float and type(value) in (int, bool):
        return float(value)
    if declared in (int, float, str, list, dict) and not isinstance(value, declared):
        raise TypeError(f"{where}: expected {SHOWN.get(declared, declared.__name__)}, got {type(value).__name__}")
    return crossing(value, where)


def task(function):
    """Checks, copies, calls, and copies again."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    names = ", ".join(p.name + ("" if p.default is p.empty else f"={p.default!r}") for p in parameters)
    namespace = {}
    exec(f"def {function.__name__}({names}): return [{', '.join(p.name for p in parameters)}]", namespace)
    gather = namespace[function.__name__]
    declared = [p.annotation for p in parameters]

    def call(*args, **kwargs):
        values = gather(*args, **kwargs)
        for i, value in enumerate(values):
            if type(value) is not declared[i] or declared[i] in (list, dict):
                values[i] = fit(declared[i], value, f"{function.__name__}() argument '{parameters[i].name}'")
        return function(*values)
    call.__name__ = call.__qualname__ = function.__name__
    call.__module__ = None # messages name a task without its module
    return call


class Environment:
    """Stands for flyte.TaskEnvironment; an orchestrator stays the function it is, but one that others call."""

    def __init__(self, name):
        self.sandbox = self

    def task(self, function):
        return task(function)

    def orchestrator(self, function):
        return task(function) if function.__name__ == "oi" else function # the others are what runs


def flyte_map(tasks):
    def call(name, *iterables, concurrency=0, group_name=None, return_exceptions=True):
        results = []
        for items in list(zip(*iterables)):
            try:
                results.append(tasks[name](*items))
            except Exception as error:
                if not return_exceptions:
                    raise
                results.append(error)
        return results
    return call
