"""What random programs are made of: the expressions of each kind, one production a line.

A production is Python text with holes: `<I>` is an expression of kind I. `<x:I>` binds a new name of kind I that the
holes with a star (`<I*>`) may use; `<x>` stands for that name again. A number and a bar before the text is its weight.
The kinds:

    I int   F float   B bool   S str   Y bytes   N None   A anything   E exception
    LI LF LS LA   lists of int, float, str, anything         LL lists of lists of int
    TI TP         tuples of ints; a pair of int and str      R range
    U          a value whose type the checker does not know
    DS DI DA      dicts str to int, int to str, str to anything
    XI XS ZI      sets of int and str, frozensets of int
    II IS IB IP IA     something to iterate over, of int, str, bool, pairs, anything
    FI FS FK FB F2     functions int to int, str to str, int or str to a key, int to bool, two ints to int
    J K W H       indexes, small ints, widths, exponents: constants only

Sets are never shown in their own order: it differs from CPython's on purpose.

SPDX-License-Identifier: Apache-2.0
"""

CONSTANTS = {
    "I": """8| 0
8| 1
6| 2
4| 3
3| 7
5| -1
2| -2
2| 10
-7
255
256
0x1f
1_000
1000003
2147483647
2147483648
-2147483649
4294967296
9007199254740993
3| 9223372036854775807
2| -9223372036854775808
2| 9223372036854775808
-9223372036854775809
4611686018427387904
3037000500
18446744073709551615
18446744073709551616
10**30
-10**30
True""",
    "F": """4| 0.5
4| 1.0
2| -2.5
3| 0.0
2| -0.0
1e10
3.7
2| 0.1
1e16
1e22
123456789.125
2.675
1e-5
0.0001
5e-324
1.7976931348623157e308
1e308
-1e-308
2.0**53
9007199254740993.0
float('inf')
float('-inf')
float('nan')""",
    "B": "True\nFalse",
    "S": """4| ''
4| 'a'
3| 'bc'
3| 'é'
2| 'x y'
'ß'
'İ'
'ŉ'
'ǆ'
'ﬁ'
'ΑΣ'
'Σ'
'😀'
'a😀b'
'e\u0301'
'\u200d'
'\u2028'
'٣'
'½'
'²'
'Ⅷ'
'ABC'
'Hello World'
'hello world'
"it's"
'"'
' '
'\\t'
'a\\nb\\r\\nc'
'  pad  '
'0'
'12'
'-3'
' 42 '
'1_000'
'0x1f'
'1e3'
'nan'
'a,b,,c'
'aaa'
'banana'
'k'
'z'
'\\x00'
'\\x7f'
'{}'
'%s'""",
    "Y": """3| b''
3| b'a'
b'bc'
b'\\x00\\xff'
b'a,b'
b' x '
b'Hello'
b'12'
b'\\xc3\\xa9'
b'\\x80'
b'ab\\ncd'""",
    "N": "None",
    "U": "ta(0)\nta(None)\nta('a')\nta([1])\nta(2.5)\nta({})",
    "A": "0\nNone\n'a'\n2.5\nTrue\n[1]\n()\n{}\n-1\n'xyz'\nb'b'\n(1, 'a')\n[]\n{'a': 1}\n2**64",
    "E": "ValueError('v')\nKeyError('k')\nRuntimeError()\nIndexError(1, 2)\nTypeError('t')",
    "LI": "[]\n2| [1]\n4| [3, 1, 2]\n[0, -1, 2**63]\n[5, 5, 1, 5]",
    "LF": "[]\n2| [0.5]\n3| [1.5, -0.0, 2.5]",
    "LS": "[]\n2| ['a']\n3| ['b', 'a', 'C']\n['', 'é', 'aa']",
    "LA": "[]\n4| [1, 'a', None]\n[2.5, (1, 2), True]\n[[1], {'a': 1}, b'x']",
    "LL": "[]\n[[]]\n4| [[1, 2], [3]]",
    "TI": "()\n2| (1,)\n4| (3, 1, 2)",
    "TP": "(1, 'a')\n(-1, '')",
    "R": "range(3)\nrange(1, 4)\nrange(5, 0, -2)\nrange(0)\nrange(-3, 3, 2)",
    "DS": "{}\n2| {'a': 1}\n{'b': 2, 'a': 3}\n{'': 0, 'k': -1}",
    "DI": "{}\n{1: 'a'}\n{3: 'c', 0: ''}",
    "DA": "{}\n{'a': 1, 'b': 'x'}\n{'k': None, 'a': [1]}",
    "XI": "set()\nset([1, 2])\nset([3, 1, 5, 2**63])",
    "XS": "set()\nset(['a', 'b'])\nset('banana')",
    "ZI": "frozenset()\nfrozenset([1, 2])\nfrozenset(range(4))",
    "II": "range(3)\nrange(5, 0, -2)\n[2, 1]\n(1, 2, 3)\nrange(4)",
    "IS": "3| 'abc'\n['x', 'yy']\n('a', 'b')\n'é😀'",
    "IB": "[True]\n[False, True]\n()",
    "IP": "[(1, 'a')]\nenumerate('ab')\n{1: 'x'}.items()\nzip([1, 2], 'ab')",
    "IA": "[1, 'a']\n()\n(None, 2.5)",
    "FI": "abs\nint\n(lambda n: n + 1)\n(lambda n: -n)",
    "FS": "str.upper\nstr\nrepr\nstr.strip\n(lambda t: t + '!')\nstr.lower\nstr.swapcase\nstr.title\nascii",
    "FK": "str\nlen\nrepr\nabs\nbool\n(lambda k: -k)\n(lambda k: k)\n(lambda k: (str(k), 1))\ntype\n(lambda k: 0)",
    "FB": "bool\n(lambda n: n > 1)\n(lambda n: n % 2)",
    "F2": "max\nmin\n(lambda a, b: a * b)\n(lambda a, b=2: a - b)",
    "ST": "6| 1\n6| 2\n8| -1\n4| -2\n3\n-3\n100\n0\nNone",
    "J": "8| 0\n4| -1\n2| 1\n-2\n2\n5",
    "K": "5| 0\n5| 1\n4| 2\n3| 3\n3| -1\n2| -2\n5\n-3\n100\n-100",
    "W": "0\n1\n3\n5\n8\n12\n-1",
    "H": "0\n1\n2\n3\n5\n-1",
}

