#!/usr/bin/env python3
"""Queries of a real PostgreSQL that this test starts.

    tests/connectors/run_postgres.py [BUILD]
"""
import concurrent.futures
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

from common import HERE, Program, check, finish, wait_for
from postgres_server import PostgresServer

SLEEP = "SELECT pg_sleep(60)"


def values(program):
    ended = program.run("all_kinds")
    rows = json.loads(ended.out) if ended.code == 0 else [{}]
    wanted = {"small": 7, "big": 2147483648, "ratio": 1.5, "price": 12.5, "huge": 123456789012345678901234567890, "whole": 3, "yes": True,
              "text": "täxt'\"\\", "raw": "AP8=", "at": "2024-02-29T12:30:00.250000", "span": 3 * 86400 + 4 * 3600 + 5 * 60 + 6.7,
              "months": "2 mons", "nothing": None, "doc": {"a": [1, None]}, "ints": [1, None, 3],
              "texts": ["a,b", 'c"d', "e\\f", None, "NULL", ""], "nested": [[1, 2], [3, 4]], "day": "2024-02-29", "never": "infinity",
              "id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "back": -86401.0}
    check(len(rows) == 1, "one row", ended)
    for name, value in wanted.items():
        check(rows[0].get(name) == value and type(rows[0].get(name)) is type(value), f"a value: {name}", rows[0].get(name), value)
    check(isinstance(rows[0].get("nan"), float) and math.isnan(rows[0]["nan"]), "a NaN", rows[0].get("nan"))
    check(str(rows[0].get("zoned", "")).startswith("2024-02-29T") and rows[0]["zoned"][-6] in "+-", "a time with its zone", rows[0].get("zoned"))


def shapes(program):
    ended = program.run("shapes", "--n", "3")
    wanted = [[{"n": 2, "square": 4}, {"n": 3, "square": 9}], [[1, "n1"], [2, "n2"], [3, "n3"]], [1.0, 2.0, 3.0],
              {"a": [1, 2, 3], "b": [-1, -2, -3]}, 6, ["a'; --", None], None, 6]
    check(ended.code == 0 and json.loads(ended.out) == wanted, "rows by the declared result", ended)
    ended = program.run("left_out", "--n", "8")
    check(ended.code == 0 and json.loads(ended.out) == [[["x'", 5]], [["x'!", 8]], 3, 8], "defaults of parameters", ended)
    ended = program.run("ask", "--query", "SELECT 1 AS a, 2 AS a")
    check(ended.code == 1 and "two columns 'a'" in ended.last(), "columns of one name", ended)
    ended = program.run("ask", "--query", "SELECT 1 WHERE false")
    check(ended.code == 0 and ended.out == "[]", "no rows", ended)
    ended = program.run("many", "--n", "30")
    check(ended.code == 0 and json.loads(ended.out) == [n * (n + 1) // 2 for n in range(1, 31)], "many at once", ended)


def parameters(program):
    several = ["x'; DROP TABLE t; --", "", 'a "quoted" \\ ü', 5, 2147483648, 2 ** 70, -1, 1.25, 1e300, True, None, {"k": ["v", 1]}]
    ended = program.run("bound", "--values", json.dumps(several))
    check(ended.code == 0 and json.loads(ended.out) == [[{"a": v, "b": v}] for v in several], "values are bound", ended)
    ended = program.run("times", "--when", "2024-02-28T23:00:00", "--span", "1h30m")
    check(ended.code == 0 and json.loads(ended.out)[0] == {"sum": "2024-02-29T00:30:00", "a": "2024-02-28T23:00:00"}, "times", ended)
    ended = program.run("times", "--when", "1969-12-31T23:59:59.500000-05:30", "--span", "-1")
    check(ended.code == 0 and json.loads(ended.out)[0]["sum"].startswith("1970-01-01T05:29:58.500"), "times before 1970", ended)
    ended = program.run("inside", "--values", "[1, 2, 3]", "--n", "2")
    check(ended.code == 0 and json.loads(ended.out) == [{"there": True, "length": 3}], "a list is an array", ended)
    for which, words in (("misspelled", "names no input"), ("queryless", "there is no query")):
        ended = program.run("wrong", "--which", which)
        check(ended.code == 1 and words in ended.last(), words, ended)


def reads_only(program, server):
    server.ask("CREATE TABLE t(i int); INSERT INTO t VALUES (1)")
    for query in ("INSERT INTO t VALUES (2)", "DELETE FROM t", "DO $$ BEGIN DELETE FROM t; END $$", "SET transaction_read_only = off",
                  "COPY t TO '/tmp/x'", "COMMIT", "/* SELECT */ DROP TABLE t", "-- SELECT\nTRUNCATE t"):
        ended = program.run("ask", "--query", query)
        check(ended.code == 1 and "must begin with SELECT" in ended.last(), f"no query: {query}", ended)
    for query in ("WITH gone AS (DELETE FROM t RETURNING i) SELECT * FROM gone", "SELECT 1; DELETE FROM t",
                  "SELECT set_config('transaction_read_only', 'off', false), nextval('s')", "SELECT 1 INTO u",
                  "WITH a AS (INSERT INTO t VALUES (3) RETURNING 1) SELECT * FROM a"):
        ended = program.run("ask", "--query", query)
        check(ended.code == 1 and "ERROR" in ended.last(), f"not allowed: {query}", ended)
    check(server.ask("SELECT count(*), sum(i) FROM t") == "1|1", "nothing was written")
    for query in (" (SELECT 1 AS x)", "-- hello\n/* there */ SELECT 1 AS x", "VALUES (1)", "TABLE t"):
        ended = program.run("ask", "--query", query)
        check(ended.code == 0, f"allowed: {query}", ended)
    ended = program.run("ask", "--query", "SELECT nothing FROM nowhere")
    check(ended.code == 1 and 'relation "nowhere" does not exist' in ended.last(), "the server's own words", ended)


def ends(program, server):
    ended = program.run("ask_limited", "--query", SLEEP)
    check(ended.code == 1 and "TimeoutError" in ended.last(), "a task's timeout", ended)
    check(wait_for(lambda: server.running() == 0), "its query is cancelled", server.running())
    process = program.start("ask", "--query", SLEEP)
    check(wait_for(lambda: server.running() == 1), "a query runs")
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, err = process.communicate(timeout=30)
    check(process.returncode == 130 and "deleted" in err, "an interrupt", err)
    check(server.running() == 0 and time.monotonic() - begun < 10, "its query is cancelled at once", server.running())
    process = program.start("ask", "--query", SLEEP)
    check(wait_for(lambda: server.running() == 1), "a query runs")
    process.kill()
    process.communicate()
    check(wait_for(lambda: server.running() == 0, 10), "the query of a process that was killed ends", server.running())
    process = program.start("ask", "--query", SLEEP)
    check(wait_for(lambda: server.running() == 1), "a query runs")
    server.stop("immediate")
    _, err = process.communicate(timeout=30)
    check(process.returncode == 1, "the server goes away", err)
    ended = program.run("ask", "--query", "SELECT 1")
    check(ended.code == 4 and "connection" in ended.last() and ended.err.count("is tried again") > 4, "no server", ended)
    server.start()
    ended = program.run("ask", "--query", "SELECT 1 AS x")
    check(ended.code == 0, "and it is there again", ended)


def options(program, folder, server):
    def with_document(text, *words, env=None):
        path = f"{folder}/other.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(text, file)
        before, program.options = program.options, ["--connector", f"postgresql={path}"]
        ended = program.run(*words, env=env)
        program.options = before
        return ended
    base = {"connector": "postgresql", "connection": server.url}
    ended = with_document({**base, "statement_timeout_ms": 200}, "ask", "--query", SLEEP)
    check(ended.code == 1 and "TimeoutError" in ended.last() and "statement timeout" in ended.last(), "the server's timeout", ended)
    ended = with_document({**base, "most_bytes": 100000}, "ask", "--query", "SELECT repeat('x', 1000) AS x FROM generate_series(1, 100000)")
    check(ended.code == 1 and "too large" in ended.last(), "a result that is too large", ended)
    check(wait_for(lambda: server.running() == 0), "and its query ends", server.running())
    ended = with_document({"connector": "postgresql", "connection": {"env": "QUERY_DATABASE"}}, "ask", "--query", "SELECT 1 AS x")
    check(ended.code == 4 and "'QUERY_DATABASE' is not set" in ended.err, "a secret that is not there", ended)
    ended = with_document({"connector": "postgresql", "connection": {"env": "QUERY_DATABASE"}}, "ask", "--query", "SELECT 1 AS x",
                          env={"QUERY_DATABASE": f"{server.url} password=hidden-word"})
    check(ended.code == 0 and "hidden-word" not in ended.err, "the connection from the environment", ended)
    ended = with_document({"connector": "postgresql", "connection": "nonsense =="}, "ask", "--query", "SELECT 1 AS x")
    check(ended.code == 1, "a connection string that is none", ended)
    for text, words in (({**base, "port": 5}, "unknown member 'port'"), ({**base, "connection": 5}, "/connection"),
                        ({**base, "connection": {"nev": "X"}}, "'nev'"), ({**base, "most_bytes": -1}, "/most_bytes")):
        ended = with_document(text, "ask", "--query", "SELECT 1")
        check(ended.code == 2 and words in ended.err, words, ended)


class Resolver:
    """Watches who looks names up in a program, and knows some itself."""
    def __init__(self, folder):
        self.library, self.log = f"{folder}/resolver.so", f"{folder}/names"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-Wall", "-Werror",
                        f"{HERE}/watched_resolver.c", "-o", self.library], check=True)

    def environment(self, **names):
        known = "".join(f" {name.replace('_', '.')}={addresses}" for name, addresses in names.items())
        return {"LD_PRELOAD": self.library, "WATCHED_LOG": self.log, "WATCHED_NAMES": known,
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def take(self):
        """What was written down since the last time."""
        try:
            with open(self.log, encoding="utf-8") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []
        finally:
            subprocess.run(["rm", "-f", self.log], check=True)


def names(program, folder, server):
    """libpq would look names up, ask for Kerberos tickets, and wait: nobody may do so on the thread of the loop."""
    resolver = Resolver(folder)
    tail = f"port={server.port} user=tester dbname=postgres"
    env = resolver.environment(db_test="127.0.0.1", two_test="127.0.0.9,127.0.0.1", other_test="127.0.0.1", none_test="")

    def ask(connection, query="SELECT inet_server_addr() AS at", **more):
        file, path = tempfile.mkstemp(suffix=".json", dir=folder)
        with open(file, "w", encoding="utf-8") as document:
            json.dump({"connector": "postgresql", "connection": connection}, document)
        return program.run("ask", "--query", query, env={**env, **more}, options=["--connector", f"postgresql={path}"])

    def works(connection, looked_up, what, **more):
        ended = ask(connection, **more)
        seen = sorted(resolver.take())
        check(ended.code == 0 and "127.0.0.1" in ended.out, what, ended)
        check(seen == [f"other {name}" for name in looked_up], f"{what}: who looked up what", seen)

    works(f"host=localhost {tail}", [], "localhost")
    works(f"host=db.test {tail}", ["db.test"], "a name")
    works(f"postgresql://tester@db.test:{server.port}/postgres?application_name=mine", ["db.test"], "a URI")
    works(f"host=two.test {tail}", ["two.test"], "the second address of a name")
    works(f"host=none.test,db.test {tail}", ["db.test", "none.test"], "the second name, the first is not known")
    works(f"host=db.test,db.test port=1,{server.port} user=tester dbname=postgres", ["db.test"] * 2, "the second port, the first refuses")
    works(f"host=/nowhere,db.test {tail}", ["db.test"], "a socket that is not there, and a name")
    works(f"host=127.0.0.1 {tail}", [], "an address")
    works(f"host=nowhere.test hostaddr=127.0.0.1 {tail}", [], "an address beside a name")
    works("", ["db.test"], "the environment", PGHOST="db.test", PGPORT=str(server.port), PGUSER="tester", PGDATABASE="postgres")
    works(f"host=db.test sslmode=verify-full sslrootcert={server.certificate} {tail}", ["db.test"], "a certificate for the name")
    unreached = (f"host=other.test sslmode=verify-full sslrootcert={server.certificate} {tail}", f"host=nowhere.invalid,none.test,x@y.test {tail}",
                 "host=db.test port=1 user=tester")
    with concurrent.futures.ThreadPoolExecutor() as pool:  # each is tried for five seconds
        stranger, unknown, refused = pool.map(ask, unreached)
    check(stranger.code == 4 and 'does not match host name "other.test"' in stranger.last(), "a certificate for another name", stranger)
    check(unknown.code == 4 and "could not look up the host 'nowhere.invalid', 'none.test', 'x@y.test'" in unknown.last(),
          "names that are not known", unknown)
    check(unknown.err.count("is tried again") > 3, "may be known another time", unknown)
    check(refused.code == 4 and "could not connect to 'db.test': connection to server at \"127.0.0.1\", port 1 failed" in refused.last(),
          "a server that is not there", refused)
    check(not [line for line in resolver.take() if line.startswith("main ")], "never on the loop's thread")
    ended = ask(f"host=db.test {tail}", WATCHED_HIDES="libcurl.so.4")
    check(ended.code == 4 and "libcurl.so.4 is needed to look up names of hosts" in ended.last(), "no libcurl", ended)
    works(f"host=127.0.0.1 {tail}", [], "which an address does not need", WATCHED_HIDES="libcurl.so.4")
    services(folder, server, ask, works)
    ended = ask(f"host=127.0.0.1 gssencmode=prefer {tail}")
    check(ended.code == 0 and "main gss_acquire_cred" in resolver.take(), "Kerberos for those who want it", ended)
    ended = ask(f"host=127.0.0.1 {tail}", PGGSSENCMODE="prefer")
    check(ended.code == 0 and "main gss_acquire_cred" in resolver.take(), "or say so in the environment", ended)
    works(f"host=127.0.0.1 gssencmode=disable {tail}", [], "Kerberos is off")


def services(folder, server, ask, works):
    path = f"{folder}/services.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[mine]\nhost=db.test\nport={server.port}\nuser=tester\ndbname=postgres\n")
    works("service=mine", ["db.test"], "a service", PGSERVICEFILE=path)
    works("dbname=postgres", ["db.test"], "a service of the environment", PGSERVICEFILE=path, PGSERVICE="mine")
    with open(path, "a", encoding="utf-8") as file:
        file.write("[far]\n ldap://127.0.0.1:1/dc=example?uniqueMember?one?(cn=far)\n")
    for connection, more in (("service=far", {}), ("postgresql:///?service=mine", {}), ("", {"PGSERVICE": "far"})):
        ended = ask(connection, PGSERVICEFILE=path, **more)
        check(ended.code == 1 and "an ldap:// line makes libpq wait" in ended.last(), f"a service in a directory: {connection} {more}", ended)
    works(f"host=127.0.0.1 port={server.port} user=tester dbname=postgres", [], "a file of services that nobody uses", PGSERVICEFILE=path)


def main():
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/postgres.json"
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"connector": "postgresql", "name": "db", "connection": server.url}, file)
            program = Program(folder, "query_pipeline", "--connector", f"postgresql={path}")
            values(program)
            shapes(program)
            parameters(program)
            reads_only(program, server)
            options(program, folder, server)
            program.options = []
            names(program, folder, server)
            program.options = ["--connector", f"postgresql={path}"]
            ends(program, server)
    finally:
        server.close()
    return finish()


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("PG") or name == "QUERY_DATABASE"]:
        del os.environ[name]
    sys.exit(main())
