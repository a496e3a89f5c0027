#!/usr/bin/env python3
"""The public headers alone, as C11 and as C++11, and a host program in both languages.

    tests/api/run_api.py BUILD

Each public header is compiled with nothing before it, by every compiler that is there, with warnings as errors. Then
host.c is linked with the C that sbxc makes of examples/pipeline.py, and must print the pipeline's result; and hosting.c, which
tries what sbx.h promises, with that of examples/embed/shop.py and ends.py. No host includes more than the public headers.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
INCLUDE = os.path.join(TOP, "runtime", "include")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
COMPILERS = [("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++11"), ("clang++", "c++", "c++11")]
RESULT = '{"fib": 55, "linear": 25, "total": 80}\n'
counts = {True: 0, False: 0}


def report(name, problem):
    counts[not problem] += 1
    print(f"FAIL {name}: {problem}" if problem else f"ok {name}")


def run(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check_header(compiler, language, standard, header):
    command = [compiler, f"-std={standard}", "-x", language, *STRICT, f"-I{INCLUDE}", "-fsyntax-only", "-"]
    source = f'#include "{header}"\n#include "{header}"\nint main(void) {{ return 0; }}\n'
    result = subprocess.run(command, input=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    report(f"api/{header} as {standard} with {compiler}", result.returncode and result.stdout)


def check_host(build, folder, compiler, language, standard):
    """Generated C is compiled as C; the host in either language."""
    objects = []
    program = os.path.join(folder, f"host-{compiler}")
    for source, how in [(os.path.join(HERE, "host.c"), [compiler, "-x", language, f"-std={standard}", *STRICT]),
                        (os.path.join(folder, "pipeline.c"), ["cc", "-std=c11", "-DSBX_NO_MAIN", *STRICT])]:
        out = os.path.join(folder, f"{os.path.basename(source)}-{compiler}.o")
        result = run([*how, "-O1", f"-I{INCLUDE}", f"-I{folder}", "-c", source, "-o", out])
        if result.returncode:
            return result.stdout
        objects.append(out)
    sanitizers = ["-fsanitize=address,undefined"] if "san" in build.split(os.sep) else []
    result = run([compiler, *objects, *sanitizers, os.path.join(build, "libsbx.a"), "-lm", "-o", program])
    if result.returncode:
        return result.stdout
    result = run([program])
    return "" if result.returncode == 0 and result.stdout == RESULT else f"status {result.returncode}, {result.stdout!r}"


def check_hosting(build, folder):
    """The promises of sbx.h one by one."""
    shop = os.path.join(TOP, "examples", "embed", "shop.py")
    line = next(n for n, text in enumerate(open(shop, encoding="utf-8"), 1) if text.startswith("def order"))
    for source in (shop, os.path.join(HERE, "ends.py")):
        name = os.path.basename(source)
        made = run([os.path.join(build, "sbxc"), source, "-o", os.path.join(folder, name[:-3] + ".c")])
        if made.returncode:
            report(f"api/{name}", made.stdout)
            return
    sanitizers = ["-fsanitize=address,undefined"] if "san" in build.split(os.sep) else []
    built = run(["cc", "-std=c11", *STRICT, "-O1", "-g", "-pthread", "-DSBX_NO_MAIN", f"-DORDER_LINE={line}", f"-I{INCLUDE}", f"-I{folder}",
                 os.path.join(HERE, "hosting.c"), os.path.join(folder, "shop.c"), os.path.join(folder, "ends.c"), *sanitizers, os.path.join(build, "libsbx.a"), "-lm", "-o",
                 os.path.join(folder, "hosting")])
    if built.returncode:
        report("api/hosting.c", built.stdout)
        return
    result = run([os.path.join(folder, "hosting")])
    lines = result.stdout.splitlines()
    for text in lines:
        if text.startswith("ok "):
            report(f"api/{text[3:]}", "")
    wrong = [text for text in lines if not text.startswith("ok ")]
    good = not wrong and result.returncode == 0 and len(lines) >= 10
    report("api/hosting", "" if good else "\n".join([*wrong, f"status {result.returncode}, {len(lines)} lines"]))


def check_hosts_include():
    """A host needs the public headers alone: no example and no test of hosting looks into sbx_gen.h."""
    hosts = [os.path.join(HERE, name) for name in ("host.c", "hosting.c")]
    hosts += [os.path.join(TOP, "examples", "embed", name) for name in os.listdir(os.path.join(TOP, "examples", "embed")) if name.endswith((".c", ".cc", ".h"))]
    for path in hosts:
        text = open(path, encoding="utf-8").read()
        report(f"api/{os.path.basename(path)} includes public headers alone", "sbx_gen" in text and "it names sbx_gen")
    for header in ("sbx.h", "sbx-host.h"):
        text = open(os.path.join(INCLUDE, header), encoding="utf-8").read()
        report(f"api/{header} includes none of generated code", '"sbx_gen' in text and "it includes sbx_gen.h")


def main():
    build = os.path.abspath(sys.argv[1])
    there = [row for row in COMPILERS if shutil.which(row[0])]
    for compiler, language, standard in there:
        for header in ("sbx.h", "sbx-host.h"):
            check_header(compiler, language, standard, header)
    with tempfile.TemporaryDirectory() as folder:
        made = run([os.path.join(build, "sbxc"), os.path.join(TOP, "examples", "pipeline.py"), "-o",
                    os.path.join(folder, "pipeline.c")])
        report("api/generated header", made.returncode and made.stdout)
        for compiler, language, standard in there:
            report(f"api/host in {standard} with {compiler}", check_host(build, folder, compiler, language, standard))
        check_hosting(build, folder)
    check_hosts_include()
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())
