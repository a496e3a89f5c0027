#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what crosses boundaries with CPython 3.11: JSON both ways against the json module (text, values, and the
messages about text that is no JSON), the wire form, copies from heap to heap, conversion to declared types, and
hostile bytes, which must only be survived.

    tests/containers/boundary.py CALC [--count N] [--seed S] [--show N] [--bench]

CALC is tests/tools/boundary_calc, built; its head says what a line means. --bench: speed against CPython's json.
"""
import argparse
import base64
import datetime
import json
import math
import os
import random
import subprocess
import sys
import time
import timeit
import types

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WIRE = {}
exec(compile(open(f"{TOP}/templates/worker_values.py", encoding="utf-8").read(), "worker_values.py", "exec"), WIRE)
R = random.Random()


class Handle:
    """Stands for a File, Dir or DataFrame."""

    def __init__(self, path=None, format="", hash=None, uri=None):
        self.path, self.format, self.hash = uri if path is None else path, format, hash

    def __eq__(self, other):
        return isinstance(other, Handle) and self.fields() == other.fields()

    def __hash__(self):
        return hash(self.fields())

    def fields(self):
        return type(self).__name__, self.path or None, self.format or None, self.hash


flyte = types.ModuleType("flyte")
flyte.io = types.ModuleType("flyte.io")
for name in ("File", "Dir", "DataFrame"):
    setattr(flyte.io, name, type(name, (Handle,), {"__module__": "flyte.io", "uri": property(lambda self: self.path)}))
sys.modules.update({"flyte": flyte, "flyte.io": flyte.io})


def to_wire(v):
    return WIRE["value_to_wire"](v, "").hex()


def from_wire(text):
    return WIRE["value_from_wire"](bytes.fromhex(text))


def plain(v):
    """Compares type by type, floats to the last bit, sets without order."""
    kind = type(v)
    if kind is float:
        return "float", v.hex()
    if kind in (set, frozenset):
        return kind.__name__, sorted(map(repr, map(plain, v)))
    if kind in (list, tuple):
        return kind.__name__, [plain(x) for x in v]
    if kind is dict:
        return "dict", [(plain(k), plain(x)) for k, x in v.items()]
    if isinstance(v, Handle):
        return v.fields()
    return kind.__name__, repr(v)


# ---- random values ----

TEXTS = ["", "a", "é", "ж€", "😀", "\ud800", "\udfff\ud800", "\"\\/", "\n\r\t\b\f", "\x00\x1f\x7f", "a" * 40, "key", "\u2028", "\x80\xff"]


def number():
    return R.choice([0, 1, -1, 2**53, 2**63 - 1, -2**63, 2**63, -2**63 - 1, 10**18, 10**19, R.getrandbits(200), -R.getrandbits(4000),
                     R.randint(-10**6, 10**6)])


def real():
    bits = R.choice([R.getrandbits(64), R.getrandbits(64) & ~(0x7FF << 52) | R.randint(1000, 1050) << 52])
    import struct
    f = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return R.choice([0.0, -0.0, 1.5, 1e16, 1e-5, 123456789.123, 5e-324, math.inf, -math.inf, R.random(), round(R.random() * 1000, 2), float("nan") if f != f else f])


def moment():
    zone = R.choice([None, None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(minutes=R.randint(-1439, 1439)))])
    return datetime.datetime(R.randint(1, 9999), R.randint(1, 12), R.randint(1, 28), R.randint(0, 23), R.randint(0, 59), R.randint(0, 59),
                             R.choice([0, R.randint(0, 999999)]), zone)


def span():
    return datetime.timedelta(days=R.randint(-1000, 1000), seconds=R.randint(0, 86399), microseconds=R.choice([0, R.randint(0, 999999)]))


def handle():
    return getattr(flyte.io, R.choice(["File", "Dir", "DataFrame"]))(path=R.choice(["s3://bucket/é", "gs://x/y"]), format=R.choice(["", "csv"]), hash=R.choice([None, "abc"]))


def scalar():
    return R.choice([number, real, lambda: R.choice(TEXTS), lambda: None, lambda: R.choice([True, False])])()


def json_value(depth=4):
    if depth <= 0 or R.random() < 0.4:
        return scalar()
    if R.random() < 0.5:
        return [json_value(depth - 1) for _ in range(R.randint(0, 5))]
    return {R.choice(TEXTS + ["k%d" % i for i in range(30)]): json_value(depth - 1) for _ in range(R.randint(0, 6))}


def any_value(depth=4):
    if depth <= 0 or R.random() < 0.35:
        return R.choice([scalar, scalar, moment, span, handle, lambda: R.randbytes(R.randint(0, 9))])()
    inner = lambda: any_value(depth - 1)
    hashable = lambda: R.choice([number, lambda: R.choice(TEXTS), lambda: (1, "a"), lambda: frozenset([1, "b"]), lambda: ((), (1.5,))])()
    return R.choice([lambda: [inner() for _ in range(R.randint(0, 5))], lambda: tuple(inner() for _ in range(R.randint(0, 4))),
                     lambda: {hashable(): inner() for _ in range(R.randint(0, 5))}, lambda: {hashable() for _ in range(R.randint(0, 5))},
                     lambda: frozenset(hashable() for _ in range(R.randint(0, 5)))])()


# ---- JSON ----


def default(v):
    if isinstance(v, (set, frozenset)):
        return list(v)
    if isinstance(v, bytes):
        return base64.b64encode(v).decode()
    if isinstance(v, datetime.datetime):
        return v.isoformat()
    if isinstance(v, datetime.timedelta):
        return v.total_seconds()
    if isinstance(v, Handle):
        return {"__flyte_io_type__": type(v).__name__, "path": v.path}
    raise TypeError(f"Object of type {type(v).__name__} is not JSON serializable")


def dumped(v):
    try:
        return "ok", json.dumps(v, default=default)
    except Exception as error:
        return "failed", type(error).__name__, str(error)


def small_sets(v):
    return isinstance(v, (set, frozenset)) and len(v) < 2 or (not isinstance(v, (set, frozenset)) and all(
        map(small_sets, v if isinstance(v, (list, tuple)) else [*v, *v.values()] if isinstance(v, dict) else ())))


def odd_keys(depth=3):
    if depth <= 0:
        return scalar()
    return {R.choice([scalar, scalar, lambda: R.choice([(1,), b"a", "x", moment()])])(): odd_keys(depth - 1) for _ in range(R.randint(0, 3))}


def case_dump():
    v = R.choice([json_value, json_value, any_value, odd_keys])()
    while not small_sets(v):
        v = any_value()
    return "dump " + to_wire(v), dumped(v)


def json_text():
    v = json_value()
    text = R.choice([lambda: json.dumps(v), lambda: json.dumps(v, ensure_ascii=False), lambda: json.dumps(v, indent=R.randint(0, 3)),
                     lambda: json.dumps(v, separators=(",", ":"))])()
    text = "".join(c for c in text if not 0xD800 <= ord(c) < 0xE000)
    if R.random() < 0.4 and text:  # damaged
        for _ in range(R.randint(1, 2)):
            at = R.randrange(len(text) + 1)
            text = R.choice([text[:at], text[:at] + R.choice(list('{}[]",:\\u0123456789eE.+-ntfNI x\n\t\x01é/')) + text[at:], text[:at] + text[at + 1:]])
    return text


NUMBERS = ["01", "1.", ".5", "-", "-0", "-0.0", "1e5", "1E+5", "1e", "1e+", "0.1e-7", "00", "1.5e400", "-1e-400", "123456789012345678901234567890.5",
           "0.000001", "9007199254740993", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "NaN", "-NaN", "Infinity", "-Infinity", "+1", "1_0",
           "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\u00e9\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\x\"", "\"abc", "\"a\nb\"", "\"\\", "\"\\u",
           "", " ", "[", "]", "{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "{\"a\" 1}", "[1 2]", "nul", "tru", "true false", "[1]]",
           "\ufeff1", "\"\\/\"", "{\"a\":1,\"b\":2,\"a\":3}", "'a'", "[\n1,\n2 3]", "\"é\" x", "[\"é\", x]"]


def case_load():
    text = R.choice(NUMBERS) if R.random() < 0.1 else json_text()
    try:
        want = ("ok", plain(json.loads(text)))
    except ValueError as error:
        want = ("failed", str(error))
    except RecursionError:
        want = None
    return "load " + (text.encode("utf-8").hex() or "-"), want


def case_wire():
    v = any_value()
    return "wire " + to_wire(v), ("ok", plain(v))


# ---- conversion ----


class Refused(Exception):
    pass


def random_type(depth=3):
    if depth <= 0 or R.random() < 0.45:
        return (R.choice("nbifsyaFDPte"),)
    letter = R.choice("lTSZdux")
    if letter in "SZ":
        return letter, (R.choice("nbisy"),)
    if letter == "d":
        return letter, R.choice([("s",), ("i",), ("f",), ("b",), ("n",), ("u", ("i",), ("s",)), ("a",)]), random_type(depth - 1)
    if letter in "lT":
        return letter, random_type(depth - 1)
    parts = [random_type(depth - 1) for _ in range(R.randint(2, 3) if letter == "u" else R.randint(1, 3))]
    if letter == "u":
        parts = [x for p in parts for x in (p[1:] if p[0] == "u" else [p])][:5]
    return (letter, *parts)


def type_text(t):
    many = str(len(t) - 1) if t[0] in "ux" else ""
    return t[0] + many + "".join(type_text(x) for x in t[1:])


NAMES = dict(zip("FDP", ("File", "Dir", "DataFrame")))


def hashable(v):
    try:
        return hash(v) is not None
    except TypeError:
        return False


def sample(t, from_json):
    """A value that fits, most of the time."""
    letter = t[0]
    if R.random() < 0.06:
        return scalar()
    if letter in "nbi":
        return {"n": None, "b": R.choice([True, False]), "i": number()}[letter]
    if letter == "f":
        return R.choice([real, number])()
    if letter == "s":
        return R.choice(TEXTS)
    if letter == "y":
        data = R.randbytes(R.randint(0, 5))
        return base64.b64encode(data).decode() if from_json else data
    if letter == "a":
        return json_value(2) if from_json else any_value(2)
    if letter in NAMES:
        h = getattr(flyte.io, NAMES[letter])(path="s3://a/b")
        return R.choice([{"__flyte_io_type__": NAMES[letter], "path": "s3://a/b"}, "s3://c", {"path": "x"}, {"__flyte_io_type__": "Fil", "path": "x"}]) if from_json else h
    if letter == "t":
        m = moment()
        return R.choice([m.isoformat(), m.isoformat(" "), m.date().isoformat(), m.isoformat() + "Z", "2020-13-01", "20200102T030405"]) if from_json else m
    if letter == "e":
        d = span()
        return R.choice([d.total_seconds(), R.randint(-10**6, 10**6), str(d), "1h30m", "90", "x", 1e300]) if from_json else d
    if letter == "l":
        return [sample(t[1], from_json) for _ in range(R.randint(0, 3))]
    if letter in "Tx":
        parts = [sample(x, from_json) for x in (t[1:] if letter == "x" else [t[1]] * R.randint(0, 3))]
        if R.random() < 0.05:
            parts.append(1)
        return parts if from_json else tuple(parts)
    if letter in "SZ":
        parts = [sample(t[1], from_json) for _ in range(R.randint(0, 3))]
        return parts if from_json else (set if letter == "S" else frozenset)(parts)
    if letter == "d":
        keys = [sample(t[1], from_json) for _ in range(R.randint(0, 3))]
        if from_json:
            keys = [k if isinstance(k, str) else json.loads(json.dumps({k: 1}).split(": ")[0][1:]) if isinstance(k, (int, float, type(None))) else "k" for k in keys]
        return {k if hashable(k) else 1: sample(t[2], from_json) for k in keys}
    return sample(R.choice(t[1:]), from_json)


def time_from_text(letter, v):
    if letter == "t":
        if not isinstance(v, str):
            raise Refused
        try:
            return datetime.datetime.fromisoformat(v)
        except ValueError:
            raise Refused
    known = {"1h30m": 5400.0, "90": 90.0}
    if isinstance(v, str):
        if v in known:
            return datetime.timedelta(seconds=known[v])
        if v.count(":") == 2:
            days, clock = v.split(", ") if "," in v else ("0 days", v)
            h, m, s = clock.split(":")
            if not (h.isdigit() and m.isdigit()):
                raise Refused
            return datetime.timedelta(days=int(days.split()[0]), hours=int(h), minutes=int(m), microseconds=round(float(s) * 1e6))
        raise Refused
    if type(v) not in (int, float) or not abs(v) < 9.2e12:
        raise Refused
    return datetime.timedelta(seconds=v)


def fit_key(t, k, from_json):
    if not from_json or not isinstance(k, str) or t[0] in "sa":
        return fit(t, k, from_json)
    if t[0] == "u":
        for member in t[1:]:
            try:
                return fit_key(member, k, from_json)
            except Refused:
                pass
        raise Refused
    try:
        if t[0] == "i" and k.lstrip("+-").isascii() and k.lstrip("-").isdigit():
            sys.set_int_max_str_digits(0)
            return int(k)
        if t[0] == "f":
            if k.strip() == k and "_" not in k and k.isascii():
                return float(k)
    except ValueError:
        pass
    if t[0] in "bn" and k in {"b": ("true", "false"), "n": ("null",)}[t[0]]:
        return {"true": True, "false": False, "null": None}[k]
    return fit(t, k, from_json)


def fit(t, v, from_json, exact=False):
    """What convert.c does, in the words of Python."""
    letter, kind = t[0], type(v)
    simple = {"n": type(None), "b": bool, "i": int, "s": str}
    lenient = from_json and not exact
    if letter == "a":
        return v
    if letter in simple:
        if kind is simple[letter] or letter == "i" and kind is bool and not from_json and not exact:
            return v
    elif letter == "f":
        if kind is float:
            return v
        if not exact and (kind is int or kind is bool and not from_json):
            try:
                return float(v)
            except OverflowError:
                pass
    elif letter == "y":
        if kind is bytes:
            return v
        if lenient and kind is str:
            try:
                return base64.b64decode(v, validate=True) if v.isascii() and len(v) % 4 == 0 else fit(("n",), 1, False)
            except ValueError:
                pass
    elif letter in NAMES:
        if kind.__name__ == NAMES[letter]:
            return v
        if lenient and kind is str:
            return getattr(flyte.io, NAMES[letter])(path=v)
        if lenient and kind is dict and v.get("__flyte_io_type__") == NAMES[letter] and isinstance(v.get("path"), str):
            return getattr(flyte.io, NAMES[letter])(path=v["path"], format=v.get("format", ""), hash=v.get("hash"))
    elif letter in "te":
        if kind is (datetime.datetime if letter == "t" else datetime.timedelta):
            return v
        if lenient:
            return time_from_text(letter, v)
    elif letter == "l" and kind is list:
        return [fit(t[1], x, from_json, exact) for x in v]
    elif letter in "Tx" and (kind is tuple or lenient and kind is list):
        members = t[1:] if letter == "x" else [t[1]] * len(v)
        if len(members) == len(v):
            return tuple(fit(m, x, from_json, exact) for m, x in zip(members, v))
    elif letter in "SZ":
        made = set if letter == "S" else frozenset
        if kind is made or lenient and kind is list:
            return made([fit(t[1], x, from_json, exact) for x in v])
    elif letter == "d" and kind is dict:
        return {fit_key(t[1], k, from_json) if not exact else fit_key(t[1], k, from_json): fit(t[2], x, from_json, exact) for k, x in v.items()}
    elif letter == "u":
        for turn in (True, False)[exact and 0:2 - exact]:
            for member in t[1:]:
                try:
                    return fit(member, v, from_json, turn)
                except Refused:
                    pass
    raise Refused


def case_convert():
    t, from_json = random_type(), R.random() < 0.5
    v = sample(t, from_json)
    try:
        want = ("ok", plain(fit(t, v, from_json)))
    except Refused:
        want = ("failed", "-11")
    except TypeError:  # what cannot be hashed in a set
        want = None
    return f"convert {type_text(t)} {int(from_json)} {to_wire(v)}", want


def case_hostile():
    data = bytearray(bytes.fromhex(to_wire(any_value())))
    for _ in range(R.randint(1, 3)):
        if data:
            at = R.randrange(len(data))
            data[at:at + R.randint(0, 2)] = R.choice([b"", R.randbytes(1), b"\xff" * 8, b"l\xff\xff\xff\xff\0\0\0\0", b"l\1\0\0\0\0\0\0\0" * 50])
    return "hostile " + (bytes(data) or b"N").hex(), None


FIXED = [
    ("load " + b'"\xff"'.hex(), ("failed", None)), ("load " + b'"\xed\xa0\x80"'.hex(), None), ("load " + (b"[" * 5000).hex(), ("failed", None)),
    ("load " + (b'{"a":' * 5000).hex(), ("failed", None)), ("dump " + (b"l\1\0\0\0\0\0\0\0" * 999 + b"N").hex(), ("ok", "[" * 999 + "null" + "]" * 999)),
    ("wire " + (b"l\1\0\0\0\0\0\0\0" * 999 + b"N").hex(), ("ok", None)), ("wire " + (b"l\1\0\0\0\0\0\0\0" * 1001 + b"N").hex(), ("failed", None)),
    ("wire " + b"NN".hex(), ("failed", None)), ("wire " + b"i\0".hex(), ("failed", None)), ("wire " + (b"l" + b"\xff" * 8).hex(), ("failed", None)),
    ("wire " + (b"S\1\0\0\0\0\0\0\0l\0\0\0\0\0\0\0\0").hex(), ("failed", None)), ("wire " + (b"s\1\0\0\0\0\0\0\0\xff").hex(), ("failed", None)),
    ("wire " + (b"+\1\0\0\0\0\0\0\0\1").hex(), ("failed", None)), ("wire " + (b"D" + b"\xff" * 7 + b"\x7f" + b"\0\0\0\x80").hex(), ("failed", None)),
    ("wire " + b"h\3NNN".hex(), ("failed", None)), ("wire " + b"?".hex(), ("failed", None)),
    ("convert li 0 " + to_wire([1, 2, 3, "x"]), ("failed", "[3]: expected int, got str")), ("convert i 0 " + to_wire("x"), ("failed", "expected int, got str")),
    ("convert dsli 0 " + to_wire({"a": [1, None]}), ("failed", "['a'][1]: expected int, got NoneType")),
    ("convert dsi 0 " + to_wire({1: 2}), ("failed", "[key 1]: expected str, got int")), ("convert u2is 0 " + to_wire([1.5]), ("failed", "expected int | str, got list")),
    ("convert x2is 0 " + to_wire((1,)), ("failed", "expected tuple[int, str], got items of another number: 1")),
    ("convert y 1 " + to_wire("***"), ("failed", "expected bytes, got text that is not base64")), ("convert Ti 0 " + to_wire([1]), ("failed", "expected tuple[int, ...], got list")),
]


def agrees(want, line):
    if want is None:
        return bool(line)
    head, _, rest = line.partition(" ")
    if head != want[0]:
        return False
    if head == "ok":
        if want[1] is None:
            return True
        return (bytes.fromhex(rest).decode() if isinstance(want[1], str) else plain(from_wire(rest))) == want[1]
    status, _, text = rest.partition(" ")
    if want[1] is None or want[1] == status:
        return True
    return json.loads(text) == want[-1]


def bench(calc):
    rows = [{"id": i, "name": f"user {i}", "score": i * 1.25 + 0.1, "tags": ["a", "b", "café"], "nested": {"x": i, "y": None, "ok": True}} for i in range(2000)]
    for name, v in (("records", rows), ("ints", list(range(100000))), ("floats", [x / 7 for x in range(50000)]), ("strings", ["abc def " * 5] * 20000),
                    ("short strings", [f"s{x}" for x in range(50000)])):
        text = json.dumps(v)
        n = 30
        load = min(timeit.repeat(lambda: json.loads(text), number=1, repeat=n)) * 1e9
        dump = min(timeit.repeat(lambda: json.dumps(v), number=1, repeat=n)) * 1e9
        out = subprocess.run([calc], input=f"time {n} {text.encode().hex()}\n", capture_output=True, text=True).stdout.split()
        print(f"{name:14} load {load / float(out[1]):5.1f} times CPython's speed, dump {dump / float(out[2]):5.1f} times ({len(text)} bytes, {float(out[1]) / 1e3:.0f} us, {float(out[2]) / 1e3:.0f} us)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("calc")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--bench", action="store_true")
    options = parser.parse_args()
    if options.bench:
        return bench(options.calc)
    sys.set_int_max_str_digits(0)
    R.seed(options.seed)
    cases = FIXED + [("load " + (t.encode().hex() or "-"), case) for t in NUMBERS for case in [loads(t)]]
    makers = [case_dump, case_load, case_load, case_wire, case_convert, case_convert, case_hostile]
    cases += [R.choice(makers)() for _ in range(options.count)]
    text = "".join(line + "\n" for line, _ in cases)
    result = subprocess.run([options.calc], input=text.encode(), stdout=subprocess.PIPE)
    lines = result.stdout.decode().split("\n")[:-1]
    failed = len(cases) - len(lines)
    if failed:
        print(f"the program ended early (status {result.returncode}) at: {cases[len(lines)][0][:2000]}")
    for (line, want), got in zip(cases, lines):
        if not agrees_or_wrong_dump(want, got):
            failed += 1
            if failed <= options.show:
                print(f"FAIL {line[:600]}\n  means {explain(line)[:600]}\n  expected {str(want)[:600]}\n  got      {got[:300]} {explain_answer(got)[:300]}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


def loads(text):
    try:
        return ("ok", plain(json.loads(text)))
    except ValueError as error:
        return ("failed", str(error))


def agrees_or_wrong_dump(want, got):
    if want and want[0] == "failed" and len(want) == 3:  # an exception of json.dumps
        return got.startswith("failed") and json.loads(got.split(" ", 2)[2]) == want[2]
    return agrees(want, got)


def explain(line):
    words = line.split()
    try:
        return (repr(bytes.fromhex(words[-1])) if words[0] == "load" else " ".join(words[:-1]) + " " + repr(plain(from_wire(words[-1]))))
    except Exception:
        return "?"


def explain_answer(got):
    try:
        return repr(plain(from_wire(got.split()[1])))
    except Exception:
        return ""


if __name__ == "__main__":
    sys.exit(main())
