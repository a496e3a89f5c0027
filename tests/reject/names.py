# Names that mean nothing in an orchestrator, and what the error says about them.
import asyncio
import math
import time as clock

import flyte
import flyte.durable
import flyte.sandbox
import flyte.connectors
import flyte.extend
from flyte.durable import sleep
from numpy import array
from .nowhere import gone
from outside import anything as something

env = flyte.TaskEnvironment(name="x")
LIMIT = 10


def helper(x):
    return x


def choose():
    return helper


chosen = choose()


class Model:
    pass


@env.task
def add(x: int, y: int) -> int:
    return x + y


sandbox = flyte.sandbox.create(name="s", code="y = x", inputs={"x": int}, outputs={"y": int})


@env.sandbox.orchestrator
def unknown(values: list[int]) -> int:
    total = 0
    for value in valuse:  # error: E0401  help: did you mean 'values'?  fix: values
        total = ad(total, value)  # error: E0401  help: did you mean 'add'?
    prnt(total)  # error: E0401  help: did you mean 'print'?
    zzzzzz  # error: E0401  help: names come from
    later(1)  # error: E0401
    return totl  # error: E0401  fix: total


@env.sandbox.orchestrator
def known_elsewhere(n: int) -> int:
    x = LIMIT  # error: E0408  help: pass it as an input  note: 'LIMIT' comes from here
    helper(n)  # error: E0409  help: decorate it with @env.task
    Model()  # error: E0410
    math.pi  # error: E0411
    math.pi.nothing().x  # error: E0411
    asyncio.gather(add(n, 1))  # error: E0411  help: flyte_map
    clock.time()  # error: E0411
    flyte.map(add, [1])  # error: E0411  help: flyte_map
    array([1])  # error: E0412  says: numpy.array
    gone(1)  # error: E0413  help: put the module beside this file
    chosen(1)  # error: E0414
    sandbox(x=1)  # error: E0415  help: call it where its result is needed: sandbox.run(name=value)
    kept = sandbox  # error: E0415
    bound = sandbox.run  # error: E0415, E0420
    sandbox.run(y=1)  # error: E0405  help: its parameters are 'x'
    sandbox.run()  # error: E0404
    sandbox.run(x="text")  # error: E0501
    sandbox.stop()  # error: E0415, E0420
    sandbox.run(x=1).upper()  # error: E0417
    something(1)  # error: E0412
    return n


@env.sandbox.orchestrator
def durable(n: int) -> int:
    sleep(1)  # error: E0328
    flyte.durable.sleep(n)  # error: E0328  says: flyte.durable.sleep
    return flyte.durable.time()  # error: E0328


@env.sandbox.orchestrator
def maps(n: int) -> list[int]:
    flyte_map("ad", [1], [2])  # error: E0418  help: did you mean 'add'? Available are: add  fix: "add"
    flyte_map(add, [1], [2])  # error: E0419  fix: "add"
    flyte_map(5, [1])  # error: E0419
    flyte_map()  # error: E0419
    task = "add"
    flyte_map(task, [1], [2])  # error: E0419
    flyte_map(*["add", [1]])  # error: E0419
    flyte_map("add", [1], [2], parallel=3)  # error: E0405  says: flyte_map() has no parameter 'parallel'
    flyte_map("add", [1], [2], **{"concurrency": 3})  # error: E0405
    m = flyte_map  # error: E0423  help: write flyte_map("task", xs)
    flyte_map("add", [1])  # error: E0422
    flyte_map("add", [1], [2], [3], concurrency=3)  # error: E0422
    return flyte_map("add", [1], [2], return_exceptions=False)


listed = flyte.sandbox.orchestrator_from_str("add(x, 1) + multiply(x, 2)", inputs={"x": int}, output=int, tasks=[add])  # error: E0402  help: tasks=[add, multiply]


@env.task
def multiply(x: int, y: int) -> int:
    return x * y


if LIMIT > clock.time():
    @env.task
    def sometimes(x: int) -> int:
        return x


@env.sandbox.orchestrator
def conditional(n: int) -> int:
    return sometimes(n)  # error: E0414  says: condition


class Batch(flyte.connectors.AsyncConnectorExecutorMixin, flyte.extend.TaskTemplate):
    def __init__(self, name):
        super().__init__(name=name, task_type="batch")


class Nightly(Batch):
    pass


batch = Batch(name="batch")
nightly = Nightly("nightly")
model = Model()


@env.sandbox.orchestrator
def templates(n: int) -> int:
    model(n)  # error: E0414
    batch(n=n)  # error: E0426
    return nightly(n=n)  # error: E0426  says: known to Python only
