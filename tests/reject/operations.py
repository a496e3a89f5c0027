# Operations that fail for every type that their operands can have; and what only may fail.
import flyte

env = flyte.TaskEnvironment(name="x")


@env.task
def maybe(n: int) -> int | None:
    return n or None


@env.task
def either(n: int) -> int | str:
    return n or "a"


@env.task
def anything(n: int):
    return n


@env.task
def whatever(x):
    return x


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def operators(n: int, text: str, xs: list[int], d: dict[str, int]) -> int:
    n + text  # error: E0504  says: unsupported operand type(s) for +: 'int' and 'str'  help: int() or float()
    text + n  # error: E0504  says: for +: 'str' and 'int'  help: str(...)
    None + n  # error: E0504  help: is not None
    text - text  # error: E0504
    xs + (1, 2)  # error: E0504  says: 'list[int]' and 'tuple[int, int]'
    d + d  # error: E0504
    1.5 << 2  # error: E0504
    n ** text  # error: E0504  says: ** or pow()
    -text  # error: E0505  says: bad operand type for unary -: 'str'
    ~1.5  # error: E0505
    +xs  # error: E0505
    n < text  # error: E0506  says: '<' not supported between instances of 'int' and 'str'
    None >= n  # error: E0506  help: is not None
    1 < n < text  # error: E0506
    xs < (1,)  # error: E0506
    d < d  # error: E0506
    1 in n  # error: E0507
    n in text  # error: E0507
    n[0]  # error: E0508  says: 'int' object is not subscriptable
    None["k"]  # error: E0508
    set(xs)[0]  # error: E0508
    xs["k"]  # error: E0509  says: list[int] indices must be integers or slices, not str
    text[1.5]  # error: E0509
    (1, 2)[2]  # error: E0510  says: tuple index out of range
    d[xs]  # error: E0514  says: unhashable type: 'list[int]'
    d[1:2]  # error: E0514
    {xs: 1}  # error: E0514
    {x: 1 for x in [xs]}  # error: E0514
    return n


@env.sandbox.orchestrator
def iteration(n: int, f: float, xs: list[int]) -> int:
    for i in n:  # error: E0511  help: range
        i + 1
    [x for x in f]  # error: E0511  says: 'float' object is not iterable
    sum(y for x in xs for y in x)  # error: E0511
    [*n]  # error: E0511
    add(*n)  # error: E0511
    sum(n)  # error: E0511
    list(map(str, n))  # error: E0511
    zip(xs, n)  # error: E0511
    max(n)  # error: E0511
    ",".join(5)  # error: E0511
    a, b = n  # error: E0512  says: cannot unpack non-iterable int object
    a, b = 1, 2, 3  # error: E0513  says: too many values to unpack (expected 2)
    a, b, c = 1, 2  # error: E0513  says: not enough values to unpack (expected 3, got 2)
    a, b, *c = (1,)  # error: E0513  says: expected at least 2, got 1
    (a, b), c = n, 2  # error: E0512
    a, b = xs
    return n


