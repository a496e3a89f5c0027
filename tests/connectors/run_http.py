#!/usr/bin/env python3
"""Jobs of a real HTTP service that this test starts (job_server.py), with a service's faults.

    tests/connectors/run_http.py [BUILD]
"""
import base64
import json
import os
import signal
import subprocess
import sys
import tempfile

from common import BUILD, Program, check, finish, wait_for
from job_server import JobServer

TOKEN = "s3cret-token"


def document(server, **changes):
    text = {
        "connector": "http", "name": "batch", "base_url": server.url,
        "headers": {"Authorization": {"env": "BATCH_TOKEN", "prefix": "Bearer "}},
        "create": {"path": "/jobs", "headers": {"Idempotency-Key": "{key}"},
                   "body": {"mode": {"$": "config/mode"}, "task": {"$": "task"}, "inputs": {"$": "inputs"},
                            "more": [{"$": "version"}, "as it is"]},
                   "meta": {"id": "/job/id"}},
        "get": {"path": "/jobs/{meta/id}?full=1", "phase": "/state", "message": "/detail/text", "outputs": "/result",
                "custom_info": "/progress", "log_links": [{"name": "Console", "at": "/links/console"},
                                                          {"name": "Page", "uri": "https://page.example/{meta/id}"}]},
        "delete": {"path": "/jobs/{meta/id}"},
        "phases": {"COMPLETE": "succeeded"},
        "poll": {"first_ms": 10, "most_ms": 100}, "timeout_ms": 2000, "most_bytes": 100000,
    }
    for name, value in changes.items():
        if value is None:
            del text[name]
        else:
            text[name] = value
    return text


def write(folder, name, text):
    path = f"{folder}/{name}.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text if isinstance(text, str) else json.dumps(text))
    return path


def only(server):
    return list(server.jobs.values())[-1]


def good_runs(program, server):
    ended = program.run("double", "--n", "21")
    check(ended.code == 0 and ended.out == "42", "a job's result", ended)
    method, path, headers, body = server.requests[0]
    sent = json.loads(body)
    check(method == "POST" and sent == {"mode": "ok", "task": "jobs.twice", "inputs": {"n": 21}, "more": [0, "as it is"]},
          "the body is filled in", sent)
    check(headers["Authorization"] == f"Bearer {TOKEN}" and headers["Idempotency-Key"], "headers", headers)
    check(server.requests[1][1] == "/v1/jobs/job%2F1%20%C3%BC?full=1", "the path is encoded", server.requests[1])
    for line in ("[twice#1] queued", "[twice#1] running", "[twice#1] Console: https://console.example/job/1",
                 "[twice#1] Page: https://page.example/job%2F1%20", '[twice#1] info: {"done": 0.5}', "[twice#1] succeeded: it ok"):
        check(line in ended.err, f"the log has: {line}", ended)
    check(TOKEN not in ended.err, "the secret is not in the log", ended)
    a = 'quote " back \\ {key} ü \n'
    ended = program.run("everything", "--a", a, "--when", "2024-02-29T12:30:00+02:00")
    sent = json.loads(server.requests[-1 - only(server).gets][3])
    wanted = {"a": a, "b": [1, 2.5, None, True, {"k": 'q"\\'}], "c": base64.b64encode(b"\x00\xff").decode(),
              "when": "2024-02-29T12:30:00+02:00"}
    check(sent["inputs"] == wanted and sent["more"][0] == 3, "values cross as JSON", sent, wanted)
    check(ended.code == 0 and json.loads(ended.out) == list(wanted.values()), "and come back", ended)
    ended = program.run("nan", "--when", "2024-01-01")
    check(ended.code == 1 and "JSON" in ended.last(), "NaN is no JSON", ended)
    ended = program.run("left_out", "--a", "7")
    sent = [json.loads(body)["inputs"] for method, _, _, body in server.requests if method == "POST"][-2:]
    wanted = {"a": 7, "n": 21, "b": [1, 2], "c": None, "d": {"ü": 0.5}, "e": "AA==", "f": [2 ** 70, "x"], "g": 3600.0}
    check(ended.code == 0 and ended.out == "44" and sent == [wanted, {**wanted, "n": 1, "c": "given"}], "defaults are filled in", ended, sent)
    before = server.creates
    ended = program.run("unknown", "--n", "7")
    check(ended.code == 1 and "the input 'at' is not given; its default is known to Python only" in ended.last(), "a default that is no constant",
          ended)
    check(server.creates == before + 1, "is told before the job is made", server.creates - before)
    ended = program.run("several", "--modes", json.dumps(["ok"] * 20))
    check(ended.code == 0 and json.loads(ended.out) == [2] * 20, "many jobs at once", ended)