COMPARE = "<\n<=\n==\n!=\n>\n>="

EXPRESSIONS = {
    "OP": COMPARE,
    "I": """6| (<I> + <I>)
5| (<I> - <I>)
4| (<I> * <I>)
3| (<I> // <I>)
3| (<I> % <I>)
2| (<I> & <I>)
(<I> | <I>)
(<I> ^ <I>)
(<I> << (<I> % 70))
(<I> << <K>)
(<I> >> <I>)
(<I> ** (<I> % 6))
2| (-<I>)
(+<I>)
(~<I>)
3| len(<S>)
2| len(<LI>)
len(<IZ>)
2| abs(<I>)
2| int(<F>)
int(<B>)
int(<SN>)
int(<SN>, <K>)
int(<SN>, base=16)
int(<Y>)
2| sum(<II>)
sum(<II>, <I>)
sum(<II>, start=<I>)
sum(<IB>)
2| min(<I>, <I>)
2| max(<I>, <I>, <I>)
min(<II>)
max(<II>)
max(<II>, default=<I>)
min(<II>, key=<FK>)
max(<II>, key=<FK>, default=<I>)
min(<I>, <I>, key=<FI>)
round(<I>)
round(<I>, <K>)
round(<F>)
pow(<I>, <H>)
pow(<I>, <I>, <I>)
pow(<I>, (<I> % 9), mod=<I>)
divmod(<I>, <I>)[<J>]
ord(<S>)
ord(<S>[<J>])
ord(<Y>)
hash(str(<S>))
hash(int(<I>) / 4)
hash(int(<I>))
hash(tuple(map(str, <TI>)))
hash(bytes(<W>) + b'a')
hash(frozenset(map(int, <II>)))
3| <LI>[<J>]
2| <LI>[<I>]
<TI>[<J>]
<R>[<J>]
<TP>[0]
<LL>[<J>][<J>]
<Y>[<J>]
2| <DS>[<S>]
2| <DS>.get(<S>, <I>)
<DS>.pop(<S>, <I>)
<DS>.pop(<S>)
<DS>.setdefault(<S>, <I>)
<DA>.get(<S>, <I>)
<LI>.index(<I>)
<LI>.index(<I>, <K>, <K>)
<LI>.count(<I>)
<LI>.pop()
<LI>.pop(<K>)
<TI>.index(<I>)
<TI>.index(<I>, <K>)
<TI>.count(<I>)
<R>.index(<I>)
<R>.count(<I>)
<R>.start
<R>.stop
<R>.step
<S>.find(<S>)
<S>.find(<S>, <K>)
<S>.rfind(<S>, <K>, <K>)
<S>.index(<S>)
<S>.rindex(<S>)
<S>.count(<S>)
<S>.count(<S>, <K>, <K>)
<Y>.find(<Y>)
<Y>.rfind(<Y>, <K>)
<Y>.index(<Y>)
<Y>.rindex(<Y>)
<Y>.count(<Y>)
<Y>.count(<K>)
<I>.bit_length()
<I>.bit_count()
<I>.conjugate()
<I>.real
<I>.imag
<I>.numerator
<I>.denominator
int.from_bytes(<Y>, 'big')
int.from_bytes(<Y>, byteorder='little', signed=<B>)
<F>.as_integer_ratio()[<J>]
set([<I>]).pop()
<LS>.index(<S>)
<LS>.count(<S>)
<LA>.index(<U>)
len(<LA>)
len(<XI>)
len(<Y>)
2| (lambda <x:I>: <I*>)(<I>)
(lambda <x:I>, <y:I>=<I>: <I*>)(<I>)
(lambda *<x:TI>: <I*>)(*<LI>)
(lambda <x:I>, /, *, <y:I>=<I>: <I*>)(<I>, <y>=<I>)
(lambda **<x:DS>: <I*>)(**<DS>)
2| <FI>(<I>)
<F2>(<I>, <I>)
<F2>(*<LI>)
[<x:I> for <x> in <II>][<J>]
[<I*> for <x:I> in <II>][<J>]
sum(<I*> for <x:I> in <II>)
sum([<I*> for <x:I> in <II> if <B*>])
max((<I*> for <x:I> in <II>), default=<I>)
len([<N> for <x:I> in <II> if <B*>])
sum(len(<x>) for <x:S> in <IS>)
sum(map(<FI>, <II>))""",
    "F": """4| (<F> + <F>)
3| (<F> - <F>)
3| (<F> * <F>)
3| (<F> / <F>)
2| (<F> // <F>)
2| (<F> % <F>)
3| (<I> / <I>)
2| (<F> * <I>)
(<I> + <F>)
(<F> ** <H>)
(abs(<F>) ** 0.5)
(2 ** -<W>)
(2.0 ** <I>)
(-<F>)
(+<F>)
2| float(<I>)
float(<SN>)
float(<B>)
2| abs(<F>)
2| round(<F>, <K>)
round(<F>, ndigits=<K>)
divmod(<F>, <F>)[<J>]
divmod(<F>, <I>)[<J>]
sum(<LF>)
sum(<LF>, <F>)
sum(<LF>, start=0.5)
max(<F>, <F>)
min(<F>, <I>)
max(<LF>)
min(<LF>, default=<F>)
2| <LF>[<J>]
<LF>.pop()
pow(<F>, <H>)
float.fromhex(<F>.hex())
float.fromhex('0x1.8p3')
float.fromhex(<SN>)
<F>.real
<F>.imag
<F>.conjugate()
float(str(<F>))
float(repr(<F>))
float(<Y>)
sum(<F*> for <x:F> in <LF>)
(lambda <x:F>: <F*>)(<F>)""",
    "B": """5| (<I> <OP> <I>)
3| (<F> <OP> <F>)
2| (<F> <OP> <I>)
3| (<S> <OP> <S>)
(<LI> <OP> <LI>)
(<TI> <OP> <TI>)
(<LS> <OP> <LS>)
(<Y> <OP> <Y>)
(<XI> <OP> <XI>)
(<XS> <OP> <XS>)
(<DS> == <DS>)
(<DI> != <DI>)
(<R> == <R>)
(<LL> <OP> <LL>)
(<B> == <B>)
(<A> == <A>)
(<A> != <A>)
2| (<I> <OP> <I> <OP> <I>)
(<S> <OP> <S> <OP> <S>)
3| (not <B>)
(not <I>)
(not <S>)
(not <LI>)
(not <A>)
2| (<B> and <B>)
2| (<B> or <B>)
2| (<I> in <LI>)
(<I> in <TI>)
(<I> in <R>)
(<I> in <XI>)
(<I> in <ZI>)
(<I> in <Y>)
(<I> not in <LI>)
2| (<S> in <S>)
(<S> not in <S>)
(<S> in <DS>)
(<S> not in <DS>)
(<S> in <LS>)
(<S> in <XS>)
(<Y> in <Y>)
(<I> in <II>)
(<I> in (<I*> for <x:I> in <II>))
(<I> in <DI>.keys())
(<I> in <DS>.values())
((<S>, <I>) in <DS>.items())
(<I> in <LL>)
(<A> is None)
(<A> is not None)
(<A> is True)
(<A> is ...)
(<N> is <N>)
(type(<A>) is int)
(type(<I>) is int)
(type(<A>) == type(<A>))
2| isinstance(<A>, int)
isinstance(<A>, <TY>)
isinstance(<A>, (<TY>, <TY>))
isinstance(<A>, (<TY>, (<TY>, float)))
isinstance(<I>, bool)
isinstance(<E>, <EX>)
isinstance(<E>, (<EX>, <EX>))
bool(<I>)
bool(<F>)
bool(<S>)
bool(<LI>)
bool(<A>)
bool(<XI>)
bool(<R>)
bool(<Y>)
2| any(<IB>)
2| all(<IB>)
any(<II>)
all(<LA>)
any(<B*> for <x:I> in <II>)
all(<B*> for <x:S> in <IS>)
any([<B*> for <x:I> in <II>])
<FB>(<I>)
<S>.isalnum()
<S>.isalpha()
<S>.isascii()
<S>.isdecimal()
<S>.isdigit()
<S>.isidentifier()
<S>.islower()
<S>.isnumeric()
<S>.isprintable()
<S>.isspace()
<S>.istitle()
<S>.isupper()
<S>.startswith(<S>)
<S>.startswith((<S>, <S>), <K>)
<S>.endswith(<S>)
<S>.endswith(<S>, <K>, <K>)
<Y>.isalnum()
<Y>.isalpha()
<Y>.isascii()
<Y>.isdigit()
<Y>.islower()
<Y>.isspace()
<Y>.istitle()
<Y>.isupper()
<Y>.startswith(<Y>)
<Y>.startswith((<Y>, <Y>))
<Y>.endswith(<Y>)
<F>.is_integer()
<XI>.isdisjoint(<II>)
<XI>.issubset(<II>)
<XI>.issuperset(<XI>)
<ZI>.isdisjoint(<XI>)
<ZI>.issubset(<XI>)
<ZI>.issuperset(<II>)
(<ZI> <= <XI>)
(<ZI> == <XI>)
<DS>.keys().isdisjoint(<IS>)
(<DS>.keys() == <XS>)""",
    "S": """5| (<S> + <S>)
(<S> * (<I> % 4))
(<S> * <W>)
(<W> * <S>)
3| str(<I>)
2| str(<F>)
str(<B>)
2| str(<LA>)
str(<DS>)
str(<A>)
str(<Y>, 'utf-8')
str(<E>)
repr(<E>)
2| repr(<S>)
repr(<LI>)
repr(<F>)
repr(<A>)
repr(<R>)
repr(<Y>)
repr(<TY>)
ascii(<S>)
ascii(<A>)
chr(<I>)
chr(<K> + 100)
chr(ord(<S>[<J>]) + 1)
bin(<I>)
oct(<I>)
2| hex(<I>)
3| <S>[<J>]
<S>[<I>]
2| <S>[<K>:]
<S>[:<K>]
<S>[<K>:<K>]
<S>[::<ST>]
<S>[<I>:<I>:<ST>]
<TP>[1]
<LS>[<J>]
<LS>.pop()
<DI>[<I>]
<DI>.get(<I>, <S>)
<DI>.pop(<I>, <S>)
<DI>.setdefault(<I>, <S>)
2| <S>.join(<LS>)
<S>.join(<IS>)
''.join(sorted(<XS>))
''.join(<S*> for <x:I> in <II>)
','.join(map(str, <II>))
','.join([<S*> for <x:S> in <IS> if <B*>])
<S>.upper()
<S>.lower()
<S>.title()
<S>.capitalize()
<S>.swapcase()
<S>.casefold()
<S>.strip()
<S>.strip(<S>)
<S>.lstrip()
<S>.lstrip(<S>)
<S>.rstrip()
<S>.rstrip(<S>)
<S>.strip(None)
2| <S>.replace(<S>, <S>)
<S>.replace(<S>, <S>, <K>)
<S>.center(<W>)
<S>.center(<W>, '*')
<S>.ljust(<W>)
<S>.ljust(<W>, 'é')
<S>.rjust(<W>)
<S>.rjust(<W>, <S>)
<S>.zfill(<W>)
<S>.expandtabs()
<S>.expandtabs(<W>)
<S>.expandtabs(tabsize=<W>)
<S>.removeprefix(<S>)
<S>.removesuffix(<S>)
<S>.translate({97: 'x', 98: None})
<S>.translate(str.maketrans('ab', 'ba'))
<S>.translate(str.maketrans({'a': <S>}))
<S>.translate(str.maketrans('a', 'b', <S>))
<S>.partition(<S>)[<J>]
<S>.rpartition(<S>)[<J>]
<S>.split(<S>)[<J>]
<Y>.decode()
<Y>.decode('latin-1')
<Y>.decode('ascii', 'replace')
<Y>.decode(encoding='utf-8', errors='ignore')
<Y>.decode('utf-8', 'backslashreplace')
<Y>.hex()
<Y>.hex(':')
<F>.hex()
min(<S>, <S>)
max(<IS>)
min(<LS>, key=len, default=<S>)
max(<S>, <S>, key=len)
<FS>(<S>)
(lambda <x:S>: <S*>)(<S>)
str(type(<A>))
format(<I>)
format(<I>, <QI>)
format(<F>, <QF>)
format(<S>, <QS>)
format(<B>, <QI>)
3| <PERCENT>
3| <FORMAT>
8| <FSTRING>
str(sorted(<XI>))
str(<DS>.keys())
str(<DI>.values())
repr(<DS>.items())""",
    "PERCENT": """('%d' % <I>)
('%s' % <S>)
('%s|%r' % (<A>, <S>))
('%5d|%-5d|%05d' % (<I>, <I>, <I>))
('%+d % d' % (<I>, <I>))
('%x %X %#x %o %#o' % (<I>, <I>, <I>, <I>, <I>))
('%i %u' % (<I>, <F>))
('%f' % <F>)
('%.2f|%8.3f|%-8.1f|%+.0f' % (<F>, <F>, <F>, <I>))
('%e %E' % (<F>, <F>))
('%.3e' % <F>)
('%g %G %.3g %#g' % (<F>, <F>, <F>, <F>))
('%F' % <F>)
('%c' % <S>)
('%c' % (<I> % 200))
('%a' % <S>)
('%r' % (<A>,))
('%(a)s-%(b)d' % <DS>)
('%(a)s' % <DA>)
('%*d' % (<W>, <I>))
('%-*.*f' % (<W>, <K>, <F>))
('%.2s|%5.1s' % (<S>, <S>))
('%%|%s' % <S>)
('%s' % <TI>)
(ts(<S>) % <I>)
(<S> % (<I>, <S>))
('%d' % <F>)
('%d%%' % <U>)
('%s %s' % <TP>)""",
    "FORMAT": """'{}'.format(<A>)
'{} {}'.format(<I>, <S>)
'{0}{1}{0}'.format(<I>, <S>)
'{a}-{b}'.format(a=<I>, b=<S>)
'{:>8}|{:<8}|{:^8}'.format(<S>, <I>, <F>)
'{:*^{}}'.format(<S>, <W>)
'{!r} {!s} {!a}'.format(<S>, <S>, <S>)
'{0[0]}'.format(<LI>)
'{0[a]}'.format(<DS>)
'{:,} {:_}'.format(<I>, <I>)
'{:.3f} {:e} {:g} {:%}'.format(<F>, <F>, <F>, <F>)
'{:d} {:x} {:X} {:o} {:b} {:#x} {:c}'.format(<I>, <I>, <I>, <I>, <I>, <I>, 65)
'{:+} {: }'.format(<I>, <F>)
'{:08.2f}'.format(<F>)
'{:=+8d}'.format(<I>)
'{:n}'.format(<I>)
'{:n}|{:F}|{:E}|{:G}'.format(<F>, <F>, <F>, <F>)
'{{}}{}'.format(<S>)
'{} {}'.format(*<LI>)
'{a}'.format(**<DS>)
'{a} {b}'.format_map(<DS>)
<S>.format(<I>)
'{:s}|{:.1}'.format(<S>, <S>)
('{:' + <QI> + '}').format(<I>)
('{:' + <QF> + '}').format(<F>)""",
    # Specifications: as texts of their own, and in f-strings without quotes (FSPEC*).
    "QI": "''\n'd'\n'5'\n'<6'\n'>6d'\n'^7'\n'08'\n'+d'\n' d'\n'#x'\n'#010b'\n'X'\n'o'\n'b'\n','\n'_'\n'_x'\n'+,d'\n'*^9d'\n'=+7'\n'n'\n'.2f'\n'e'\n'%'\n'g'\n'.3'\n'<<5'\n'é>5'\n's'\n'c'\n'z'\n'10,.1f'\n'05d'\n'#o'\n'12_b'",
    "QF": "''\n'.2f'\n'.0f'\n'8.3f'\n'<10'\n'>10.2e'\n'^12g'\n'+.1f'\n' f'\n'010.2f'\n',.2f'\n'_.1f'\n'e'\n'E'\n'g'\n'G'\n'.3g'\n'#.3g'\n'%'\n'.1%'\n'F'\n'n'\n'z.1f'\n'.17g'\n'.30f'\n'=+9.1f'\n'.3'\n'x<7'\n'd'\n'10'\n'-'\n'.10e'\n'#.0f'\n'+'",
    "QS": "''\n's'\n'5'\n'<5'\n'>5s'\n'^6'\n'.1'\n'*<4'\n'.2s'\n'é^7.2'\n'08'\n'd'\n'=5'\n','",
    "SN": "2| <S>\n4| str(<I>)\n3| repr(<F>)\n2| hex(<I>)\n2| bin(<I>)\noct(<I>)\n' 7 '\n'1_0'\n'-0'\n'zz'\n'٣٤'\n'1e400'\n'+5'\n'--1'\n'inf'\n'-Infinity'\n'.5'\n'5.'\n'1__0'\n'0b102'\n'0x1.8p1'\n'\\u00a012'",
    "TY": "3| int\nbool\nfloat\n2| str\nbytes\nlist\ntuple\ndict\nset\nfrozenset\nrange\ntype(None)\ntype",
    "EX": "Exception\nValueError\nLookupError\nArithmeticError\nKeyError\nOSError\nBaseException\nRuntimeError\nTypeError",
    "Y": """4| (<Y> + <Y>)
(<Y> * (<I> % 4))
2| <S>.encode()
<S>.encode('latin-1')
<S>.encode('ascii', 'replace')
<S>.encode(errors='ignore')
<S>.encode('ascii', 'xmlcharrefreplace')
<S>.encode('ascii', 'backslashreplace')
<S>.encode('utf-16-le')
<S>.encode('utf-8')
bytes(<W>)
bytes(<LI>)
bytes(<S>, 'utf-8')
bytes()
bytes(<II>)
bytes(<Y>)
bytes(<x> % 256 for <x:I> in <II>)
bytes.fromhex(<Y>.hex())
bytes.fromhex(<S>)
2| <Y>[<K>:]
<Y>[:<K>]
<Y>[::<ST>]
<Y>[<K>:<K>]
<Y>.upper()
<Y>.lower()
<Y>.title()
<Y>.capitalize()
<Y>.swapcase()
<Y>.strip()
<Y>.strip(<Y>)
<Y>.lstrip()
<Y>.rstrip(<Y>)
<Y>.lstrip(<Y>)
<Y>.rstrip()
<Y>.replace(<Y>, <Y>)
<Y>.replace(<Y>, <Y>, <K>)
<Y>.center(<W>)
<Y>.center(<W>, b'*')
<Y>.ljust(<W>)
<Y>.rjust(<W>, b'-')
<Y>.ljust(<W>, b'.')
<Y>.zfill(<W>)
<Y>.expandtabs(<W>)
<Y>.join([<Y>, <Y>])
<Y>.join(<Y>.split(<Y>))
<Y>.partition(<Y>)[<J>]
<Y>.rpartition(<Y>)[<J>]
<Y>.split(<Y>)[<J>]
<Y>.removeprefix(<Y>)
<Y>.removesuffix(<Y>)
<Y>.translate(None, <Y>)
<Y>.translate(bytes.maketrans(b'ab', b'ba'))
<I>.to_bytes(9, 'big')
<I>.to_bytes(10, byteorder='little', signed=True)
<I>.to_bytes()
(<I> % 256).to_bytes(<W>, 'little')
(b'%d-%x' % (<I>, <I>))
(b'%s|%a' % (<Y>, <S>))
(b'%.1f%%' % <F>)
(b'%c%b%5d' % (<I> % 256, <Y>, <I>))
min(<Y>, <Y>)""",
    "N": """<LI>.append(<I>)
<LI>.extend(<II>)
<LI>.sort()
<LI>.reverse()
<LI>.clear()
<LI>.insert(<K>, <I>)
<LI>.remove(<I>)
<DS>.update(<DS>)
<DS>.clear()
<DA>.get(<S>)
<XI>.add(<I>)
<XI>.discard(<I>)
print(<A>)
(None if <B> else None)""",
    "E": """<EX>(<S>)
<EX>(<A>, <I>)
<EX>()
ValueError(<I>)
KeyError(<A>)
OSError(<K>, <S>)
FileNotFoundError(2, 'no', <S>)
StopIteration(<A>)
ArithmeticError(<S>)""",
    "A": """8| <I>
5| <S>
3| <F>
3| <B>
2| <Y>
2| <N>
2| <LI>
2| <TI>
2| <DS>
<LS>
<LF>
<TP>
<DI>
<LL>
3| <LA>[<J>]
2| <DA>[<S>]
<DA>.get(<S>)
<DA>.pop(<S>, <A>)
<DA>.setdefault(<S>, <A>)
2| [<I>, <S>, <N>][<J>]
[<A>, <A>][<B>]
(<I>, <S>, <F>)[<J>]
(<I> if <B> else <S>)
(<S> if <B> else None)
(<LI> or <I>)
(<S> and <I>)
[<A>, <A>]
(<A>, <A>)
{<S>: <A>, <S>: <A>}
{**<DA>, 'n': <A>}
2| ta(<A>)
ta(<I>, <A>)
max(<LA>)
min(<U>, <U>)
sum(<LL>, [])
sum([<A>, <A>])
(<U> + <U>)
(<U> * <K>)
(<U> % <U>)
(<U> - <U>)
4| (<U> @ <U>)
(<U> << <K>)
(<U> / <K>)
(<U> // <K>)
(<U> ** <H>)
(<U> & <U>)
(<U> | <U>)
(-<U>)
(~<U>)
(+<U>)
(<U> < <U>)
(<U> in <U>)
len(<U>)
<U>[<J>]
<U>[<S>]
<U>[<K>:]
round(<U>)
abs(<U>)
int(<U>)
float(<U>)
divmod(<U>, <U>)
pow(<U>, <H>)
<U>.upper()
<U>.append(<U>)
<U>.copy()
<U>.count(<U>)
<U>.get(<U>)
<U>.index(<U>)
<U>.split()
<U>.keys()
<U>.decode()
<U>.hex()
<U>.pop()
<U>.items()
hash(ta(<K>))
<FI>(<U>)
<U>(<I>)""",
    "U": """4| ta(<A>)
ta(<I>)
ta(<S>)
ta(<LA>)[<J>]
ta(<LI>)
ta(<DS>)
[<U>, <U>][<B>]
(<U> or <U>)
(lambda <x:U>: <U*>)(<A>)
(lambda *<x:LA>: ta(<x>)[0])(<A>, <A>)""",
    "IZ": "<LI>\n<TI>\n<DS>\n<XI>\n<R>\n<LA>\n<DI>\n<Y>\n<ZI>\n<XS>\n<LL>\n<DS>.keys()\n<DI>.items()\n<U>",
    "LI": """2| [<I>]
4| [<I>, <I>]
2| [<I>, <I>, <I>]
2| (<LI> + <LI>)
(<LI> * (<I> % 3))
(<LI> * <W>)
(<W> * <LI>)
3| list(<II>)
sorted(<II>)
sorted(<II>, reverse=<B>)
sorted(<II>, key=<FK>)
sorted(<II>, key=<FK>, reverse=True)
sorted(<XI>)
sorted(<ZI>)
sorted(<DI>)
list(map(<FI>, <II>))
list(map(<F2>, <II>, <II>))
list(filter(<FB>, <II>))
list(filter(None, <II>))
list(reversed(<LI>))
list(reversed(<R>))
list(reversed(<TI>))
list(<TI>)
list(<Y>)
list(<DS>.values())
list(<DI>)
list(<DI>.keys())
list(range(<I> % 6))
list(range(<K>, <K>))
list(range(<K>, <K>, <ST>))
list(<I>.as_integer_ratio())
list(<F>.as_integer_ratio())
list(divmod(<I>, <I>))
2| <LI>[<K>:]
<LI>[:<K>]
<LI>[<K>:<K>]
<LI>[::<ST>]
<LI>[::-1]
<LI>[<I>:<I>:<ST>]
<LI>.copy()
<LL>[<J>]
<LL>.pop()
[*<II>, <I>]
[<I>, *<LI>, *<II>]
4| [<I*> for <x:I> in <II>]
3| [<I*> for <x:I> in <II> if <B*>]
[<I*> for <x:I> in <II> if <B*> if <B*>]
[<I*> for <x:I> in <II> for <y:I> in <II*>]
[<x> for <x:I> in <II> for <y:S> in <IS> if <B*>]
[<I*> for <x:I>, <y:S> in <IP>]
[<I*> for <x:I>, *<y:LA> in <IP>]
[<I*> for <x:I>, <y:I> in zip(<II>, <II>)]
[<I*> for <x:I>, <y:I> in enumerate(<II>)]
[len(<x>) for <x:LI> in <LL>]
[fn() for fn in [lambda: <i> for <i:I> in <II>]]
sum(<LL>, <LI>)
sum([<LI>, <LI>], [])
([<I>][<K>:] + <LI>)
list(dict.fromkeys(<II>))
(<B> and <LI> or [<I>])""",
    "LF": """2| [<F>]
3| [<F>, <F>]
[<F>, <F>, <F>]
(<LF> + <LF>)
sorted(<LF>)
sorted([abs(<F>), 1.5])
[<F*> for <x:F> in <LF>]
[<F*> for <x:I> in <II>]
[<x> / 2 for <x:I> in <II>]
list(map(float, <II>))
<LF>[<K>:]
<LF>[::-1]
list(divmod(<F>, <F>))
[float(<x>) for <x:S> in <IS>]
[<F> for <x:I> in <II> if <B*>]
list(map(abs, <LF>))""",
    "LS": """2| [<S>]
3| [<S>, <S>]
[<S>, <S>, <S>]
(<LS> + <LS>)
(<LS> * <W>)
list(<IS>)
2| sorted(<IS>)
sorted(<IS>, key=<FK>)
sorted(<LS>, key=<FS>, reverse=<B>)
sorted(<LS>, key=len)
sorted(<XS>)
sorted(<DS>)
sorted(<DS>, key=<DS>.get)
<S>.split()
2| <S>.split(<S>)
<S>.split(<S>, <K>)
<S>.split(sep=<S>, maxsplit=<K>)
<S>.split(None, <K>)
<S>.rsplit()
<S>.rsplit(<S>, <K>)
<S>.rsplit(None, <K>)
<S>.splitlines()
<S>.splitlines(<B>)
<S>.splitlines(keepends=True)
list(<S>)
list(<S>.partition(<S>))
list(<S>.rpartition(<S>))
list(<DI>.values())
list(<DS>.keys())
list(<DS>)
list(reversed(<LS>))
list(reversed(<S>))
list(reversed(<DS>))
list(map(<FS>, <IS>))
list(map(str, <II>))
list(map(str, <LF>))
list(map(chr, <LI>))
list(filter(None, <IS>))
list(filter(str.isalpha, <IS>))
list(map(str.replace, <IS>, <IS>, <IS>))
<LS>[<K>:]
<LS>[<K>:<K>]
<LS>[::-1]
<LS>.copy()
[*<IS>]
[*<LS>, *<S>]
2| [<S*> for <x:S> in <IS>]
[<S*> for <x:I> in <II> if <B*>]
[<S*> for <x:S> in <IS> for <y:S> in <IS*>]
[<x>.upper() for <x:S> in <IS> if <B*>]
[<S*> for <y:I>, <x:S> in <IP>]
[<x> for <y:I>, <x:S> in <IP>]
[repr(<x>) for <x:A> in <IA>]
[str(<x>) for <x:A> in <LA>]
[format(<x>, <QI>) for <x:I> in <II>]
[f'{<x>:>{<y>}}' for <x:I>, <y:I> in zip(<II>, range(3))]
[<x> * <y> for <x:S>, <y:I> in zip(<IS>, range(3))]""",
    "LA": """3| [<A>, <A>]
2| [<I>, <S>, <F>]
[<A>]
(<LA> + <LI>)
(<LA> + <LA>)
list(<IA>)
list(<TP>)
[<A*> for <x:A> in <IA>]
[<A*> for <x:I> in <II>]
list(<DA>.values())
list(<DS>.items())
list(zip(<II>, <IS>))
list(zip(<II>, <IS>, <IB>))
list(zip())
list(zip(<II>, <II>, strict=True))
list(enumerate(<IS>))
list(enumerate(<IS>, <I>))
list(enumerate(<II>, start=<K>))
sorted(<DS>.items())
sorted(<DS>.items(), key=lambda p: p[1])
sorted(<DI>.items(), key=lambda p: (p[1], -p[0]), reverse=True)
sorted(<LA>)
sorted(<LA>, key=str)
sorted(<LA>, key=lambda q: (type(q) is str, str(q)))
<LA>[<K>:]
<LA>[::-1]
<Y>.split()
<Y>.split(<Y>, <K>)
<Y>.rsplit(<Y>)
<Y>.splitlines()
<Y>.splitlines(True)
list(<Y>.partition(<Y>))
list(map(type, <LI>))[5:]
list(map(divmod, <II>, <II>))
list(map(bool, <LA>))
list(map(<FI>, <IA>))
[*<IA>, <A>]
[*<U>]
list(<U>)
list(map(len, <LL>))
[<x> for <x:A> in <LA> if isinstance(<x>, <TY>)]
[{<x>: <A*>} for <x:S> in <IS>]
[(<x>, <A*>) for <x:I> in <II>]
[[<I*> for <y:I> in <II>] for <x:I> in <II>]
list(filter(lambda v: isinstance(v, <TY>), <LA>))
flyte_map('ti', <II>)
flyte_map('tx', <LI>)
flyte_map('tn', <IA>)
flyte_map('ta', <IA>, <II>)
flyte_map('tx', <LI>, return_exceptions=False)
flyte_map('tf', <LF>, concurrency=2)
[type(<x>) is ValueError for <x:E> in flyte_map('tx', <II>)]
[isinstance(<x>, (KeyError, ValueError)) for <x:E> in flyte_map('tx', <II>)]""",
    "LL": """2| [<LI>, <LI>]
[<LI>]
[<LI> for <x:I> in <II>]
[[<x>, <I*>] for <x:I> in <II>]
[<LI*> for <x:I> in <II>]
[[<x>] * (<x> % 3) for <x:I> in <II>]
sorted(<LL>)
sorted(<LL>, key=len)
<LL>[<K>:]
<LL>[::-1]
<LL>.copy()
(<LL> + <LL>)
(<LL> * 2)
list(map(list, <LL>))
list(map(sorted, <LL>))
[list(<x>) for <x:TP> in zip(<II>, <II>)]""",
    "TI": """2| (<I>, <I>)
(<I>,)
(<I>, <I>, <I>)
tuple(<II>)
(<TI> + <TI>)
(<TI> * <W>)
<TI>[<K>:]
<TI>[::<ST>]
<TI>[:<K>]
divmod(<I>, <I>)
tuple(sorted(<II>))
tuple([<I*> for <x:I> in <II>])
tuple(<I*> for <x:I> in <II>)
(*<II>, <I>)
(*<LI>,)
<I>.as_integer_ratio()
<F>.as_integer_ratio()
(lambda *<x:TI>: <x>)(*<II>)
(lambda *<x:TI>: <x>)(<I>, <I>)""",
    "TP": """3| (<I>, <S>)
max([<TP>, <TP>])
min(<TP>, <TP>)
sorted([<TP>, <TP>])[0]
(len(<S>), <S>)
<DI>.popitem()
list(<IP>)[0]""",
    "R": """range(<K>)
range(<K>, <K>)
range(<K>, <K>, <ST>)
range(<I>)
range(<I>, <I>)
range(<I>, <I>, <ST>)
<R>[<K>:]
<R>[::-1]
<R>[:<K>]
range(len(<S>))""",
    "DS": """3| {<S>: <I>}
2| {<S>: <I>, 'a': <I>}
{'a': <I>, <S>: <I>, **<DS>}
{**<DS>, <S>: <I>}
{**<DS>, **<DS>}
dict(<DS>)
dict(a=<I>)
dict(a=<I>, b=<I>)
dict(<DS>, k=<I>)
dict(zip(<IS>, <II>))
dict([(<S>, <I>)])
dict([(<S>, <I>), (<S>, <I>)])
2| {<S*>: <I*> for <x:I> in <II>}
2| {<x>: <I*> for <x:S> in <IS>}
{<x>: <I*> for <x:S> in <IS> if <B*>}
{str(<x>): <y> for <x:I>, <y:I> in enumerate(<II>)}
{<y>: <x> for <x:I>, <y:S> in <IP>}
dict.fromkeys(<IS>, <I>)
(<DS> | <DS>)
<DS>.copy()
dict(sorted(<DS>.items()))
(dict(enumerate(<IS>)) and <DS>)
(lambda **<x:DS>: <x>)(a=<I>, k=<I>)
(lambda **<x:DS>: <x>)(**<DS>)
dict(map(lambda t: (t, len(t)), <IS>))""",
    "DI": """3| {<I>: <S>}
{<I>: <S>, <I>: <S>}
{**<DI>, <I>: <S>}
dict(enumerate(<IS>))
dict(enumerate(<IS>, <K>))
dict(zip(<II>, <IS>))
dict(<IP>)
2| {<x>: <S*> for <x:I> in <II>}
{<I*>: <x> for <x:S> in <IS>}
{<x>: <y> for <x:I>, <y:S> in <IP>}
dict.fromkeys(<II>, <S>)
(<DI> | <DI>)
<DI>.copy()""",
    "DA": """2| {<S>: <A>}
{'a': <A>, 'b': <A>}
{**<DS>, 'a': <A>}
dict(a=<A>, k=<A>)
{<x>: <A*> for <x:S> in <IS>}
dict(<DA>, a=<A>)
(<DA> | <DS>)
dict.fromkeys(<IS>)
<DA>.copy()""",
    "XI": """3| set(<II>)
set([<I>, <I>])
set(<I*> for <x:I> in <II>)
2| (<XI> | <XI>)
(<XI> & <XI>)
(<XI> - <XI>)
(<XI> ^ <XI>)
<XI>.union(<II>)
<XI>.union(<II>, <II>)
<XI>.intersection(<II>)
<XI>.intersection(<II>, <XI>)
<XI>.difference(<II>)
<XI>.symmetric_difference(<II>)
<XI>.copy()
set(<ZI>)
(<XI> | <ZI>)
(<XI> - <ZI>)
(<DI>.keys() & <LI>)
(<DI>.keys() | <XI>)
(<DI>.keys() - <LI>)
(<DI>.keys() ^ <XI>)
set(<DI>)
set(map(<FI>, <II>))""",
    "XS": """3| set(<IS>)
set(<S>)
set([<S>, <S>])
(<XS> | <XS>)
(<XS> & <XS>)
(<XS> - <XS>)
(<XS> ^ <XS>)
<XS>.union(<IS>)
<XS>.difference(<IS>)
<XS>.copy()
set(<S*> for <x:S> in <IS>)
(<DS>.keys() - <XS>)
(<DS>.keys() & <LS>)""",
    "ZI": """3| frozenset(<II>)
frozenset([<I>])
frozenset(<I*> for <x:I> in <II>)
(<ZI> | <XI>)
(<ZI> & <ZI>)
(<ZI> - <XI>)
(<ZI> ^ <ZI>)
<ZI>.union(<II>)
<ZI>.intersection(<II>)
<ZI>.difference(<II>)
<ZI>.symmetric_difference(<II>)
<ZI>.copy()""",
    "II": """5| <LI>
2| <TI>
<R2>
range(<K>)
range(<I> % 5)
range(<K>, <K>)
range(<K>, <K>, <ST>)
map(<FI>, <II>)
map(<F2>, <II>, <II>)
filter(<FB>, <II>)
reversed(<LI>)
2| (<I*> for <x:I> in <II>)
(<I*> for <x:I> in <II> if <B*>)
(<I*> for <x:I> in <II> for <y:I> in <II*>)
<DS>.values()
<DI>
<DI>.keys()
<Y>
sorted(<XI>)
sorted(<II>)
<LL>[<J>]
[*<II>]
map(len, <IS>)
map(lambda <x:I>: <I*>, <II>)
filter(lambda <x:I>: <B*>, <II>)""",
    "R2": "range(3)\nrange(1, 4)\nrange(2, -2, -1)\nrange(5)",
    "IS": """4| <S>
4| <LS>
<DS>
<DS>.keys()
<DI>.values()
map(<FS>, <IS>)
filter(None, <IS>)
(<S*> for <x:S> in <IS>)
(<S*> for <x:I> in <II>)
(<x> for <x:S> in <IS> if <B*>)
reversed(<LS>)
reversed(<S>)
map(str, <II>)
sorted(<XS>)
sorted(<IS>)
<S>.split()
(<S>, <S>)
filter(lambda <x:S>: <B*>, <IS>)""",
    "IB": """[<B>, <B>]
(<B*> for <x:I> in <II>)
(<B*> for <x:S> in <IS>)
[<B*> for <x:I> in <II>]
map(<FB>, <II>)
map(bool, <LA>)
(<B>,)""",
    "IP": """[<TP>, <TP>]
enumerate(<IS>)
enumerate(<IS>, <K>)
zip(<II>, <IS>)
<DI>.items()
sorted(<DI>.items())
((<I*>, <S*>) for <x:I> in <II>)
list(zip(<II>, <IS>))
reversed([<TP>, <TP>])
map(lambda <x:I>: (<x>, <S*>), <II>)""",
    "IA": """3| <LA>
<TP>
<LI>
<LS>
<DA>
<DA>.values()
(map(type, <LI>) and <LI>)
(<A*> for <x:I> in <II>)
zip(<II>, <IS>)
enumerate(<IS>)
<U>""",
    "FI": """(lambda <x:I>: <I*>)
(lambda <x:I>, <y:I>=<I>: <I*>)
(lambda *<x:TI>: <I*>)
ti
tn
[abs, int][<B>]
int
round
(lambda <x:I>: hash(<x>) if type(<x>) is int else 0)
<LI>.count""",
    "FS": """(lambda <x:S>: <S*>)
str.upper
str.lower
str.title
str.strip
str.casefold
str.capitalize
repr
ascii
ts
tr
<S>.join""",
    "FK": """(lambda k: (<I>, k))
(lambda k: [k])
(lambda k: repr(k))
(lambda k: <I>)
tn
tr""",
    "FB": """(lambda <x:I>: <B*>)
(lambda <x:I>: <I*>)
tb
<LI>.count""",
    "F2": """(lambda <x:I>, <y:I>: <I*>)
(lambda <x:I>, <y:I>=<I>, *<z:TI>: <I*>)
(lambda *<x:TI>: <I*>)
ta
max""",
}

