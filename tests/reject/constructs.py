# Every construct that an orchestrator may not use: its own id, its place, its workaround.
import flyte

env = flyte.TaskEnvironment(name="x")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def imports(n: int) -> int:
    import math  # error: E0301  help: all available functions are provided directly
    import os.path as p, sys  # error: E0301
    from json import loads  # error: E0301
    return math.floor(loads(n)) + p + sys


@env.sandbox.orchestrator
def classes(n: int) -> int:
    class Point:  # error: E0303  help: use dicts or tuples in place of 'Point'
        import os

        def norm(self):
            self.x += 1
            return undefined_here

    return Point().norm()


@env.sandbox.orchestrator
def handlers(n: int) -> int:
    try:  # error: E0304  help: errors propagate to the controller
        n = add(n, 1)
    except ValueError as error:
        n = 2
        raise RuntimeError("no") from error
    else:
        n = 3
    finally:
        n = 4
    return n


@env.sandbox.orchestrator
def group_handlers(n: int) -> int:
    try:  # error: E0305
        n = add(n, 1)
    except* ValueError:
        n = 2
    return n


@env.sandbox.orchestrator
def managers(n: int) -> int:
    with add(n, 1) as x, add(n, 2):  # error: E0306  help: no resources
        n = x
        n += 1  # error: E0309
    return n


@env.sandbox.orchestrator
async def async_managers(n: int) -> int:
    async with add(n, 1) as x:  # error: E0307
        n = x
    async for y in [1, 2]:  # error: E0308  help: use 'for' over a list
        n = y
    return n


@env.sandbox.orchestrator
def augmented(n: int) -> int:
    total = 0
    total += 1  # error: E0309  help: total = total + 1  fix: total = total + 1
    total *= n + 1  # error: E0309  fix: total = total * (n + 1)
    total //= add(n, 1)  # error: E0309  fix: total = total // add(n, 1)
    counts = {"a": 1}
    counts["a"] += 1  # error: E0309  help: counts = {**counts, "a": counts["a"] + 1}
    total -= (  # error: E0309
        1 +
        2)
    return total


@env.sandbox.orchestrator
def stores(n: int) -> int:
    d = {}
    d["k"] = n  # error: E0310  help: d = {**d, "k": n}
    d[n], n = 1, 2  # error: E0310
    xs = [1, 2, 3]
    xs[0:2] = [n]  # error: E0310  help: use .append() for lists
    xs[0]: int = 4  # error: E0310
    for d["i"] in xs:  # error: E0310
        pass
    xs.size = 3  # error: E0311  help: keep the value in a variable or a dict
    a = d.b = n  # error: E0311
    return a


@env.sandbox.orchestrator
def deletions(n: int) -> int:
    d = {"a": 1}
    del d["a"]  # error: E0312
    del n, d  # error: E0312
    return 1


@env.sandbox.orchestrator
def walrus(n: int) -> int:
    if (half := n // 2) > 3:  # error: E0313  help: assign 'half' in a statement of its own before
        return half
    return len([y for x in [1, 2] if (y := x)])  # error: E0313


@env.sandbox.orchestrator
def generators(n: int):
    yield n  # error: E0314  help: build a list with .append()
    x = yield  # error: E0314
    yield from [1, 2]  # error: E0315
    return x


@env.sandbox.orchestrator
def declarations(n: int) -> int:
    global shared  # error: E0316
    count = 0

    def bump():
        nonlocal count  # error: E0317  help: return the new value
        count = count + 1

    bump()
    shared = count
    return shared


@env.sandbox.orchestrator
def sets(n: int) -> int:
    s = {1, 2, n}  # error: E0318  help: [1, 2, n]
    t = {x for x in s if x}  # error: E0319  help: [x for x in s if x]
    return len(s) + len(t) + len(set([1])) + len(frozenset([2]))


@env.sandbox.orchestrator
def asserts(n: int) -> int:
    assert n > 0, "negative"  # error: E0320  help: if not (n > 0): raise AssertionError("negative")
    assert n  # error: E0320  help: if not n: raise AssertionError()
    return n


@env.sandbox.orchestrator
def matches(n: int) -> int:
    match n:  # error: E0321  help: use if, elif and else
        case 1:
            return 1
        case [a, b]:
            n += 1  # error: E0309
        case _:
            pass
    return n


@env.sandbox.orchestrator
def types(n: int) -> int:
    type Pair = tuple[int, int]  # error: E0322  help: define 'Pair' at module level

    def first[T](x: T) -> T:  # error: E0323  help: write 'def first(...)' without them
        return x

    return first(n)


@env.sandbox.orchestrator
def decorated(n: int) -> int:
    @staticmethod  # error: E0324
    def one(x):
        return x

    return one(n)


@env.sandbox.orchestrator
def numbers(n: int) -> int:
    z = 3j + 1.5J  # error: E0325, E0325
    return n


@env.sandbox.orchestrator
def dunders(n: int) -> int:
    name = n.__class__.__name__  # error: E0327, E0327  help: use isinstance()
    print(__name__)  # error: E0334
    return n


@env.sandbox.orchestrator
async def awaits(n: int) -> int:
    later = add(n, 1)
    x = await later  # error: E0329
    y = await len([1])  # error: E0335  help: leave 'await' out
    z = await [1].copy()  # error: E0335
    w = await (await add(1, 2))  # error: E0329
    return x + y + w


@env.sandbox.orchestrator
def kept(n: int) -> int:
    squares = (x * x for x in [1, 2])  # error: E0330  help: [x * x for x in [1, 2]]  fix: [x * x for x in [1, 2]]
    pairs = [(x for x in [1])]  # error: E0330
    out = []
    out.append(x for x in [1])  # error: E0330

    def inner():
        return (x for x in [1])  # error: E0330

    return sum(x for x in [1]) + len([y for y in (x for x in [1])])


@env.sandbox.orchestrator
def templates(n: int) -> int:
    text = t"{n}"  # error: E0333
    return n


@env.sandbox.orchestrator
async def async_comprehension(n: int) -> int:
    return len([x async for x in [1, 2]])  # error: E0336


@env.sandbox.orchestrator
def all_at_once(n: int) -> int:
    import os  # error: E0301
    n += 1  # error: E0309
    x = {n}  # error: E0318
    n.real = 3  # error: E0311
    del x  # error: E0312
    return undefined  # error: E0401
