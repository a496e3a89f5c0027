import flyte

from .words import shout

env = flyte.TaskEnvironment(name="jobs")
