#!/usr/bin/env python3
"""Runs that were left with jobs under way are cancelled: their jobs are deleted, through the connectors of documents, of the run's
file, of a generated program. Without them nothing happens.

    tests/connectors/run_cancel.py [BUILD]
"""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile

from common import BUILD, Program, check, finish, wait_for
from job_server import JobServer
from run_classes import Book
from run_http import TOKEN, document, only, write

RUN = "order/17 ü"


class Left:
    """A program whose runs are killed while their jobs run."""
    def __init__(self, folder, server):
        text = document(server)
        text["create"]["body"]["mode"] = {"$": "inputs/mode"}
        self.folder, self.server, self.number = folder, server, 0
        self.connector = ["--connector", f"moded={write(folder, 'moded', text)}"]
        self.program = Program(folder, "http_pipeline", *self.connector)

    def start(self, *words, jobs=1):
        self.number += 1
        journal, count = f"{self.folder}/journal{self.number}.db", len(self.server.jobs)
        process = self.program.start(*words, options=["--journal", journal, "--run-id", RUN])
        check(wait_for(lambda: len(self.server.jobs) == count + jobs and only(self.server).gets >= 2), "the jobs run")
        return process, journal, list(self.server.jobs.values())[count:]

    def leave(self, *words, number=signal.SIGKILL, jobs=1):
        process, journal, made = self.start(*words, jobs=jobs)
        process.send_signal(number)
        process.communicate()
        return journal, made

    def sbxc(self, *words, env=None):
        return subprocess.run([f"{BUILD}/sbxc", *words], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env={**os.environ, **(env or {})})

    def itself(self, journal, *words, connector=True):
        return subprocess.run([self.program.path, *(self.connector if connector else []), "--journal", journal, *words], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)

    def state(self, journal):
        runs = json.loads(self.sbxc("runs", "--format=json", journal).stdout)
        return runs[0]["state"]


def finished(journal):
    connection = sqlite3.connect(journal)
    count = connection.execute("SELECT count(*) FROM events WHERE kind = 1").fetchone()[0]
    connection.close()
    return count


def mark(journal):
    """What `sbxc cancel` writes for a process that has the run open."""
    connection = sqlite3.connect(journal)
    with connection:
        connection.execute("UPDATE runs SET cancel = 1")
    connection.close()


def deleted(jobs):
    return sorted((job.mode, job.deletes) for job in jobs)


WORDS = ("run", "--n", "5", "--mode", "endless")


def refuses(left):
    """Nobody is there who could delete the job: that is told, with what to type, and nothing happens."""
    journal, (job,) = left.leave(*WORDS)
    refused = left.sbxc("cancel", journal, RUN)
    check(refused.returncode == 4 and refused.stdout == "" and "1 job under way in other systems: jobs.by_input#1 ('moded')" in refused.stderr
          and "--connector moded=FILE.json" in refused.stderr and f"sbxc cancel --leave-jobs {journal} '{RUN}'" in refused.stderr, "cancel names the job", refused)
    check(left.state(journal) == "left" and job.deletes == 0, "nothing has happened", refused)
    refused = left.sbxc("cancel", "--connector", "other=moded.json", journal, RUN)
    check(refused.returncode == 4 and "no connector for task type 'moded'" in refused.stderr and left.state(journal) == "left",
          "a connector of another type", refused)
    refused = left.sbxc("cancel", journal, RUN, "http_pipeline.py")
    check(refused.returncode == 4 and "no connector for task type 'moded'" in refused.stderr and left.state(journal) == "left",
          "the file has no connector", refused)
    check(left.sbxc("cancel", "--connector", "moded", journal, RUN).returncode == 2, "no FILE")
    left.server.faults["go"] = True
    job.mode = "ok"
    ended = left.itself(journal, "--resume", RUN)
    check(ended.returncode == 0 and ended.stdout == "10\n" and job.deletes == 0, "it can still be taken up", ended)
    del left.server.faults["go"]
    done = left.sbxc("cancel", *left.connector, journal, RUN)
    check(done.returncode == 2 and "has ended: done" in done.stderr, "a run that has ended", done)


def deletes(left):
    ways = {
        "a document": lambda journal: left.sbxc("cancel", *left.connector, journal, RUN),
        "the file and a document": lambda journal: left.sbxc("cancel", *left.connector, journal, RUN, "http_pipeline.py"),
        "the program": lambda journal: left.itself(journal, "--cancel", RUN),
    }
    for name, way in ways.items():
        process, journal, jobs = left.start("several", "--modes", json.dumps(["ok", "endless", "endless"]), jobs=3)
        check(wait_for(lambda: "COMPLETE" in [job.state for job in jobs]), "one job has ended")
        wait_for(lambda: finished(journal))
        process.kill()
        process.communicate()
        cancelled = way(journal)
        check(cancelled.returncode == 0 and cancelled.stdout == "cancelled\n", f"cancelled with {name}", cancelled)
        check(deleted(jobs) == [("endless", 1), ("endless", 1), ("ok", 0)] and cancelled.stderr.count("deleted") == 2, f"its jobs are deleted: {name}",
              deleted(jobs), cancelled)
        check(left.state(journal) == "cancelled", f"the run is cancelled: {name}")
        again = way(journal)
        check(again.returncode == 2 and "has ended: cancelled" in again.stderr and sum(job.deletes for job in jobs) == 2,
              f"once: {name}", again)


