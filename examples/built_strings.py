"""Code strings that the file puts together from constants: the compiler evaluates them."""

import textwrap

import flyte

env = flyte.TaskEnvironment(name="built")

START = 1
OPERATOR = "*"
COLUMNS = ["mean", "total"]

product = env.sandbox.orchestrator(
    f"""
    acc = {START}
    for v in values:
        acc = acc {OPERATOR} v
    acc
    """,
    inputs={"values": list[int]},
    output=int,
    name="product",
)

HEADER = textwrap.dedent(
    """
    count = len(values)
    total = sum(values)
    """
)
FOOTER = '{"mean": total / count, ' '"total": total}'

summary = env.sandbox.orchestrator(
    HEADER + FOOTER,
    inputs=dict.fromkeys(["values"], list[float]),
    output=dict[str, float],
    name="summary",
)

# run: product --values "[2, 3, 7]"
# prints: 42
# run: summary --values "[1, 2.5]"
# prints: {"mean": 1.75, "total": 3.5}
