"""Each code and mark of the format mini-language, of % and of f-strings. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_format")



@env.sandbox.orchestrator
def same(v):
    return v


@env.sandbox.orchestrator
def codes():
    n, x = 1234567, -1234.5678
    return [f"{n:b}", f"{65:c}", f"{n:d}", f"{x:e}", f"{x:E}", f"{x:f}", f"{float('inf'):F}", f"{x:g}", f"{1e-10:G}", f"{n:n}", f"{n:o}", f"{'text':s}", f"{255:x}", f"{255:X}", f"{0.256:%}"]
    # expect: ["100101101011010000111", "A", "1234567", "-1.234568e+03", "-1.234568E+03", "-1234.567800", "INF", "-1234.57", "1E-10", "1234567", "4553207", "text", "ff", "FF", "25.600000%"]


@env.sandbox.orchestrator
def marks():
    n, x = 1234567, -1234.5678
    return [f"{n:<12}|", f"{n:>12}", f"{n:^12}|", f"{x:=12.1f}", f"{n:+d}", f"{n:-d}", f"{n: d}", f"{-0.0001:z.1f}", f"{n:#x}", f"{n:012}", f"{n:,}", f"{n:_}", f"{n:_b}", f"{x:.2f}", f"{'abc':.2}", f"{n:*^15,}", f"{x:\u20ac>12}",
            f"{1.0:#.0f}", f"{n:#b}", f"{True:d}", f"{True}", f"{True:5}", f"{x:010.1f}", f"{2.5:.0f}", f"{3.5:.0f}", f"{1e22:.3g}", f"{123456789.0:,.2f}", f"{1e16}", f"{0.1:.20f}"]
    # expect: ["1234567     |", "     1234567", "  1234567   |", "-     1234.6", "+1234567", "1234567", " 1234567", "0.0", "0x12d687", "000001234567", "1,234,567", "1_234_567", "1_0010_1101_0110_1000_0111", "-1234.57", "ab", "***1,234,567***", "\u20ac\u20ac-1234.5678", "1.", "0b100101101011010000111", "1", "True", "    1", "-0001234.6", "2", "4", "1e+22", "123,456,789.00", "1e+16", "0.10000000000000000555"]


@env.sandbox.orchestrator
def conversions():
    v, w, p = "it's \u20ac", 10, 3
    return [f"{v!r}", f"{v!s}", f"{v!a}", f"{v!r:>{w}}", f"{3.14159:{w}.{p}f}", f"{v = }", f"{w + 1=}", f"{w=!r:>5}", f"{{}}{w}", f"{'nested ' + f'{w}'}", ascii(v), format(w, "05"), format(v), format(2.5, ".3e")]
    # expect: ["\"it's \u20ac\"", "it's \u20ac", "\"it's \\u20ac\"", "  \"it's \u20ac\"", "     3.142", "v = \"it's \u20ac\"", "w + 1=11", "w=   10", "{}10", "nested 10", "\"it's \\u20ac\"", "00010", "it's \u20ac", "2.500e+00"]


@env.sandbox.orchestrator
def percents():
    n, x, s = -42, 3.14159, "str"
    return ["%d %i %u" % (n, n, n), "%o %x %X" % (42, 42, 42), "%e %E %f %F %g %G" % (x, x, x, x, x, x), "%c%c" % (65, "B"), "%r %s %a" % (s, s, "\u20ac"), "100%%" % (), "%5d|%-5d|%05d|%+d|% d" % (n, n, n, 5, 5), "%#x %#o" % (255, 8),
            "%*d|%.*f" % (6, n, 2, x), "%(a)s-%(b)d" % {"a": 1, "b": 2}, "%.3s" % "abcdef", "%s" % [1], (b"%b %s" % (b"x", b"y")).hex(), "%d" % 2.9, "%s %s" % ("a", (1, 2))]
    # expect: ["-42 -42 -42", "52 2a 2A", "3.141590e+00 3.141590E+00 3.141590 3.141590 3.14159 3.14159", "AB", "'str' str '\\u20ac'", "100%", "  -42|-42  |-0042|+5| 5", "0xff 0o10", "   -42|3.14", "1-2", "abc", "[1]", "782079", "2", "a (1, 2)"]


@env.sandbox.orchestrator
def wrong_format_0():
    x = same(["d", "s", 1.5])
    return format(x[2], x[0])
    # raises: ValueError: Unknown format code 'd' for object of type 'float'


@env.sandbox.orchestrator
def wrong_format_1():
    x = same(["d", "s", 5])
    return format(x[2], x[1])
    # raises: ValueError: Unknown format code 's' for object of type 'int'


@env.sandbox.orchestrator
def wrong_format_2():
    x = same(["x", 1])
    return format("a", x[0])
    # raises: ValueError: Unknown format code 'x' for object of type 'str'


@env.sandbox.orchestrator
def wrong_format_3():
    x = same([">", "q", 5])
    return f"{x[2]:{x[1]}}"
    # raises: ValueError: Unknown format code 'q' for object of type 'int'


@env.sandbox.orchestrator
def wrong_format_4():
    x = same([",s", 5])
    return format(x[1], x[0])
    # raises: ValueError: Cannot specify ',' with 's'.


@env.sandbox.orchestrator
def wrong_format_5():
    x = same([[1], "5"])
    return format(x[0], x[1])
    # raises: TypeError: unsupported format string passed to list.__format__


@env.sandbox.orchestrator
def wrong_format_6():
    x = same(["%d", "a"])
    return x[0] % x[1]
    # raises: TypeError: %d format: a real number is required, not str


@env.sandbox.orchestrator
def wrong_format_7():
    x = same(["%s %s", 1])
    return x[0] % x[1]
    # raises: TypeError: not enough arguments for format string


@env.sandbox.orchestrator
def wrong_format_8():
    x = same(["%s", (1, 2)])
    return x[0] % x[1]
    # raises: TypeError: not all arguments converted during string formatting


@env.sandbox.orchestrator
def wrong_format_9():
    x = same(["%q", 1])
    return x[0] % x[1]
    # raises: ValueError: unsupported format character 'q' (0x71) at index 1


@env.sandbox.orchestrator
def wrong_format_10():
    x = same(["%", 1])
    return x[0] % x[1]
    # raises: ValueError: incomplete format


@env.sandbox.orchestrator
def wrong_format_11():
    x = same(["%c", "ab"])
    return x[0] % x[1]
    # raises: TypeError: %c requires int or char


@env.sandbox.orchestrator
def wrong_format_12():
    x = same(["{} {0}", 1])
    return x[0].format(1)
    # raises: ValueError: cannot switch from automatic field numbering to manual field specification


@env.sandbox.orchestrator
def wrong_format_13():
    x = same(["{1}", 1])
    return x[0].format(1)
    # raises: IndexError: Replacement index 1 out of range for positional args tuple


@env.sandbox.orchestrator
def wrong_format_14():
    x = same(["{a}", 1])
    return x[0].format(1)
    # raises: KeyError: 'a'


@env.sandbox.orchestrator
def wrong_format_15():
    x = same(["{", 1])
    return x[0].format(1)
    # raises: ValueError: Single '{' encountered in format string


@env.sandbox.orchestrator
def wrong_format_16():
    x = same(["}", 1])
    return x[0].format(1)
    # raises: ValueError: Single '}' encountered in format string


@env.sandbox.orchestrator
def wrong_format_17():
    x = same(["{0.nope}", 1])
    return x[0].format(1)
    # raises: AttributeError: 'int' object has no attribute 'nope'


@env.sandbox.orchestrator
def wrong_format_18():
    x = same(["{0[0]}", 1])
    return x[0].format(1)
    # raises: TypeError: 'int' object is not subscriptable


@env.sandbox.orchestrator
def wrong_format_19():
    x = same(["{!z}", 1])
    return x[0].format(1)
    # raises: ValueError: Unknown conversion specifier z


@env.sandbox.orchestrator
def wrong_format_20():
    x = same(["0" * 9 + "1" * 20, 1])
    return format(1, x[0])
    # raises: ValueError: Too many decimal digits in format string


@env.sandbox.orchestrator
def wrong_format_21():
    x = same([-1, 1])
    return f"{x[0]:c}"
    # raises: OverflowError: %c arg not in range(0x110000)