# What is put around an expression of any kind, and the tasks that give one.
ANY_KIND = """(<k> if <B> else <k>)
(<k> and <k>)
(<k> or <k>)
[<k>, <k>][<B>]
(<k>, <k>)[-1]
{'a': <k>}['a']
(lambda: <k>)()
(lambda <x:I>: <k*>)(<I>)
[<k*> for <x:I> in <II>][<J>]
(<k>)"""
TASKS = {"I": ["ti(<I>)", "oi(<I>)", "ti(x=<I>)", "tn(<A>)", "tx(<I>)", "ta(<I>)"], "F": ["tf(<F>)", "tf(<I>)", "ta(<F>)"], "S": ["ts(<S>)", "tr(<A>)", "ta(<S>)"],
         "B": ["tb(<A>)"], "LI": ["tl(<LI>)", "ta(<LI>)"], "A": ["ta(<A>)", "ta(y=3, x=<A>)", "ta(<A>, y=<A>)", "ta(*[<A>])", "ta(**{'x': <A>})"],
         "TI": ["ta(<TI>)"], "DS": ["td(<DS>)", "ta(<DS>)"], "LS": ["ta(<LS>)"], "Y": ["ta(<Y>)"], "LA": ["ta(<LA>)"], "LF": ["ta(<LF>)"]}
