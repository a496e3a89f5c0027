"""zip and enumerate over generators, in every form of a call: items are asked for in turn. SPDX-License-Identifier: Apache-2.0"""
from typing import Any

import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def double(x: int) -> int:
    return x * 2


@env.sandbox.orchestrator
def strict_takes_turns():
    log = []

    def note(x):
        log.append(x)
        return double(x)
    return [list(zip(map(note, [1, 2]), (note(v) for v in [4, 5]), strict=True)), log]
    # expect: [[[2, 8], [4, 10]], [1, 4, 2, 5]]


@env.sandbox.orchestrator
def starred_takes_turns():
    log = []

    def note(x):
        log.append(x)
        return double(x)
    parts = [map(note, [1, 2, 3]), map(note, [4, 5])]
    return [list(zip(*parts)), log]
    # expect: [[[2, 8], [4, 10]], [1, 4, 2, 5, 3]]


@env.sandbox.orchestrator
def values_take_turns():
    log = []

    def note(x):
        log.append(x)
        return double(x)
    pair, number = zip, enumerate
    first = list(pair(map(note, [1, 2]), map(note, [4, 5])))
    second = [list(q) for q in map(zip, [map(note, [1, 2])], [map(note, [4, 5])])]
    for i, v in number(map(note, [7, 8]), 3):
        log.append([i, v])
    third = [list(map(f, [map(note, [1]), map(note, [])])) for f in [all, sum, any]]
    return [first, second, third, list(number(map(note, [9]), start=True)), list(map(max, [map(note, [1, 2])])), log]
    # expect: [[[2, 8], [4, 10]], [[[2, 8], [4, 10]]], [[true, true], [2, 0], [true, false]], [[1, 18]], [4], [1, 4, 2, 5, 1, 4, 2, 5, 7, [3, 14], 8, [4, 16], 1, 1, 1, 9, 1, 2]]


@env.sandbox.orchestrator
def strict_is_asked_at_run_time():
    log = []
    for strict in [0, [], "x"]:
        log.append([v for v in zip((double(n) for n in [1, 2]), [3, 4], strict=strict)])
    return [log, list(zip((double(n) for n in [1, 2]), [3], strict=False)), list(zip(*[map(double, [1]), [2]], strict=True))]
    # expect: [[[[2, 3], [4, 4]], [[2, 3], [4, 4]], [[2, 3], [4, 4]]], [[2, 3]], [[2, 2]]]


@env.sandbox.orchestrator
def they_are_what_they_are():
    pair, number = zip, enumerate
    made = [pair(map(double, [1]), strict=True), pair(map(double, [1])), zip((v for v in "a"), strict=True), number(map(double, [1]))]
    return [[str(type(v)), isinstance(v, zip), isinstance(v, enumerate)] for v in made]
    # expect: [["<class 'zip'>", true, false], ["<class 'zip'>", true, false], ["<class 'zip'>", true, false], ["<class 'enumerate'>", false, true]]


@env.sandbox.orchestrator
def second_is_shorter():
    return list(zip((double(n) for n in [1, 2]), [3], strict=True))
    # raises: ValueError: zip() argument 2 is shorter than argument 1


@env.sandbox.orchestrator
def third_is_shorter():
    return list(zip(map(double, [1]), [3], (v for v in []), strict=True))
    # raises: ValueError: zip() argument 3 is shorter than arguments 1-2


@env.sandbox.orchestrator
def second_is_longer():
    log = []
    for v in zip(map(double, [1]), map(double, [3, 4]), strict=True):
        log.append(v)
    return log
    # raises: ValueError: zip() argument 2 is longer than argument 1


@env.sandbox.orchestrator
def third_is_longer():
    rows = [map(double, []), [], map(double, [3])]
    return dict(zip(*rows, strict=True))
    # raises: ValueError: zip() argument 3 is longer than arguments 1-2


@env.sandbox.orchestrator
def nothing_to_zip():
    none: list[Any] = []
    return [list(zip(*none)), list(zip(*[map(double, [])], strict=True)), list(zip(*none, strict=True)), list(zip(map(double, []), (v for v in []), strict=True))]
    # expect: [[], [], [], []]


@env.sandbox.orchestrator
def what_raises_within():
    def fails(n):
        return [][n]
    return list(zip(map(fails, [1]), (v for v in [2]), strict=True))
    # raises: IndexError: list index out of range


@env.sandbox.orchestrator
def no_iterable():
    given: Any = [map(double, [1]), 7]
    return list(zip(*given))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def no_start():
    given: Any = "x"
    number = enumerate
    return list(number(map(double, [1]), given))
    # raises: TypeError: 'str' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def another_keyword():
    given: Any = {"strictly": 1}
    return list(zip(map(double, [1]), **given))
    # raises: TypeError: 'strictly' is an invalid keyword argument for zip()