@env.sandbox.orchestrator
def builtins(n: int, text: str, xs: list[int]) -> int:
    len()  # error: E0425  says: len() takes exactly one argument (0 given)
    len(xs, xs)  # error: E0425
    abs()  # error: E0425
    divmod(1)  # error: E0425  says: exactly 2 arguments (1 given)
    range(1, 2, 3, 4)  # error: E0425  says: at most 3 arguments
    isinstance(n)  # error: E0425
    max()  # error: E0425
    sorted()  # error: E0425
    sorted(xs, cmp=1)  # error: E0405  help: key=
    sorted(xs, None)  # error: E0425
    list(x=1)  # error: E0405
    len(n)  # error: E0515  says: len() expects a value with a length, not 'int'
    abs(text)  # error: E0515  says: a number
    chr(text)  # error: E0515
    ord(n)  # error: E0515
    range(1.5)  # error: E0515
    range(0, text)  # error: E0515
    round(None)  # error: E0515
    isinstance(n, 5)  # error: E0515  says: a type, a tuple of types, or a union
    text.upper(1)  # error: E0425  says: str.upper() takes no arguments (1 given)
    "".join(1, 2)  # error: E0425  says: str.join() takes exactly one argument (2 given)
    xs.append()  # error: E0425
    xs.append(1, 2)  # error: E0425
    xs.append(x=1)  # error: E0405
    xs.sort(lambda x: x)  # error: E0425
    xs.sort(cmp=1)  # error: E0405  help: key=
    text.split(",", 1, 2)  # error: E0425
    text.split(separator=",")  # error: E0405
    text.replace("a")  # error: E0425
    {"a": 1}.get()  # error: E0425
    n.bit_length(1)  # error: E0425
    xs.sort(key=len, reverse=True)
    "{}".format(1, a=2)
    dict(a=1, b=2)
    text.split(sep=",", maxsplit=1)
    int("5", base=8)
    print(1, sep="")
    max(xs, default=1, key=abs)
    round(1.5, ndigits=1)
    sum(xs, start=1)
    enumerate(xs, start=1)
    isinstance(n, (int, str))
    isinstance(n, int | None)
    return n


@env.sandbox.orchestrator
def unbound(n: int) -> int:
    a  # error: E0424  says: cannot access local variable 'a' where it is not associated with a value
    a = 1
    if n:
        b = 1
    else:
        b + 1  # error: E0424
    for c in []:
        pass
    c + 1  # error: E0424
    e: int
    e + 1  # error: E0424
    if n:
        f = 1
    return a + b + f


@env.sandbox.orchestrator
def only_may_fail(n: int) -> int:
    x, y, z = maybe(n), either(n), anything(n)
    if n > 5:
        return x + 1 + y + z
    x < 5
    y < 5
    y.upper()
    y[0]
    z[0]
    z + 1 + "a"
    z(1)
    len(y)
    for q in y:
        q + "1"
    a, b = y
    xs = []
    xs[0] + 1
    xs[0].anything
    {}["k"].anything
    return n


@env.sandbox.orchestrator
def one_message(n: int) -> int:
    x = n + "a"  # error: E0504
    y = x + 1
    z = y.upper() + x[0]
    for v in z:
        v + None
    while n > 1:
        n = n - 1
        m = n.upper()  # error: E0417
        m + 1
    w = 5 + None  # error: E0504
    return w


@env.sandbox.orchestrator
def after_the_end(n: int) -> int:
    def unused(x):
        return None + 1

    def fails(text):
        raise ValueError(text)

    if n is None:
        return n + "a"
    if isinstance(n, str):
        n.append(1)
        add("a", "b", "c")
    if False:
        add("a", 1)
        5(3)
        len()
    if n > 3:
        fails("too large")
        None.strip()
    while True:
        if n:
            return n
    None.strip()
    return "a" + 1


@env.sandbox.orchestrator
def functions(n: int) -> int:
    def needs(x):
        return x + 1  # error: E0504  says: 'str' and 'int'

    def may(x):
        return x + 1

    def picks(x=None):
        if x is None:
            return x + 1  # error: E0504
        return x + 1

    if n:
        may("a")
    elif n > 2:
        picks()
    elif n > 3:
        needs("b")
    else:
        may(1)
        picks(1)
    return n


@env.sandbox.orchestrator
def empty(n: int) -> int:
    if n > 3:
        return  # error: E0503
    return n


@env.sandbox.orchestrator(type_check=False)
def unchecked(n: int) -> int:
    1 + "a"
    len()
    for x in 5:
        pass
    return n


@env.sandbox.orchestrator
def crossing(n: int, d: dict[str, int]):
    whatever(range(n))  # error: E0516  says: a value of type 'range' is given to a task  help: list(range(n))
    whatever(d.keys())  # error: E0516  help: list(d.keys())
    whatever(len)  # error: E0516
    whatever([range(n)])
    if n:
        return zip([1], [2])  # error: E0516
    return ValueError("x")  # error: E0516
