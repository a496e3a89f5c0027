# Builtins of Python that orchestrators have not.
import flyte

env = flyte.TaskEnvironment(name="x")


@env.sandbox.orchestrator
def use(n: int) -> int:
    exec("x = 1")  # error: E0326  help: code cannot be run from text here
    eval("1 + 1")  # error: E0326
    compile("1", "", "eval")  # error: E0326
    open("file.txt")  # error: E0326  help: inside a task
    getattr(n, "real")  # error: E0326
    setattr(n, "real", 1)  # error: E0326
    hasattr(n, "real")  # error: E0326
    delattr(n, "real")  # error: E0326
    globals()  # error: E0326
    locals()  # error: E0326
    vars()  # error: E0326
    dir()  # error: E0326
    input()  # error: E0326
    __import__("os")  # error: E0326
    next(iter([1]))  # error: E0326, E0326
    callable(n)  # error: E0326
    object()  # error: E0326
    super()  # error: E0326
    complex(1, 2)  # error: E0326
    bytearray(b"x")  # error: E0326
    memoryview(b"x")  # error: E0326
    id(n)  # error: E0326
    slice(1)  # error: E0326
    __file__  # error: E0334
    return n