def bad_ends(program, server):
    for mode, last in (("fails", "RuntimeError: the job of task 'jobs.by_input' failed: it fails"),
                       ("aborts", "RuntimeError: the job of task 'jobs.by_input' was aborted: it aborts"),
                       ("late", "TimeoutError: the job of task 'jobs.by_input' timed out: it late")):
        ended = program.run("run", "--n", "1", "--mode", mode)
        check(ended.code == 1 and ended.last() == last, mode, ended)
        check(only(server).deletes == 0, f"{mode}: a job that has ended is not deleted")
    ended = program.run("run_again", "--n", "4", "--mode", "failsonce")
    check(ended.code == 0 and ended.out == "8", "a retry makes a new job", ended)
    keys = [job.key for job in list(server.jobs.values())[-2:]]
    check(len(set(keys)) == 2, "with a key of its own", keys)
    ended = program.run("run_typed", "--n", "1", "--mode", "ok")
    check(ended.code == 1 and "TypeError" in ended.last(), "a result of another type", ended)


def faults(program, server):
    for mode in ("get500:3", "truncated:2", "wrong:2", "silent:1"):
        ended = program.run("run", "--n", "3", "--mode", mode)
        check(ended.code == 0 and ended.out == "6" and "is tried again" in ended.err, f"passing: {mode}", ended)
    for mode, words in (("redirect", "status 302"), ("huge", "too large"), ("strange", "'SIDEWAYS' is no phase"),
                        ("stateless", "no '/state'"), ("resultless", "no '/result'"), ("gone", "does not know it any more")):
        ended = program.run("run", "--n", "3", "--mode", mode)
        check(ended.code == 1 and words in ended.last(), f"for good: {mode}", ended)
        if mode not in ("gone",):
            check(only(server).deletes == 1, f"{mode}: the job is deleted", only(server).deletes)
    before = server.creates
    server.faults["create"] = [(500, {"error": "down"}, {}), (200, b'{"job"', {"length": 100})]
    ended = program.run("run", "--n", "5", "--mode", "ok")
    check(ended.code == 0 and ended.out == "10", "create is repeated with its key", ended)
    check(server.creates == before + 3, "three times", server.creates - before)
    keys = [job.key for job in server.jobs.values()]
    check(len(keys) == len(set(keys)), "and makes one job", keys)
    server.faults["create"] = [(500, {"error": "down"}, {})] * 3
    ended = program.run("run", "--n", "5", "--mode", "ok")
    check(ended.code == 1 and "status 500" in ended.last() and "down" in ended.last(), "not for ever", ended)
    server.faults["create"] = [(400, {"error": "bad request"}, {})]
    ended = program.run("run", "--n", "5", "--mode", "ok")
    check(ended.code == 1 and "status 400" in ended.last(), "a refusal is one", ended)
    for body in (b"\xff\xfe\x00\x1b[31m", "ü".encode() * 1000):
        server.faults["create"] = [(400, body, {})]
        ended = program.run("run", "--n", "5", "--mode", "ok")
        check(ended.code == 1 and "status 400" in ended.last() and "\x1b" not in ended.err, "a refusal that is no text", ended)
    server.faults["create"] = [(200, {"job": {}}, {})]
    ended = program.run("run", "--n", "5", "--mode", "ok")
    check(ended.code == 1 and "no '/job/id'" in ended.last(), "no id in the answer", ended)
    server.faults.clear()
    ended = program.run("run", "--n", "5", "--mode", "get500:1000", timeout=90)
    check(ended.code == 1 and only(server).gets == 10 and only(server).deletes == 1, "ten failures in a row are enough", ended)


