# A code string is a module, where Python itself would allow it.
import flyte.sandbox

t = flyte.sandbox.orchestrator_from_str(
    """
    from math import *  # error: E0302
    import os  # error: E0301
    x + 1
    """,
    inputs={"x": int},
    output=int,
)
