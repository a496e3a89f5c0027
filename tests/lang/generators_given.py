"""Generators as arguments of builtins and methods: what is checked before the first item is asked for.

SPDX-License-Identifier: Apache-2.0
"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def echo(x, y=0):
    return x


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def no_length():
    f = [len, abs][echo(0)]
    return f(i for i in [1])
    # raises: TypeError: object of type 'generator' has no len()


@env.sandbox.orchestrator
def as_text():
    f = [str, repr, ascii][echo(0)]
    return f(i for i in [1])[:17]
    # expect: "<generator object"


@env.sandbox.orchestrator
def its_type():
    f = [str, type, bool][echo(1)]
    return str(f(i for i in [1]))
    # expect: "<class 'generator'>"


@env.sandbox.orchestrator
def its_truth():
    f = [str, type, bool][echo(2)]
    return f(echo(i) for i in [])
    # expect: true


@env.sandbox.orchestrator
def is_it_a_list():
    f = [isinstance, len][echo(0)]
    return f((i for i in []), list)
    # expect: false


@env.sandbox.orchestrator
def kept_by_append():
    xs = []
    f = [xs.index, xs.append][echo(1)]
    f(i // 0 for i in [1])
    return len(xs)
    # expect: 1


@env.sandbox.orchestrator
def second_argument_is_no_iterable():
    f = [set.union, len][echo(0)]
    return f(set([1]), (i // 0 for i in []), 0, (i // 0 for i in [1]))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def too_many_for_join():
    f = ["".join, [].append][echo(0)]
    return f((i // 0 for i in [1]), 1)
    # raises: TypeError: str.join() takes exactly one argument (2 given)


@env.sandbox.orchestrator
def bound_union():
    f = set([1]).union
    return sorted(f([2], (echo(i) for i in [3, 1]), map(echo, [5]), (echo(i) + 1 for i in [5])))
    # expect: [1, 2, 3, 5, 6]


@env.sandbox.orchestrator
def bound_union_of_what_is_no_iterable():
    f = set([1]).union
    return list(f([2], 5, (i // 0 for i in [1])))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def union_of_what_is_no_iterable():
    return list(set([1]).union([2], echo(5), (i // 0 for i in [1])))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def union_of_several():
    return sorted(set([1]).union((echo(i) for i in [2]), [9], (i * i for i in [3, 4])))
    # expect: [1, 2, 9, 16]


@env.sandbox.orchestrator
def intersection_of_what_has_no_hash():
    return set([1]).intersection([2], [echo([])], (i // 0 for i in [1]))
    # raises: TypeError: unhashable type: 'list'


@env.sandbox.orchestrator
def intersection_of_one_generator_twice():
    m = map(echo, [1, 2])
    s = set([1, 2, 3])
    return [sorted(s.intersection(m, m)), sorted(s.union(m, m)), sorted(s.difference(map(echo, [1]), [2]))]
    # expect: [[], [1, 2, 3], [3]]


@env.sandbox.orchestrator
def changed_in_place():
    s, d = set([1, 2, 3]), {1: 1}
    s.update((echo(i) for i in [7]), (i for i in [8, 9]))
    s.difference_update((i for i in [1]), (echo(i) for i in [2, 9]))
    d.update((i, echo(i) + 1) for i in [1, 2])
    return [sorted(s), d]
    # expect: [[3, 7, 8], {"1": 2, "2": 3}]


@env.sandbox.orchestrator
def descriptor_of_a_set():
    return set.union(echo(0), (i // 0 for i in [1]))
    # raises: TypeError: descriptor 'union' for 'set' objects doesn't apply to a 'int' object


@env.sandbox.orchestrator
def descriptor_of_a_str():
    return str.join(echo(2), (i // 0 for i in [1]))
    # raises: TypeError: descriptor 'join' for 'str' objects doesn't apply to a 'int' object


@env.sandbox.orchestrator
def through_the_type():
    return [str.join("-", (echo(c) for c in "abc")), sorted(set.union(set([1]), (i for i in [2]))), dict.fromkeys((echo(i) for i in "ab"), 0)]
    # expect: ["a-b-c", [1, 2], {"a": 0, "b": 0}]


@env.sandbox.orchestrator
def spread():
    gens = [map(echo, [1, 2]), map(echo, [3])]
    f = [set().union, len][echo(0)]
    return sorted(f(*gens))
    # expect: [1, 2, 3]


@env.sandbox.orchestrator
def spread_to_len():
    gens = [map(echo, [1, 2])]
    return len(*gens)
    # raises: TypeError: object of type 'map' has no len()


@env.sandbox.orchestrator
def spread_with_a_keyword():
    f = [sum, len][echo(0)]
    return f(*[map(echo, [1, 2])], **{"start": 10})
    # expect: 13


@env.sandbox.orchestrator
def sort_through_a_value():
    xs = [3, 1, 2]
    f = [xs.sort, len][echo(0)]
    f(key=lambda v: -echo(v), reverse=True)
    return xs
    # expect: [1, 2, 3]


@env.sandbox.orchestrator
def sort_given_a_generator():
    xs = [3, 1, 2]
    f = [xs.sort, len][echo(0)]
    f(i // 0 for i in [1])
    # raises: TypeError: sort() takes no positional arguments


@env.sandbox.orchestrator
def raises_in_the_second():
    return set().union((echo(i) for i in [1]), (1 // echo(0) for i in [1]))
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def map_stops_at_the_shortest():
    return flyte_map("add", [1, 2], (1 // i for i in [1, 1, 0]))
    # expect: [2, 3]


@env.sandbox.orchestrator
def map_of_a_long_range():
    return flyte_map("add", range(10 ** 12), [1, 2])
    # expect: [1, 3]


@env.sandbox.orchestrator
def map_takes_in_turn():
    seen = []
    def note(x):
        seen.append(x)
        return x
    return [flyte_map("add", (note(i) for i in [1, 2]), (note(i) for i in [10, 20, 30])), seen]
    # expect: [[11, 22], [1, 10, 2, 20]]


@env.sandbox.orchestrator
def map_of_stars():
    lists = [map(echo, [1, 2, 3]), [4, 5]]
    return flyte_map("add", *lists)
    # expect: [5, 7]


@env.sandbox.orchestrator
def map_of_no_iterable():
    return flyte_map("add", [1], echo(5))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def map_of_no_iterable_at_once():
    return flyte_map("echo", echo(5))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def map_of_a_generator_that_raises():
    return flyte_map("add", [1, 2], (i // 0 for i in [1]), concurrency=echo(1))
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def other_iterators_before_and_after():
    pairs = zip([1, 2], [3, 4])
    return [sorted(set().union(reversed([1, 2]), (i for i in [3]), reversed([4]))),
            sorted(set([1, 2, 3]).intersection(reversed([2, 3]), map(echo, [3, 4]), enumerate([]))),
            sorted(set().union(pairs, map(echo, [(5, 6)]), pairs)), sorted(set.union(set(), reversed([7]), (echo(i) for i in [8])))]
    # expect: [[1, 2, 3, 4], [], [[1, 3], [2, 4], [5, 6]], [7, 8]]


@env.sandbox.orchestrator
def an_iterator_before_an_error():
    it = reversed([1, 2])
    f = [set().union, len][echo(0)]
    return f(it, map(echo, [3]), 5)
    # raises: TypeError: 'int' object is not iterable
