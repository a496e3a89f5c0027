#!/usr/bin/env python3
"""What runs while a module is loaded, and the versions of its tasks: forms one by one, and random modules.

    tests/cache/loading.py [BUILD] [--random COUNT] [--seed SEED]

Each program is loaded by CPython before and after an edit and its tasks are called: a task whose result has changed must
have another version.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402

FLYTE = '''
class Anything:
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **settings):
        return args[0] if len(args) == 1 and callable(args[0]) else self
sandbox = Image = Cache = anything = Anything()
def trace(f):
    return f
class TaskEnvironment:
    def __init__(self, *args, **settings):
        self.sandbox = self
    def task(self, f=None, **settings):
        return f if f else lambda f: f
    orchestrator = task
'''
HEAD = '''import flyte
env = flyte.TaskEnvironment(name="v", cache="auto")
'''
TAIL = '''
@env.task
def other(x: int) -> str:
    return repr(x)
@env.sandbox.orchestrator
def main(x: int) -> str:
    return other(x)
'''


def write_all(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)


def versions_of(sbxc, folder):
    """{task: its version}"""
    result = subprocess.run([sbxc, "--dump=decl", "p.py"], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, (result.stderr, open(f"{folder}/p.py").read())
    found, name = {}, None
    for line in result.stdout.splitlines():
        match = re.match(r"task (\S+)", line)
        if match:
            name = match.group(1).strip("'\"").split(".")[-1]
        elif line.startswith("  extra ") and name:
            found[name] = json.loads(line[8:])["cache"].get("version")
    return found


def load(folder, tasks):
    """In a process of its own: {task: its result}, or None where the module cannot be loaded."""
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        with os.fdopen(read) as file:
            text = file.read()
        os.waitpid(child, 0)
        return json.loads(text) if text else None
    try:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        import types
        flyte = types.ModuleType("flyte")
        exec(FLYTE, flyte.__dict__)
        sys.modules["flyte"] = flyte
        module = __import__("p")
        results = {}
        for task in tasks:
            try:
                results[task] = repr(getattr(module, task)(1))
            except Exception as error:
                results[task] = f"{type(error).__name__}: {error}"
        with os.fdopen(write, "w") as file:
            file.write(json.dumps(results))
    finally:
        os._exit(0)


# ---- forms ----

# (what, text before `t`, what `t` returns, old, new, does its version change: True, False or None (either), other files)
# What stays the same at "other", which uses nothing, is checked where the last one is False or "t".
G = "G = 0\n"
L = "L = []\n"
D = "D = {}\n"
SETG = "def setg():\n    global G\n    G = 3\n"
FORMS = [
    ("a decorator that registers", D + "def reg(f):\n    D[f.__name__] = f\n    return f\n@reg\ndef double(x):\n    return x * 3\n", "D['double'](x)", "* 3", "* 4", True),
    ("a function that fills a table", D + "def load():\n    D['r'] = 3\nload()\n", "D['r']", "= 3", "= 4", True),
    ("global in a function", SETG + "setg()\n", "G", "= 3", "= 4", True),
    ("a constructor", L + "class K:\n    def __init__(self):\n        L.append(3)\nK()\n", "L", "3", "4", True),
    ("globals()", 'globals()["G"] = 3\n', "G", "3", "4", True),
    ("exec", 'exec("G = 3")\n', "G", "3", "4", True),
    ("sys.modules", "import sys\nsys.modules[__name__].G = 3\n", "G", "3", "4", True),
    ("setattr of sys.modules", "import sys\nsetattr(sys.modules[__name__], 'G', 3)\n", "G", "3", "4", True),
    ("a call in if", G + SETG + "if True:\n    setg()\n", "G", "3", "4", True),
    ("a call in for", G + SETG + "for i in range(2):\n    setg()\n", "G", "3", "4", True),
    ("a call in with", "import contextlib\n" + G + SETG + "with contextlib.suppress(ValueError):\n    setg()\n", "G", "3", "4", True),
    ("a call in try", G + SETG + "try:\n    pass\nfinally:\n    setg()\n", "G", "3", "4", True),
    ("a call in while", G + SETG + "while not G:\n    setg()\n", "G", "3", "4", True),
    ("a call in match", G + SETG + "match setg():\n    case None:\n        pass\n", "G", "3", "4", True),
    ("a call in a comprehension", G + SETG + "[setg() for i in (1,)]\n", "G", "3", "4", True),
    ("a call in the body of a class", G + SETG + "class K:\n    x = setg()\n", "G", "3", "4", True),
    ("a call in a default", G + SETG + "def f(x=setg()):\n    pass\n", "G", "3", "4", True),
    ("a call in an annotation", G + SETG + "def f(x: setg()):\n    pass\n", "G", "3", "4", True),
    ("a call in the annotation of a variable", G + SETG + "y: setg() = 1\n", "G", "3", "4", True),
    ("a call in arguments of a task's decorator", G + SETG + "@env.task(retries=setg())\ndef u(x: int) -> int:\n    return x\n", "G", "3", "4", True),
    ("a decorator with arguments", D + "def reg(name):\n    def deco(f):\n        D[name] = f\n        return f\n    return deco\n@reg('a')\ndef fa():\n    return 3\n", "D['a']()", "3", "4", True),
    ("a decorator that calls", G + "def now(f):\n    f()\n@now\ndef setg():\n    global G\n    G = 3\n", "G", "3", "4", True),
    ("a method as decorator", "class App:\n    def __init__(self):\n        self.all = {}\n    def route(self, f):\n        self.all['a'] = f\n        return f\napp = App()\n@app.route\ndef fa():\n    return 3\n", "app.all['a']()", "return 3", "return 4", True),
    ("a class as decorator", L + "class Deco:\n    def __init__(self, f):\n        L.append(f)\n@Deco\ndef fa():\n    return 3\n", "L[0]()", "3", "4", True),
    ("a decorator of a class", L + "def reg(k):\n    L.append(k)\n    return k\n@reg\nclass K:\n    x = 3\n", "L[0].x", "3", "4", True),
    ("a decorator in the body of a class", L + "def reg(f):\n    L.append(f)\n    return f\nclass K:\n    @reg\n    def m(self):\n        return 3\n", "L[0](0)", "3", "4", True),
    ("a function that is given", G + SETG + "def apply(f):\n    f()\napply(setg)\n", "G", "3", "4", True),
    ("a function that is given to a builtin", G + SETG + "sorted([1], key=lambda x: setg() or 0)\n", "G", "3", "4", True),
    ("a function of a function", G + SETG + "def a():\n    b()\ndef b():\n    c()\ndef c():\n    setg()\na()\n", "G", "3", "4", True),
    ("a function under another name", G + SETG + "h = setg\nh()\n", "G", "3", "4", True),
    ("a function in a table", G + SETG + "T = {'a': setg}\nT['a']()\n", "G", "3", "4", True),
    ("a lambda", L + "lam = lambda: L.append(3)\nlam()\n", "L", "3", "4", True),
    ("a generator", L + "def gen():\n    L.append(3)\n    yield\ng = gen()\nnext(g)\n", "L", "3", "4", True),
    ("a partial", G + SETG + "import functools\nf = functools.partial(setg)\nf()\n", "G", "3", "4", True),
    ("functools.reduce", G + SETG + "import functools\nfunctools.reduce(lambda a, b: setg(), [1, 2])\n", "G", "3", "4", True),
    ("a method", L + "class K:\n    def go(self):\n        L.append(3)\nk = K()\nk.go()\n", "L", "3", "4", True),
    ("an operator", L + "class K:\n    def __add__(self, x):\n        L.append(3)\nk = K()\nk + 1\n", "L", "3", "4", True),
    ("a comparison", L + "class K:\n    def __lt__(self, x):\n        L.append(3)\n        return True\nk = K()\ny = k < 1\n", "L", "3", "4", True),
    ("a truth", L + "class K:\n    def __bool__(self):\n        L.append(3)\n        return True\nk = K()\nif k:\n    pass\n", "L", "3", "4", True),
    ("an item", L + "class K:\n    def __getitem__(self, x):\n        L.append(3)\nk = K()\nk[1]\n", "L", "3", "4", True),
    ("an iteration", L + "class K:\n    def __iter__(self):\n        L.append(3)\n        return iter(())\nk = K()\nfor i in k:\n    pass\n", "L", "3", "4", True),
    ("a property", L + "class K:\n    @property\n    def p(self):\n        L.append(3)\nk = K()\nk.p\n", "L", "3", "4", True),
    ("an f-string", L + "class K:\n    def __str__(self):\n        L.append(3)\n        return ''\nk = K()\ny = f'{k}'\n", "L", "3", "4", True),
    ("a context manager", L + "class K:\n    def __enter__(self):\n        L.append(3)\n    def __exit__(self, *e):\n        pass\nwith K():\n    pass\n", "L", "3", "4", True),
    ("unpacking", L + "class K:\n    def __iter__(self):\n        L.append(3)\n        return iter((1, 2))\nk = K()\na, b = k\n", "L", "3", "4", True),
    ("a default with an operator", L + "class K:\n    def __add__(self, x):\n        L.append(3)\nk = K()\ndef f(x=k + 1):\n    pass\n", "L", "3", "4", True),
    ("__init_subclass__", "class B:\n    def __init_subclass__(cls):\n        B.n = cls.v\nclass S(B):\n    v = 3\n", "B.n", "3", "4", True),
    ("__init_subclass__ of a class above", "class A:\n    def __init_subclass__(cls):\n        A.n = getattr(cls, 'v', 0)\nclass B(A):\n    pass\nclass S(B):\n    v = 3\n", "A.n", "= 3", "= 4", True),
    ("a metaclass", L + "class M(type):\n    def __new__(m, n, b, d):\n        L.append(d.get('v'))\n        return super().__new__(m, n, b, d)\nclass K(metaclass=M):\n    v = 3\n", "L", "3", "4", True),
    ("an inherited metaclass", L + "class M(type):\n    def __new__(m, n, b, d):\n        L.append(d.get('v'))\n        return super().__new__(m, n, b, d)\nclass K(metaclass=M):\n    pass\nclass S(K):\n    v = 3\n", "L", "3", "4", True),
    ("__set_name__", L + "class D:\n    def __init__(self, x):\n        self.x = x\n    def __set_name__(self, k, n):\n        L.append(self.x)\nclass K:\n    a = D(3)\n", "L", "3", "4", True),
    ("an enum", L + "import enum\nclass E(enum.Enum):\n    A = 3\n    def __init__(self, x):\n        L.append(x)\n", "L", "3", "4", True),
    ("subclasses", "class B:\n    pass\nclass S(B):\n    v = 3\n", "B.__subclasses__()[0].v", "3", "4", True),
    ("setattr of a class", "class K:\n    a = 1\nsetattr(K, 'a', 3)\n", "K.a", "3", "4", True),
    ("setattr in a function", "class K:\n    a = 1\ndef f(k):\n    setattr(k, 'a', 3)\nf(K)\n", "K.a", "3", "4", True),
    ("an attribute of a function", "def h():\n    return h.off\ndef f():\n    h.off = 3\nf()\n", "h()", "3", "4", True),
    ("another name of a list", L + "A = L\ndef f():\n    A.append(3)\nf()\n", "L", "3", "4", True),
    ("a task that is wrapped afterwards", "", "x", "3", "4", True, {}, "_t = t\ndef t(x):\n    return _t(x) + 3\n"),
    ("an attribute of the task itself", "", "t.k", "3", "4", True, {}, "def f():\n    t.k = 3\nf()\n"),
    ("__globals__", G + "def f():\n    pass\nf.__globals__['G'] = 3\n", "G", "3", "4", True),
    ("a module's own name in the task", G + SETG + "import sys\nsetg()\n", "getattr(sys.modules[__name__], 'G')", "3", "4", True),
    ("its docstring", None, "__doc__", '"""three"""', '"""four"""', True),
    ("the text of another name", "class Q:\n    v = 3\ndef h(q: 'Q') -> int:\n    return __import__('typing').get_type_hints(h)['q'].v\n", "h(1)", "3", "4", True),
    ("os.environ", "import os\nos.environ['SBX_T'] = '3'\n", "import os; return os.environ['SBX_T']", "'3'", "'4'", True),
    ("os.environ in a function", "import os\nfrom os import getenv\ndef f():\n    os.environ['SBX_T'] = '3'\nf()\n", "getenv('SBX_T')", "'3'", "'4'", True),
    ("random.seed", "import random\nfrom random import randrange\n_ = random.seed(3)\n", "randrange(10**9)", "3", "4", True),
    ("random.seed under another name", "import random as r\nseed = r.seed\ndef f(s):\n    s(3)\nf(seed)\n", "import random; return random.randrange(10**9)", "s(3)", "s(4)", True),
    ("an attribute of the standard library", "import json\nimport math\nmath.three = 3\n", "import math; return math.three", "3", "4", True),
    ("an attribute that is given", "import math\ndef f(m):\n    m.three = 3\nf(math)\n", "import math; return math.three", "= 3", "= 4", True),
    ("builtins", "import builtins\nbuiltins.three = lambda: 3\n", "three()", "3", "4", True),
    ("decimal's context", "import decimal\ndecimal.getcontext().prec = 3\n", "import decimal; return decimal.Decimal(1) / 7", "3", "4", True),
    ("a module's attribute", "import m\nm.X = 3\n", "m.X", "3", "4", True, {"m.py": "X = 1\n"}),
    ("a module's attribute, in a function", "import m\ndef f():\n    m.X = 3\nf()\n", "m.X", "3", "4", True, {"m.py": "X = 1\n"}),
    ("a module's attribute, by another module", "import m\nimport n\n", "m.X", "3", "4", True, {"m.py": "X = 1\n", "n.py": "import m\nm.X = 3\n"}),
    ("a module's attribute, by a module of a module", "import m\nimport n\n", "m.X", "3", "4", True, {"m.py": "X = 1\n", "n.py": "import o\n", "o.py": "import m\ndef f():\n    m.X = 3\nf()\n"}),
    ("a module's list", "from m import L\nfrom n import f\n", "L", "3", "4", True, {"m.py": "L = []\n", "n.py": "from m import L\ndef f():\n    pass\nL.append(3)\n"}),
    ("a function of a module", "import m\nm.setx(3)\n", "m.X", "3", "4", True, {"m.py": "X = 1\ndef setx(x):\n    global X\n    X = x\n"}),
    ("a module that imports the file", G + "import n\n", "G", "3", "4", True, {"n.py": "import p\np.G = 3\n"}),
    ("a module of which all names are imported", L + "from m import *\nfill(L)\n", "L", "3", "4", True, {"m.py": "def fill(x):\n    x.append(3)\n"}),
    ("a name that a module's function binds", "from m import *\nT.append(3)\n", "T", "3", "4", True, {"m.py": "def f():\n    global T\n    T = []\nf()\n"}),
    ("a base class in a module", "from m import B\nclass S(B):\n    v = 3\n", "import m; return m.L", "3", "4", True, {"m.py": "L = []\nclass B:\n    def __init_subclass__(cls):\n        L.append(cls.v)\n"}),
    ("an object of a module", "from m import k\ny = k + 3\n", "import m; return m.L", "3", "4", True, {"m.py": "L = []\nclass K:\n    def __add__(self, x):\n        L.append(x)\nk = K()\n"}),
    ("the order of imports", "import m\nimport n\n", "import os; return os.environ['SBX_T']", "import m\nimport n", "import n\nimport m", True, {"m.py": "import os\nos.environ['SBX_T'] = '1'\n", "n.py": "import os\nos.environ['SBX_T'] = '2'\n"}),
    ("an import hook", "import sys\nclass F:\n    def find_spec(self, name, path=None, target=None):\n        if name == 'made_up':\n            import importlib.machinery as m\n            return m.ModuleSpec(name, self)\n    def create_module(self, spec):\n        return None\n    def exec_module(self, module):\n        module.X = 3\nsys.meta_path.append(F())\n", "import made_up; return made_up.X", "3", "4", True),
    ("a module's list that is given", "from m import L\ndef f(x):\n    x.append(3)\nf(L)\n", "import m; return m.L", "3", "4", True, {"m.py": "L = [1]\n"}),
    ("another module's environment", "from m import env\nsetattr(env, 'k', 3)\n", "import m; return m.env.k", "3", "4", True, {"m.py": "import flyte\nenv = flyte.TaskEnvironment(name='v', cache='auto')\n"}),
    ("a list that comes under another name", "import m\nA = m.L\ndef f():\n    A.append(3)\nf()\n", "import m; return m.L", "3", "4", True, {"m.py": "L = [1]\n"}),
    ("a class that is registered by a package's class", "import json\nclass E(json.JSONEncoder):\n    v = 3\n", "import json; return json.JSONEncoder.__subclasses__()[-1].v", "3", "4", True),
    ("__class_getitem__", L + "class K:\n    def __class_getitem__(cls, x):\n        L.append(3)\nclass S(K):\n    pass\ndef f(x: S[1]):\n    pass\n", "L", "3", "4", True),
    ("a hook that is set afterwards", L + "class B:\n    pass\nB.__init_subclass__ = classmethod(lambda cls: L.append(cls.v))\nclass S(B):\n    v = 3\n", "L", "3", "4", True),
    ("a private name", "class K:\n    def go(self):\n        global __G\n        __G = 3\nK().go()\n", "_K__G", "3", "4", True),
    ("an import that may fail", "try:\n    import made_up\nexcept ImportError:\n    made_up = 3\n", "made_up", "3", "4", True),
    ("a function that is bound twice", G + "def d(f):\n    return f\ndef d(f):\n    global G\n    G = f.v\n    return f\n@d\nclass K:\n    v = 3\n", "G", "3", "4", True),
    ("a decorator's parameter that is like a known name", L + "def deco(property):\n    @property\n    def w(*a):\n        return 3\n    return w\n@deco\ndef u(f):\n    L.append(f())\n    return f\n", "L", "3", "4", True),
    ("a name of a class that is like a known name", L + "class K:\n    def property(f):\n        L.append(f(0))\n    @property\n    def m(self):\n        return 3\n", "L", "3", "4", True),
    ("a conversion in a default", L + "class K:\n    def __str__(self):\n        L.append(3)\n        return ''\nk = K()\ndef f(x=str(k)):\n    pass\n", "L", "3", "4", True),
    ("a conversion of a list in a default", L + "class K:\n    def __repr__(self):\n        L.append(3)\n        return ''\nk = K()\ndef f(x=str([k])):\n    pass\n", "L", "3", "4", True),
    ("__set_name__ of an object", L + "class D:\n    def __set_name__(self, k, n):\n        L.append(k)\nd = D()\nclass K:\n    a = d\n    v = 3\n", "L[0].v", "3", "4", True),
    ("an annotation in a decorator", G + SETG + "def deco(f):\n    def w(x: setg()):\n        pass\n    return w\n@deco\ndef u():\n    pass\n", "G", "3", "4", True),
    ("a parameter that hides a type", G + "def deco(list):\n    def w(x: list[1]):\n        pass\n    return w\nclass K:\n    def __class_getitem__(cls, x):\n        global G\n        G = cls.v\n@deco\nclass S(K):\n    v = 3\n", "G", "3", "4", True),
    ("get_type_hints", G + SETG + "import typing\ndef f(x: 'setg()'):\n    pass\ntyping.get_type_hints(f)\n", "G", "3", "4", True),
    ("a module that brings another os", "import os\nfrom m import *\nos.getenv('3')\n", "import m; return m.L", "3", "4", True, {"m.py": "L = []\nclass K:\n    def getenv(self, x):\n        L.append(x)\nos = K()\n"}),
    ("a file that is written", "import pathlib\npathlib.Path('f.txt').write_text('3')\n", "open('f.txt').read()", "'3'", "'4'", True),
    ("a thread", L + "import threading\ndef f():\n    L.append(3)\nw = threading.Thread(target=f)\nw.start()\nw.join()\n", "L", "3", "4", True),
    ("asyncio.run", L + "import asyncio\nasync def f():\n    L.append(3)\nasyncio.run(f())\n", "L", "3", "4", True),
    ("a match that binds the rest", "match [1, 3]:\n    case [a, *G]:\n        pass\n", "G", "3", "4", True),
    ("the place of the task", "G = 3\ndef h():\n    return 1\n", "k + x", None, None, True),
    ("if __name__ is something else", G + SETG + 'if __name__ != "__main__":\n    setg()\n', "G", "3", "4", True),
    # what does not matter
    ("the main block", 'if __name__ == "__main__":\n    print(3)\n', "x", "3", "4", False),
    ("a function that nothing calls", G + SETG, "x", "3", "4", False),
    ("a function that changes something else", G + SETG + "setg()\n", "x", "3", "4", False),
    ("a decorator that only wraps", "import functools\nimport time\ndef timed(f):\n    @functools.wraps(f)\n    def w(*a):\n        time.time()\n        return f(*a)\n    return w\n@timed\ndef u():\n    return 3\n", "x", "3", "4", False),
    ("a decorator with arguments that only wraps", "import time\ndef retry(n):\n    def deco(f):\n        def w(*a):\n            time.sleep(n)\n            return f(*a)\n        return w\n    return deco\n@retry(1)\ndef u():\n    return 3\n", "x", "3", "4", False),
    ("a decorator of a module that only wraps", "from m import timed\n@timed\ndef u():\n    return 3\n", "x", "3", "4", False, {"m.py": "import time\ndef timed(f):\n    def w(*a):\n        time.time()\n        return f(*a)\n    return w\n"}),
    ("a decorator with annotations", "import functools\nimport time\nfrom typing import Callable, ParamSpec, TypeVar\nP = ParamSpec('P')\nR = TypeVar('R')\ndef timed(f: Callable[P, R]) -> Callable[P, R]:\n    @functools.wraps(f)\n    def w(*a: P.args, **k: P.kwargs) -> R:\n        time.time()\n        return f(*a, **k)\n    return w\n@timed\ndef u():\n    return 3\n", "x", "3", "4", False),
    ("another dataclass", "import dataclasses\n@dataclasses.dataclass\nclass K:\n    x: int = 3\n", "x", "3", "4", False),
    ("another class of the same base", "class B:\n    pass\nclass S(B):\n    v = 3\n", "B.__name__", "3", "4", False),
    ("a class of a module's base", "from m import B\nclass S(B):\n    v = 3\n", "x", "3", "4", False, {"m.py": "class B:\n    pass\n"}),
    ("another function of the same library", "import os\ndef u():\n    return os.getcwd() + '3'\n", "os.path.join('a')", "3", "4", False),
    ("a constant of the standard library", "import math\nA = math.sqrt(3)\n", "math.pi", "3", "4", False),
    ("a regular expression", "import re\nA = re.compile('3')\n", "re.escape('a')", "3", "4", False),
    ("what os.environ has", "import os\nA = os.environ.get('SBX_T', '3')\n", "os.path.join('a')", "3", "4", False),
    ("an image", "import os\nI = flyte.Image.from_debian_base().with_env_vars({'A': os.path.join('3')})\n", "os.path.join('a')", "3", "4", False),
    ("another task of an annotated class", "class P:\n    x = 1\n@env.task\ndef u(p: list[P] | None = None) -> int:\n    return 3\n", "P.x", "3", "4", False),
    ("a task that a code string may call", "@env.task\ndef u(x: int) -> int:\n    return 3\n", "x", "3", "4", False, {}, 'code = flyte.sandbox.orchestrator_from_str("u(x)", inputs={"x": int}, output=int, tasks=[t, u])\n'),
    ("a module's function", "import m\n", "x", "3", "4", False, {"m.py": "import os\ndef f():\n    return os.getcwd() + '3'\n"}),
    ("a module's table", "import m\n", "x", "3", "4", False, {"m.py": "T = {}\ndef reg(f):\n    T[f.__name__] = f\n    return f\n@reg\ndef a():\n    return 3\n"}),
    ("a class that only annotations name", "from __future__ import annotations\nimport typing\nif typing.TYPE_CHECKING:\n    from m import B\ndef u(b: B | None) -> int:\n    return 3\n", "x", "3", "4", False, {"m.py": "class B:\n    pass\n"}),
    ("a class of a package", "import http.server\nclass S(http.server.BaseHTTPRequestHandler):\n    pass\ndef u():\n    return S, 3\n", "x", "3", "4", False),
    ("an environment of a module", "from m import env as e\n@e.task\ndef u(x: int) -> int:\n    return 3\n", "x", "3", "4", False, {"m.py": "import flyte\nenv = flyte.TaskEnvironment(name='w', cache='auto')\n"}),
    ("a table of another task", D + "def reg(f):\n    D[f.__name__] = f\n    return f\n@reg\ndef a():\n    return 3\n", "x", "3", "4", False),
]


def form_files(form):
    """(files before, files after)"""
    what, before, result, old, new, _, *more = form
    files = more[0] if more else {}
    after = more[1] if len(more) > 1 else ""
    task = f"@env.task\ndef t(x: int) -> str:\n    {result if '; return ' in result else 'return ' + result}\n"
    head = HEAD if before is not None else '"""three"""\n' + HEAD
    future = "from __future__ import annotations\n"
    if before and before.startswith(future):
        head, before = future + head, before[len(future):]
    text = head + (before or "") + task + after + TAIL
    base = {**files, "p.py": text}
    if old is None:  # the place of the task
        task = task.replace("x: int", "x: int, k: int = N")
        return ({**files, "p.py": HEAD + "N = 1\n" + task + "N = 2\n" + TAIL}, {**files, "p.py": HEAD + "N = 1\nN = 2\n" + task + TAIL})
    edited = next(name for name in [*files, "p.py"] if old in base[name].replace(HEAD, "") or (before is None and old in base[name]))
    place = base[edited].index(old, len(head) if before is not None and edited == "p.py" else 0)
    return base, {**base, edited: base[edited][:place] + new + base[edited][place + len(old):]}


def forms(sbxc, top):
    for number, form in enumerate(FORMS):
        what, changes = form[0], form[5]
        found = []
        for side, files in zip("ab", form_files(form)):
            folder = f"{top}/form{number}{side}"
            write_all(folder, files)
            found.append((versions_of(sbxc, folder), load(folder, ["t", "other"])))
        (before, first), (after, second) = found
        check(first and second and first["other"] == second["other"], f"loading: {what}: loads", first, second)
        check((first["t"] != second["t"]) == changes, f"loading: {what}: what CPython does", first, second)
        check((before["t"] != after["t"]) == changes, f"loading: {what}: the version")


# ---- random modules ----

class Writer:
    """A random module. Every literal in it is another number, so that an edit is another number in its place."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.count, self.number = 0, 1000
        self.is_wild = self.chance.random() < 0.35  # changes what is not its own, which belongs to all tasks
        self.lists, self.functions, self.classes, self.objects, self.ints = ["L0"], [], [], [], ["N0"]
        self.dicts, self.decorators = ["D0"], []
        self.others = {"m": "X = 1\nL = []\ndef put(x):\n    L.append(x)\n    return x\nclass B:\n    a = 1\n", "n": "import m\nY = []\n"}

    def literal(self):
        self.number += 1
        return str(self.number)

    def name(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def pick(self, items):
        return self.chance.choice(items)

    def effect(self, inside):
        """A statement that changes something; `inside` a function."""
        n = self.literal()
        choices = [f"{self.pick(self.lists)}.append({n})"] * 3 + [f"{self.pick(self.dicts)}['k'] = {n}", f"{self.pick(self.lists)}.extend([{n}])",
                                                                  f"{self.pick(self.lists)}.__iadd__([{n}])"]
        if self.is_wild:
            choices += [f"m.X = {n}", f"m.put({n})", f"m.L.append({n})", f"math.k = {n}", f"os.environ['SBX_K'] = '{n}'", f"n.Y.append({n})", f"setattr(m, 'X', {n})"]
        if self.functions:
            choices += [f"{self.pick(self.functions)}()"] * 3 + [f"{self.pick(self.functions)}.tag = {n}"]
        if self.classes:
            choices += [f"{self.pick(self.classes)}.a = {n}", f"{self.pick(self.classes)}()", f"setattr({self.pick(self.classes)}, 'a', {n})"]
        if self.objects:
            choices += [f"{self.pick(self.objects)}.go()", f"{self.pick(self.objects)}.b = {n}", f"{self.pick(self.objects)} + {n}", f"{self.pick(self.objects)}.p"]
        if inside:
            choices += [f"global {self.pick(self.ints)}; {{0}} = {n}"]
        else:
            choices += [f"{self.pick(self.ints)} = {n}"] * 2
            if self.is_wild and self.chance.random() < 0.06:
                choices = [f"globals()['{self.pick(self.ints)}'] = {n}", f"sys.modules[__name__].{self.pick(self.ints)} = {n}", f"exec('{self.pick(self.ints)} = {n}')"]
        text = self.pick(choices)
        if text.startswith("global "):
            name = text[7:text.index(";")]
            text = text.format(name)
        return text

    def body(self, indent="    "):
        lines = [self.effect(True) for _ in range(self.chance.randint(1, 2))]
        lines.sort(key=lambda line: not line.startswith("global "))
        names = set()
        kept = []
        for line in lines:
            if line.startswith("global "):
                name = line[7:line.index(";")]
                if name in names:
                    continue
                names.add(name)
            kept.append(line)
        return "".join(f"{indent}{line}\n" for line in kept)

    def declaration(self):
        kind = self.pick(["list", "int", "dict", "function", "function", "class", "class", "object", "decorator", "alias", "module"])
        if kind == "list":
            name = self.name("L")
            text = f"{name} = [{self.literal()}]\n" if self.chance.random() < 0.6 else f"{name} = {self.pick(self.lists)}\n"
            self.lists.append(name)
        elif kind == "int":
            name = self.name("N")
            text = f"{name} = {self.literal()}\n" if self.chance.random() < 0.6 else f"{name} = {self.pick(self.ints)}\n"
            self.ints.append(name)
        elif kind == "dict":
            name = self.name("D")
            text = f"{name} = {{'a': {self.pick(self.ints)}}}\n"
            self.dicts.append(name)
        elif kind == "function":
            name = self.name("f")
            text = f"def {name}(*a):\n{self.body()}    return {self.literal()}\n"
            self.functions.append(name)
        elif kind == "class":
            name = self.name("K")
            base = self.pick([*self.classes, "m.B" if self.is_wild else "", ""])
            methods = self.chance.sample(["__init__(self, *a)", "go(self)", "__add__(self, x)", "__bool__(self)", "__iter__(self)", "__getitem__(self, i)", "__str__(self)",
                                          "__init_subclass__(cls)", "__enter__(self)", "__lt__(self, x)", "__call__(self, *a)", "__set_name__(self, k, n)"], self.chance.randint(1, 3))
            text = f"class {name}{'(' + base + ')' if base else ''}:\n    a = {self.literal()}\n"
            for method in methods:
                result = {"__bool__": "True", "__iter__": "iter((1, 2))", "__str__": "''", "__lt__": "True", "__init__": "None", "__set_name__": "None", "__init_subclass__": "None"}
                ends = "        if i:\n            raise IndexError\n" if "getitem" in method else ""  # an iteration, too
                text += f"    def {method}:\n{ends}{self.body('        ')}        return {result.get(method[:method.index('(')], self.literal())}\n"
            if "__enter__(self)" in methods:
                text += "    def __exit__(self, *e):\n        pass\n"
            text += f"    @property\n    def p(self):\n{self.body('        ')}"
            self.classes.append(name)
        elif kind == "object" and self.classes:
            name = self.name("k")
            text = f"{name} = {self.pick(self.classes)}()\n"
            self.objects.append(name)
        elif kind == "decorator":
            name = self.name("d")
            inner = self.pick([f"    {self.pick(self.dicts)}[f.__name__] = f\n    return f\n", f"    {self.pick(self.lists)}.append(f())\n    return f\n",
                               "    def w(*a):\n        return f(*a)\n    return w\n", "    return f\n", f"    f.tag = {self.literal()}\n    return f\n",
                               f"    {self.effect(True)}\n    return f\n"])
            text = f"def {name}(f):\n{inner}"
            self.decorators.append(name)
        elif kind == "alias" and self.functions:
            name = self.name("f")
            text = f"{name} = {self.pick(self.functions)}\n"
            self.functions.append(name)
        else:
            return ""
        return text

    def running(self):
        """A top-level statement that runs something."""
        f = self.pick(self.functions) if self.functions else "int"
        k = self.pick(self.objects) if self.objects else "N0"
        c = self.pick(self.classes) if self.classes else "int"
        e = self.effect(False)
        new = self.name("v")
        choices = [e, f"{f}()", f"if N0 or True:\n    {e}", f"for i in range(1):\n    {e}", f"try:\n    {e}\nexcept TypeError:\n    pass", f"[{f}() for i in (1,)]",
                   f"class {new}:\n    x = {f}()", f"def {new}(x={f}()):\n    pass", f"def {new}(x: {f}()):\n    pass", f"{new}: {f}() = 1", f"list(map({f}, [1]))",
                   f"sorted([1], key={f})", f"{new} = {{'f': {f}}}\n{new}['f']()", f"{new} = lambda: {f}()\n{new}()", f"({f})()", f"assert {f}() != 0", f"{k} + 1", f"{k}.p",
                   f"if {k}:\n    pass", f"for i in {k}:\n    pass", f"{new} = f'{{{k}}}'", f"{k}[0]", f"{new} = {k} < 1", f"with {k}:\n    pass", f"{new} = {c}()",
                   f"class {new}({c}):\n    a = {self.literal()}", f"class {new}:\n    x = {c}()", f"match {f}():\n    case _:\n        pass", f"if ({new} := {f}()):\n    pass",
                   f"functools.reduce({f}, [1, 2])", f"functools.partial({f})()", f"{new}, *_ = {k}", f"setattr({c}, 'a', {self.literal()})", f"m.put({f}())" if self.is_wild else e,
                   f"def {new}():\n    yield {f}()\nnext({new}())", f"{new} = {f}\n{new}()", f"del {k}.b", f"{k}()", f"print({k})", f"{new} = {k}\n{new} + 1"]
        if self.decorators:
            d = self.pick(self.decorators)
            choices += [f"@{d}\ndef {new}(*a):\n{self.body()}    return {self.literal()}".rstrip(), f"@{d}\nclass {new}:\n    a = {self.literal()}",
                        f"class {new}:\n    @{d}\n    def m(*a):\n        return {self.literal()}"] * 3
        if self.is_wild and self.chance.random() < 0.1:
            self.others["n"] += f"{self.pick(['m.X', 'math.k'])} = {self.literal()}\n"
        return f"try:\n{self.indented(self.pick(choices))}except Exception:\n    pass\n" if self.chance.random() < 0.3 else self.pick(choices) + "\n"

    @staticmethod
    def indented(text):
        return "".join(f"    {line}\n" for line in text.split("\n"))

    def task(self, i):
        d = self.pick(self.dicts)
        reads = [self.pick(self.lists), self.pick(self.lists), self.pick(self.ints), self.pick(self.ints), f"{d}.get('k')", f"{self.literal()}", f"sorted(map(str, {d}))"]
        if self.is_wild:
            reads += ["m.X", "m.L", "getattr(math, 'k', 0)", "os.environ.get('SBX_K')", "n.Y"]
        if self.functions:
            reads += [f"getattr({self.pick(self.functions)}, 'tag', 0)", f"[g() for g in {d}.values() if callable(g)]"]
        if self.classes:
            reads += [f"{self.pick(self.classes)}.a"] * 2
        if self.objects:
            reads += [f"getattr({self.pick(self.objects)}, 'b', 0)"]
        chosen = self.chance.sample(reads, self.chance.randint(1, 2))
        text = f"def h{i}():\n    return [{', '.join(chosen)}]\n" if self.chance.random() < 0.4 else ""
        value = f"h{i}()" if text else f"[{', '.join(chosen)}]"
        return text + f"@env.task\ndef t{i}(x: int) -> str:\n    return shown({value})\n"

    def files(self):
        text = HEAD + "import functools\nimport math\nimport os\nimport sys\nimport m\nimport n\nL0 = []\nN0 = 0\nD0 = {}\n"
        text += "def shown(x):\n    return [shown(i) for i in x] if isinstance(x, list) else x if isinstance(x, (int, str, type(None))) else getattr(x, 'a', type(x).__name__)\n"
        for _ in range(self.chance.randint(4, 14)):
            text += self.declaration() if self.chance.random() < 0.6 else self.running()
        for _ in range(self.chance.randint(1, 4)):
            text += self.running()
        for i in range(4):
            text += self.task(i)
        for _ in range(self.chance.randint(0, 2)):
            text += self.running()
        return {"p.py": text + "@env.sandbox.orchestrator\ndef main(x: int) -> str:\n    return t0(x)\n", **{f"{name}.py": body for name, body in self.others.items()}}


def random_modules(sbxc, top, count, seed, edits=6):
    """(programs, edits, results that changed, versions that changed, of tame programs: edits, results, versions)"""
    tasks = ["t0", "t1", "t2", "t3"]
    programs = tried = changed = other = 0
    tame = [0, 0, 0]
    chance = random.Random(seed)
    folder = f"{top}/random"
    while programs < count:
        writer = Writer(chance.random())
        files = writer.files()
        write_all(folder, files)
        first = load(folder, tasks)
        if not first:
            continue
        programs += 1
        before = versions_of(sbxc, folder)
        numbers = [(name, match) for name, text in files.items() for match in re.finditer(r"\b1\d\d\d\b", text)]
        for name, match in chance.sample(numbers, min(edits, len(numbers))):
            edited = files[name][:match.start()] + str(int(match.group()) + 5000) + files[name][match.end():]
            write_all(folder, {**files, name: edited})
            second = load(folder, tasks)
            if not second:
                continue
            tried += 1
            after = versions_of(sbxc, folder)
            for task in tasks:
                is_changed, is_other = first[task] != second[task], before[task] != after[task]
                changed += is_changed
                other += is_other
                if not writer.is_wild:
                    tame = [tame[0] + (task == "t0"), tame[1] + is_changed, tame[2] + is_other]
                if is_changed and not is_other:
                    check(False, f"loading: {task} has another result and the same version, {name}: {match.group()}", first[task], second[task], *files.values())
        write_all(folder, files)
    check(changed * 10 >= tried, "loading: random edits change results", changed, tried)
    return programs, tried, changed, other, *tame


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("build", nargs="?", default=os.environ.get("SBX_BUILD", "build"))
    words.add_argument("--random", type=int, default=100)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        program = f"{os.path.abspath(given.build)}/sbxc"
        forms(program, place)
        print("programs %d, edits %d; of four tasks each: results changed %d, versions changed %d; where nothing but the module is changed: edits %d, results %d, versions %d" % random_modules(program, place, given.random, given.seed))
    sys.exit(finish())
