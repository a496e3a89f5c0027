# Aliases of types with parameters (PEP 695), used with and without them.
import flyte

type Pair[T] = tuple[T, T]
type Rows[K, V] = dict[K, list[V]]
type Nested[T] = Pair[list[T]]

env = flyte.TaskEnvironment(name="x")


@env.task
def first(pair: Pair[int]) -> int:
    return pair[0]


@env.sandbox.orchestrator
def aliases(a: Pair[int], b: Rows[str, float], c: Nested[str], d: Pair) -> Pair[bool]:
    first((1, "a"))  # error: E0501  says: first() expects tuple[int, int] for 'pair', not tuple[int, str]
    first(c)  # error: E0501  says: not tuple[list[str], list[str]]
    first(d)
    for row in b["a"]:
        row + "a"  # error: E0504  says: 'float' and 'str'
    return True, 1  # error: E0502  says: declared as tuple[bool, bool]


@env.sandbox.orchestrator
def too_many(a: Pair[int, int]) -> int:  # error: E0205
    return 1
