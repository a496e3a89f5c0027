"""Floats whose last digit would show another order of rounding, wider registers, or a fused multiplication and addition.
SPDX-License-Identifier: Apache-2.0
"""
import flyte

env = flyte.TaskEnvironment(name="floats")


@env.task
def note(x: float, text: str) -> float:
    return x


@env.sandbox.orchestrator
def fused() -> list[str]:
    out = []
    a, b, c = 1.0 + 2.0 ** -30, 1.0 - 2.0 ** -30, -1.0
    for i in range(50):
        a = a * b + c * (0.1 + i)
        c = c - a * 1e-3
        out.append(a.hex())
    return out


@env.sandbox.orchestrator
def polynomial() -> float:
    total = 0.0
    for i in range(1000):
        x = i * 0.001 - 0.5
        total = total + ((1.1 * x + 2.2) * x + 3.3) * x + 4.4
    return note(total, total.hex()) + note(total * total - 1.0, repr(total / 3))


@env.sandbox.orchestrator
def powers() -> list[str]:
    return [(x ** y).hex() for x in [0.5, 1.1, 2.0, 3.7, 1e10, 1e-300] for y in [0.5, -1.5, 2.0, 1 / 3, 0.1, 7.25]]


@env.sandbox.orchestrator
def texts() -> list[str]:
    values = [0.1, 1 / 3, 1e23, 5e-324, 1.7976931348623157e308, 2.5, 0.30000000000000004, -0.0]
    return [f"{v!r} {v:.3f} {v:e} {v:.17g} {v.hex()} {round(v, 2)} {int(v) % 97} {hash(v)}" for v in values]


@env.sandbox.orchestrator
def sets() -> str:
    words = set(str(i * i % 1000) for i in range(300))
    out = ""
    for w in words:
        out = out + w
    return note(float(len(out)), out) and out + str(hash(out)) + str(list(frozenset(words))[:5]) + str(hash(frozenset(words)))
