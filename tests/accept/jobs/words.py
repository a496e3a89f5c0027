import flyte

from . import maths

env = flyte.TaskEnvironment(name="words")
Words = list[str]


@env.task
def shout(text: str) -> str:
    return text.upper()


@env.task
def whisper(text: str) -> str:
    return text.lower()
