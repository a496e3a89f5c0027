#!/usr/bin/env python3
"""Connectors that are classes of the user's file, in their worker process.

    tests/connectors/run_classes.py [BUILD]
"""
import json
import os
import signal
import sys
import tempfile

from common import Program, check, finish, wait_for


class Book:
    def __init__(self, folder):
        self.path = f"{folder}/book.txt"

    def lines(self):
        return open(self.path, encoding="utf-8").read().split("\n")[:-1] if os.path.exists(self.path) else []

    def count(self, word):
        return sum(line.split()[0] == word for line in self.lines())

    def clear(self):
        if os.path.exists(self.path):
            os.remove(self.path)


def good(program, book):
    ended = program.run("run", "--n", "4", "--mode", "ok")
    check(ended.code == 0 and ended.out == "8", "a job's result", ended)
    create = book.lines()[0].split()
    check(create[:2] == ["create", "classes.job"] and '{"n": 4, "mode": "ok"} [1, {"a": null}]' in book.lines()[0], "what create is given", create)
    check(create[-1] == create[-2] and create[-1].endswith("-1-1"), "the key is the idempotency key and the prefix's end", create)
    for line in ("[job#1] running: working", "[job#1] Console: https://console.example/b4", '[job#1] info: {"looks": 1}'):
        check(line in ended.err, f"the log has: {line}", ended)
    ended = program.run("defaulted", "--n", "3")
    check(ended.code == 0 and ended.out == "6" and '"mode": "ok"' in book.lines()[-3], "defaults of parameters are filled in", ended)
    ended = program.run("others")
    check(ended.code == 0 and json.loads(ended.out) ==
          [[1, "x"], -1, ["123", {"x": 5}], {"job": 1}, "Duplicate connector for task type: batch and version: 0", None, {"a": 1, "b": 2}],
          "outputs, versions, metadata of other kinds, a second registration", ended)
    ended = program.run("many", "--n", "30")
    check(ended.code == 0 and json.loads(ended.out) == [2 * n for n in range(30)], "many at once", ended)
    check(ended.seconds < 15, "in one event loop", ended.seconds)
    ended = program.run("templated", "--n", "5", "--mode", "ok")
    check(ended.code == 0 and ended.out == "10", "AsyncConnectorExecutorMixin", ended)
    ended = program.run("templated", "--n", "5", "--mode", "fails")
    check(ended.code == 1 and "Failed to run the task classes.template with error: it broke" in ended.last(), "and its failure", ended)


def bad(program, book):
    for mode, words in (("refused", "ValueError: the service refuses"), ("fails", "RuntimeError: the job of task 'classes.job' failed: it broke"),
                        ("dies", "RuntimeError: the worker process of connectors ended with exit code 3"),
                        ("mistaken", "AttributeError: 'BatchMeta' object has no attribute 'nothing'"), ("lies", "TypeError")):
        book.clear()
        ended = program.run("run", "--n", "1", "--mode", mode)
        check(ended.code == 1 and words in ended.last(), mode, ended)
        if mode == "mistaken":
            check(book.count("delete") == 1 and book.count("get") == 1, "a mistake of the connector ends the job", book.lines())
    ended = program.run("run", "--n", "1", "--mode", "refused")
    check("class_pipeline.py" in ended.err and 'raise ValueError("the service refuses")' in ended.err, "its traceback is shown", ended)
    book.clear()
    ended = program.run("run", "--n", "2", "--mode", "flaky")
    check(ended.code == 0 and ended.out == "4" and ended.err.count("is tried again: busy") == 2, "get is tried again", ended)
    ended = program.run("run", "--n", "2", "--mode", "deadly")
    check(ended.code == 0 and ended.out == "4" and "exit code 4" in ended.err, "a process that dies in get is started again", ended, book.lines())
    ended = program.run("run_newest")
    check(ended.code == 4 and "'batch' (version 7)" in ended.last() and "'batch' (version 0), 'batch' (version 2)" in ended.last(),
          "no connector of this version", ended)
    ended = program.run("run_secret", "--n", "1")
    check(ended.code == 1 and "Secret BATCH_API_KEY not found in environment" in ended.last(), "a secret that is not there", ended)
    ended = program.run("run_secret", "--n", "1", env={"BATCH_API_KEY": "hidden-word"})
    check(ended.code == 0 and "hidden-word" in " ".join(book.lines()) and "hidden-word" not in ended.err, "a secret", ended)


def ends(program, book, folder):
    book.clear()
    ended = program.run("run_limited")
    check(ended.code == 1 and "TimeoutError" in ended.last() and book.count("delete") == 1, "a timeout deletes the job", ended, book.lines())
    book.clear()
    process = program.start("run", "--n", "1", "--mode", "endless")
    wait_for(lambda: book.count("get") >= 2)
    process.send_signal(signal.SIGINT)
    process.communicate()
    check(process.returncode == 130 and book.lines()[-1] == "delete b1", "an interrupt deletes the job", book.lines())
    book.clear()
    options = ["--journal", f"{folder}/classes.db", "--run-id", "r"]
    process = program.start("run", "--n", "9", "--mode", "waits", options=options)
    wait_for(lambda: book.count("get") >= 2)
    process.kill()
    process.communicate()
    open(f"{folder}/go", "w", encoding="utf-8").close()
    ended = program.run("run", "--n", "9", "--mode", "waits", options=options)
    check(ended.code == 0 and ended.out == "18" and book.count("create") == 1, "after a kill the job is taken up again", ended, book.lines())


def main():
    os.environ.pop("BATCH_API_KEY", None)
    with tempfile.TemporaryDirectory() as folder:
        book = Book(folder)
        os.environ["BOOK"] = book.path
        program = Program(folder, "class_pipeline")
        good(program, book)
        bad(program, book)
        ends(program, book, folder)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
