# Files, folders, data frames and dates are opaque.
import datetime

import flyte
from flyte.io import DataFrame, Dir, File

env = flyte.TaskEnvironment(name="x")


@env.task
def fetch(name: str) -> File:
    return File.new_remote()


@env.sandbox.orchestrator
def read(f: File, d: Dir, frame: DataFrame, when: datetime.datetime, maybe: File | None) -> str:
    f.path  # error: E0331  says: a File is opaque
    fetch("x").open()  # error: E0331  help: pass it to a task that reads it
    d.walk()  # error: E0331
    frame.columns  # error: E0331
    when.year  # error: E0331
    maybe.path  # error: E0331
    files = [f, fetch("y")]
    return files[0].hash  # error: E0331
