# Tasks and environments of modules beside the file, of packages in its folder, by every kind of import.
import jobs
import jobs.words as words
from jobs import env as jobs_env, shout
from jobs.maths import *
from jobs.maths.basic import add, multiply as times
from .jobs.words import Words, whisper

import flyte

try:
    from jobs.maths.basic import add as plus
except ImportError:
    plus = None


@jobs_env.task
def local_task(text: str) -> Words:
    return [text]


@jobs_env.sandbox.orchestrator
def pipeline(n: int) -> list[str]:
    total = add(n, times(n, y=2))
    again = plus(total, 1)
    texts = [shout(text="a" * again), whisper("b"), local_task("c")[0]]
    return texts + [str(cube(n)), str(imported_pipeline(n))]


everything = flyte.sandbox.orchestrator_from_str("add(x, 1)", inputs={"x": int}, output=int, tasks=[jobs.maths.basic.add, words.whisper], name="qualified")
