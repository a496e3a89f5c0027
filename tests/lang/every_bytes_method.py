"""Each method of bytes. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_bytes_method")



@env.sandbox.orchestrator
def same(v):
    return v


@env.sandbox.orchestrator
def bytes_0():
    return [repr(x) for x in [b"aBC".capitalize(),
                           b"ab".center(6, b"*"),
                           b"aaa".count(97),
                           b"\xe2\x82\xac".decode(),
                           b"abc".endswith((b"x", b"c")),
                           b"a\tb".expandtabs(4),
                           b"abc".find(99),
                           bytes.fromhex("ff 0A"),
                           b"\xff\x0a".hex("-", 1),
                           b"abc".index(b"c"),
                           b"a1".isalnum()]]
    # expect: ["b'Abc'", "b'**ab**'", "3", "'\u20ac'", "True", "b'a   b'", "2", "b'\\xff\\n'", "'ff-0a'", "2", "True"]


@env.sandbox.orchestrator
def bytes_1():
    return [repr(x) for x in [b"a1".isalpha(),
                           b"\x80".isascii(),
                           b"12".isdigit(),
                           b"a".islower(),
                           b" \t".isspace(),
                           b"Ab".istitle(),
                           b"AB".isupper(),
                           b"-".join([b"a", b"b"]),
                           b"ab".ljust(4),
                           b"AB\xc9".lower(),
                           b"  a".lstrip()]]
    # expect: ["False", "False", "True", "True", "True", "True", "True", "b'a-b'", "b'ab  '", "b'ab\\xc9'", "b'a'"]


@env.sandbox.orchestrator
def bytes_2():
    return [repr(x) for x in [bytes.maketrans(b"ab", b"xy")[97:99],
                           b"a-b".partition(b"-"),
                           b"abc".removeprefix(b"a"),
                           b"abc".removesuffix(b"c"),
                           b"aaa".replace(b"a", b"b", 2),
                           b"abca".rfind(b"a"),
                           b"abca".rindex(97),
                           b"ab".rjust(4, b"0"),
                           b"a-b-c".rpartition(b"-"),
                           b"a,b,c".rsplit(b",", 1),
                           b"a  ".rstrip()]]
    # expect: ["b'xy'", "(b'a', b'-', b'b')", "b'bc'", "b'ab'", "b'bba'", "3", "3", "b'00ab'", "(b'a-b', b'-', b'c')", "[b'a,b', b'c']", "b'a'"]


@env.sandbox.orchestrator
def bytes_3():
    return [repr(x) for x in [b"a b  c".split(),
                           b"a\nb\r\n".splitlines(True),
                           b"abc".startswith(b"ab"),
                           b"xax".strip(b"x"),
                           b"aB".swapcase(),
                           b"ab cd".title(),
                           b"abc".translate(bytes.maketrans(b"a", b"z"), b"c"),
                           b"ab".upper(),
                           b"-5".zfill(4)]]
    # expect: ["[b'a', b'b', b'c']", "[b'a\\n', b'b\\r\\n']", "True", "b'a'", "b'Ab'", "b'Ab Cd'", "b'zb'", "b'AB'", "b'-005'"]


@env.sandbox.orchestrator
def bytes_decode_error():
    return [b"a\xff".decode()]
    # raises: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 1: invalid start byte


@env.sandbox.orchestrator
def bytes_join_str():
    x = same([b"", "s"])
    return b",".join(x)
    # raises: TypeError: sequence item 1: expected a bytes-like object, str found


@env.sandbox.orchestrator
def bytes_find_text():
    x = same([b"", "s"])
    return b"abc".find(x[1])
    # raises: TypeError: argument should be integer or bytes-like object, not 'str'


@env.sandbox.orchestrator
def bytes_fromhex_error():
    x = same(["zz", 1])
    return bytes.fromhex(x[0])
    # raises: ValueError: non-hexadecimal number found in fromhex() arg at position 0


@env.sandbox.orchestrator
def bytes_item():
    return [b"ab"[0], list(b"ab"), b"ab"[::-1].hex(), 97 in b"ab", b"a" + b"b" == b"ab", bytes(3).hex(), bytes([1, 255]).hex(), (b"%d-%s" % (5, b"x")).hex()]
    # expect: [97, [97, 98], "6261", true, true, "000000", "01ff", "352d78"]


@env.sandbox.orchestrator
def bytes_range():
    x = same([1, 256])
    return bytes(x)
    # raises: ValueError: bytes must be in range(0, 256)
