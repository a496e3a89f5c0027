#!/usr/bin/env python3
"""Programs that are killed while their jobs are created, run, and are deleted, and are started again with their journal: each
job is created once, looked at again, and deleted when it is not wanted.

    tests/connectors/run_crash.py [BUILD]
"""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from common import BUILD, TOP, Program, check, finish, wait_for
from job_server import JobServer
from run_http import TOKEN, document, only, write


class Durable:
    def __init__(self, folder, server):
        text = document(server)
        text["create"]["body"]["mode"] = {"$": "inputs/mode"}
        path = write(folder, "moded", text)
        self.folder, self.number = folder, 0
        self.program = Program(folder, "http_pipeline", "--connector", f"moded={path}")
        self.preload = f"{folder}/kill_at.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", self.preload, f"{TOP}/tests/journal/kill_at.c", "-ldl"], check=True)

    def journal(self):
        self.number += 1
        return f"{self.folder}/journal{self.number}.db"

    def options(self, journal):
        return ["--journal", journal, "--run-id", "order/17 ü"]

    def run(self, journal, *words, env=None):
        return self.program.run(*words, options=self.options(journal), env=env)

    def start(self, journal, *words):
        return self.program.start(*words, options=self.options(journal))


def notes(journal):
    connection = sqlite3.connect(journal)
    rows = connection.execute("SELECT type, value FROM events WHERE kind = 3").fetchall()
    connection.close()
    return {name: value for name, value in rows}


def killed_while_running(durable, server):
    journal, words = durable.journal(), ("run", "--n", "5", "--mode", "waits")
    count = len(server.jobs)
    for _ in range(3):
        process = durable.start(journal, *words)
        check(wait_for(lambda: len(server.jobs) == count + 1 and only(server).gets >= 3), "the job runs")
        process.kill()
        process.communicate()
        server.jobs[only(server).id].gets = 0
    server.faults["go"] = True
    creates = server.creates
    ended = durable.run(journal, *words)
    check(ended.code == 0 and ended.out == "10" and "taken up again" in ended.err, "a job is taken up again", ended)
    check(len(server.jobs) == count + 1 and server.creates == creates and only(server).deletes == 0, "it was created once")
    found = notes(journal)
    check(set(found) >= {"job", "links", "info"}, "the journal has what is known of the job", found)
    links = json.loads(found["links"])
    check(links[0] == {"name": "Console", "url": f"https://console.example/{only(server).id}"}, "its links", links)
    check(json.loads(found["info"]) == {"done": 0.5}, "its info", found["info"])
    again = durable.run(journal, *words)
    check(again.out == "10" and again.err == "" and server.creates == creates, "and then it is finished", again)
    del server.faults["go"]


def commands(durable, server):
    """sbxc runs shows what is known of a job; sbxc resume takes it up with --connector."""
    journal, words = durable.journal(), ("run", "--n", "11", "--mode", "waits")
    count = len(server.jobs)
    process = durable.start(journal, *words)
    check(wait_for(lambda: len(server.jobs) == count + 1 and only(server).gets >= 3), "the job runs")
    process.kill()
    process.communicate()
    shown = subprocess.run([f"{BUILD}/sbxc", "runs", journal, "order/17 ü"], capture_output=True, text=True)
    check(shown.returncode == 0 and '"url": "https://console.example/job/' in shown.stdout and '{"done": 0.5}' in shown.stdout,
          "sbxc runs shows links and info", shown)
    server.faults["go"] = True
    resumed = subprocess.run([f"{BUILD}/sbxc", "resume", *durable.program.options, journal, "order/17 ü", "http_pipeline.py"], cwd=durable.folder,
                             capture_output=True, text=True)
    check(resumed.returncode == 0 and resumed.stdout == "22\n" and len(server.jobs) == count + 1, "sbxc resume", resumed)
    del server.faults["go"]


