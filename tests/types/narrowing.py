"""What conditions say: `# type: X` at the end of a line is the type of the line's last expression. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="narrowing")


@env.task
def maybe(n: int) -> int | None:
    return n if n % 2 else None


@env.task
def either(n: int) -> int | str:
    return n if n % 2 else str(n)


@env.task
def several(n: int) -> int | float | str | list[int] | None:
    return [n, n / 2, str(n), [n], None][n % 5]


@env.task
def anything(n: int):
    return [n, "a", 2.5, None, [1], {"k": 1}, (1, 2), True][n % 8]


@env.task
def names(n: int) -> list[str]:
    return ["a"] * n


@env.sandbox.orchestrator
def none():
    x = maybe(1)
    x  # type: int | None
    if x is None:
        x  # type: None
    else:
        x  # type: int
    x  # type: int | None
    if x is not None:
        x + 1  # type: int
    if x == None:
        x  # type: None
    elif x != 3:
        x  # type: int
    y = x if x is not None else 0
    y  # type: int
    z = 0 if x is None else x
    z  # type: int
    if None is not x:
        x  # type: int
    return y + z  # type: int


@env.sandbox.orchestrator
def early():
    x = maybe(3)
    if x is None:
        return 0
    x  # type: int
    y = maybe(1)
    if y is None:
        raise ValueError("none")
    y  # type: int
    z = maybe(2)
    for _ in range(3):
        if z is None:
            continue
        z  # type: int
    z  # type: int | None
    while True:
        if z is None:
            z = 1
            break
        z = None
    z  # type: int
    return x + y  # type: int


@env.sandbox.orchestrator
def truth():
    x = maybe(1)
    if x:
        x  # type: int
    else:
        x  # type: int | None
    if not x:
        x  # type: int | None
        return 0
    x  # type: int
    a = maybe(3) or 5
    a  # type: int
    b = maybe(3) and "text"
    b  # type: int | str | None
    c = maybe(1) or None
    c  # type: int | None
    d = names(2) or None
    d  # type: list[str] | None
    e = not x
    e  # type: bool
    f = None or "a"
    f  # type: str
    g = None and 1
    g  # type: None
    return a  # type: int


@env.sandbox.orchestrator
def instances():
    x = several(2)
    x  # type: int | float | str | list[int] | None
    if isinstance(x, str):
        x  # type: str
    elif isinstance(x, (int, float)):
        x  # type: int | float
    elif isinstance(x, list):
        x  # type: list[int]
    else:
        x  # type: None
    if isinstance(x, int | float):
        x  # type: int | float
    if not isinstance(x, (str, list)) and x is not None:
        x  # type: int | float
    if type(x) is str:
        x  # type: str
    if type(x) == int:
        x  # type: int
    else:
        x  # type: float | str | list[int] | None
    if isinstance(x, int | None):
        x  # type: int | None
    if isinstance(x, bytes):
        x  # dead
    return [x for x in [either(1), either(2)] if isinstance(x, str)]  # type: list[str]


@env.sandbox.orchestrator
def unknown():
    x = anything(1)
    x  # type: Any
    if isinstance(x, str):
        x  # type: str
        x.upper()  # type: str
    if isinstance(x, int):
        x  # type: bool | int
    if isinstance(x, bool):
        x  # type: bool
    if isinstance(x, (list, tuple)):
        x  # type: list[Any] | tuple[Any, ...]
    if isinstance(x, dict):
        x  # type: dict[Any, Any]
    if x is None:
        x  # type: None
    else:
        x  # type: Any
    if type(x) is int:
        x  # type: int
    return x  # type: Any


@env.sandbox.orchestrator
def joined():
    x, y = maybe(1), maybe(2)
    if x is not None and y is not None:
        x + y  # type: int
    else:
        x  # type: int | None
    if x is None or y is None:
        x  # type: int | None
    else:
        x + y  # type: int
    if not (x is None or y is None):
        x + y  # type: int
    if x is None and y is None:
        return 0
    x  # type: int | None
    if x is None or isinstance(x, str):
        x  # type: None
    if (x is None) if y is None else (x is not None):
        x  # type: int | None
    z = x if x is not None and x > 1 else 0
    z  # type: int
    w = x is not None and x + 1
    w  # type: bool | int
    v = x is None or x + 1
    v  # type: bool | int
    u = x and x + 1
    u  # type: int | None
    return z  # type: int


@env.sandbox.orchestrator
def loops():
    best = None
    for n in [3, 1, 2]:
        if best is None or n > best:
            best = n
        best  # type: int
    best  # type: int | None
    i = None
    while i is None or i < 3:
        i = 0 if i is None else i + 1
        i  # type: int
    i  # type: int
    x = maybe(1)
    while x is None:
        x = maybe(3)
    x  # type: int
    total = None
    for v in [1.5, 2.5]:
        total = v if total is None else total + v
    total  # type: float | None
    found = None
    for name in names(3):
        if name == "b":
            found = name
            break
    else:
        found = 5
    found  # type: str | int
    last = "a"
    for last in range(2):
        last  # type: int
    last  # type: str | int
    return i  # type: int


@env.sandbox.orchestrator
def assigned():
    x = None
    x  # type: None
    x = 5
    x + 1  # type: int
    x = "a"
    x.upper()  # type: str
    if x == "b":
        x = 1.5
    x  # type: float | str
    if x == "a":
        x  # type: str
    if x == 1.5:
        x  # type: float
    x = [x]
    x  # type: list[float | str]
    y: int = 3
    y  # type: int
    a, b = 1, "b"
    a, b = b, a
    a  # type: str
    b  # type: int
    return x  # type: list[float | str]


@env.sandbox.orchestrator
def functions():
    def pick(value, other=None):
        if other is None:
            return value
        other  # type: int
        return other

    def name(n):
        if n == 0:
            return None
        return "n"

    def never(text):
        raise ValueError(text)

    def use(n):
        if n is None:
            never("none")
        return n + 1

    first = pick("a")
    first  # type: str | int
    second = pick(1, 2)
    second  # type: str | int
    label = name(1)
    if label is None:
        return 0
    label.upper()  # type: str
    return use(maybe(1))  # type: int


@env.sandbox.orchestrator
def comprehensions():
    xs = [maybe(n) for n in range(4)]
    xs  # type: list[int | None]
    known = [x for x in xs if x is not None]
    known  # type: list[int]
    texts = {x: str(x) for x in xs if x}
    texts  # type: dict[int, str]
    total = sum(x for x in xs if x is not None)
    total  # type: int
    limit = maybe(1)
    if limit is not None:
        few = [x for x in known if x < limit + 1]
        few  # type: list[int]
        many = sum(limit for x in known)
        many  # type: int
    return known  # type: list[int]


@env.sandbox.orchestrator
def dead():
    x = 1
    if x is None:
        x.anything()  # dead
    if isinstance(x, str):
        x.upper(1, 2, 3)  # dead
    if False:
        1 + "a"  # dead
    while False:
        None.strip()  # dead
    for y in []:
        y + 1  # dead
    empty = []
    for y in empty:
        y + "a"  # dead
    if True:
        return x  # type: int
    return "a" + 1  # dead
