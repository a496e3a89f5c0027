#!/usr/bin/env python3
"""The claims of docs/security.md that no other suite proves.

    tests/security/run.py

What the core library and generated C may call; that they and libsbx-host keep no state; a run with no system calls but
memory and time; sources full of text that would be C; sources that would keep the compiler busy.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SBX_BUILD", os.path.join(TOP, "build"))
INCLUDE = f"-I{TOP}/runtime/include"
# Pure functions, malloc, one clock. snprintf formats numbers into buffers of their size.
CORE_MAY = set("""malloc calloc realloc free memcpy memmove memset memcmp memchr memrchr memmem strlen strcmp strncmp strchr strrchr strstr
    strcspn strspn strtoull strtoll strtod snprintf sscanf __isoc99_sscanf clock_gettime abort __assert_fail
    ldexp frexp modf fmod pow round nearbyint floor ceil trunc fabs sqrt copysign lround
    __stack_chk_fail _GLOBAL_OFFSET_TABLE_ __udivti3 __umodti3 __divti3 __modti3 __popcountdi2 __memcpy_chk __snprintf_chk __memset_chk""".split())
CALLS_NOTHING = re.compile(r"^(system|popen|exec|fork|vfork|clone|posix_spawn|open|openat|fopen|creat|socket|connect|bind|send|recv|read|write|unlink|"
                           r"rename|dlopen|dlsym|getenv|setenv|signal|sigaction|kill|pthread_|exit|_exit|mprotect|syscall|ptrace|printf|puts|gets|rand|srand|"
                           r"setlocale|localtime|time$)")
COMPILE_SECONDS, COMPILE_BYTES = 20, 3 << 30
counts = [0, 0]


def report(name, problem):
    counts[bool(problem)] += 1
    if problem:
        print(f"FAIL {name}: {problem}")


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)


def symbols(path):
    """(undefined, defined) names of an archive or object."""
    rows = [line.split() for line in run(["nm", path]).stdout.splitlines()]
    undefined = {row[1] for row in rows if len(row) == 2 and row[0] == "U"}
    return undefined, {row[2] for row in rows if len(row) == 3}


def check_imports(folder):
    undefined, defined = symbols(f"{BUILD}/libsbx.a")
    outside = undefined - defined
    report("the core library calls only what it may", sorted(outside - CORE_MAY))
    report("the core library calls nothing that reaches out", sorted(n for n in outside if CALLS_NOTHING.match(n)))
    report("the core library has something to look at", "" if {"malloc", "memcpy"} <= outside else "no imports found")
    shutil.copy(f"{HERE}/hostile.py", f"{folder}/program.py")
    run([f"{BUILD}/sbxc", "program.py", "-o", "program.c"], cwd=folder)
    run(["cc", "-O0", "-std=c11", "-DSBX_NO_MAIN", INCLUDE, "-c", "program.c", "-o", "program.o"], cwd=folder)
    undefined, _ = symbols(f"{folder}/program.o")
    report("generated C calls only the library", sorted(n for n in undefined if not n.startswith("sbx_") and n not in CORE_MAY) or
           ("" if undefined else "no imports found"))


# Data that is written once, when the program is loaded, and is read-only from then on.
CONSTANT = re.compile(r"\.data\.rel\.ro")


def writable(path):
    """The sections of an archive or object that can be written while it runs, and are not empty."""
    rows = [line.split() for line in run(["objdump", "-h", path]).stdout.splitlines()]
    return sorted({row[1] for row in rows if len(row) > 3 and re.match(r"\.(t?data|t?bss|init_array|fini_array|ctors)", row[1])
                   and int(row[2], 16) and not CONSTANT.match(row[1])})


# What keeps something between two calls, or changes something for the whole process.
OF_PROCESS = set("""signal sigaction sigprocmask pthread_sigmask sigaltstack signalfd alarm setitimer timer_create atexit on_exit at_quick_exit
    pthread_atfork pthread_create thrd_create pthread_once call_once setenv unsetenv putenv clearenv environ setlocale uselocale umask chdir fchdir chroot
    setrlimit prlimit prctl setpriority nice setuid setgid setsid setpgid dlopen dlmopen dlclose mallopt rand srand random srandom drand48 lrand48
    srand48 strtok localtime gmtime ctime asctime tzset getpwnam getpwuid getgrnam getgrgid gethostbyname getservbyname getopt getopt_long
    tmpnam ttyname basename dirname hsearch setvbuf""".split())
# Where libsbx-host does, and why.
PROCESS_MAY = {
    ("shared_library.o", "dlopen"): "a library is loaded, and by that initialised once, when it is first needed",
    ("shared_library.o", "dlclose"): "it stays loaded (RTLD_NODELETE): with no handle to keep there is nothing to keep",
    ("interrupt.o", "sigaction"): "only a generated main: asks what it was born with",
    ("interrupt.o", "sigprocmask"): "only a generated main: signals are read from a descriptor",
    ("interrupt.o", "signalfd"): "only a generated main: that descriptor",
    ("local_worker.o", "signal"): "in the child, between fork and exec: a worker is born with no signal ignored",
    ("local_worker.o", "sigprocmask"): "in the child: and none blocked",
    ("local_worker.o", "setsid"): "in the child: what a terminal sends goes to the host alone",
    ("local_worker.o", "prctl"): "in the child: it ends with its parent",
}


def of_process(path):
    """(object, function) of what the archive calls of OF_PROCESS."""
    rows = [line.split() for line in run(["nm", "-A", path]).stdout.splitlines()]
    return {(row[0].split(":")[1], row[-1]) for row in rows if row[-2] == "U" and row[-1] in OF_PROCESS}


def check_state(folder):
    """No global state: nothing that can be written, nothing that runs by itself when it is loaded; the check sees what is there."""
    report("the core library has no writable data", writable(f"{BUILD}/libsbx.a") if "san" not in BUILD.split(os.sep) else "")
    report("the compiler's library has none", writable(f"{BUILD}/libsbxc.a") if "san" not in BUILD.split(os.sep) else "")
    report("the host's library has none", writable(f"{BUILD}/libsbx-host.a") if "san" not in BUILD.split(os.sep) else "")
    found = of_process(f"{BUILD}/libsbx-host.a")
    report("the host's library changes the process only where it may", sorted(found - set(PROCESS_MAY)))
    report("where it may it does", sorted(set(PROCESS_MAY) - found))
    shutil.copy(f"{HERE}/hostile.py", f"{folder}/program.py")
    run([f"{BUILD}/sbxc", "program.py", "-o", "program.c"], cwd=folder)
    run(["cc", "-O0", "-std=c11", "-DSBX_NO_MAIN", INCLUDE, "-c", "program.c", "-o", "program.o"], cwd=folder)
    report("generated C has none", "not compiled" if not os.path.exists(f"{folder}/program.o") else writable(f"{folder}/program.o"))
    with open(f"{folder}/state.c", "w", encoding="utf-8") as f:
        f.write("static int n; int *next(void); int *next(void) { n++; return &n; }\n__attribute__((constructor)) static void begin(void) { n = 2; }\n")
    run(["cc", "-O0", "-c", "state.c", "-o", "state.o"], cwd=folder)
    report("writable data would be seen", "" if writable(f"{folder}/state.o") == [".bss", ".init_array"] else writable(f"{folder}/state.o"))


def check_confined(folder):
    """tests/lang under seccomp."""
    text = open(f"{TOP}/tests/lang/language.py", encoding="utf-8").read()
    with open(f"{folder}/program.py", "w", encoding="utf-8") as f:
        f.write(text)
    for command in ([f"{BUILD}/sbxc", "program.py", "-o", "program.c"],
                    ["cc", "-O1", "-std=c11", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", "-I.", INCLUDE, "-o", "confined", f"{HERE}/confined_host.c",
                     "program.c", f"{BUILD}/libsbx.a", "-lm"]):
        result = run(command, cwd=folder)
        if result.returncode:
            report("confined host", result.stdout[-1500:])
            return
    result = run([f"{folder}/confined"], cwd=folder)
    report("a run makes no system call but for memory and time", "" if result.returncode == 0 and result.stdout.count("\n") > 20 else
           f"status {result.returncode}: {result.stdout[-500:]}")
    report("the host that opens a file is killed", "" if run([f"{folder}/confined", "open"]).returncode == -31 else "it was not")


def check_quoting(folder):
    for name in ["program.py", 'a"b*.py', "c%n??.py"]:
        path = f"{folder}/{name}"
        shutil.copy(f"{HERE}/hostile.py", path)
        result = run([f"{BUILD}/sbxc", path, "-o", f"{folder}/out.c"], cwd=folder)
        if result.returncode:
            report(f"hostile text in {name}", result.stdout[-1500:])
            continue
        for standard in ["-std=c11", "-std=gnu17"]:
            result = run(["cc", standard, "-Wall", "-Wextra", "-Wcomment", "-Wtrigraphs", "-Wformat=2", "-Werror", "-DSBX_NO_MAIN", INCLUDE, "-c", "out.c", "-o", "out.o"],
                         cwd=folder)
            report(f"hostile text in {name} compiles as {standard}", result.stdout[-1500:] if result.returncode else "")
    shutil.copy(f"{HERE}/hostile.py", f"{folder}/program.py")
    result = run([f"{BUILD}/sbxc", "program.py", "-o", "program"], cwd=folder)
    got = run([f"{folder}/program", "main"], cwd=folder).stdout
    namespace = {}
    text = open(f"{HERE}/hostile.py", encoding="utf-8").read()
    body = text[text.index("def main()"):text.index("@env.sandbox.orchestrator\ndef calls")]
    exec(body, namespace)
    import json
    report("hostile text means what it means in Python", "" if got.strip() == json.dumps(namespace["main"]()) else f"{got}{result.stdout}")
    report("nothing of it was run", "a file was made" if os.path.exists(f"{folder}/pwned") else "")


def expand(text):
    """{N:TEXT} is TEXT N times; TEXT has no closing brace but may be one."""
    return re.sub(r"\{(\d+):(\}|[^}]*)\}", lambda m: m.group(2) * int(m.group(1)), text)


def bounds():
    resource.setrlimit(resource.RLIMIT_AS, (COMPILE_BYTES, COMPILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (COMPILE_SECONDS, COMPILE_SECONDS))


def check_bounded(folder):
    slowest = 0
    parts = re.split(r"^--- (.*)\n", open(f"{HERE}/bounded.txt", encoding="utf-8").read(), flags=re.M)
    for name, text in zip(parts[1::2], parts[2::2]):
        body = expand(text)
        constants = re.findall(r"^([A-Z]) =", body, re.M)
        for inside in [False, True]:
            source = "import flyte\nenv = flyte.TaskEnvironment(name=\"e\")\n"
            lines = "".join("    " + line + "\n" for line in body.splitlines())
            if inside:
                source += f"@env.sandbox.orchestrator\ndef main():\n{lines}    return 1\n"
            else:
                source += body + f"\n@env.sandbox.orchestrator\ndef main():\n    return [{', '.join(constants)}]\n"
            with open(f"{folder}/bounded.py", "w", encoding="utf-8") as f:
                f.write(source)
            begin = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            options = {} if "san" in BUILD.split(os.sep) else {"preexec_fn": bounds}
            result = run([f"{BUILD}/sbxc", "bounded.py", "-o", "bounded.c"], cwd=folder, **options)
            slowest = max(slowest, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin[1])
            good = result.returncode == 0 or (result.returncode == 2 and "error" in result.stdout and "internal error" not in result.stdout)
            where = "in an orchestrator" if inside else "of the module"
            if good and result.returncode == 0:
                size = os.path.getsize(f"{folder}/bounded.c")
                good = size < 200 * len(source) + 100000
                result.stdout += f" {size} bytes of C for {len(source)} of Python"
            report(f"{name} {where}", "" if good else f"status {result.returncode}: {result.stdout[-300:]}")
    print(f"security: the slowest compilation took {slowest:.2f} s")


def main():
    for check in [check_imports, check_state, check_confined, check_quoting, check_bounded]:
        with tempfile.TemporaryDirectory() as folder:
            check(folder)
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] != 0


if __name__ == "__main__":
    sys.exit(main())