WRAPPED = ("I", "F", "B", "S", "Y", "LI", "LF", "LS", "LA", "LL", "TI", "DS", "DI", "DA", "A", "R")

# Changes of a variable in place; growing ones stay out of loops over it.
MUTATIONS = {
    "LI": ["<v>.sort()", "<v>.sort(reverse=<B>)", "<v>.sort(key=<FK>)", "<v>.reverse()", "<v>.pop()", "<v>.pop(<K>)", "<v>.remove(<I>)", "<v>.clear()"],
    "LS": ["<v>.sort()", "<v>.sort(key=len, reverse=True)", "<v>.sort(key=<FS>)", "<v>.reverse()", "<v>.pop()", "<v>.remove(<S>)"],
    "LA": ["<v>.reverse()", "<v>.pop(<K>)", "<v>.sort(key=str)", "<v>.clear()"],
    "LL": ["<v>.pop()", "<v>.sort()", "<v>.reverse()", "<v>[<J>].append(<I>)", "<v>[<J>].sort()"],
    "DS": ["<v>.pop(<S>, None)", "<v>.popitem()", "<v>.clear()", "<v>.pop(<S>)"],
    "DI": ["<v>.pop(<I>, <A>)", "<v>.popitem()", "<v>.clear()"],
    "DA": ["<v>.pop(<S>, <A>)", "<v>.popitem()"],
    "XI": ["<v>.discard(<I>)", "<v>.remove(<I>)", "<v>.clear()", "<v>.intersection_update(<II>)", "<v>.difference_update(<II>)"],
    "XS": ["<v>.discard(<S>)", "<v>.remove(<S>)", "<v>.difference_update(<IS>)", "<v>.intersection_update(<IS>, <IS>)"],
}
GROWING = {
    "LI": ["<v>.append(<I>)", "<v>.append(<I>)", "<v>.extend(<II>)", "<v>.insert(<K>, <I>)", "<v>.insert(<I>, <I>)", "<v>.extend(<v>)"],
    "LS": ["<v>.append(<S>)", "<v>.extend(<IS>)", "<v>.insert(<K>, <S>)"],
    "LA": ["<v>.append(<A>)", "<v>.extend(<IA>)", "<v>.insert(<K>, <A>)"],
    "LL": ["<v>.append(<LI>)", "<v>[<J>].extend(<II>)"],
    "LF": ["<v>.append(<F>)", "<v>.insert(<K>, <F>)"],
    "DS": ["<v>.update(<DS>)", "<v>.update(a=<I>)", "<v>.setdefault(<S>, <I>)", "<v>.update([(<S>, <I>)])", "<v>.update(zip(<IS>, <II>))", "<v>.update(**<DS>)"],
    "DI": ["<v>.update(<DI>)", "<v>.setdefault(<I>, <S>)", "<v>.update(<IP>)"],
    "DA": ["<v>.update(<DA>)", "<v>.setdefault(<S>, <A>)", "<v>.setdefault(<S>)", "<v>.update(k=<A>)"],
    "XI": ["<v>.add(<I>)", "<v>.update(<II>)", "<v>.update(<II>, <II>)", "<v>.symmetric_difference_update(<II>)"],
    "XS": ["<v>.add(<S>)", "<v>.update(<IS>)", "<v>.symmetric_difference_update(<IS>)"],
}

RAISED = """ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError
BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError
DeprecationWarning EOFError EncodingWarning Exception FileExistsError FileNotFoundError FloatingPointError FutureWarning
GeneratorExit ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError
KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError
OverflowError PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning
RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError
TimeoutError TypeError UnboundLocalError UnicodeError UnicodeWarning UserWarning ValueError Warning
ZeroDivisionError EnvironmentError IOError""".split()
RAISE_SPECIAL = ["UnicodeDecodeError('utf-8', b'x', 0, 1, <S>)", "UnicodeEncodeError('ascii', 'aé😀', 1, 2, <S>)", "UnicodeTranslateError('ab', 0, 1, <S>)"]
