#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares text in the runtime with CPython 3.11: methods of str and bytes, formatting, codecs, operators, and every
code point's class and case.

    tests/text/differential.py CALC [--count N] [--seed S] [--only AREA] [--no-sweep] [--show N]

CALC is tests/tools/text_calc, built; it reads one operation a line. The cases come from a fixed seed. Results are
compared to the last unit, exceptions by type and text.
"""
import argparse
import os
import random
import struct
import subprocess
import sys

R = random.Random()
MEMORY = 1 << 24  # results above are not asked for

# ---- values as text_calc reads them ----


def encode(v):
    """A value in prefix notation."""
    if v is None or isinstance(v, bool):
        return "N" if v is None else "T" if v else "F"
    if isinstance(v, int):
        return "i%d" % v
    if isinstance(v, float):
        return "f" + struct.pack(">d", v).hex()
    if isinstance(v, str):
        return "s" + v.encode("utf-8", "surrogatepass").hex()
    if isinstance(v, bytes):
        return "b" + v.hex()
    if isinstance(v, (list, tuple, set)):
        kind = {list: "l", tuple: "t", set: "e"}[type(v)]
        return " ".join([kind + str(len(v)), *map(encode, v)])
    if isinstance(v, dict):
        return " ".join(["d" + str(len(v)), *(encode(x) for pair in v.items() for x in pair)])
    if isinstance(v, slice):
        return " ".join(["z", encode(v.start), encode(v.stop), encode(v.step)])
    if isinstance(v, range):
        return " ".join(["r", encode(v.start), encode(v.stop), encode(v.step)])
    raise TypeError(type(v))


def outcome(action):
    """The line that text_calc must print for it."""
    try:
        v = action()
        return "V " + encode(v)
    except MemoryError:
        return None
    except Exception as error:  # noqa: BLE001
        return "E %s %s" % (type(error).__name__, str(error).encode("utf-8", "surrogatepass").hex())


# ---- random texts ----

ALPHABETS = [
    "ab", "abc ABC", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", " \t\n\r\v\f\x1c\x1d\x85\xa0x",
    "\xe9\xdf\xff\xb5\xaa\xb2\xbd", "\u0130\u0131\u01c5\u01c4\u01c6\u0149\u1e9e\ufb01\u0345\u1fb3\u03a3\u03c3\u03c2a.'\xad",
    "\u20ac\u0660\u0669\u2028\u2029\u3000\u4e2d\u0e01\u0301\u05d0", "\U0001f600\U00010400\U00010428\U0001d7ce\U000e0100a",
    "\ud800\udfff\udc80\udcff\ue000", "+-0123456789._,", "\x00\x1f\x7f\x80'\"\\", "{}[]!:%()"]


def text(most=12, alphabets=None):
    """A random str."""
    n = R.choice([0, 1, 1, 2, 3, R.randrange(most + 1)])
    mix = R.sample(alphabets or ALPHABETS, R.choice([1, 1, 2]))
    return "".join(R.choice(R.choice(mix)) for _ in range(n))


def plain(most=12):
    """A random str of few letters, so that parts occur in it."""
    letters = R.choice(["ab", "a b", "ab\u20ac", "ab\U0001f600", "aB ", "\xe9a"])
    return "".join(R.choice(letters) for _ in range(R.randrange(most + 1)))


def data(most=12):
    """A random bytes."""
    n = R.choice([0, 1, 2, R.randrange(most + 1)])
    letters = R.choice([b"ab", b"aB1 \t\n\r", bytes(range(256)), b"\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80\xc3\xa9", b"0aF "])
    return bytes(R.choice(letters) for _ in range(n))


def integer():
    """A random int of any size."""
    return R.choice([0, 1, -1, 2, 5, 7, 10, -3, 97, 255, 256, 1000, 12345, 123456789, -987654321, 2 ** 31, -2 ** 63,
                     2 ** 63, 10 ** 18, -10 ** 25, 2 ** 100, 10 ** 40 + 7, R.randrange(-50, 50), R.getrandbits(64)])


def real():
    """A random float."""
    pick = R.randrange(4)
    if pick == 0:
        return R.choice([0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 0.1, 1e16, 1e-5, 123456.789, 1e22, 1e300, 5e-324, 99.95,
                         999999.5, 0.0001, 9.995, float("inf"), float("-inf"), float("nan"), 1e15, 123456789012345680.0])
    if pick == 1:
        return struct.unpack("d", struct.pack("Q", R.getrandbits(64)))[0]
    return round(R.uniform(-1000, 1000), R.randrange(6)) * 10 ** R.choice([0, 0, 0, 5, -5])


def thing():
    """Any value."""
    return R.choice([text, plain, data, integer, real, lambda: None, lambda: True, lambda: False, lambda: [1, "a"],
                     lambda: (1, 2), lambda: {"a": 1}, lambda: {1}, lambda: range(3), lambda: ()])()


def small():
    """An argument that counts."""
    return R.choice([0, 1, 2, 3, -1, 5, 10, 20, R.randrange(-15, 30), True])


def bound():
    """A start or end."""
    return R.choice([None, 0, 1, -1, R.randrange(-15, 15), R.randrange(-15, 15), 10 ** 20, -10 ** 20, 2 ** 63 - 1])


# ---- cases: each makes (line, expectation) ----


def method_case(self, name, args, keywords):
    """A call of a method."""
    values = tuple(args) + tuple(keywords.values())
    line = "m %s %s %s %s" % (name, encode(self), encode(tuple(keywords)), encode(values))
    if name in ("maketrans", "fromhex"):
        return line, outcome(lambda: getattr(self, name)(*args, **keywords))
    return line, outcome(lambda: getattr(type(self), name)(self, *args, **keywords))


PARTS = {"find", "rfind", "index", "rindex", "count", "startswith", "endswith"}
CALLS_WITH_WIDTH = {"center", "ljust", "rjust"}
STR_METHODS = sorted(n for n in dir(str) if not n.startswith("_"))
BYTES_METHODS = sorted(n for n in dir(bytes) if not n.startswith("_"))


def arguments_for(name, self):
    """Arguments that fit, mostly."""
    part = plain if isinstance(self, str) else data
    inner = self[R.randrange(len(self) + 1):][:R.randrange(4)] if R.random() < 0.5 else part(3)
    if name in PARTS:
        if name in ("startswith", "endswith") and R.random() < 0.3:
            inner = tuple(part(2) for _ in range(R.randrange(3)))
        elif isinstance(self, bytes) and R.random() < 0.2:
            inner = R.randrange(-1, 258)
        return [inner, *(bound() for _ in range(R.randrange(3)))], {}
    if name in CALLS_WITH_WIDTH:
        fill = [] if R.random() < 0.4 else [text(2) if isinstance(self, str) else data(2)]
        return [small(), *fill], {}
    if name == "zfill":
        return [small()], {}
    if name == "expandtabs":
        return R.choice([([], {}), ([small()], {}), ([], {"tabsize": small()})])
    if name in ("split", "rsplit"):
        sep = R.choice([None, inner])
        return R.choice([([], {}), ([sep], {}), ([sep, small()], {}), ([], {"maxsplit": small()}), ([sep], {"maxsplit": small()})])
    if name == "splitlines":
        return R.choice([([], {}), ([True], {}), ([], {"keepends": True}), ([0], {})])
    if name in ("partition", "rpartition", "removeprefix", "removesuffix"):
        return [inner], {}
    if name in ("strip", "lstrip", "rstrip"):
        return R.choice([([], {}), ([None], {}), ([inner], {}), ([part(4)], {})])
    if name == "replace":
        return [inner, part(4), *([small()] if R.random() < 0.5 else [])], {}
    if name == "join":
        items = [part(4) for _ in range(R.randrange(5))]
        return [R.choice([list, tuple])(items) if R.random() < 0.9 else R.choice(["abc", {"x": 1, "y": 2}, [1], ["a", b"b"], b"ab"])], {}
    if name == "translate" and isinstance(self, str):
        table = {R.choice([ord(c) for c in self] or [97]): R.choice([None, 98, "xyz", "", text(2), 8364]) for _ in range(3)}
        return [R.choice([table, table, plain(120), ["q"] * 110, ()])], {}
    if name == "translate":
        return R.choice([([bytes(R.getrandbits(8) for _ in range(256))], {}), ([None, inner], {}), ([None], {"delete": inner})])
    if name == "maketrans" and isinstance(self, str):
        a = plain(4)
        return R.choice([([a, a[::-1]], {}), ([a, a[::-1], text(3)], {}), ([{"a": 1, 98: "x"}], {}), ([text(2), text(2)], {}),
                         ([{text(1): None}], {})])
    if name == "maketrans":
        a = data(4)
        return [a, a[::-1]], {}
    if name == "hex":
        return R.choice([([], {}), ([":"], {}), (["-", small()], {}), ([b"_"], {"bytes_per_sep": small()}), ([text(2)], {})])
    if name == "fromhex":
        return [R.choice([self.hex(), self.hex(" "), text(6, ["0123456789abcdefABCDEF", " \t\n"]), text(4)])], {}
    if name in ("encode", "decode"):
        return codec_arguments()
    if name in ("format", "format_map"):
        return ([{"a": 1, "b": "x", "ab": [1]}] if name == "format_map" else [thing(), thing()]), {}
    return [], {}


def wrong():
    """Any value, but no int that would ask for much memory."""
    v = thing()
    return v % 1000 if isinstance(v, int) and 1000 < v < 2 ** 62 else v


def spoil(args, keywords):
    """Makes some arguments wrong: another type, one too many, one too few, an unknown keyword."""
    pick = R.randrange(4)
    if pick == 0 and args:
        args[R.randrange(len(args))] = wrong()
    elif pick == 1:
        args.append(wrong())
    elif pick == 2 and args:
        args.pop()
    else:
        keywords = dict(keywords, **{R.choice(["x", "sep", "keepends", "encoding", "old"]): wrong()})
    return args, keywords


def methods():
    """A method of str or bytes."""
    self = R.choice([text, plain, data])(14)
    name = R.choice(STR_METHODS if isinstance(self, str) else BYTES_METHODS)
    args, keywords = arguments_for(name, self)
    if R.random() < 0.12:
        args, keywords = spoil(list(args), keywords)
    return method_case(self, name, args, keywords)


ENCODINGS = ["utf-8", "utf8", "UTF-8", "ascii", "latin-1", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf_32_le",
             "UTF-32BE", "U8", "latin1", "us-ascii", "L1", "utf 8", "nonsense", "utf-16le"]
HANDLERS = ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass", "xmlcharrefreplace", "unheard"]


def codec_arguments():
    """encoding, errors"""
    pick = R.random()
    if pick < 0.1:
        return [], {}
    if pick < 0.2:
        return [R.choice(ENCODINGS)], {}
    if pick < 0.3:
        return [], {"errors": R.choice(HANDLERS)}
    return [R.choice(ENCODINGS), R.choice(HANDLERS)], {}


def codecs():
    """encode and decode."""
    args, keywords = codec_arguments()
    if R.random() < 0.5:
        return method_case(text(10), "encode", args, keywords)
    raw = data(10)
    if R.random() < 0.5:
        raw = bytearray(text(8).encode(R.choice(["utf-8", "utf-16", "utf-16-be", "utf-32", "utf-32-be", "utf-16-le"]), "surrogatepass"))
        if raw and R.random() < 0.6:
            raw[R.randrange(len(raw))] = R.getrandbits(8)
        raw = bytes(raw[:R.randrange(len(raw) + 1)] if R.random() < 0.3 else raw)
    return method_case(raw, "decode", args, keywords)


def spec():
    """A format specification, right or wrong."""
    s = ""
    if R.random() < 0.4:
        s += R.choice(["", "", "*", "0", " ", "\u20ac", "\U0001f600", "<", "{"]) + R.choice("<>=^")
    s += R.choice(["", "", "", "+", "-", " "])
    s += R.choice(["", "", "", "", "z"])
    s += R.choice(["", "", "#"])
    s += R.choice(["", "", "0"])
    s += R.choice(["", "", "5", "12", "30", "1", "\u0663", "0"])
    s += R.choice(["", "", "", ",", "_", ",_", "_,"])
    s += R.choice(["", "", ".0", ".1", ".3", ".10", ".20", "."])
    s += R.choice(["", "d", "f", "g", "e", "s", "x", "X", "o", "b", "n", "c", "%", "F", "E", "G", "r", "q", "\u20ac", "dd"])
    return s


def formats():
    """f-strings and format()."""
    v = R.choice([integer, integer, real, real, real, text, lambda: R.random() < 0.5, thing, lambda: R.randrange(0, 200)])()
    s = spec()
    conversion = R.choice("-----rsa")
    action = {"-": lambda: format(v, s), "r": lambda: format(repr(v), s), "s": lambda: format(str(v), s), "a": lambda: format(ascii(v), s)}
    return "w %s %s %s" % (encode(v), encode(s), conversion), outcome(action[conversion])


def template():
    """A template for str.format."""
    out = ""
    for _ in range(R.randrange(4)):
        pick = R.randrange(12)
        if pick < 2:
            out += text(4)
        elif pick == 2:
            out += R.choice(["{{", "}}", "{", "}", "{}}", "{{}"])
        else:
            name = R.choice(["", "", "0", "1", "2", "a", "b", "zz", "0[1]", "a[b]", "0[a]", "b[-1]", "0.zz", "a.q[1]", "0[", "0]", "[1]",
                             "0[]", "a.", "99999999999999999999", "\u0661", "1[0][1]", "0[1]x", "a{b"])
            out += "{" + name + R.choice(["", "", "", "!r", "!s", "!a", "!", "!x", "!rr", "!\u20ac"])
            out += R.choice(["", "", ":" + spec(), ":{}", ":{1}", ":>{a}", ":{0:{1}}", ":{:{}}"]) + R.choice(["}", "}", "}", "}", "}", ""])
    return out


def templates():
    """str.format and format_map."""
    t = template()
    args = [R.choice([3, "x", [1, 2, 3], {"a": 5, "b": [1], 1: "one"}, 2.5, "text", None, (1, [4, 5])]) for _ in range(R.randrange(4))]
    keywords = {k: R.choice([1, "v", {"b": "B"}, 7, [8, 9]]) for k in ("a", "b") if R.random() < 0.6}
    if R.random() < 0.2:
        return method_case(t, "format_map", [R.choice([keywords, keywords, [1], 5, {"0": 1, "": 2}])], {})
    return method_case(t, "format", args, keywords)


def directive():
    """A conversion of the % operator."""
    s = "%"
    if R.random() < 0.15:
        s += "(" + R.choice(["a", "b", "zz", "", "(a)", "a"]) + R.choice([")", ")", ")", ""])
    s += "".join(R.choice("-+ #0") for _ in range(R.choice([0, 0, 1, 2])))
    s += R.choice(["", "", "", "5", "12", "*", "2", "99999999999999999999"] if R.random() < 0.3 else ["", "", "5", "10"])
    s += R.choice(["", "", "", ".2", ".0", ".", ".*", ".10", ".99999999999"] if R.random() < 0.3 else ["", "", ".2", ".5"])
    s += R.choice(["", "", "", "l", "h", "L", "ll"])
    return s + R.choice("ddiuoxXeEfFgGcrsasdfs%bqz\u20ac" if R.random() < 0.9 else "dsxf") * R.choice([1, 1, 1, 1, 1, 0])


def percents():
    """str % args and bytes % args."""
    t = "".join(R.choice([text(3, ALPHABETS[:5]), directive(), directive()]) for _ in range(R.randrange(1, 4)))
    kinds = [small, small, small, real, text] if "*" in t else [integer, integer, real, text, thing, small, lambda: R.randrange(300)]
    args = tuple(R.choice(kinds)() for _ in range(t.count("%") + t.count("*") + R.choice([0, 0, 0, 0, 1, -1]) if "%" in t else 0))
    if t.count("(") or R.random() < 0.05:
        args = {"a": integer(), "b": text(3), "(a)": 1, b"a": 3, b"b": b"x"}
    elif len(args) == 1 and R.random() < 0.5:
        args = args[0]
    if R.random() < 0.3:
        t = t.encode("ascii", "replace")  # CPython itself fails to name a code above 127
        if isinstance(args, tuple):
            args = tuple(data(4) if isinstance(a, str) and R.random() < 0.8 else a for a in args)
    return "%% %s %s" % (encode(t), encode(args)), outcome(lambda: t % args)


def operators():
    """Subscripts, in, +, *, comparison, hash, repr ..."""
    v = R.choice([text, text, plain, data])(15)
    pick = R.randrange(10)
    if pick == 0:
        key = R.choice([R.randrange(-18, 18), R.randrange(-18, 18), integer(), thing()])
        return "g %s %s" % (encode(v), encode(key)), outcome(lambda: v[key])
    if pick in (1, 2):
        key = slice(bound(), bound(), R.choice([None, None, 1, 2, -1, -2, 3, -5, 0, 10 ** 20, -10 ** 20]))
        return "g %s %s" % (encode(v), encode(key)), outcome(lambda: v[key])
    if pick == 3:
        item = R.choice([v[1:3], plain(2), data(2), thing(), R.randrange(256)])
        return "c %s %s" % (encode(v), encode(item)), outcome(lambda: item in v)
    if pick == 4:
        other = R.choice([text, plain, data, thing])()
        return "+ %s %s" % (encode(v), encode(other)), outcome(lambda: v + other)
    if pick == 5:
        n = R.choice([small(), small(), thing(), 10 ** 20])
        if isinstance(n, int) and 1000 < n < 2 ** 63:
            n = 3
        return R.choice([("* %s %s" % (encode(v), encode(n)), outcome(lambda: v * n)), ("* %s %s" % (encode(n), encode(v)), outcome(lambda: n * v))])
    if pick == 6:
        other = R.choice([v, v + v[:1], v[:-1], text(15) if isinstance(v, str) else data(15), thing()])
        op = R.randrange(6)
        return "o %d %s %s" % (op, encode(v), encode(other)), outcome(lambda: [v == other, v != other, lambda: v < other, lambda: v <= other, lambda: v > other, lambda: v >= other][op] if op < 2 else [None, None, lambda: v < other, lambda: v <= other, lambda: v > other, lambda: v >= other][op]())
    if pick == 7:
        return "h " + encode(v), outcome(lambda: hash(v))
    if pick == 8:
        parts = tuple(text(5) for _ in range(R.randrange(5)))
        if R.random() < 0.5:
            return "j " + encode(parts), outcome(lambda: "".join(parts))
        a, b = text(5), text(5)
        return "a %s %s" % (encode(a), encode(b)), outcome(lambda: a + b + b)
    name, args = R.choice([("repr", (thing(),)), ("ascii", (thing(),)), ("repr", (v,)), ("ascii", (v,)), ("chr", (R.choice([integer(), R.randrange(0x110000), thing()]),)),
                           ("ord", (R.choice([text(1), data(1), thing()]),)), ("len", (v,)), ("format", (thing(), spec()))])
    return "x %s %s" % (name, encode(args)), outcome(lambda: getattr(__builtins__, name)(*args))


AREAS = {"methods": methods, "formats": formats, "percents": percents, "templates": templates, "operators": operators, "codecs": codecs}

# ---- every code point ----


def swept(first, count):
    """What sweep() in text_calc prints for these code points."""
    def h(s):
        return s.encode("utf-8", "surrogatepass").hex()
    out = []
    for point in range(first, first + count):
        c = chr(point)
        flags = (c.isalnum(), c.isalpha(), c.isascii(), c.isdecimal(), c.isdigit(), c.isidentifier(), c.islower(), c.isnumeric(),
                 c.isprintable(), c.isspace(), c.istitle(), c.isupper())
        out.append("%s %s %s %s %s %s %s %s %s %s %d%d%d;" % (
            "".join("01"[f] for f in flags), h(c.upper()), h(c.lower()), h(c.title()), h(c.casefold()), h(c.swapcase()),
            h(c.capitalize()), h((c + "a").title()), h(("a" + c + "\u03a3").lower()), h(("a\u03a3" + c + "a").lower()),
            ("a" + c).isidentifier(), len(("a" + c + "b").splitlines()), len(("a" + c + "b").split())))
    return "".join(out)


def sweeps():
    """All cases of the sweep."""
    return [("u %d 256" % first, lambda first=first: swept(first, 256)) for first in range(0, 0x110000, 256)]


# ---- running ----


def readable(line):
    """An expectation or answer for people."""
    words = line.split(" ")
    if words[0] == "E" and len(words) == 3:
        try:
            return "%s: %s" % (words[1], bytes.fromhex(words[2]).decode("utf-8", "surrogatepass"))
        except ValueError:
            pass
    return line[:300]


def compare(calc, cases, show, limit=0):
    """Runs cases of one area; returns how many passed and failed. With a limit, MemoryError is right too."""
    lines = "".join(line + "\n" for line, _ in cases)
    run = subprocess.run([calc, str(limit or 1 << 28)], input=lines, capture_output=True, text=True, check=False)
    answers = run.stdout.split("\n")[:-1]
    failed = []
    for i, (line, expected) in enumerate(cases):
        answer = answers[i] if i < len(answers) else "(died) " + run.stderr[-3000:]
        if callable(expected):
            expected = expected()
        if answer != expected and not (limit and answer.startswith("E MemoryError ")):
            failed.append((line, expected, answer))
            if i >= len(answers):
                break
    for line, expected, answer in failed[:show]:
        print("  %s\n    CPython: %s\n    sbx:     %s" % (line[:400], readable(expected), readable(answer)))
    return len(cases) - len(failed), len(failed)


def main():
    """Runs the areas and prints the totals."""
    parser = argparse.ArgumentParser()
    parser.add_argument("calc")
    parser.add_argument("--count", type=int, default=120000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--only", choices=[*AREAS, "sweep"])
    parser.add_argument("--no-sweep", action="store_true")
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        sys.exit("tests/text/differential.py: must run under CPython 3.11, which it compares with")
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    passed = failed = 0
    shares = {"methods": 0.35, "formats": 0.2, "percents": 0.15, "templates": 0.1, "operators": 0.12, "codecs": 0.08}
    for area, make in AREAS.items():
        if options.only not in (None, area):
            continue
        R.seed("%d %s" % (options.seed, area))
        cases = [case for case in (make() for _ in range(int(options.count * shares[area]))) if case[1] is not None]
        good, bad = compare(options.calc, cases, options.show)
        print("%s %s: %d cases, %d unlike" % ("FAIL" if bad else "ok", area, good + bad, bad))
        passed, failed = passed + good, failed + bad
        if options.only is None:
            good = bad = 0
            for number in range(20):
                part = compare(options.calc, cases[number::100], options.show, 1 + number * 40)
                good, bad = good + part[0], bad + part[1]
            print("%s %s with little memory: %d cases, %d unlike" % ("FAIL" if bad else "ok", area, good + bad, bad))
            passed, failed = passed + good, failed + bad
    if options.only in (None, "sweep") and not options.no_sweep:
        good, bad = compare(options.calc, sweeps(), options.show)
        print("%s sweep: 0x110000 code points in %d blocks, %d unlike" % ("FAIL" if bad else "ok", good + bad, bad))
        passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


main()