def leaves(left):
    for name, way in {"sbxc": lambda journal: left.sbxc("cancel", "--leave-jobs", journal, RUN),
                      "the program": lambda journal: left.itself(journal, "--leave-jobs", "--cancel", RUN, connector=False)}.items():
        journal, (job,) = left.leave(*WORDS)
        cancelled = way(journal)
        check(cancelled.returncode == 0 and cancelled.stdout == "cancelled\n" and left.state(journal) == "cancelled",
              f"--leave-jobs: {name}", cancelled)
        check(job.deletes == 0, "the job goes on")
        later = left.sbxc("cancel", *left.connector, journal, RUN)
        check(later.returncode == 0 and job.deletes == 1, "and can be deleted later", later)


def without_jobs(left):
    """What is known to be deleted needs no connector."""
    journal, (job,) = left.leave(*WORDS, number=signal.SIGINT)
    check(job.deletes == 1, "an interrupt deletes the job")
    cancelled = left.sbxc("cancel", journal, RUN)
    check(cancelled.returncode == 0 and cancelled.stdout == "cancelled\n" and job.deletes == 1, "an interrupted run", cancelled)
    journal, (job,) = left.leave("run", "--n", "5", "--mode", "waits", number=signal.SIGINT)
    left.server.faults["go"] = True
    ended = left.itself(journal, "--resume", RUN)
    check("a new one is made" in ended.stderr and only(left.server) is not job, "or is taken up with a new job", ended)
    del left.server.faults["go"]


def marked(left):
    """The process that was asked has ended before it looked: whoever takes the run up cancels it, and its jobs."""
    journal, (job,) = left.leave(*WORDS)
    mark(journal)
    begun = left.program.run(*WORDS, options=["--journal", journal, "--run-id", RUN])
    check(begun.code == 4 and "is to be cancelled, and has 1 job under way" in begun.err and job.deletes == 0, "is not begun again", begun)
    resumed = left.itself(journal, "--resume")
    check(resumed.returncode == 1 and f"{RUN} cancelled" in resumed.stdout and job.deletes == 1, "resumed with others", resumed)
    check(left.state(journal) == "cancelled", "is cancelled")
    journal, (job,) = left.leave(*WORDS)
    mark(journal)
    resumed = left.itself(journal, "--resume", RUN)
    check(resumed.returncode == 1 and "was cancelled" in resumed.stderr and job.deletes == 1, "resumed by its id", resumed)
    process, journal, (job,) = left.start(*WORDS)
    cancelled = left.sbxc("cancel", journal, RUN)
    process.communicate(timeout=30)
    check(cancelled.returncode == 0 and job.deletes == 1, "one that a process has open", cancelled)
    process, journal, (job,) = left.start(*WORDS)
    cancelled = left.itself(journal, "--cancel", RUN, connector=False)
    process.communicate(timeout=30)
    check(cancelled.returncode == 0 and cancelled.stdout == "cancelled\n" and job.deletes == 1, "asked by the program", cancelled)


def classes(folder):
    """A class of the run's file: its worker deletes the job."""
    program = Program(folder, "class_pipeline")
    book = Book(folder)
    ways = {"sbxc": lambda journal: subprocess.run([f"{BUILD}/sbxc", "cancel", journal, "one", "class_pipeline.py"], cwd=folder,
                                                   capture_output=True, text=True, timeout=60),
            "the program": lambda journal: subprocess.run([program.path, "--journal", journal, "--cancel", "one"], cwd=folder,
                                                          capture_output=True, text=True, timeout=60)}
    for name, way in ways.items():
        book.clear()
        journal = f"{folder}/{name}.db"
        process = program.start("run", "--n", "3", "--mode", "endless", options=["--journal", journal, "--run-id", "one"])
        check(wait_for(lambda: book.count("get") > 1), "the job runs")
        process.kill()
        process.communicate()
        cancelled = way(journal)
        check(cancelled.returncode == 0 and cancelled.stdout == "cancelled\n" and book.lines()[-1] == "delete b3", f"a class: {name}", cancelled)


def failures(left):
    journal, (job,) = left.leave(*WORDS)
    left.server.close()
    down = left.sbxc("cancel", *left.connector, journal, RUN)
    check(down.returncode == 4 and "is not cancelled yet: 1 of its jobs could not be deleted" in down.stderr, "the service is down", down)
    check(left.state(journal) == "left" and job.deletes == 0, "the run is not cancelled")
    left.server.open()
    missing = left.sbxc("cancel", *left.connector, journal, RUN, env={"BATCH_TOKEN": ""})
    wrong = left.sbxc("cancel", *left.connector, journal, RUN, env={"BATCH_TOKEN": "wrong"})
    check(missing.returncode == 1 and wrong.returncode == 1 and "status 401" in wrong.stderr and left.state(journal) == "left",
          "the service refuses", wrong, missing)
    resumed = left.itself(journal, "--resume")
    check(resumed.returncode == 1 and job.deletes == 1 and left.state(journal) == "cancelled", "and later it does not", resumed)
    journal, (job,) = left.leave("run", "--n", "5", "--mode", "delete500:3")
    process = left.sbxc("cancel", *left.connector, journal, RUN)
    check(process.returncode == 0 and job.deletes == 4, "delete is repeated", process, job.deletes)


def main():
    server = JobServer(TOKEN)
    os.environ["BATCH_TOKEN"] = TOKEN
    with tempfile.TemporaryDirectory() as folder:
        left = Left(folder, server)
        refuses(left)
        deletes(left)
        leaves(left)
        without_jobs(left)
        marked(left)
        failures(left)
        classes(folder)
    server.close()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
