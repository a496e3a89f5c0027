#!/usr/bin/env python3
"""Random programs of the language, compiled and under CPython: the same results, exceptions, tracebacks and prints.

    tests/generated/fuzz_lang.py [--count N] [--seed N] [--compiler CC] [--opt FLAGS] [--build DIR] [--out DIR] ...

Without --count it runs until it is interrupted. The programs of a seed are always the same. What differs is made small and
written to --out with both outcomes. README.md in this folder says how it works.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import shutil
import sys
import tempfile
import time
import warnings

if os.environ.get("PYTHONHASHSEED") != "0": # hashes of text are those of seed 0, as sbx promises
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable] + sys.argv)

import random_batch # noqa: E402
import random_programs # noqa: E402
import random_refusals # noqa: E402
import random_shrink # noqa: E402

BATCH = 500


class Totals:
    def __init__(self):
        self.programs = self.runs = self.raised = self.refused = self.unsaid = self.differ = 0
        self.began = time.monotonic()

    def line(self):
        seconds = time.monotonic() - self.began
        return (f"{self.programs} programs, {self.runs} runs, {100 * self.raised // max(self.runs, 1)} % raised, {self.refused} refused, "
                f"{self.unsaid} runs not compared, {self.differ} differ; {1000 * seconds / max(self.programs, 1):.2f} ms a program")


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def report(options, tools, label, program, run, expected, got):
    """Shrinks, writes and prints one difference."""
    small = random_shrink.shrink(tools, program, run, options.shrink_seconds) if options.shrink_seconds else None
    text, expected, got = small or (program.text, expected, got)
    page = (f"# {label}\n# inputs: {program.runs[run][1]}\n{text}\n# CPython: {expected[0]} {expected[1]}\n# printed: {expected[2]!r}\n"
            f"# native: {got[0]} {got[1]}\n# printed: {got[2]!r}\n")
    tell(("" if small else "(only together with others) ") + page)
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        with open(os.path.join(options.out, label.replace(" ", "_") + ".txt"), "w", encoding="utf-8") as out:
            out.write(page + ("\n# as it was generated:\n" + program.text if small else ""))


def run_batch(options, tools, seed, count, totals, coverage):
    writer = random_programs.Writer(seed, options.tiny)
    programs = random_batch.write_programs(writer, count)
    text = random_batch.lay_out(programs)
    random_batch.run_python(text, programs)
    try:
        left = random_batch.build(tools, text, programs)
    except random_batch.Broken as error:
        totals.differ += 1
        tell(f"seed {seed}: {error}")
        for program, why in random_batch.culprits(tools, text, programs):
            program.expected = program.expected or [("", "", "")]
            report(options, tools, f"seed {seed} {program.name}", program, 0, program.expected[0], (None, why, ""))
        return
    results, crashes = random_batch.run_native(tools, left)
    if coverage:
        coverage.add(text, left, tools.counted)
    found = random_batch.compare(left, results, crashes)
    for program, run, expected, got in found:
        report(options, tools, f"seed {seed} {program.name}", program, run, expected, got)
    refused = [program for program in programs if program.refusal]
    for program in refused:
        why = random_refusals.false_alarm(program)
        if why:
            totals.differ += 1
            tell(f"# seed {seed} {program.name}: refused, but {why}\n{program.text}")
    totals.programs += len(left)
    totals.refused += len(refused)
    totals.differ += len({program for program, _, _, _ in found})
    for program in left:
        for i, (kind, _, _) in enumerate(program.expected):
            totals.runs += 1
            totals.raised += kind == "!"
            totals.unsaid += kind == "" or results.get((program, i), (0,))[0] == random_batch.LIMIT_REACHED


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("SBX_BUILD", os.path.join(random_batch.TOP, "build")))
    parser.add_argument("--count", type=int, help="programs that must be compared; without it, no end")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch")
    parser.add_argument("--compiler", default="tcc" if shutil.which("tcc") else "gcc")
    parser.add_argument("--opt", default="-O0", help="flags of the C compiler")
    parser.add_argument("--out", help="folder for what differs")
    parser.add_argument("--batch", type=int, default=BATCH, help="programs a file")
    parser.add_argument("--tiny", action="store_true", help="programs of one or two statements, for optimising compilers")
    parser.add_argument("--shrink-seconds", type=float, default=40)
    parser.add_argument("--stop-after", type=int, default=20, help="differences")
    parser.add_argument("--progress", type=float, default=0, help="seconds between two lines of progress")
    parser.add_argument("--coverage", help="counts what is reached; fails what is below N in a million", type=int)
    parser.add_argument("--suite", action="store_true", help="what `make test` runs: 10,000 programs; fewer, compiled by gcc, in a build with sanitizers")
    options = parser.parse_args(arguments)
    if options.suite:
        sanitized = "san" in options.build.split(os.sep)
        options.count, options.shrink_seconds, options.stop_after = 600 if sanitized else 10_000, 5, 8
        if sanitized:
            options.compiler, options.opt = "gcc", "-O0 -fsanitize=address,undefined -fno-sanitize-recover=all"
    return options


def main():
    options = parse(sys.argv[1:])
    warnings.simplefilter("ignore")
    random_batch.stand_in()
    totals, coverage, told = Totals(), None, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tools = random_batch.Tools(os.path.abspath(options.build), options.compiler, options.opt.split(), folder)
        if options.coverage:
            import random_coverage
            coverage = random_coverage.Coverage(tools)
        seed = options.seed
        try:
            while (options.count is None or totals.programs < options.count) and totals.differ < options.stop_after:
                count = options.batch if options.count is None else min(options.batch, options.count - totals.programs + 5)
                run_batch(options, tools, seed, count, totals, coverage)
                seed += 1
                if sys.stderr.isatty():
                    sys.stderr.write(f"\r{totals.line()} ")
                elif options.progress and time.monotonic() - told > options.progress:
                    told = time.monotonic()
                    tell(f"up to seed {seed - 1}: {totals.line()}")
        except KeyboardInterrupt:
            tell("")
    tell(totals.line())
    short = coverage.report(options.coverage, totals.programs) if coverage else 0
    tell(f"{totals.programs - totals.differ} passed, {totals.differ + short} failed")
    return 1 if totals.differ + short else 0


if __name__ == "__main__":
    sys.exit(main())
