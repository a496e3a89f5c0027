# Declarations with mistakes.
import os
from dataclasses import dataclass
from typing import Iterator, Literal, Optional

import flyte
import flyte.sandbox
from pydantic import BaseModel

env = flyte.TaskEnvironment(name="x")
dynamic = flyte.TaskEnvironment(name=os.environ["NAME"])  # error: E0201  says: the environment of 'late'
MEMORY = os.cpu_count()  # error: E0201


@dataclass
class Point:
    x: int


class Model(BaseModel):
    x: int


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.task
def plot(p: Point, q: "Model") -> Iterator[int]:  # error: E0205, E0205, E0205  note: 'plot' is used here
    return iter([1])


@env.task
def unused(p: Point) -> Model:
    return Model()


@env.task
def with_default(x: int, p: Optional[Point] = None) -> int:
    return x


@env.task
def with_argument(x: int, p: Point | None = None) -> int:  # error: E0205  says: parameter 'p' of 'with_argument'
    return x


@env.task(retries=os.cpu_count())  # error: E0201  says: retries=
def flaky(x: int) -> int:
    return x


@env.task(retries="three")  # error: E0203  says: an int from 0
def wrong(x: int) -> int:
    return x


@env.task(timeout="long", task_type=5)  # error: E0203, E0203
def slow(x: int) -> int:
    return x


@dynamic.task
def late(x: int) -> int:
    return x


@env.task(env_vars={"HOME": os.environ["HOME"]})  # error: E0201
def home(x: int) -> int:
    return x


@env.sandbox.orchestrator
def uses(n: int) -> int:
    plot(n, n)
    with_default(n)
    with_argument(n, n)
    late(home(n))
    return slow(wrong(flaky(n)))


@env.sandbox.orchestrator
def interface(a: Point, b: list[Model], c: Literal["x"], d: "dict[str, Point]") -> Model:  # error: E0205, E0205, E0205, E0205, E0205
    return a


@env.sandbox.orchestrator
def defaults(a: int = os.cpu_count(), b: int = "text", c: int = None, d: list[int] = [1, 2]) -> int:  # error: E0206, E0207
    return a


@env.sandbox.orchestrator
def item_defaults(a: list[int] = [1, "a"], b: dict[str, int] = {1: 2}, c: tuple[int, ...] = ()) -> int:  # error: E0207, E0207  says: the default of 'a' is list[int | str], but it is declared as list[int]
    return 1


@env.sandbox.orchestrator
def variadic(*values, **named) -> int:  # error: E0213, E0213
    return 1


@env.sandbox.orchestrator(timeout_ms=0, max_memory="5 MB", type_check="yes", retries=-1)  # error: E0203, E0203, E0203, E0203
def limits(n: int) -> int:
    return n


@env.sandbox.orchestrator(max_memory=MEMORY, max_stack_depth=2 ** 70)  # error: E0201
def computed(n: int) -> int:
    return n


@env.sandbox.orchestrator
@print  # error: E0214
def decorated(n: int) -> int:
    return n


@flyte.workflow  # error: E0212  help: make 'flow' an orchestrator
def flow(n: int) -> int:
    return n


@env.sandbox.orchestrator
def twice(n: int) -> int:
    return n


@env.sandbox.orchestrator
def twice(n: int) -> int:  # error: E0208  note: the first one is here
    return n


clash = flyte.sandbox.orchestrator_from_str("1", name="comp-ute")
other = flyte.sandbox.orchestrator_from_str("1", name="comp.ute")  # error: E0209  note: the first one is here
empty_name = flyte.sandbox.orchestrator_from_str("1", name="")  # error: E0217
code = flyte.sandbox.orchestrator_from_str(open("code.py").read(), tasks=[add])  # error: E0201  help: use literals
missing = env.sandbox.orchestrator(5)  # error: E0204
nothing = flyte.sandbox.orchestrator_from_str(inputs={"x": int})  # error: E0204
bad_inputs = flyte.sandbox.orchestrator_from_str("1", inputs=["x"])  # error: E0203
bad_name = flyte.sandbox.orchestrator_from_str("1", inputs={"class": int, "2x": int, 5: int})  # error: E0203, E0215, E0215
bad_type = flyte.sandbox.orchestrator_from_str("1", inputs={"x": Point}, output=Model)  # error: E0205, E0205
bad_tasks = flyte.sandbox.orchestrator_from_str("1", tasks=[add, os.getcwd, Point, add, len])  # error: E0211, E0211, E0210, E0211
tasks_text = flyte.sandbox.orchestrator_from_str("1", tasks="add")  # error: E0203
unknown_name = flyte.sandbox.orchestrator_from_str("1", name=os.getcwd())  # error: E0201


def make_reducer(operation: str):
    body = f"{operation}(values)"
    return flyte.sandbox.orchestrator_from_str(body, inputs={"values": list}, output=int, name=f"reduce-{operation}")  # warning: W0001


sum_task = make_reducer("sum")  # error: E0202  help: declare each code string at module level


async def main(code: str):
    await flyte.sandbox.orchestrate_local(code, inputs={"x": 1}, tasks=[add])  # warning: W0001  says: a parameter
    await flyte.sandbox.orchestrate_local("add(x, 1) + z", inputs={"x": 1}, tasks=[add])  # error: E0401
    await flyte.sandbox.orchestrate_local(f"add(x, {1})\nx += 1", inputs={"x": 1}, tasks=[add])  # error: E0309


box = flyte.sandbox.create(name="box", command=["ls"])
boxed = flyte.sandbox.orchestrator_from_str("box()", tasks=[box])  # error: E0415


def by_name(names: list):
    return [flyte.sandbox.orchestrator_from_str("x", inputs={name: int}, output=int) for name in names]  # warning: W0001


@env.task(cache=flyte.Cache(behavior="auto", policies=[by_name]))  # warning: W0004  says: are run by Flyte only
def kept(x: int) -> int:
    return x


@env.task(cache="always")  # error: E0203  says: cache= must be "auto", "override", "disable" or a flyte.Cache
def often(x: int) -> int:
    return x


@env.sandbox.orchestrator
def cached(x: int) -> int:
    return kept(x) + often(x)