def outages(durable, server):
    """A service that is not there is no outcome of a task: a short while is ridden out, after a long one the run can be taken up."""
    journal, words = durable.journal(), ("run", "--n", "12", "--mode", "ok")
    count = len(server.jobs)
    server.close()
    process = durable.start(journal, *words)
    time.sleep(1)
    server.open()
    out, err = process.communicate(timeout=60)
    check(process.returncode == 0 and out == "24\n" and "is tried again" in err, "down for a second", process.returncode, err)
    check(len(server.jobs) == count + 1, "one job")
    journal = durable.journal()
    server.close()
    ended = durable.run(journal, *words)
    check(ended.code == 4 and "127.0.0.1" in ended.last(), "down when the job is created", ended)
    shown = subprocess.run([f"{BUILD}/sbxc", "runs", "--format=json", journal], capture_output=True, text=True)
    check(json.loads(shown.stdout)[0]["state"] == "left", "the run has not ended", shown.stdout)
    server.open()
    resumed = subprocess.run([durable.program.path, *durable.program.options, "--journal", journal, "--resume"], cwd=durable.folder,
                             capture_output=True, text=True)
    check(resumed.returncode == 0 and "done 24" in resumed.stdout and len(server.jobs) == count + 2, "and is taken up", resumed)
    journal, words = durable.journal(), ("run", "--n", "13", "--mode", "waits")
    process = durable.start(journal, *words)
    check(wait_for(lambda: len(server.jobs) == count + 3 and only(server).gets >= 3), "the job runs")
    server.close()
    _, err = process.communicate(timeout=60)
    check(process.returncode == 4 and err.count("is tried again") == 9 and "the job goes on" in err, "down while the job runs", err)
    server.open()
    check(only(server).deletes == 0 and only(server).state != "CANCELLED", "the job goes on")
    server.faults["go"] = True
    ended = durable.run(journal, *words)
    check(ended.code == 0 and ended.out == "26" and len(server.jobs) == count + 3, "and is taken up", ended)
    del server.faults["go"]


def killed_while_created(durable, server):
    journal, words = durable.journal(), ("run", "--n", "6", "--mode", "ok")
    count, creates = len(server.jobs), server.creates
    server.faults["slow create"] = 0.5
    process = durable.start(journal, *words)
    check(wait_for(lambda: len(server.jobs) == count + 1), "a job is being created")
    process.kill()
    process.communicate()
    del server.faults["slow create"]
    ended = durable.run(journal, *words)
    check(ended.code == 0 and ended.out == "12", "create was under way at the kill", ended)
    check(len(server.jobs) == count + 1 and server.creates == creates + 2, "two requests with one key make one job",
          [job.key for job in server.jobs.values()])
    other = durable.run(durable.journal(), *words)
    check(other.code == 0 and len(server.jobs) == count + 2, "the same run id in another journal is another job", other)
    check("order_17" in only(server).key and all(c.isalnum() or c in "-_." for c in only(server).key), "keys are plain", only(server).key)


def interrupted(durable, server):
    journal, words = durable.journal(), ("run", "--n", "7", "--mode", "waits")
    process = durable.start(journal, *words)
    count = len(server.jobs)
    wait_for(lambda: len(server.jobs) > count and only(server).gets >= 2)
    process.send_signal(signal.SIGINT)
    process.communicate()
    check(process.returncode == 130 and only(server).deletes == 1, "an interrupt deletes the job")
    server.faults["go"] = True
    ended = durable.run(journal, *words)
    check(ended.code == 0 and ended.out == "14" and "a new one is made" in ended.err, "a deleted job is made anew", ended)
    check(len(server.jobs) == count + 2 and only(server).key.endswith("-r1"), "under another key", only(server).key)
    del server.faults["go"]


def retries(durable, server):
    """The attempt that was under way is the one that goes on."""
    journal, words = durable.journal(), ("run_again", "--n", "4", "--mode", "failsonce")
    for turn in range(6):
        process = durable.start(journal, *words)
        try:
            process.wait(0.12 + 0.08 * turn)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    ended = durable.run(journal, *words)
    mine = [job for job in server.jobs.values() if job.mode == "failsonce"]
    check(ended.code == 0 and ended.out == "8" and len(mine) == 2, "killed again and again: two attempts, two jobs", ended, len(mine))


def sweep(durable, server):
    """Killed at each write of the journal."""
    words = ("steps", "--n", "3")
    counter = f"{durable.folder}/count"
    journal = durable.journal()
    durable.run(journal, *words, env={"LD_PRELOAD": durable.preload, "KILL_FILE": os.path.basename(journal), "COUNT_TO": counter})
    writes = max(int(n) for n in open(counter, encoding="utf-8").read().split())
    check(writes > 20, "writes are seen", writes)
    kills = 0
    for at in range(1, writes + 1, max(1, writes // 24)):
        journal, count = durable.journal(), len(server.jobs)
        killed = durable.run(journal, *words, env={"LD_PRELOAD": durable.preload, "KILL_FILE": os.path.basename(journal), "KILL_AT": str(at)})
        kills += killed.code == -9
        ended = durable.run(journal, *words)
        made = len(server.jobs) - count
        check(ended.code == 0 and ended.out == "6" and made == 3, f"killed at write {at} of {writes}", ended, f"{made} jobs")
    check(kills > 5, "it was killed", kills)


def main():
    server = JobServer(TOKEN)
    os.environ["BATCH_TOKEN"] = TOKEN
    with tempfile.TemporaryDirectory() as folder:
        durable = Durable(folder, server)
        killed_while_running(durable, server)
        commands(durable, server)
        outages(durable, server)
        killed_while_created(durable, server)
        interrupted(durable, server)
        retries(durable, server)
        sweep(durable, server)
    server.close()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
