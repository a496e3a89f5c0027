#!/usr/bin/env python3
"""What `make install` puts down, and what users do with it.

    tests/install/run.py BUILD

Installs into a fresh prefix and into a DESTDIR; builds and runs programs with what pkg-config says, against the shared
libraries and the static ones, in C and C++; compares the exported symbols with the headers; reads the manual pages;
uninstalls. Then builds the tarball of `make dist` where re2c and lemon are not there.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
PIPELINE = f"{TOP}/examples/pipeline.py"
RESULT = '{"fib": 55, "linear": 25, "total": 80}\n'
VERSION = ".".join(re.findall(r"#define SBX_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", open(f"{TOP}/runtime/include/sbx.h").read()))
counts = [0, 0]


def report(name, problem):
    counts[bool(problem)] += 1
    if problem:
        print(f"FAIL {name}: {problem}")


def run(command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)


def make(*words):
    # Not those of a make that runs this suite.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return run(["make", "-s", *words], cwd=TOP, env=environment)


def tree(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


# ---- exported symbols ----

def declared(*headers):
    """The functions that headers declare with SBX_API."""
    text = "\n".join(open(h, encoding="utf-8").read() for h in headers)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return set(re.findall(r"SBX_API[^;{]*?\b(sbx_\w+)\s*[(\[;]", text))


def exported(library):
    rows = [line.split() for line in run(["nm", "-D", "--defined-only", library]).stdout.splitlines()]
    return {row[-1] for row in rows if len(row) == 3}, {row[-1] for row in rows if len(row) == 3 and row[1] in "BbDd"}


def check_symbols(lib):
    include = f"{TOP}/runtime/include"
    core, host = declared(f"{include}/sbx.h"), declared(f"{include}/sbx-host.h")
    generated = declared(f"{include}/sbx_gen.h", f"{include}/sbx_gen_ops.h") - host
    compiler = open(f"{TOP}/gen/sbxc.h", encoding="utf-8").read()
    compiler = set(re.findall(r"\b(sbxc_\w+)\(", re.sub(r"/\*.*?\*/", " ", compiler, flags=re.S)))
    for name, wanted in (("libsbx", core | generated), ("libsbx-host", host), ("libsbxc", compiler)):
        found, data = exported(f"{lib}/{name}.so")
        report(f"{name}.so exports all that its headers declare", sorted(wanted - found) or (not found and "nothing is exported"))
        report(f"{name}.so exports nothing else", sorted(found - wanted))
        report(f"{name}.so has no writable data of its interface", sorted(data))
        soname = re.search(r"SONAME.*\[(.*)\]", run(["readelf", "-d", f"{lib}/{name}.so"]).stdout)
        report(f"{name}.so: soname", "" if soname and soname.group(1) == f"{name}.so.{VERSION.split('.')[0]}" else "it has another one")
        report(f"{name}.so is a chain of links", "" if os.readlink(f"{lib}/{name}.so") == f"{name}.so.{VERSION.split('.')[0]}" and
               os.path.realpath(f"{lib}/{name}.so") == os.path.realpath(f"{lib}/{name}.so.{VERSION}") else "it is none")


# ---- what users build ----

def pkg_config(prefix, *words):
    environment = dict(os.environ, PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig")
    return run(["pkg-config", *words], env=environment).stdout.split()


def check_program(prefix, folder, name, static):
    """A generated program by hand, as the contract has it."""
    flags = pkg_config(prefix, "--cflags", "sbx-host")
    flags += [f"-L{prefix}/lib", "-l:libsbx-host.a", "-l:libsbx.a", "-lm"] if static else pkg_config(prefix, "--libs", "sbx-host")
    program = f"{folder}/{name}"
    built = run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"{folder}/pipeline.c", *flags, "-o", program])
    if built.returncode:
        return built.stdout
    needed = run(["readelf", "-d", program]).stdout
    if ("libsbx.so.0" in needed) == static:
        return f"needs {re.findall(r'NEEDED.*', needed)}"
    result = run([program, "--log", f"{folder}/log", "pipeline", "--n", "10"], env=dict(os.environ, LD_LIBRARY_PATH="" if static else f"{prefix}/lib"))
    return "" if result.stdout == RESULT else result.stdout[-1500:]


def check_service_flags(prefix, folder):
    """A host of the core alone, in both languages, from the installed headers."""
    for compiler, language in (("cc", "c"), ("c++", "c++")):
        if not shutil.which(compiler):
            continue
        objects = f"{folder}/p.o"
        problem = run(["cc", "-std=c11", "-DSBX_NO_MAIN", *pkg_config(prefix, "--cflags", "sbx"), "-c", f"{folder}/pipeline.c", "-o", objects]).stdout
        built = run([compiler, "-x", language, f"{TOP}/tests/api/host.c", "-x", "none", objects, f"-I{folder}", *pkg_config(prefix, "--cflags", "--libs", "sbx"),
                     "-o", f"{folder}/host"])
        result = run([f"{folder}/host"], env=dict(os.environ, LD_LIBRARY_PATH=f"{prefix}/lib"))
        report(f"a host with {compiler} against the shared core", problem or built.stdout or (result.stdout != RESULT and result.stdout))


def check_static_host(prefix, folder):
    """A host of the core with nothing shared in it at all."""
    built = run(["cc", "-static", "-std=c11", "-Wall", "-Werror", "-DSBX_NO_MAIN", f"{TOP}/tests/api/host.c", f"{folder}/pipeline.c", f"-I{folder}",
                 *pkg_config(prefix, "--cflags", "sbx"), *pkg_config(prefix, "--static", "--libs", "sbx"), "-o", f"{folder}/static_host"])
    result = run([f"{folder}/static_host"]) if not built.returncode else built
    report("a static host", result.stdout != RESULT and result.stdout)
    report("it needs no library", "NEEDED" in run(["readelf", "-d", f"{folder}/static_host"]).stdout and "it does")


def check_compiler_library(prefix, folder):
    source = f"{folder}/compile.c"
    with open(source, "w", encoding="utf-8") as file:
        file.write('#include <sbxc.h>\n#include <stdio.h>\nint main(int argc, char **argv)\n{\n\tCompilation *c = sbxc_open(0);\n\tbool good = argc > 1 && '
                   'sbxc_file(c, argv[1]);\n\tprintf("%u entries, %u errors\\n", good ? sbxc_entry_count(c) : 0, sbxc_error_count(c));\n'
                   "\tsbxc_free(c);\n\treturn !good;\n}\n")
    built = run(["cc", "-std=c11", "-Wall", "-Werror", source, *pkg_config(prefix, "--cflags", "--libs", "sbxc"), "-o", f"{folder}/compile"])
    result = run([f"{folder}/compile", PIPELINE], env=dict(os.environ, LD_LIBRARY_PATH=f"{prefix}/lib"))
    report("a program with the compiler's library", built.stdout or (not re.fullmatch(r"[1-9]\d* entries, 0 errors\n", result.stdout) and result.stdout))


def check_sbxc(prefix, folder):
    os.makedirs(f"{folder}/own")
    built = run([f"{prefix}/bin/sbxc", PIPELINE, "-o", f"{folder}/own/pipeline"])
    needed = run(["readelf", "-d", f"{folder}/own/pipeline"]).stdout
    result = run([f"{folder}/own/pipeline", "--log", f"{folder}/log", "pipeline", "--n", "10"])
    report("the installed sbxc makes programs", built.stdout or (result.stdout != RESULT and result.stdout))
    report("they link statically", "libsbx" in needed and "a shared libsbx is needed")


def check_man(prefix):
    for name, header in (("libsbx", "sbx.h"), ("libsbx-host", "sbx-host.h")):
        page = f"{prefix}/share/man/man3/{name}.3"
        text = open(page, encoding="utf-8").read().replace("\\-", "-")
        wanted = declared(f"{TOP}/runtime/include/{header}")
        report(f"{name}.3 has every function", sorted(n for n in wanted if not re.search(rf"\b{n}\b", text)) or (len(wanted) < 20 and "few functions"))
        if shutil.which("groff"):
            report(f"{name}.3 is a manual page", run(["groff", "-man", "-Tutf8", "-ww", "-z", page]).stdout[:1000])
    report("sbxc.1", not os.path.exists(f"{prefix}/share/man/man1/sbxc.1") and "it is not there")


def check_installed(folder):
    prefix = f"{folder}/usr"
    result = make("install", f"PREFIX={prefix}")
    report("make install", result.returncode and result.stdout[-2000:])
    staged = make("install", "PREFIX=/usr", f"DESTDIR={folder}/stage")
    report("make install DESTDIR=", staged.returncode and staged.stdout[-2000:])
    report("DESTDIR gives the same files", set(tree(prefix)) ^ set(tree(f"{folder}/stage/usr")) or (len(tree(prefix)) < 20 and "few files"))
    report("DESTDIR is nowhere in them", run(["grep", "-r", "-l", "-I", folder, f"{folder}/stage"]).stdout)
    result = make("install", f"PREFIX={prefix}")
    built = run([f"{prefix}/bin/sbxc", PIPELINE, "-o", f"{folder}/pipeline.c"])
    report("sbxc -o X.c", built.returncode and built.stdout)
    check_symbols(f"{prefix}/lib")
    report("a program against the shared libraries", check_program(prefix, folder, "shared", False))
    report("a program against the static ones", check_program(prefix, folder, "static", True))
    check_service_flags(prefix, folder)
    check_static_host(prefix, folder)
    check_compiler_library(prefix, folder)
    check_sbxc(prefix, folder)
    check_man(prefix)
    result = make("uninstall", f"PREFIX={prefix}")
    report("make uninstall", result.stdout or tree(prefix))


def check_dist(folder):
    """The tarball builds where `re2c` and `lemon` fail."""
    result = make("dist")
    tarball = f"{TOP}/build/sbxc-{VERSION}.tar.gz"
    report("make dist", result.returncode and result.stdout[-2000:])
    run(["tar", "-xzf", tarball, "-C", folder])
    os.makedirs(f"{folder}/bin")
    for tool in ("re2c", "lemon"):
        with open(f"{folder}/bin/{tool}", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexit 1\n")
        os.chmod(f"{folder}/bin/{tool}", 0o755)
    source = f"{folder}/sbxc-{VERSION}"
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    environment["PATH"] = f"{folder}/bin:" + environment["PATH"]
    built = run(["make", "-s", "-j2", "CFLAGS=-O0", "build/sbxc"], cwd=source, env=environment)
    checked = run([f"{source}/build/sbxc", "check", PIPELINE])
    report("the tarball builds without re2c and lemon", built.stdout[-2000:] if built.returncode else checked.stdout)


def main():
    for check in (check_installed, check_dist):
        with tempfile.TemporaryDirectory() as folder:
            check(folder)
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] != 0


sys.exit(main())
