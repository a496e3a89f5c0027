#!/usr/bin/env python3
"""Images that are pushed to a registry with credentials, pulled from it, and built on bases from it; a real engine, a real registry.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engine  # noqa: E402
import registry  # noqa: E402

SBXC = os.path.abspath(os.path.join(os.environ.get("SBX_BUILD", "build"), "sbxc"))
PASSED, FAILED = 0, 0
PROGRAM = """
import flyte.sandbox

config = flyte.sandbox.ImageConfig(registry="{registry}", registry_secret={secret})
box = flyte.sandbox.create(name="box", code="n = 1", outputs={{"n": int}}, image_config=config, block_network=True)
named = flyte.sandbox.create(name="named", code="n = 2", outputs={{"n": int}}, image_config=config, image_name="own/name", block_network=True)
"""


def check(good, name, detail=""):
    global PASSED, FAILED
    if good:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAIL {name}: {str(detail)[-1500:]}")


class Case:
    def __init__(self, folder, door):
        self.folder, self.door = folder, door
        self.good = f"{registry.USER}:{registry.PASSWORD}"
        self.source("box.py", f"{door.host}/team", '"reg-login"')

    def source(self, name, host, secret):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(PROGRAM.format(registry=host, secret=secret))

    def __call__(self, *words, **environment):
        done = subprocess.run([SBXC, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              env=dict(os.environ, **environment))
        leak = [text for text in (registry.PASSWORD, base64.b64encode(self.good.encode()).decode()[:12]) if text in done.stdout + done.stderr]
        check(not leak, f"no credentials are shown: {words}", done.stderr)
        return done.returncode, done.stdout, done.stderr

    @staticmethod
    def forget():
        """No image of ours is on this machine any more."""
        names = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
        ours = [name for name in names if "/team/" in name or name.startswith("127.0.0.1:")]
        if ours:
            engine.docker("rmi", "-f", *ours)

    def configuration(self, host, text):
        return json.dumps({"auths": {host: {"auth": base64.b64encode(text.encode()).decode()}, "https://index.docker.io/v1/": {"auth": "YTpi"}}})


def pushing(case):
    status, out, error = case("build", "--push", "box.py", REG_LOGIN=case.good)
    host = re.escape(case.door.host)
    check(status == 0 and re.fullmatch(rf"box {host}/team/sandbox-\w{{12}}:latest\nnamed {host}/team/own/name:\w{{12}}\n", out), "push", f"{status} {out}{error}")
    check(len(case.door.repositories()) == 2 and "team/own/name" in case.door.repositories(), "both are in the registry", case.door.repositories())
    images = engine.docker("images", "-q").stdout.split()
    check(registry.PASSWORD not in engine.docker("inspect", *images).stdout + engine.docker("history", "--no-trunc", images[0]).stdout, "no credentials in an image")
    status, out, error = case("build", "--push", "box.py", REG_LOGIN=case.configuration(case.door.host, case.good))
    check(status == 0 and "Step" not in error, "push again, with a Docker configuration", f"{status} {error}")


def pulling(case):
    for name, secret in (("a login", case.good), ("a configuration", case.configuration(f"http://{case.door.host}/v2/", case.good))):
        case.forget()
        status, out, error = case("run", "box.py", "box", REG_LOGIN=secret)
        check((status, out) == (0, '{"n": 1}\n') and "Downloaded newer image" in error and "Step" not in error, f"pulled with {name}", error)
    status, out, error = case("run", "box.py", "box")
    check(status == 0 and "[image]" not in error, "what is there is not asked for", error)
    for name, environment, why in (("without the secret", {}, "the secret 'reg-login' is not in the environment (REG_LOGIN)"),
                                   ("with a wrong one", {"REG_LOGIN": "team:wrong"}, "check the secret 'reg-login'")):
        case.forget()
        status, out, error = case("run", "box.py", "box", **environment)
        check(status == 0 and f"is built here: the registry {case.door.host} denies access" in error and why in error and "Step" in error, f"built {name}", error)


def refused(case):
    for name, secret, why in (
            ("a wrong password", "team:wrong", f"cannot be pushed: the registry {case.door.host} denies access"),
            ("no login", "nonsense", "the secret 'reg-login' is neither USER:PASSWORD nor a Docker configuration"),
            ("no configuration", '{"auths": {"x": {"auth": "%%"}}}', "the secret 'reg-login' is neither USER:PASSWORD nor"),
            ("base64 without its end", '{"auths": {"x": {"auth": "YTpiYw"}}}', "the secret 'reg-login' is neither USER:PASSWORD nor"),
            ("base64 of a null character", '{"auths": {"x": {"auth": "YToA"}}}', "the secret 'reg-login' is neither USER:PASSWORD nor"),
            ("damaged JSON", '{"auths": {"a', "the secret 'reg-login' is neither USER:PASSWORD nor"),
            ("another host", case.configuration("example.org", case.good), f"the secret 'reg-login' has nothing for {case.door.host}")):
        status, out, error = case("build", "--push", "box.py", REG_LOGIN=secret)
        check(status == 1 and not out and why in error and secret not in error, f"push refused: {name}", f"{status} {out}{error}")
    status, out, error = case("build", "--push", "box.py")
    check(status == 1 and not out and "cannot be pushed: the secret 'reg-login' is not in the environment (REG_LOGIN)" in error, "push without the secret", error)
    case.source("open.py", f"{case.door.host}/team", "None")
    status, out, error = case("build", "--push", "open.py")
    check(status == 1 and "denies access" in error and "name credentials by ImageConfig(registry_secret=...)" in error, "push without credentials", error)
    case.source("away.py", f"127.0.0.1:{registry.free_port()}/team", "None")
    status, out, error = case("build", "--push", "away.py")
    check(status == 1 and not out and "cannot be reached" in error and "connection refused" in error, "a registry that is not there", error)
    status, out, error = case("run", "away.py", "box")
    check((status, out) == (0, '{"n": 1}\n'), "what cannot be pulled is built", error)
    with open(os.path.join(case.folder, "plain.py"), "w", encoding="ascii") as file:
        file.write('import flyte.sandbox\na = flyte.sandbox.create(name="a", code="x = 1", image_config=flyte.sandbox.ImageConfig(python_version=(3, 11)))\n')
    status, out, error = case("build", "--push", "plain.py")
    check(status == 1 and "--push: no image has a registry" in error and "note: 'a' is not pushed" in error, "nothing to push", error)
    check(case("build", "--pull", "plain.py")[0] == 2 and case("build", "--push")[0] == 2, "usage")


def bases(case):
    base = f"{case.door.host}/team/base:1"
    engine.docker("tag", engine.BASE, base)
    os.environ["DOCKER_CONFIG"] = os.path.join(case.folder, "client")
    engine.docker("login", "-u", registry.USER, "--password-stdin", case.door.host, input=registry.PASSWORD)
    pushed = engine.docker("push", base)
    check(pushed.returncode == 0, "the base is pushed", pushed.stderr)
    del os.environ["DOCKER_CONFIG"]
    for secret in (case.good, case.configuration(case.door.host, case.good)):
        case.forget()
        status, out, error = case("run", "--base-image", base, "box.py", "box", REG_LOGIN=secret)
        check((status, out) == (0, '{"n": 1}\n'), "a base from a private registry", error)
    case.forget()
    status, out, error = case("run", "--base-image", base, "box.py", "box", REG_LOGIN="team:wrong")
    check(status == 1 and f"its base image {base} cannot be pulled: the registry {case.door.host} denies access" in error, "a base that is denied", error)
    status, out, error = case("run", "--base-image", f"{case.door.host}/team/none:1", "box.py", "box", REG_LOGIN=case.good)
    check(status == 1 and f"the registry {case.door.host} does not have it" in error, "a base that is not there", error)
    status, out, error = case("run", "--base-image", "127.0.0.1:1/none:1", "box.py", "box", REG_LOGIN=case.good)
    check(status == 1 and "the registry 127.0.0.1:1 cannot be reached" in error, "a base's registry that is not there", error)


def main():
    folder = tempfile.mkdtemp(prefix="sbx-registry-")
    try:
        with engine.running(), registry.Registry(os.path.join(folder, "registry")) as door:
            case = Case(folder, door)
            for part in (pushing, pulling, refused, bases):
                part(case)
            case.forget()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


sys.exit(main())
