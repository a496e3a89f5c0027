#!/usr/bin/env python3
"""A real Docker engine for tests: the one that runs, or one of our own, with a base image made by debootstrap.

    tests/docker/engine.py start     starts one if none runs; prints its DOCKER_HOST
    tests/docker/engine.py stop      stops the one that was started here
    tests/docker/engine.py clean     stops it and removes all that it has kept (make clean-docker)

Its data (images above all) stays in SBX_DOCKER_DIR, /var/tmp/sbxc-docker otherwise, so that a second run is quick. It is
root's affair. In Python: `with engine.running() as host`.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

FOLDER = os.environ.get("SBX_DOCKER_DIR", "/var/tmp/sbxc-docker")
RUN = "/run/sbxc-docker-" + hashlib.sha256(FOLDER.encode()).hexdigest()[:8]  # a socket's path is short
HOST = f"unix://{RUN}/docker.sock"
BASE = "sbx-test-base:1"
MARK = f"{FOLDER}/runtime.mark"  # left by the second OCI runtime, `sbx-marked`: runc under another name
PACKAGES = "python3,ca-certificates"
# plain; else without a bridge, where the kernel has no nftables; else on a file system that cannot be layered
WAYS = [[], ["--iptables=false", "--bridge=none"], ["--iptables=false", "--bridge=none", "--storage-driver=vfs"]]


def docker(*words, host=None, **more):
    """The docker command, which talks to the engine behind our back."""
    environment = dict(os.environ)
    if host:
        environment["DOCKER_HOST"] = host
    return subprocess.run(["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, check=False, **more)


def answers(host):
    return docker("version", "--format", "{{.Server.Version}}", host=host).returncode == 0


def start_daemon(flags):
    for folder in (FOLDER, RUN):
        os.makedirs(folder, mode=0o711, exist_ok=True)
    with open(f"{FOLDER}/marked-runtime", "w", encoding="ascii") as file:
        file.write(f'#!/bin/sh\necho "$*" >> {MARK}\nexec runc "$@"\n')
    os.chmod(f"{FOLDER}/marked-runtime", 0o755)
    with open(os.path.join(FOLDER, "log"), "ab") as log:
        daemon = subprocess.Popen(["dockerd", "--data-root", f"{FOLDER}/data", "--exec-root", f"{RUN}/exec", "--pidfile", f"{RUN}/pid", "-H", HOST,
                                   "--add-runtime", f"sbx-marked={FOLDER}/marked-runtime",
                                   *flags], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    for _ in range(200):
        if answers(HOST):
            return True
        if daemon.poll() is not None:
            return False
        time.sleep(0.1)
    daemon.kill()
    daemon.wait()
    return False


def start():
    """The DOCKER_HOST of an engine that runs; starts ours if there is none."""
    for host in (os.environ.get("DOCKER_HOST"), HOST, "unix:///var/run/docker.sock"):
        if host and answers(host):
            return host
    for flags in WAYS:
        if start_daemon(flags):
            return HOST
    with open(os.path.join(FOLDER, "log"), encoding="utf-8", errors="replace") as log:
        raise RuntimeError("no Docker engine runs, and dockerd cannot be started:\n" + log.read()[-2000:])


def stop():
    try:
        with open(f"{RUN}/pid", encoding="ascii") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return
    for _ in range(300):
        if not os.path.exists(f"/proc/{pid}"):
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.1)


def clean():
    stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.rmtree(RUN, ignore_errors=True)


def make_base(host):
    """A Debian with Python, as the public image that sandboxes are built on has; made once."""
    if docker("image", "inspect", BASE, host=host).returncode == 0:
        return
    folder = os.path.join(FOLDER, "base")
    os.makedirs(FOLDER, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    with open(os.path.join(FOLDER, "base.log"), "wb") as log:
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", folder], stdout=log, stderr=log, check=True)
    tar = subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE)
    result = docker("import", "-", BASE, host=host, stdin=tar.stdout)
    tar.wait()
    shutil.rmtree(folder, ignore_errors=True)
    if result.returncode != 0:
        raise RuntimeError("the base image cannot be imported: " + result.stderr)


@contextlib.contextmanager
def running():
    """An engine with the base image, its DOCKER_HOST and SBX_BASE_IMAGE in the environment, stopped at the end if it is ours.

    For one process at a time, the others wait: suites count what is left on the engine.
    """
    os.makedirs(FOLDER, mode=0o711, exist_ok=True)
    with open(os.path.join(FOLDER, "turn"), "w", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        host = start()
        make_base(host)
        os.environ.update(DOCKER_HOST=host, SBX_BASE_IMAGE=BASE)
        try:
            yield host
        finally:
            if host == HOST:
                stop()


def main(words):
    if words == ["start"]:
        host = start()
        make_base(host)
        print(host)
    elif words == ["stop"]:
        stop()
    elif words == ["clean"]:
        clean()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
