# Star imports of modules that are not read: the names that declarations use are known.
from datetime import *
from textwrap import *
from typing import *

from flyte import *
from flyte.io import *
from flyte.sandbox import *
from numpy import *

env = TaskEnvironment(name="stars")


@env.task(timeout=Timeout(max_runtime=timedelta(minutes=1)), retries=RetryStrategy(count=2))
def add(x: Optional[int], y: List[int]) -> Dict[str, float]:
    return {}


@trace
def load(f: File, d: Dir | None = None) -> Tuple[int, Any]:
    return array([1])


@env.sandbox.orchestrator
def pipeline(when: datetime, f: File, span: timedelta = timedelta(hours=1)) -> Union[int, str]:
    return load(f)[0]


code = orchestrator_from_str(dedent("""
    add(None, [x])
"""), inputs={"x": int}, output=Dict[str, float], tasks=[add], name="code")
