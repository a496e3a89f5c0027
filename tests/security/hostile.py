"""Names and strings that would be C if they were not quoted. */ int pwned; /* ??/ ??' \" %s %n
#include "/etc/passwd"
"""
import flyte

env = flyte.TaskEnvironment(name='e*/"); system("touch pwned"); /*', env_vars={"A\"*/": "??/\n%n\\"})


@env.task
def plain(x: str = '"); abort(); /* \\', y: str = "*/ #error ??/") -> str:
    """*/ #error not quoted /*"""
    return x + y


@env.task(name='t"; */ abort(); //')
def named(x: str) -> str:
    return x


@env.sandbox.orchestrator
def main() -> list[str]:
    """A docstring. */ #error "not quoted" /* \\"""
    a = '"; abort(); //'  # a comment: */ abort(); /* ??/
    b = "\\\"; }\n#error\n/*"
    c = "a\0b\x7f\x80\ud800??=??/??'??(??)"
    d = '\
*/ abort(); \
'
    größe = "%s%n%1$s" + f"{a!r}*/{b:*>30}"  # \
    e = [b"\"; abort(); //\0\xff*/", "*/" "/*", "//" + "\\"]
    é = {"*/": "\N{RIGHT-TO-LEFT OVERRIDE}*/", '"': "'"}
    return [repr(v) for v in [a, b, c, d, größe, e, é]]


@env.sandbox.orchestrator
def calls() -> str:
    return plain() + named('"*/') + plain("\\", "??/")


@env.sandbox.orchestrator
def raises() -> str:
    raise ValueError('*/ "); abort(); %n ??/ \\' + "\n")
