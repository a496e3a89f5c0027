#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares arithmetic, text, comparison and hash of numbers in the runtime with CPython 3.11.

    tests/numbers/differential.py CALC [--count N] [--seed S] [--show N]

CALC is tests/tools/text_calc, built; it reads one operation a line. The operands are edges (powers of two and ten and
their neighbours, infinities, denormals ...) and random ones of all lengths; the seed is fixed. Results are compared to
the last bit, exceptions by type and text.
"""
import argparse
import operator
import os
import random
import re
import struct
import subprocess
import sys

R = random.Random()
LIMIT = 4300

# In the order of the enumerations in sbx_gen_ops.h.
BINARY = [operator.add, operator.sub, operator.mul, operator.matmul, operator.truediv, operator.mod, operator.pow,
          operator.lshift, operator.rshift, operator.or_, operator.xor, operator.and_, operator.floordiv]
UNARY = [operator.invert, operator.not_, operator.pos, operator.neg]
COMPARE = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
TYPES = re.findall(r"TYPE\((\w+),", open("runtime/include/sbx_gen_types.def", encoding="ascii").read().split("*/", 1)[1])


def encode(v):
    """A value in text_calc's prefix notation."""
    if v is None or isinstance(v, bool):
        return "N" if v is None else "T" if v else "F"
    if isinstance(v, int):
        return "i%d" % v
    if isinstance(v, float):
        return "f" + struct.pack(">d", v).hex() if v == v else "nan"
    if isinstance(v, str):
        return "s" + v.encode("utf-8", "surrogatepass").hex()
    if isinstance(v, bytes):
        return "b" + v.hex()
    return " ".join([{list: "l", tuple: "t"}[type(v)] + str(len(v)), *map(encode, v)])


def written(v):
    return encode(v).replace("nan", "f7ff8000000000000")


def outcome(action):
    """The line that text_calc must print."""
    no_complex = "E ValueError " + b"complex numbers are not supported: negative number raised to a fractional power".hex()
    try:
        v = action()
    except Exception as error:  # noqa: BLE001
        if str(error) == "complex exponentiation":
            return no_complex
        return "E %s %s" % (type(error).__name__, str(error).encode("utf-8", "surrogatepass").hex())
    if isinstance(v, complex):
        return no_complex
    sys.set_int_max_str_digits(0)
    try:
        return "V " + encode(v)
    finally:
        sys.set_int_max_str_digits(LIMIT)


# ---- operands ----

EDGES = [0, 1, -1, 2, 10, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1, 2**64, 2**64 + 1,
         10**19 - 1, 10**19, 10**38, 2**127, 2**128 - 1, 2**128, 2**192, 10**57, 2**1023, 2**1024 - 2**970, 2**1024 - 2**969,
         2**1024, 10**309, 2**61 - 1, 2**61, 2**122 - 1, 3**200, 2**4095, 10**1000]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 0.1, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 123456.789, 5e-324, 1e-323,
          2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"),
          9007199254740992.0, 9007199254740994.0, 2.0**63, -(2.0**63), 2.0**64, 1e22, 1e23, 2.675, 1e100, 4.35, 0.3, 1 / 3]


def patterned(bits):
    """A number of that many bits, at times of long runs of ones and zeros: they find the corners of division."""
    if R.random() < 0.6:
        return R.getrandbits(bits) | 1 << (bits - 1)
    n = 0
    while n.bit_length() < bits:
        run = R.randrange(1, 130)
        n = n << run | ((1 << run) - 1 if R.random() < 0.5 else 0) or 1
    return n


def integer(most=4000):
    kind = R.random()
    if kind < 0.2:
        n = R.choice(EDGES)
        if n.bit_length() > most:
            n = R.randrange(20)
    elif kind < 0.35:
        n = R.randrange(100)
    elif kind < 0.5:
        n = (1 << R.randrange(1, most)) + R.randrange(-2, 3)
    elif kind < 0.75:
        n = patterned(R.randrange(1, min(most, 260)))
    else:
        n = patterned(int(2 ** R.uniform(0, most.bit_length() - 1)) or 1)
    return -n if R.random() < 0.4 else n


