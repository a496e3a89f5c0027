"""A real PostgreSQL in a folder of the test's own, reached through a Unix socket, and by TCP with or without TLS as db.test. It
does not run as root, so for root it is started as the user postgres."""
import glob
import os
import shutil
import socket
import subprocess
import tempfile


class PostgresServer:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not found:
            raise SystemExit("FAIL no PostgreSQL server: scripts/deps test installs it\n0 passed, 1 failed")
        self.programs = os.path.dirname(found[-1])
        self.folder = tempfile.mkdtemp(prefix="sbx-postgres-", dir="/tmp")
        self.user = "postgres" if os.getuid() == 0 else ""
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        self.data = f"{self.folder}/data"
        self.run("initdb", "-D", self.data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.make_certificate("db.test")
        self.start()
        self.url = f"host={self.folder} port={self.port} user=tester dbname=postgres"

    def command(self, program, *words):
        prefix = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"] if self.user else []
        return [*prefix, f"{self.programs}/{program}", *words]

    def run(self, program, *words):
        result = subprocess.run(self.command(program, *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/tmp")
        if result.returncode:
            raise SystemExit(f"FAIL {program}: {result.stdout}\n0 passed, 1 failed")
        return result.stdout

    def make_certificate(self, name):
        self.certificate, key = f"{self.folder}/server.pem", f"{self.folder}/server.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", self.certificate],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        if self.user:
            shutil.chown(key, self.user, self.user)

    def start(self):
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c ssl=on -c ssl_cert_file={self.folder}/server.pem"
        settings += f" -c ssl_key_file={self.folder}/server.key"
        settings += f" -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=60"
        with open(f"{self.folder}/log", "a", encoding="utf-8"):
            pass
        if self.user:
            shutil.chown(f"{self.folder}/log", self.user, self.user)
        # its standard output is not the test's: the server would hold a pipe open
        subprocess.run(self.command("pg_ctl", "-D", self.data, "-w", "-l", f"{self.folder}/log", "-o", settings, "start"),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/tmp", check=True)

    def stop(self, how="fast"):
        subprocess.run(self.command("pg_ctl", "-D", self.data, "-w", "-m", how, "stop"), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/tmp")

    def close(self):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, sql):
        return self.run("psql", "-h", self.folder, "-p", str(self.port), "-U", "tester", "-d", "postgres", "-Atc", sql).strip()

    def running(self):
        """Queries of the program under test that are under way."""
        return int(self.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sbx %' AND state = 'active'"))