def deletes(program, server):
    ended = program.run("run_limited", "--n", "1", "--mode", "endless")
    check(ended.code == 1 and "TimeoutError" in ended.last(), "a task's timeout", ended)
    check(only(server).deletes == 1 and only(server).state == "CANCELLED", "deletes the job")
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 130)):
        count = len(server.jobs)
        process = program.start("run", "--n", "1", "--mode", "endless")
        wait_for(lambda: len(server.jobs) > count and only(server).gets >= 2)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        check(process.returncode == code and only(server).deletes == 1, f"an interrupt deletes the job ({number.name})", err)
    count = len(server.jobs)
    ended = program.run("several", "--modes", json.dumps(["fails", "endless", "endless"]))
    made = list(server.jobs.values())[count:]
    check(ended.code == 1 and [job.deletes for job in made if job.mode == "endless"] == [1, 1],
          "what another one's failure makes needless is deleted", ended, [job.deletes for job in made])
    count = len(server.jobs)
    process = program.start("run", "--n", "1", "--mode", "delete500:3")
    wait_for(lambda: len(server.jobs) > count and only(server).gets >= 1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    check(only(server).deletes >= 1 and (only(server).deletes == 4 or only(server).state == "COMPLETE"), "delete is repeated", only(server).deletes)


def documents(folder, server):
    """Each mistake in a document is told by its place, before anything runs."""
    program = Program(folder, "http_pipeline")
    good = document(server)
    create, get = good["create"], good["get"]
    for changes, words in (
            ({"connector": "soap"}, "/connector"),
            ({"connector": None}, "/connector"),
            ({"base_url": "ftp://x"}, "/base_url"),
            ({"base_url": "http://x/?q"}, "/base_url"),
            ({"spelled": 1}, "unknown member 'spelled'"),
            ({"create": None}, "/create"),
            ({"create": {**create, "path": "jobs"}}, "/create"),
            ({"create": {**create, "path": "/jobs/{nothing}"}}, "'nothing' names nothing"),
            ({"create": {**create, "path": "/jobs/{key"}}, "braces"),
            ({"create": {**create, "method": "BREW"}}, "'BREW'"),
            ({"create": {**create, "meta": None}}, "/create/meta"),
            ({"create": {**create, "meta": {"id": "job"}}}, "JSON pointer"),
            ({"create": {**create, "body": {"a": [{"$": "imputs/n"}]}}}, "'imputs/n'"),
            ({"create": {**create, "headers": {"A b": "c"}}}, "/create/headers"),
            ({"headers": {"A": "c\r\nB: d"}}, "/headers"),
            ({"headers": {"A": {"prefix": "x"}}}, '"env" is missing'),
            ({"headers": {"A": 1}}, "/headers"),
            ({"get": {**get, "phase": None}}, "/get/phase"),
            ({"get": {**get, "phase": "state"}}, "JSON pointer"),
            ({"get": {**get, "log_links": [{"name": "x"}]}}, "log_links"),
            ({"get": {**get, "outputs": 1}}, "outputs"),
            ({"phases": {"X": "sideways"}}, "'sideways'"),
            ({"poll": {"first_ms": 0}}, "first_ms"),
            ({"timeout_ms": "fast"}, "/timeout_ms"),
            ({"tls": {"verify": 1}}, "/tls/verify")):
        text = {name: value for name, value in {**good, **changes}.items() if value is not None}
        path = write(folder, "mistake", text)
        ended = program.run("double", "--n", "1", options=["--connector", f"job={path}"])
        check(ended.code == 2 and f"{path}" in ended.err and words in ended.err, f"a mistake in a document: {words}", ended)
    for text, words in (("{", "is not JSON"), ("[]", "not a JSON object"), (" " * 2_000_000, "larger than")):
        path = write(folder, "mistake", text)
        ended = program.run("double", "--n", "1", options=["--connector", f"job={path}"])
        check(ended.code == 2 and words in ended.err, words, ended)
    path = write(folder, "twice", good)
    ended = program.run("double", "--n", "1", options=["--connector", f"job={path}", "--connector", f"job={path}"])
    check(ended.code == 2 and "already" in ended.err, "two connectors for one type", ended)
    ended = program.run("double", "--n", "1")
    check(ended.code == 4 and "'job' (version 0)" in ended.err and "--connector job=FILE.json" in ended.err, "no connector", ended)
    ended = program.run("double", "--n", "1", options=["--connector", f"jib={path}"])
    check(ended.code == 4 and "registered: 'jib'" in ended.err, "those that there are", ended)
    ended = program.run("double", "--n", "1", options=["--connector", f"job={path}"])
    check(ended.code == 4 and "'BATCH_TOKEN'" in ended.err and "not set" in ended.err, "a secret that is not there", ended)
    ended = program.run("double", "--n", "1", options=["--connector", f"job={path}"], env={"BATCH_TOKEN": "a\nb"})
    check(ended.code == 1 and "cannot stand in a header" in ended.err, "a secret that is no header", ended)
    ended = program.run("double", "--n", "1", options=["--connector", f"job={path}"], env={"BATCH_TOKEN": "wrong"})
    check(ended.code == 1 and "status 401" in ended.err and "who are you" in ended.err, "a secret that is wrong", ended)
    elsewhere = write(folder, "elsewhere", {**good, "base_url": "http://127.0.0.1:1"})
    ended = program.run("double", "--n", "1", options=["--connector", f"job={elsewhere}"], env={"BATCH_TOKEN": TOKEN})
    check(ended.code == 4 and "127.0.0.1" in ended.last(), "nobody there", ended)
    check(4 < ended.seconds < 15 and ended.err.count("is tried again") > 4, "after some seconds", ended)
    elsewhere = write(folder, "elsewhere", {**good, "base_url": "http://nowhere.invalid/v1"})
    ended = program.run("double", "--n", "1", options=["--connector", f"job={elsewhere}"], env={"BATCH_TOKEN": TOKEN})
    check(ended.code == 4 and "nowhere.invalid" in ended.last(), "a host that is not known", ended)


def other_forms(folder, server):
    """A second request for the result, several outputs, no key, sbxc run."""
    program = Program(folder, "http_pipeline")
    text = document(server)
    del text["get"]["outputs"]
    text["result"] = {"path": "/jobs/{meta/id}/result", "outputs": {"value": "/value"}}
    path = write(folder, "result", text)
    env = {"BATCH_TOKEN": TOKEN}
    ended = program.run("double", "--n", "8", options=["--connector", f"job={path}"], env=env)
    check(ended.code == 0 and ended.out == "16", "the result has a request of its own", ended)
    text["result"]["outputs"] = {"a": "/value", "b": "/value"}
    path = write(folder, "two", text)
    ended = program.run("everything", "--a", "x", "--when", "2024-01-01", options=["--connector", f"job={path}"], env=env)
    check(ended.code == 0 and len(json.loads(ended.out)) == 2, "several outputs", ended)
    text = document(server)
    del text["create"]["headers"]
    path = write(folder, "keyless", text)
    before = server.creates
    server.faults["create"] = [(500, {"error": "down"}, {})]
    ended = program.run("double", "--n", "8", options=["--connector", f"job={path}"], env=env)
    check(ended.code == 1 and server.creates == before + 1, "without a key create is not repeated", ended)
    path = write(folder, "run", document(server))
    result = subprocess.run([f"{BUILD}/sbxc", "run", "--connector", f"job={path}", "http_pipeline.py", "double", "--n", "9"], cwd=folder,
                            env={**os.environ, **env}, capture_output=True, text=True)
    check(result.returncode == 0 and result.stdout == "18\n", "sbxc run", result)


def transports(folder):
    """Certificates, and a Unix socket."""
    program = Program(folder, "http_pipeline")
    pem = f"{folder}/server.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem, "-out", f"{folder}/ca.pem", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
    with open(pem, "a", encoding="utf-8") as file:
        file.write(open(f"{folder}/ca.pem", encoding="utf-8").read())
    server = JobServer(TOKEN, certificate=pem)
    for tls, good in ((None, False), ({"ca_file": f"{folder}/ca.pem"}, True), ({"verify": False}, True)):
        path = write(folder, "tls", document(server, **({"tls": tls} if tls else {})))
        ended = program.run("double", "--n", "8", options=["--connector", f"job={path}"])
        check(ended.code == (0 if good else 4) and (good or "certificate" in ended.last()), f"certificates: {tls}", ended)
    check(server.creates == 2, "a server that is not trusted is told nothing", server.creates)
    server.close()
    server = JobServer(TOKEN, socket_path=f"{folder}/service.sock")
    path = write(folder, "socket", document(server, unix_socket=f"{folder}/service.sock"))
    ended = program.run("double", "--n", "8", options=["--connector", f"job={path}"])
    check(ended.code == 0 and ended.out == "16", "a Unix socket", ended)
    server.close()


def main():
    server = JobServer(TOKEN)
    os.environ.pop("BATCH_TOKEN", None)
    with tempfile.TemporaryDirectory() as folder:
        by_config = write(folder, "job", document(server))
        by_input = document(server)
        by_input["create"]["body"]["mode"] = {"$": "inputs/mode"}
        by_input = write(folder, "moded", by_input)
        documents(folder, server)
        server.jobs.clear()
        server.by_key.clear()
        server.requests.clear()
        program = Program(folder, "http_pipeline", "--connector", f"job={by_config}", "--connector", f"moded={by_input}")
        os.environ["BATCH_TOKEN"] = TOKEN
        good_runs(program, server)
        bad_ends(program, server)
        faults(program, server)
        deletes(program, server)
        other_forms(folder, server)
        transports(folder)
    server.close()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