def real():
    kind = R.random()
    if kind < 0.3:
        f = R.choice(FLOATS)
    elif kind < 0.6:
        f = struct.unpack(">d", R.getrandbits(64).to_bytes(8, "big"))[0]
    elif kind < 0.8:
        f = round(R.uniform(-1000, 1000), R.randrange(6))
    elif kind < 0.9:
        f = float(R.randrange(-2**60, 2**60))
    else:
        f = R.random() * 10.0 ** R.randrange(-320, 300)
    return f


def other():
    return R.choice(["abc", "", b"xy", None, [1, 2], (1,), "5", []])


def number():
    kind = R.random()
    return integer() if kind < 0.6 else real() if kind < 0.92 else R.random() < 0.5 if kind < 0.97 else other()


def decimal_text():
    """Text for int() and float(), right, nearly right and wrong."""
    kind = R.random()
    if kind < 0.35:
        f = real()
        text = R.choice(["%r", "%.3f", "%.20e", "%.17g", "%.40g", "%.0f"]) % (f,)
    elif kind < 0.6:
        digits = "".join(R.choice("0123456789") for _ in range(R.choice([1, 3, 15, 17, 18, 19, 20, 21, 25, 40, 800])))
        point = R.randrange(len(digits) + 1)
        text = digits[:point] + R.choice([".", ""]) + digits[point:]
        text += R.choice(["", "", "e%d" % R.randrange(-400, 400), "E+%d" % R.randrange(40), "e-%d" % R.randrange(340)])
    elif kind < 0.7:
        text = halfway()
    elif kind < 0.85:
        text = str(integer(600))
    else:
        text = R.choice(["", " ", "+", "-", ".", "1.", ".5", "1e", "1e+", "inf", "-Infinity", "nan", "+nan", "infin", "0x10", "1_0",
                         "1__0", "_1", "1_", "1_.5", "1._5", "1e1_0", "1e_1", "\u0661\u0662", "\u20071", "1\xa0", "\x1c1", "1\x00",
                         "1 2", "--1", "1e400", "-1e400", "1e-400", "0e999999999999999999999", "1e-99999999999999999999",
                         "1e99999999999999999999", "\uff11.5", "5" * 4300, "5" * 4301, "0" * 5000, "1" * 5000 + "x", "\ud800"])
    if R.random() < 0.2:
        text = R.choice([" ", "\t\n", "+", "-"]) + text + R.choice(["", " ", "\n"])
    if R.random() < 0.05 and text:
        at = R.randrange(len(text))
        text = text[:at] + R.choice("_ x.e0\xe9") + text[at:]
    return text


def halfway():
    """Exactly between two doubles, or a trace beside it."""
    f = abs(real())
    while f != f or f == float("inf") or f == 0.0:
        f = abs(real())
    m, e = struct.unpack(">Q", struct.pack(">d", f))[0], 0
    exponent, m = m >> 52, m & (2**52 - 1)
    m, e = (m | 2**52, exponent - 1075) if exponent else (m, -1074)
    n, e = 2 * m + 1, e - 1
    if e >= 0:
        digits, scale = str(n << e), 0
    else:
        digits, scale = str(n * 5**-e), e
    if R.random() < 0.5:
        digits = str(int(digits) * 10 ** 30 + R.choice([-1, 1]))
        scale -= 30
    zeros = R.choice([0, 0, 7, 900])
    return "%se%d" % (digits + "0" * zeros, scale - zeros)


# ---- operations: a line and what CPython does ----


def binary():
    op = R.randrange(len(BINARY))
    a, b = number(), number()
    if BINARY[op] in (operator.lshift, operator.rshift) and isinstance(b, int):
        b = R.choice([R.randrange(300), b if abs(b) < 5000 or BINARY[op] is operator.rshift else -1, 0, 64, 63, 128])
    if BINARY[op] is operator.pow and isinstance(a, int) and isinstance(b, int):
        a, b = integer(400), R.choice([R.randrange(12), R.randrange(200), -R.randrange(5), 0, 1, 2])
        if R.random() < 0.2:
            a, b = R.choice([2, -2, 10, 3, 6, 1, -1, 0, 2**63, -(2**64)]), R.randrange(700)
    if BINARY[op] is operator.mul and (isinstance(a, int) and isinstance(b, (str, bytes, list, tuple)) or
                                       isinstance(b, int) and isinstance(a, (str, bytes, list, tuple))):
        a, b = (R.randrange(-2, 4), b) if isinstance(a, int) else (a, R.randrange(-2, 4))
    if BINARY[op] is operator.mod and isinstance(a, (str, bytes)):
        a = 1
    if BINARY[op] in (operator.mul, operator.floordiv, operator.mod, operator.add) and R.random() < 0.04:
        a, b = patterned(R.randrange(2000, 40000)), patterned(R.randrange(1000, 20000))
    return "p %d %s %s" % (op, written(a), written(b)), lambda: BINARY[op](a, b)


