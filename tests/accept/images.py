# Images of environments: what containers of their tasks are built of, and what cannot be built, which is no error of the file.
import os

import flyte
from flyte import Image

base = Image.from_debian_base(python_version=(3, 12), registry="registry.example/p", name="tools", install_flyte=False)
plain = flyte.TaskEnvironment(name="plain")
auto = flyte.TaskEnvironment(name="auto", image="auto")
named = flyte.TaskEnvironment(name="named", image="registry.example:5000/a/b:1.0@sha256:00")
layers = flyte.TaskEnvironment(
    name="layers",
    image=base.with_apt_packages("git", "curl=7.88.1-10").with_env_vars({"A": "a b\"$c\\d", "B": ""}).with_pip_packages("numpy", ["x[y]>=1"], pre=True,
          index_url="https://index.example", extra_index_urls=["https://a.example", "https://b.example"]).with_commands(["echo 'x' && make", "true"]),
    resources=flyte.Resources(cpu=(1, 2), memory="512Mi"),
)
given = flyte.TaskEnvironment(name="given", image=flyte.Image.from_base("debian:bookworm").with_apt_packages("python3"))
only = flyte.TaskEnvironment(name="only", resources=flyte.Resources(memory="1Gi"))
wrong = [
    flyte.TaskEnvironment(name="empty", image=""),
    flyte.TaskEnvironment(name="blank", image="a b"),
    flyte.TaskEnvironment(name="number", image=1),
    flyte.TaskEnvironment(name="list", image=["x"]),
    flyte.TaskEnvironment(name="unknown", image=os.environ["IMAGE"]),
    flyte.TaskEnvironment(name="package", image=base.with_pip_packages("--upgrade")),
    flyte.TaskEnvironment(name="debian", image=base.with_apt_packages("a b")),
    flyte.TaskEnvironment(name="keyword", image=base.with_pip_packages("x", extra_args="--no-deps")),
    flyte.TaskEnvironment(name="call", image=base.with_source_folder(".").with_pip_packages("x")),
    flyte.TaskEnvironment(name="command", image=base.with_commands(["a\nUSER root"])),
    flyte.TaskEnvironment(name="variable", image=base.with_env_vars({"a b": "c"})),
    flyte.TaskEnvironment(name="version", image=Image.from_debian_base(python_version=(2, 7))),
    flyte.TaskEnvironment(name="none", image=Image.from_base()),
    flyte.TaskEnvironment(name="spread", image=base.with_pip_packages(*os.environ)),
    flyte.TaskEnvironment(name="resources", resources="big"),
    flyte.TaskEnvironment(name="memory", resources=flyte.Resources(memory="1")),
]
e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, ea, eb, ec, ed, ee, ef = wrong


@plain.task
def t_plain() -> int: ...


@auto.task
def t_auto() -> int: ...


@named.task
def t_named() -> int: ...


@layers.task
def t_layers() -> int: ...


@given.task
def t_given() -> int: ...


@only.task
def t_only() -> int: ...


@e0.task
def t_0() -> int: ...


@e1.task
def t_1() -> int: ...


@e2.task
def t_2() -> int: ...


@e3.task
def t_3() -> int: ...


@e4.task
def t_4() -> int: ...


@e5.task
def t_5() -> int: ...


@e6.task
def t_6() -> int: ...


@e7.task
def t_7() -> int: ...


@e8.task
def t_8() -> int: ...


@e9.task
def t_9() -> int: ...


@ea.task
def t_a() -> int: ...


@eb.task
def t_b() -> int: ...


@ec.task
def t_c() -> int: ...


@ed.task
def t_d() -> int: ...


@ee.task
def t_e() -> int: ...


@ef.task
def t_f() -> int: ...


@layers.sandbox.orchestrator
def pipeline() -> int:
    return t_plain() + traced()


@flyte.trace
def traced() -> int: ...
