import datetime
import time
from typing import Any, Optional

import flyte

env = flyte.TaskEnvironment(name="queries")
KINDS = """
    SELECT 7::int2 AS small, 2147483648::int8 AS big, 1.5::float8 AS ratio, 'NaN'::float8 AS nan, 12.50::numeric AS price,
           123456789012345678901234567890::numeric AS huge, 3.00::numeric(10,2) AS whole, true AS yes, 'täxt''"\\'::text AS text,
           '\\x00ff'::bytea AS raw, timestamp '2024-02-29 12:30:00.25' AS at, timestamptz '2024-02-29 12:30:00+02' AS zoned,
           interval '3 days 04:05:06.7' AS span, interval '2 months' AS months, NULL::int AS nothing,
           '{"a": [1, null]}'::jsonb AS doc, ARRAY[1, NULL, 3] AS ints, ARRAY['a,b', 'c"d', 'e\\f', NULL, 'NULL', ''] AS texts,
           ARRAY[ARRAY[1,2],ARRAY[3,4]] AS nested, date '2024-02-29' AS day, 'infinity'::timestamp AS never,
           '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid AS id, '-1 day -00:00:01'::interval AS back
"""


@env.task(task_type="postgresql", custom_config={"query": KINDS})
def kinds() -> list[dict[str, Any]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT i AS n, i * i AS square FROM generate_series({{ .inputs.low }}, {{.inputs.high}}) AS i WHERE i <> {{ .inputs.low }} ORDER BY i"})
def squares(low: int, high: int) -> list[dict[str, int]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT i, 'n' || i FROM generate_series(1, $1) i ORDER BY 1"})
def pairs(n: int) -> list[tuple[int, str]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT i::float8 FROM generate_series(1, $1) i ORDER BY 1"})
def column(n: int) -> list[float]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT i AS a, -i AS b FROM generate_series(1, $1) i ORDER BY 1"})
def columns(n: int) -> dict[str, list[int]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT sum(i) FROM generate_series(1, $1) i"})
def total(n: int) -> int: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT $1::text, $2::text"})
def two(a: str, b: Optional[str]) -> tuple[str, Optional[str]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT i FROM generate_series(1, $1) i WHERE i > 5"})
def maybe(n: int) -> Optional[int]: ...


@env.task(task_type="postgresql")
def any_query(query: str, a: Any, b: Any) -> list[dict[str, Any]]: ...


@env.task(task_type="postgresql")
def plain(query: str) -> list[dict[str, Any]]: ...


@env.task(task_type="postgresql", timeout=0.8)
def limited(query: str) -> list[dict[str, Any]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT {{ .inputs.m }}"})
def misspelled(n: int) -> int: ...


@env.task(task_type="postgresql")
def defaulted(query: str = "SELECT $1::text, $2::int", a: Optional[str] = "x'", n: int = 5) -> list[tuple[Optional[str], int]]: ...


@env.task(task_type="postgresql", custom_config={"query": "SELECT {{ .inputs.n }}::int"})
def placed(n: int = 3, unused: float = time.time()) -> int: ...


@env.sandbox.orchestrator
def left_out(n: int) -> list[Any]:
    return [defaulted(), defaulted("SELECT $1::text || '!', $2::int", n=n), placed(), placed(n)]


@env.task(task_type="postgresql")
def queryless(n: int) -> int: ...


@env.sandbox.orchestrator
def all_kinds() -> list[dict[str, Any]]:
    return kinds()


@env.sandbox.orchestrator
def shapes(n: int) -> list[Any]:
    return [squares(1, n), pairs(n), column(n), columns(n), total(n), two("a'; --", None), maybe(n), maybe(6)]


@env.sandbox.orchestrator
def bound(values: list[Any]) -> list[Any]:
    return [any_query("SELECT $1 AS a, $2 AS b", v, v) for v in values]


@env.sandbox.orchestrator
def times(when: datetime.datetime, span: datetime.timedelta) -> list[Any]:
    return any_query("SELECT $1 + $2 AS sum, $1 AS a", when, span)


@env.sandbox.orchestrator
def inside(values: list[int], n: int) -> list[Any]:
    return any_query("SELECT $2::int = ANY($1) AS there, array_length($1, 1) AS length", values, n)


@env.sandbox.orchestrator
def ask(query: str) -> list[dict[str, Any]]:
    return plain(query)


@env.sandbox.orchestrator
def ask_limited(query: str) -> list[dict[str, Any]]:
    return limited(query)


@env.sandbox.orchestrator
def wrong(which: str) -> int:
    return misspelled(1) if which == "misspelled" else queryless(1)


@env.sandbox.orchestrator
def many(n: int) -> list[Any]:
    return flyte_map("total", list(range(1, n + 1)))
