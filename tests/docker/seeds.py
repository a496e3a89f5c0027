# The sandboxes of Flyte's own documentation, as they stand there: only that numpy and pytest come from Debian, where pip may
# have no registry, and that module-level await stands in an async def. test_tasks.py runs them.
import datetime

import flyte
import flyte.sandbox
from flyte.io import File
from flyte.sandbox import ImageConfig, create

env = flyte.TaskEnvironment(name="seeds")

# ---- Auto-IO ----

sandbox = flyte.sandbox.create(
    name="compute-stats",
    code="""
import numpy as np
nums = np.array([float(v) for v in values.split(",")])
mean = float(np.mean(nums))
window_end = dt + delta
""",
    inputs={
        "values": str,
        "dt": datetime.datetime,
        "delta": datetime.timedelta,
    },
    outputs={
        "mean": float,
        "window_end": datetime.datetime,
    },
    system_packages=["python3-numpy"],
)

# ---- verbatim ----

etl_sandbox = flyte.sandbox.create(
    name="manual-etl",
    code="""
import json, pathlib
# Inputs are materialized in /var/inputs/
payload = json.loads(pathlib.Path("/var/inputs/payload").read_text())
total = sum(payload["values"])

# Outputs must be written to /var/outputs/
pathlib.Path("/var/outputs/total").write_text(str(total))
""",
    inputs={"payload": File},
    outputs={"total": int},
    auto_io=False,
)

# ---- command ----

test_runner = flyte.sandbox.create(
    name="pytest-sandbox",
    command=["/bin/bash", "-c", "pytest /var/inputs/tests.py -q"],
    inputs={"tests.py": File},
    outputs={"exit_code": str},
    system_packages=["python3-pytest"],
)

# ---- the environment ----

config = ImageConfig(
    registry="my-registry.io/project",
    python_version=(3, 11)
)

custom = flyte.sandbox.create(
    name="custom-env",
    code="import pandas; print(pandas.__version__)",
    packages=["pandas==2.1.0"],
    system_packages=["libpq-dev", "gcc"],
    additional_commands=["RUN echo 'Custom build step'"],
    image_config=config,
)

# ---- as a task ----

reusable = flyte.sandbox.create(
    name="reusable-task",
    code="result = x + 1",
    inputs={"x": int},
    outputs={"result": int},
)

# ---- of the architecture page ----

stats_sandbox = create(
    name="numpy-stats",
    code="import numpy as np; mean = float(np.mean(values))",
    inputs={"values": list[float]},
    outputs={"mean": float},
    system_packages=["python3-numpy"],
)


async def main():
    mean, window_end = await sandbox.run.aio(
        values="10,20,30",
        dt=datetime.datetime(2024, 1, 1),
        delta=datetime.timedelta(days=7),
    )
    container_task = await reusable.as_task.aio()
    return mean, window_end, container_task


# ---- from an orchestrator ----

container_task = reusable.as_task()


@env.sandbox.orchestrator
async def every_mode(values: str, dt: datetime.datetime, delta: datetime.timedelta, payload: File, tests: File) -> dict:
    mean, window_end = await sandbox.run.aio(values=values, dt=dt, delta=delta)
    return {
        "mean": mean,
        "window_end": window_end,
        "total": etl_sandbox.run(payload=payload),
        "exit_code": test_runner.run(**{"tests.py": tests}),
        "numpy": stats_sandbox.run(values=[1.0, mean]),
        "task": container_task(x=41),
    }