def reconstructed():
    """A product and a little, divided by a factor: quotients with runs of ones, rests at the borders."""
    q, d = patterned(R.randrange(1, 3000)), patterned(R.randrange(1, 3000))
    a = q * d + R.choice([0, 1, -1, d - 1, d // 2])
    a, d = R.choice([1, -1]) * a, R.choice([1, -1]) * d
    return "x divmod t2 %s %s" % (written(a), written(d)), lambda: divmod(a, d)


def quotient():
    """True division near halves and near the ends of the doubles' range."""
    a, b = patterned(R.randrange(1, 1200)), patterned(R.randrange(1, 1200))
    if R.random() < 0.5:
        b = 1 << R.randrange(1200)
        a = (patterned(R.randrange(50, 60)) << R.randrange(100)) + R.choice([0, 0, 1, -1])
    return "p 4 %s %s" % (written(a), written(b)), lambda: a / b


def unary():
    op, a = R.randrange(len(UNARY)), number()
    return "n %d %s" % (op, written(a)), lambda: UNARY[op](a)


def compare():
    op, a, b = R.randrange(len(COMPARE)), number(), number()
    if R.random() < 0.4 and isinstance(a, int):
        b = a + R.choice([0, 0, 1, -1])
        if R.random() < 0.6 and abs(b) < 2**1024 - 2**970:
            b = float(b)
    if R.random() < 0.5:
        a, b = b, a
    return "o %d %s %s" % (op, written(a), written(b)), lambda: COMPARE[op](a, b)


def hashed():
    a = number()
    while isinstance(a, list) or a is None or a != a:
        a = number()
    return "h %s" % written(a), lambda: hash(a)


def builtin():
    name = R.choice(["abs", "divmod", "pow", "pow", "round", "round", "hex", "oct", "bin", "sum", "repr"])
    function = getattr(__import__("builtins"), name)
    if name == "divmod":
        args = number(), number()
    elif name == "pow":
        args = integer(300), integer(100), R.choice([integer(300), integer(64), 0, 1, -1, 7])
        if R.random() < 0.15:
            args = number(), R.choice([2, -1, 0.5]), R.choice([3, 1.5, None])
    elif name == "round":
        a = number()
        if isinstance(a, int):
            args = R.choice([(a,), (a, R.randrange(-40, 3)), (a, None), (a, -R.randrange(1, 2000))])
        else:
            args = R.choice([(a,), (a, R.randrange(-6, 8)), (a, R.randrange(-330, 340)), (a, None), (a, "1"), (a, 2**70)])
    elif name == "sum":
        args = R.choice([([number() for _ in range(R.randrange(5))],), ([1, 2], number()), (number(),)])
    else:
        args = (number(),)
    if name == "repr" and isinstance(args[0], list):
        args = (1,)
    return "x %s %s" % (name, written(args)), lambda: function(*args)


def converted():
    kind = R.choice(["int", "int", "float", "float", "bool", "str"])
    function = getattr(__import__("builtins"), kind)
    text = decimal_text()
    args = R.choice([(text,), (text,), (number(),), ()])
    if kind == "int" and R.random() < 0.4:
        base = R.choice([0, 2, 8, 10, 16, 36, 7, R.randrange(-1, 40), 2**70, "2", 1.0])
        if isinstance(base, int) and 2 <= base <= 36:
            alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
            text = "".join(R.choice(alphabet) for _ in range(R.choice([1, 5, 12, 13, 20, 64, 300])))
            text = R.choice(["", "-", "0x", "0b", "0o", "0X_", "+0b_", " "]) + (text.upper() if R.random() < 0.5 else text)
            if R.random() < 0.2:
                text = text[:3] + "_" + text[3:]
        elif base == 0:
            text = R.choice(["0x1F", "0b101", "0o17", "010", "00", "0_0", "0_7", "0x_f", "0x", "5", "-0xff", "0b2", "0", "1_000"])
        args = (text if R.random() < 0.95 else number(), base)
    if R.random() < 0.1 and args and isinstance(args[0], str) and args[0].isascii():
        args = (args[0].encode(),) + args[1:]
    if kind == "str":
        args = (number() if R.random() < 0.9 else integer(15000),)
    if kind == "str" and isinstance(args[0], bytes):
        args = ("",)
    return "q %d %s t0" % (TYPES.index(kind), written(args)), lambda: function(*args)


def formatted():
    f = real()
    spec = R.choice(["", "+", "#", "010", " "]) + R.choice(["", ".%d" % R.choice([0, 1, 2, 3, 6, 15, 16, 17, 18, 30, 60, 400])])
    spec += R.choice("eEfFgG%")
    return "w %s %s -" % (written(f), written(spec)), lambda: format(f, spec)


def method():
    if R.random() < 0.5:
        a = integer(800)
        name = R.choice(["bit_length", "bit_count", "conjugate", "as_integer_ratio", "to_bytes", "from_bytes"])
        args, names = (), ()
        if name == "to_bytes":
            args = R.choice([(), (R.randrange(-1, 110),), (abs(a).bit_length() // 8 + R.randrange(3),)])
            args += () if not args else R.choice([(), ("big",), ("little",), ("middle",), (3,)])
            if R.random() < 0.6:
                args, names = args + (True,), ("signed",)
        elif name == "from_bytes":
            data = R.choice([R.randbytes(R.randrange(20)), b"\xff" * R.randrange(18), b"\x80" + bytes(R.randrange(17)),
                             [1, 2, 255], (1, 256), "ab", 5])
            args = (data,) + R.choice([(), ("big",), ("little",)])
            if R.random() < 0.6:
                args, names = args + (True,), ("signed",)
    else:
        a, name, names = real(), R.choice(["hex", "is_integer", "as_integer_ratio", "conjugate", "fromhex"]), ()
        args = ()
        if name == "fromhex":
            text = R.choice([abs(real()).hex(), "0x%x.%xp%d" % (R.getrandbits(60), R.getrandbits(80), R.randrange(-1150, 1000)),
                             "0x1.%sp%d" % ("0" * 12 + R.choice(["8", "80001", "18", "08"]), R.randrange(-1090, 1020)),
                             "%x" % R.getrandbits(70), "0x", "0x.p1", "inf", " -nan ", "1p", "1 1", "0x1p5x", "\u0661", ""])
            args = (text,)
    split = len(args) - len(names)
    return ("m %s %s %s %s" % (name, written(a), written(names), written(args)),
            lambda: getattr(a, name)(*args[:split], **dict(zip(names, args[split:]))))


KINDS = [(binary, 30), (reconstructed, 5), (quotient, 5), (unary, 5), (compare, 10), (hashed, 6), (builtin, 12), (converted, 14),
         (formatted, 8), (method, 5)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calc")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, PYTHONHASHSEED="0"))
    assert sys.version_info[:2] == (3, 11), "the oracle is CPython 3.11"
    R.seed(options.seed)
    makers, weights = zip(*KINDS)
    passed = failed = 0
    for start in range(0, options.count, 20_000):
        lines, expected = [], []
        for _ in range(min(20_000, options.count - start)):
            sys.set_int_max_str_digits(0)
            line, action = R.choices(makers, weights)[0]()
            sys.set_int_max_str_digits(LIMIT)
            lines.append(line)
            expected.append(outcome(action))
        result = subprocess.run([options.calc], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True)
        answers = result.stdout.splitlines()
        if result.returncode or len(answers) != len(lines):
            print("%s ended with status %d after %d of %d lines, at: %s"
                  % (options.calc, result.returncode, len(answers), len(lines), lines[min(len(answers), len(lines) - 1)][:300]))
            failed += 1
        for line, want, got in zip(lines, expected, answers):
            if re.sub(r"(?<= )f[7f]ff8000000000000\b", "nan", got) == want:
                passed += 1
                continue
            failed += 1
            if failed <= options.show:
                print("%s\n  CPython %s\n  runtime %s" % (line[:300], readable(want), readable(got)))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


def readable(answer):
    words = answer.split(" ")
    if words[0] == "E" and len(words) == 3:
        return "%s: %s" % (words[1], bytes.fromhex(words[2]).decode("utf-8", "surrogatepass")[:200])
    return answer[:300]


if __name__ == "__main__":
    sys.exit(main())
