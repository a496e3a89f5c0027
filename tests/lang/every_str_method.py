"""Each method of str. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_str_method")



@env.sandbox.orchestrator
def same(v):
    return v


@env.sandbox.orchestrator
def str_capitalize():
    return ["hELLO".capitalize(), "\u01c6x".capitalize(), "".capitalize()]
    # expect: ["Hello", "\u01c5x", ""]


@env.sandbox.orchestrator
def str_casefold():
    return ["Stra\u00dfe".casefold(), "\u03a3".casefold()]
    # expect: ["strasse", "\u03c3"]


@env.sandbox.orchestrator
def str_center():
    return ["ab".center(5), "ab".center(6, "\u20ac"), "ab".center(1)]
    # expect: ["  ab ", "\u20ac\u20acab\u20ac\u20ac", "ab"]


@env.sandbox.orchestrator
def str_count():
    return ["aaa".count("aa"), "abc".count(""), "abcabc".count("b", 2), "abc".count("c", 0, -1)]
    # expect: [1, 4, 1, 0]


@env.sandbox.orchestrator
def str_encode():
    return ["\u20acx".encode().hex(), "a\u20ac".encode("ascii", "replace").hex(), "a\u20ac".encode("ascii", errors="xmlcharrefreplace").hex(), "ab".encode("utf-16").hex()]
    # expect: ["e282ac78", "613f", "612623383336343b", "fffe61006200"]


@env.sandbox.orchestrator
def str_endswith():
    return ["abc".endswith("c"), "abc".endswith(("x", "bc")), "abc".endswith("b", 0, 2), "abc".endswith("")]
    # expect: [true, true, true, true]


@env.sandbox.orchestrator
def str_expandtabs():
    return ["a\tb\n\tc".expandtabs(), "a\tb".expandtabs(3), "\t".expandtabs(tabsize=0)]
    # expect: ["a       b\n        c", "a  b", ""]


@env.sandbox.orchestrator
def str_find():
    return ["abcabc".find("c"), "abc".find("x"), "abcabc".find("c", 3), "abc".find("", 3), "abc".find("", 4)]
    # expect: [2, -1, 5, 3, -1]


@env.sandbox.orchestrator
def str_format():
    return ["{:>4}|{x!r}|{0[1]}".format([1, 2], x="q") if False else "{0[1]}|{x!r:>5}".format([1, 2], x="q")]
    # expect: ["2|  'q'"]


@env.sandbox.orchestrator
def str_format_map():
    return ["{a}-{b:03}".format_map({"a": 1, "b": 2})]
    # expect: ["1-002"]


@env.sandbox.orchestrator
def str_index():
    return ["abcabc".index("c", 3), "abc".index("")]
    # expect: [5, 0]


@env.sandbox.orchestrator
def str_isalnum():
    return [x.isalnum() for x in ["", "a1", "a b", "\u00b2", "\u0663"]]
    # expect: [false, true, false, true, true]


@env.sandbox.orchestrator
def str_isalpha():
    return [x.isalpha() for x in ["", "a", "a1", "\u00e9", "\u4e2d"]]
    # expect: [false, true, false, true, true]


@env.sandbox.orchestrator
def str_isascii():
    return [x.isascii() for x in ["", "a", "\u00e9"]]
    # expect: [true, true, false]


@env.sandbox.orchestrator
def str_isdecimal():
    return [x.isdecimal() for x in ["", "1", "\u0663", "\u00b2"]]
    # expect: [false, true, true, false]


@env.sandbox.orchestrator
def str_isdigit():
    return [x.isdigit() for x in ["", "1", "\u0663", "\u00b2", "\u00bd"]]
    # expect: [false, true, true, true, false]


@env.sandbox.orchestrator
def str_isidentifier():
    return [x.isidentifier() for x in ["", "a1", "1a", "_", "\u00e9", "a-b", "class"]]
    # expect: [false, true, false, true, true, false, true]


@env.sandbox.orchestrator
def str_islower():
    return [x.islower() for x in ["", "a", "aB", "1", "a1"]]
    # expect: [false, true, false, false, true]


@env.sandbox.orchestrator
def str_isnumeric():
    return [x.isnumeric() for x in ["", "1", "\u00bd", "\u4e00"]]
    # expect: [false, true, true, true]


@env.sandbox.orchestrator
def str_isprintable():
    return [x.isprintable() for x in ["", "a b", "a\n", "\u00ad"]]
    # expect: [true, true, false, false]


@env.sandbox.orchestrator
def str_isspace():
    return [x.isspace() for x in ["", " ", "\t\x1c", "\u00a0", "a"]]
    # expect: [false, true, true, true, false]


@env.sandbox.orchestrator
def str_istitle():
    return [x.istitle() for x in ["", "A", "Ab Cd", "AB", "\u01c5"]]
    # expect: [false, true, true, false, true]


@env.sandbox.orchestrator
def str_isupper():
    return [x.isupper() for x in ["", "A", "aB", "1", "A1"]]
    # expect: [false, true, false, false, true]


@env.sandbox.orchestrator
def str_join():
    return [",".join(["a", "b"]), "".join("abc"), "-".join({"x": 1}), ", ".join(str(x) for x in range(3))]
    # expect: ["a,b", "abc", "x", "0, 1, 2"]


@env.sandbox.orchestrator
def str_ljust():
    return ["ab".ljust(5), "ab".ljust(4, "*")]
    # expect: ["ab   ", "ab**"]


@env.sandbox.orchestrator
def str_lower():
    return ["ABC\u0130".lower(), "\u03a3A\u03a3".lower()]
    # expect: ["abci\u0307", "\u03c3a\u03c2"]


@env.sandbox.orchestrator
def str_lstrip():
    return ["  a ".lstrip(), "xxay".lstrip("xy")]
    # expect: ["a ", "ay"]


@env.sandbox.orchestrator
def str_maketrans():
    return [str.maketrans("ab", "xy"), str.maketrans("ab", "xy", "z"), str.maketrans({"a": 1, 98: None})]
    # expect: [{"97": 120, "98": 121}, {"97": 120, "98": 121, "122": null}, {"97": 1, "98": null}]


@env.sandbox.orchestrator
def str_partition():
    return ["a-b-c".partition("-"), "abc".partition("x")]
    # expect: [["a", "-", "b-c"], ["abc", "", ""]]


@env.sandbox.orchestrator
def str_removeprefix():
    return ["abc".removeprefix("ab"), "abc".removeprefix("x")]
    # expect: ["c", "abc"]


@env.sandbox.orchestrator
def str_removesuffix():
    return ["abc".removesuffix("bc"), "abc".removesuffix("")]
    # expect: ["a", "abc"]


@env.sandbox.orchestrator
def str_replace():
    return ["aaa".replace("a", "bb"), "aaa".replace("a", "b", 2), "ab".replace("", "-"), "abc".replace("x", "y")]
    # expect: ["bbbbbb", "bba", "-a-b-", "abc"]


@env.sandbox.orchestrator
def str_rfind():
    return ["abcabc".rfind("c"), "abc".rfind("x"), "abcabc".rfind("c", 0, 5)]
    # expect: [5, -1, 2]


@env.sandbox.orchestrator
def str_rindex():
    return ["abcabc".rindex("a")]
    # expect: [3]


@env.sandbox.orchestrator
def str_rjust():
    return ["ab".rjust(5), "ab".rjust(4, "0")]
    # expect: ["   ab", "00ab"]


@env.sandbox.orchestrator
def str_rpartition():
    return ["a-b-c".rpartition("-"), "abc".rpartition("x")]
    # expect: [["a-b", "-", "c"], ["", "", "abc"]]


@env.sandbox.orchestrator
def str_rsplit():
    return ["a b  c".rsplit(), "a,b,c".rsplit(",", 1), " a b ".rsplit(None, 1)]
    # expect: [["a", "b", "c"], ["a,b", "c"], [" a", "b"]]


@env.sandbox.orchestrator
def str_rstrip():
    return [" a  ".rstrip(), "yaxx".rstrip("xy")]
    # expect: [" a", "ya"]


@env.sandbox.orchestrator
def str_split():
    return ["a b  c".split(), "a,b,,c".split(","), "a,b,c".split(",", 1), " a  b ".split(maxsplit=1), "abc".split("bc")]
    # expect: [["a", "b", "c"], ["a", "b", "", "c"], ["a", "b,c"], ["a", "b "], ["a", ""]]


@env.sandbox.orchestrator
def str_splitlines():
    return ["a\nb\r\nc\x1cd".splitlines(), "a\n\nb\n".splitlines(True), "".splitlines()]
    # expect: [["a", "b", "c", "d"], ["a\n", "\n", "b\n"], []]


@env.sandbox.orchestrator
def str_startswith():
    return ["abc".startswith("a"), "abc".startswith(("x", "ab")), "abc".startswith("b", 1), "abc".startswith("", 4)]
    # expect: [true, true, true, false]


@env.sandbox.orchestrator
def str_strip():
    return ["  a ".strip(), "xyaxy".strip("xy"), "\u3000a\x1f".strip()]
    # expect: ["a", "a", "a"]


@env.sandbox.orchestrator
def str_swapcase():
    return ["aBc\u00df".swapcase()]
    # expect: ["AbCSS"]


@env.sandbox.orchestrator
def str_title():
    return ["hello wORLD it\u0027s".title(), "\u01c6a".title()]
    # expect: ["Hello World It'S", "\u01c5a"]


@env.sandbox.orchestrator
def str_translate():
    return ["abcz".translate({97: "x", 98: None, 99: 100}), "ab".translate(str.maketrans("ab", "ba"))]
    # expect: ["xdz", "ba"]


@env.sandbox.orchestrator
def str_upper():
    return ["stra\u00dfe".upper(), "\ufb01".upper()]
    # expect: ["STRASSE", "FI"]


@env.sandbox.orchestrator
def str_zfill():
    return ["-5".zfill(4), "ab".zfill(1), "+".zfill(3)]
    # expect: ["-005", "ab", "+00"]


@env.sandbox.orchestrator
def str_index_missing():
    return [x.index("q") for x in ["abc"]]
    # raises: ValueError: substring not found


@env.sandbox.orchestrator
def str_join_int():
    return ",".join(["a", "b", [1][0]][i] if i < 2 else [1][0] for i in range(3))
    # raises: TypeError: sequence item 2: expected str instance, int found


@env.sandbox.orchestrator
def str_split_empty():
    x = same(["", 1])
    return "abc".split(x[0])
    # raises: ValueError: empty separator


@env.sandbox.orchestrator
def str_encode_error():
    return ["a\u20ac".encode("ascii")]
    # raises: UnicodeEncodeError: 'ascii' codec can't encode character '\u20ac' in position 1: ordinal not in range(128)


@env.sandbox.orchestrator
def str_unknown_encoding():
    return ["a".encode("nope")]
    # raises: LookupError: unknown encoding: nope


@env.sandbox.orchestrator
def str_find_int():
    x = same(["", 1])
    return "abc".find(x[1])
    # raises: TypeError: must be str, not int


@env.sandbox.orchestrator
def str_replace_none():
    x = same(["", None])
    return "abc".replace("a", x[1])
    # raises: TypeError: replace() argument 2 must be str, not None


@env.sandbox.orchestrator
def str_center_fill():
    x = same(["ab", 1])
    return "abc".center(9, x[0])
    # raises: TypeError: The fill character must be exactly one character long
