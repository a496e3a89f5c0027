import asyncio
import json
import os
from dataclasses import dataclass, field
from typing import Any

import flyte
from flyte.connectors import AsyncConnector, AsyncConnectorExecutorMixin, ConnectorRegistry, Resource, ResourceMeta
from flyte.connectors.utils import convert_to_flyte_phase
from flyte.extend import TaskTemplate
from flyte.models import NativeInterface
from flyteidl2.core.execution_pb2 import TaskExecution, TaskLog

env = flyte.TaskEnvironment(name="classes")
BOOK = os.environ.get("BOOK", "book.txt")
looks: dict = {}


def note(*words):
    with open(BOOK, "a", encoding="utf-8") as file:
        print(*words, file=file)


@dataclass
class Place:
    zone: str


@dataclass
class BatchMeta(ResourceMeta):
    job_id: str
    mode: str
    n: int
    place: Place = field(default_factory=lambda: Place("z"))


class BatchConnector(AsyncConnector):
    name = "Batch"
    task_type_name = "batch"
    metadata_type = BatchMeta

    async def create(self, task_template, output_prefix, inputs=None, task_execution_metadata=None, api_key=None, **kwargs):
        custom = task_template.custom
        note("create", task_template.id.name, json.dumps(inputs), json.dumps(custom.get("size")), api_key, os.path.basename(output_prefix),
             getattr(task_execution_metadata, "idempotency_key", None))
        if inputs["mode"] == "refused":
            raise ValueError("the service refuses")
        if inputs["mode"] == "dies":
            os._exit(3)
        await asyncio.sleep(0.05)
        return BatchMeta(job_id=f"b{inputs['n']}", mode=inputs["mode"], n=inputs["n"], place=Place("eu"))

    async def get(self, resource_meta: BatchMeta, **kwargs):
        meta = resource_meta
        assert isinstance(meta.place, Place) and meta.place.zone == "eu", meta
        looks[meta.job_id] = count = looks.get(meta.job_id, 0) + 1
        note("get", meta.job_id)
        link = TaskLog(name="Console", uri=f"https://console.example/{meta.job_id}", link_type=TaskLog.DASHBOARD)
        if meta.mode == "flaky" and count < 3:
            raise ConnectionError("busy")
        if meta.mode == "mistaken":
            return meta.nothing
        if meta.mode == "strange":
            return Resource(phase="SIDEWAYS")
        if meta.mode == "deadly" and not os.path.exists("died"):
            open("died", "w", encoding="utf-8").close()
            os._exit(4)
        if meta.mode == "endless" or count < 2 or meta.mode == "waits" and not os.path.exists("go"):
            return Resource(phase=TaskExecution.RUNNING, message="working", log_links=[link], custom_info={"looks": 1})
        if meta.mode == "fails":
            return Resource(phase=TaskExecution.FAILED, message="it broke")
        outputs = {"none": None, "two": {"a": 1, "b": "x"}, "lies": {"result": "text"}}.get(meta.mode, {"result": meta.n * 2})
        return Resource(phase=convert_to_flyte_phase("done"), outputs=outputs, log_links=[link])

    async def delete(self, resource_meta: BatchMeta, **kwargs):
        note("delete", resource_meta.job_id)


class NewerConnector(BatchConnector):
    name = "Newer"
    task_type_version = 2

    async def get(self, resource_meta, **kwargs):
        return Resource(phase=TaskExecution.SUCCEEDED, outputs={"result": -1})


class PlainConnector(AsyncConnector):
    """As in the handbook: no metadata class, no registration, no async where none is needed."""

    name = "Plain"
    task_type_name = "plain"

    async def create(self, task_template, output_prefix, inputs=None, **kwargs):
        return ResourceMeta(job_id="123", inputs=inputs)

    async def get(self, resource_meta, **kwargs):
        return Resource(phase=TaskExecution.SUCCEEDED, outputs={"values": [resource_meta.job_id, resource_meta.inputs]})

    async def delete(self, resource_meta, **kwargs):
        pass


class DictConnector(AsyncConnector):
    task_type_name = "dicts"

    async def create(self, task_template, output_prefix, inputs=None, **kwargs):
        return {"job": 1}

    async def get(self, resource_meta, **kwargs):
        return Resource(phase=TaskExecution.SUCCEEDED, outputs=resource_meta)

    async def delete(self, resource_meta, **kwargs):
        pass


class MadeConnector(DictConnector):
    """Known by its instance alone."""

    def __init__(self, task_type, values):
        self.task_type_name, self.values = task_type, values

    async def get(self, resource_meta, **kwargs):
        return Resource(phase=TaskExecution.SUCCEEDED, outputs=self.values)


ConnectorRegistry.register(MadeConnector("made", {"a": 1, "b": 2}))
ConnectorRegistry.register(BatchConnector())
ConnectorRegistry.register(NewerConnector())
try:
    ConnectorRegistry.register(BatchConnector())
except ValueError as error:
    duplicate = str(error)
ConnectorRegistry.register(BatchConnector(), override=True)


@env.task(task_type="batch", custom_config={"size": [1, {"a": None}]})
def job(n: int, mode: str = "ok") -> int: ...


@env.task(task_type="batch", custom_config={"secrets": {"api_key": "BATCH_API_KEY"}})
def secret(n: int, mode: str) -> int: ...


@env.task(task_type="batch")
def nothing(n: int, mode: str) -> None: ...


@env.task(task_type="batch")
def two(n: int, mode: str) -> tuple[int, str]: ...


@env.task(task_type="batch", task_type_version=2)
def newer(n: int, mode: str) -> int: ...


@env.task(task_type="batch", task_type_version=7)
def newest(n: int, mode: str) -> int: ...


@env.task(task_type="batch", timeout=0.6)
def limited(n: int, mode: str) -> int: ...


@env.task(task_type="plain")
def plain(x: int) -> list[Any]: ...


@env.task(task_type="dicts")
def dicts() -> dict[str, int]: ...


@env.task(task_type="made")
def made() -> dict[str, int]: ...


class BatchTask(AsyncConnectorExecutorMixin, TaskTemplate):
    def __init__(self, name, size):
        super().__init__(name=name, interface=NativeInterface({"n": (int, None), "mode": (str, None)}, {"result": int}), task_type="batch")
        self.size = size

    def custom_config(self, context):
        return {"size": self.size}


template = BatchTask("classes.template", size=3)


@env.task
async def by_template(n: int, mode: str) -> int:
    return await template(n=n, mode=mode)


@env.task
def told() -> str:
    return duplicate


@env.sandbox.orchestrator
def run(n: int, mode: str) -> int:
    return job(n, mode)


@env.sandbox.orchestrator
def defaulted(n: int) -> int:
    return job(n)


@env.sandbox.orchestrator
def run_secret(n: int) -> int:
    return secret(n, "ok")


@env.sandbox.orchestrator
def others() -> list[Any]:
    return [two(1, "two"), newer(1, "ok"), plain(5), dicts(), told(), nothing(1, "none"), made()]


@env.sandbox.orchestrator
def run_newest() -> int:
    return newest(1, "ok")


@env.sandbox.orchestrator
def run_limited() -> int:
    return limited(1, "endless")


@env.sandbox.orchestrator
def many(n: int) -> list[int]:
    return flyte_map("job", list(range(n)), return_exceptions=False)


@env.sandbox.orchestrator
def templated(n: int, mode: str) -> int:
    return by_template(n, mode)
