#!/usr/bin/env python3
"""Links to sources: docs/source-links.md.

    tests/links/run.py [BUILD]

Real git repositories in a temporary folder: forms of remotes, hosts, states of the work tree, hostile configuration.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402
SBXC = f"{BUILD}/sbxc"
SOURCE = '''import flyte

env = flyte.TaskEnvironment(name="links")


@env.task
def add(x: int) -> int:
    return x + 1


@env.sandbox.orchestrator
def main(x: int) -> int:
    return add(x)
'''
LINE = 1 + SOURCE[:SOURCE.index("def main")].count("\n")
BASE = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") and key != "SBX_SOURCE_HOSTS"}


def git(folder, *words, env=None):
    command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always", *words]
    result = subprocess.run(command, cwd=folder, env=env or BASE, capture_output=True, text=True)
    assert result.returncode == 0, (words, result.stderr)
    return result.stdout.strip()


def make(folder, name="pipeline.py", remote="git@github.com:acme/flows.git", commit=True):
    """A repository with one file; returns its commit."""
    os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
    git(folder, "init", "-q", ".")
    with open(f"{folder}/{name}", "w") as file:
        file.write(SOURCE)
    if remote:
        git(folder, "remote", "add", "origin", remote)
    if not commit:
        return None
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return git(folder, "rev-parse", "HEAD")


def listed(folder, name="pipeline.py", words=(), env=None):
    result = subprocess.run([SBXC, "list", "--format=json", *words, name], cwd=folder, env={**BASE, **(env or {})}, capture_output=True, text=True)
    assert result.returncode == 0, (result.returncode, result.stderr)
    return json.loads(result.stdout)[0]["source"]


def called(folder, name="pipeline.py"):
    """{task: its link} of what the first entry may call."""
    result = subprocess.run([SBXC, "list", "--format=json", name], cwd=folder, env=BASE, capture_output=True, text=True)
    return {call["name"]: call["source"] for call in json.loads(result.stdout)[0]["calls"]}


def same(found, wanted, what):
    check(found == wanted, what, f"  found  {found}\n  wanted {wanted}")


def remotes(top):
    """What becomes of the URL of a remote; %s stands for the rest of the link."""
    folder = f"{top}/remotes"
    commit = make(folder)
    for remote, url in (
            ("git@github.com:acme/flows.git", "https://github.com/acme/flows"),
            ("git@github.com:acme/flows", "https://github.com/acme/flows"),
            ("git@github.com:/acme/flows.git", "https://github.com/acme/flows"),
            ("github.com:acme/flows.git", "https://github.com/acme/flows"),
            ("https://github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://github.com/acme/flows.git/", "https://github.com/acme/flows"),
            ("https://github.com/acme/flows/", "https://github.com/acme/flows"),
            ("https://GitHub.com/Acme/Flows.git", "https://github.com/Acme/Flows"),
            ("http://github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("http://github.com:80/acme/flows.git", "https://github.com/acme/flows"),
            ("http://github.com:8080/acme/flows.git", None),
            ("https://github.com:443/acme/flows.git", "https://github.com/acme/flows"),
            ("https://github.com:8443/acme/flows.git", "https://github.com:8443/acme/flows"),
            ("https://github.com:99999/acme/flows.git", None),
            ("https://github.com:x/acme/flows.git", None),
            ("ssh://git@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("ssh://git@github.com:22/acme/flows.git", "https://github.com/acme/flows"),
            ("ssh://github.com:2222/acme/flows", "https://github.com/acme/flows"),
            ("git+ssh://git@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("SSH://git@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("git://github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://user@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://user:s3cret@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://user:s3c@ret@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://s3cret:x-oauth-basic@github.com/acme/flows", "https://github.com/acme/flows"),
            ("https://github.com/acme/flows.git?token=s3cret", None),
            ("https://github.com/acme/flows.git#s3cret", None),
            ("https://evil.example/@github.com/acme/flows.git", None),
            ("https://evil.example\\@github.com/acme/flows.git", "https://github.com/acme/flows"),
            ("https://github.com@evil.example/acme/flows.git", None),
            ("https://github.com.evil.example/acme/flows.git", None),
            ("https://notgithub.com/acme/flows.git", None),
            ("https://github.com", None),
            ("https://github.com/", None),
            ("https://github.com/.git", "https://github.com/.git"),
            ("https:///acme/flows", None),
            ("https://github.com/acme/../evil.git", None),
            ("https://github.com/acme/%2e%2e/evil.git", None),
            ("https://github.com/acme/./flows.git", None),
            ("https://github.com/acme//flows.git", None),
            ("git@github.com:acme/../../flows.git", None),
            ("https://github.com/acme/my%20flows.git", "https://github.com/acme/my%20flows"),
            ("https://github.com/acme/my flows.git", "https://github.com/acme/my%20flows"),
            ("git@github.com:acme/my flows.git", "https://github.com/acme/my%20flows"),
            ("git@github.com:acme/100%.git", "https://github.com/acme/100%25"),
            ("https://github.com/acme/100%.git", None),
            ("https://github.com/acme/a%00b.git", None),
            ("https://github.com/acme/a%0ab.git", None),
            ("https://github.com/acme/zürich.git", "https://github.com/acme/z%C3%BCrich"),
            ("https://github.com/acme/<b>\"'.git", "https://github.com/acme/%3Cb%3E%22%27"),
            ("https://gïthub.com/acme/flows.git", None),
            ("git@gitlab.com:group/sub/flows.git", "https://gitlab.com/group/sub/flows"),
            ("git@codeberg.org:acme/flows.git", None),
            ("https://[::1]/acme/flows.git", None),
            ("file:///srv/git/flows.git", None),
            ("/srv/git/flows.git", None),
            ("../flows.git", None),
            ("./github.com:acme/flows.git", None),
            ("C:\\flows", None),
            ("ext::sh -c 'touch ran' github.com:acme/flows", None),
            ("https::https://github.com/acme/flows", None),
            ("-ugithub.com:acme/flows.git", None),
            ("https://github.com/" + "a" * 5000, None)):
        git(folder, "config", "remote.origin.url", remote)
        form = "-/blob" if "gitlab" in remote else "blob"
        same(listed(folder), url and f"{url}/{form}/{commit}/pipeline.py#L{LINE}", f"remote {remote[:80]}")


def which_remote(top):
    folder = f"{top}/which"
    commit = make(folder, remote=None)
    tail = f"blob/{commit}/pipeline.py#L{LINE}"
    same(listed(folder), None, "no remote")
    git(folder, "remote", "add", "zeta", "git@github.com:z/z.git")
    same(listed(folder), f"https://github.com/z/z/{tail}", "the only remote")
    git(folder, "remote", "add", "alpha", "git@github.com:a/a.git")
    same(listed(folder), f"https://github.com/a/a/{tail}", "the first by name")
    git(folder, "remote", "add", "origin", "git@github.com:o/o.git")
    same(listed(folder), f"https://github.com/o/o/{tail}", "origin before others")
    git(folder, "remote", "set-url", "--push", "origin", "git@github.com:p/p.git")
    same(listed(folder), f"https://github.com/p/p/{tail}", "the push URL")
    git(folder, "config", "url.git@github.com:.pushInsteadOf", "gh:")
    git(folder, "config", "--unset", "remote.origin.pushurl")
    git(folder, "remote", "set-url", "origin", "gh:i/i.git")
    same(listed(folder), f"https://github.com/i/i/{tail}", "url.*.pushInsteadOf")


def states(top):
    folder = f"{top}/states"
    make(folder, commit=False)
    same(listed(folder), None, "no commit yet")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    commit = git(folder, "rev-parse", "HEAD")
    whole = f"https://github.com/acme/flows/blob/{commit}"
    same(listed(folder), f"{whole}/pipeline.py#L{LINE}", "clean")
    open(f"{folder}/new.txt", "w").write("x")
    same(listed(folder), f"{whole}/pipeline.py", "an untracked file: no line")
    open(f"{folder}/.git/info/exclude", "a").write("new.txt\n")
    same(listed(folder), f"{whole}/pipeline.py#L{LINE}", "an ignored file")
    open(f"{folder}/pipeline.py", "a").write("\n# more\n")
    same(listed(folder), f"{whole}/pipeline.py", "a changed file: no line")
    git(folder, "add", ".")
    same(listed(folder), f"{whole}/pipeline.py", "a staged change: no line")
    git(folder, "reset", "-q", "--hard")
    git(folder, "config", "status.showUntrackedFiles", "no")
    open(f"{folder}/other.py", "w").write(SOURCE)
    same(listed(folder), f"{whole}/pipeline.py", "untracked files count whatever status.showUntrackedFiles says")
    same(listed(folder, "other.py"), None, "a file that is not in the commit")
    git(folder, "checkout", "-q", "--detach")
    os.remove(f"{folder}/other.py")
    same(listed(folder), f"{whole}/pipeline.py#L{LINE}", "a detached head")
    git(folder, "worktree", "add", "-q", f"{top}/worktree", "-b", "side")
    same(listed(f"{top}/worktree"), f"{whole}/pipeline.py#L{LINE}", "a worktree")
    os.symlink(f"{folder}/pipeline.py", f"{top}/link.py")
    same(listed(top, "link.py"), f"{whole}/pipeline.py#L{LINE}", "a link to the file from outside")
    git(folder, "update-index", "--refresh")
    os.utime(f"{folder}/pipeline.py")
    before = os.stat(f"{folder}/.git/index")
    same(listed(folder), f"{whole}/pipeline.py#L{LINE}", "a file that was touched")
    after = os.stat(f"{folder}/.git/index")
    check((before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns), "the index is not written")
    out = subprocess.run([SBXC, "list", "--format=json", "-"], input=SOURCE, cwd=folder, text=True, capture_output=True, env=BASE).stdout
    check('"source": null' in out and "https:" not in out, "standard input has no link", out)


def folders(top):
    folder = f"{top}/sub"
    name = "deep/ä folder/100% [x] #1?.py"
    commit = make(folder, name)
    encoded = "deep/%C3%A4%20folder/100%25%20%5Bx%5D%20%231%3F.py"
    wanted = f"https://github.com/acme/flows/blob/{commit}/{encoded}#L{LINE}"
    same(listed(folder, name), wanted, "letters of a path")
    same(listed(f"{folder}/deep/ä folder", "100% [x] #1?.py"), wanted, "from a subfolder")
    same(listed("/", f"{folder}/{name}"), wanted, "a whole path")
    beside = f"{top}/beside"
    make(beside, "my_tasks.py", commit=False)
    with open(f"{beside}/flow.py", "w") as file:
        file.write("from my_tasks import add, env\n\n\n@env.sandbox.orchestrator\ndef flow(x: int) -> int:\n    return add(x)\n")
    git(beside, "add", ".")
    git(beside, "commit", "-q", "-m", "first")
    whole = f"https://github.com/acme/flows/blob/{git(beside, 'rev-parse', 'HEAD')}"
    same(listed(beside, "flow.py"), f"{whole}/flow.py#L5", "an entry")
    same(called(beside, "flow.py"), {"links.add": f"{whole}/my_tasks.py#L7", "links.flow": f"{whole}/flow.py#L5"}, "a task of a module beside the file")
    odd = f"{top}/odd\nname $(touch ran)"
    commit = make(odd)
    same(listed(odd), f"https://github.com/acme/flows/blob/{commit}/pipeline.py#L{LINE}", "a folder with a newline in its name")
    check(not os.path.exists("ran") and not os.path.exists(f"{odd}/ran"), "a folder's name is not run")
    inner = f"{top}/inner"
    inner_commit = make(inner, remote=None)
    outer = f"{top}/outer"
    make(outer)
    git(outer, "submodule", "--quiet", "add", inner, "part")
    git(outer, "commit", "-q", "-m", "part")
    outer_commit = git(outer, "rev-parse", "HEAD")
    git(f"{outer}/part", "remote", "set-url", "origin", "git@gitlab.com:acme/part.git")
    same(listed(f"{outer}/part"), f"https://gitlab.com/acme/part/-/blob/{inner_commit}/pipeline.py#L{LINE}", "a file of a submodule is its own repository's")
    same(listed(outer), f"https://github.com/acme/flows/blob/{outer_commit}/pipeline.py#L{LINE}", "a file beside a submodule")
    open(f"{outer}/part/pipeline.py", "a").write("# x\n")
    same(listed(outer), f"https://github.com/acme/flows/blob/{outer_commit}/pipeline.py#L{LINE}", "what changes in a submodule is its own")
    os.makedirs(f"{top}/plain")
    shutil.copy(f"{inner}/pipeline.py", f"{top}/plain")
    same(listed(f"{top}/plain"), None, "no repository")


def hostile(top):
    """Nothing that the repository names is run."""
    folder = f"{top}/hostile"
    commit = make(folder)
    ran = f"{top}/ran"
    script = f"{folder}/.git/evil"
    with open(script, "w") as file:
        file.write(f'#!/bin/sh\necho "$0 $@" >> "{ran}"\ncat\n')
    os.chmod(script, 0o755)
    for key, value in (("core.fsmonitor", script), ("core.pager", script), ("pager.status", "true"), ("pager.rev-parse", "true"),
                       ("core.hooksPath", f"{folder}/.git/hooks"), ("filter.evil.clean", script), ("filter.evil.smudge", script),
                       ("filter.evil.required", "true"), ("filter.a.b=c.process", script), ("diff.external", script),
                       ("core.sshCommand", script), ("core.askPass", script), ("core.editor", script), ("alias.status", f"!{script}"),
                       ("alias.rev-parse", f"!{script}"), ("remote.origin.uploadpack", script), ("remote.origin.promisor", "true"),
                       ("extensions.partialClone", "origin"), ("protocol.allow", "always"), ("status.submoduleSummary", "true")):
        git(folder, "config", key, value)
    for hook in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        os.makedirs(f"{folder}/.git/hooks", exist_ok=True)
        shutil.copy(script, f"{folder}/.git/hooks/{hook}")
    open(f"{folder}/.git/info/attributes", "w").write("*.py filter=evil diff=evil\n*.txt filter=a.b=c\n")
    os.utime(f"{folder}/pipeline.py", (1, 1))
    same(listed(folder), f"https://github.com/acme/flows/blob/{commit}/pipeline.py#L{LINE}", "hostile configuration: the link")
    os.utime(f"{folder}/pipeline.py", (2, 2))
    open(f"{folder}/pipeline.py", "a").write("# x\n")
    same(listed(folder), f"https://github.com/acme/flows/blob/{commit}/pipeline.py", "hostile configuration, a changed file")
    check(not os.path.exists(ran), "hostile configuration runs nothing", os.path.exists(ran) and open(ran).read())
    # the same work tree shows that the bait works: git alone runs it
    subprocess.run(["git", "status", "--porcelain"], cwd=folder, env=BASE, capture_output=True)
    check(os.path.exists(ran), "git alone does run it")
    objects = git(folder, "-c", "core.fsmonitor=false", "rev-parse", "HEAD:pipeline.py")
    os.remove(ran)
    os.remove(f"{folder}/.git/objects/{objects[:2]}/{objects[2:]}")
    same(listed(folder), None, "a missing object is not fetched")
    check(not os.path.exists(ran), "nor is its transport run", os.path.exists(ran) and open(ran).read())


def surroundings(top):
    folder = f"{top}/around"
    commit = make(folder)
    wanted = f"https://github.com/acme/flows/blob/{commit}/pipeline.py#L{LINE}"
    other = f"{top}/elsewhere"
    make(other, remote="git@github.com:else/where.git")
    same(listed(folder, env={"GIT_DIR": f"{other}/.git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": "none", "GIT_CONFIG_COUNT": "1",
                             "GIT_CONFIG_KEY_0": "remote.origin.url", "GIT_CONFIG_VALUE_0": "git@github.com:x/y"}),
         wanted, "variables that a hook would have set")
    same(listed(folder, env={"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}), wanted, "another language")
    same(listed(folder, env={"PATH": f"{top}/nowhere"}), None, "no git")
    fake = f"{top}/fake"
    os.makedirs(fake)
    for text, what in (("#!/bin/sh\nsleep 60\n", "a git that hangs"), ("#!/bin/sh\nexec yes\n", "a git that never stops"),
                       ("#!/bin/sh\nexit 3\n", "a git that fails"), ("#!/bin/sh\nkill -9 $$\n", "a git that is killed"),
                       ("#!/bin/sh\nsleep 60 &\nexec sleep 61\n", "a git with children"), ("garbage", "a git that is none")):
        with open(f"{fake}/git", "w") as file:
            file.write(text)
        os.chmod(f"{fake}/git", 0o755)
        begin = time.monotonic()
        same(listed(folder, env={"PATH": f"{fake}:{BASE['PATH']}"}), None, what)
        check(time.monotonic() - begin < 15, f"{what}: in time")
    if os.getuid() == 0:
        foreign = f"{top}/foreign"
        make(foreign)
        subprocess.run(["chown", "-R", "12345", foreign], check=True)
        same(listed(foreign), None, "a repository of someone else (safe.directory)")
        with open(f"{top}/trusting", "w") as file:
            file.write("[safe]\n\tdirectory = *\n")
        check(listed(foreign, env={"GIT_CONFIG_GLOBAL": f"{top}/trusting"}), "unless the user trusts it")


def hosts(top):
    folder = f"{top}/hosts"
    commit = make(folder, remote="git@git.acme.example:team/flows.git")
    table = f"{top}/hosts.txt"

    def with_table(text, option=True):
        open(table, "w").write(text)
        words, env = ([f"--source-hosts={table}"], {}) if option else ([], {"SBX_SOURCE_HOSTS": table})
        return listed(folder, words=words, env=env)

    url = "https://git.acme.example/team/flows"
    same(listed(folder), None, "an unknown host")
    same(with_table("git.acme.example gitlab\n"), f"{url}/-/blob/{commit}/pipeline.py#L{LINE}", "a host of a known kind")
    same(with_table("# ours\n\n  GIT.acme.example\tgithub  \r\n", False), f"{url}/blob/{commit}/pipeline.py#L{LINE}", "by the environment")
    same(with_table("git.acme.example {url}/src/{commit}/{path}[#lines-{line}]"), f"{url}/src/{commit}/pipeline.py#lines-{LINE}", "a form")
    same(with_table("git.acme.example https://see.example/{host}/?c={commit}&p={path}[&l={line}]"),
         f"https://see.example/git.acme.example/?c={commit}&p=pipeline.py&l={LINE}", "a form with another host")
    same(with_table("git.acme.example gitlab\ngit.acme.example github\n"), f"{url}/blob/{commit}/pipeline.py#L{LINE}", "the last line counts")
    open(f"{folder}/new.txt", "w").write("x")
    same(with_table("git.acme.example {url}/src/{commit}/{path}[#lines-{line}]"), f"{url}/src/{commit}/pipeline.py", "no line: what stands in [ ] goes")
    for text, wanted in (("git.acme.example", "a line is a host and a form"), ("git.acme.example gitlab x", "a line is a host and a form"),
                         ("a github\nb bitbucket", "hosts.txt:2: a form is github"), ("a {url}/{commit}", "has {commit} and {path}"),
                         ("a {url}/{commit}/{path}#{line}", "{line} stands in [ ]"), ("a {url}/{commit}/{path}[#{line}", "in pairs"),
                         ("a {url}/{commit}/{path}]", "in pairs"), ("a {url}/{sha}/{path}", "the holes are"), ("a {url}/{commit}/{path}\x01", "letters of a URL"),
                         ("a javascript:{commit}{path}", "begins with {url}")):
        open(table, "w").write(text)
        result = subprocess.run([SBXC, "list", "--format=json", f"--source-hosts={table}", "pipeline.py"], cwd=folder, env=BASE, capture_output=True, text=True)
        check(result.returncode == 2 and wanted in result.stderr and not result.stdout, f"a wrong table: {text!r}", result)
    result = subprocess.run([SBXC, "list", "--format=json", "--source-hosts=/nowhere/x", "pipeline.py"], cwd=folder, env=BASE, capture_output=True, text=True)
    check(result.returncode == 2 and "No such file" in result.stderr, "a table that is not there", result)


def runs(top):
    folder = f"{top}/runs"
    commit = make(folder)
    link = f"https://github.com/acme/flows/blob/{commit}/pipeline.py"
    place = f"{top}/journal"
    os.makedirs(place)
    subprocess.run([SBXC, "run", "--journal", f"{place}/j.db", "--run-id", "one", "--log", f"{place}/log", "pipeline.py", "main", "--x", "1"], cwd=folder,
                   env=BASE, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(f"{folder}/__pycache__", ignore_errors=True)

    def view(*words):
        return subprocess.run([SBXC, "runs", *words, f"{place}/j.db", "one"], cwd=folder, env=BASE, check=True, capture_output=True, text=True).stdout

    line = 1 + SOURCE[:SOURCE.index("return add(x)")].count("\n")
    events = json.loads(view("--format=json", "--source=pipeline.py"))["events"]
    check(events and {event.get("source") for event in events if event.get("task")} == {f"{link}#L{line}"}, "a run's calls", events)
    check(f"source   {link}\n" in view("--source", "pipeline.py"), "a run's file")
    check("source" not in view() and "source" not in json.loads(view("--format=json"))["events"][0], "a run without --source")
    check(f"source   {link}\n" in view(f"--source={top}/runs/../runs/pipeline.py"), "the file by another path is the same program")
    missing = subprocess.run([SBXC, "runs", "--source=nothere.py", f"{place}/j.db"], cwd=folder, env=BASE, capture_output=True, text=True)
    check(missing.returncode == 2 and "cannot read 'nothere.py'" in missing.stderr and not missing.stdout, "a source that is not there", missing)
    lines = SOURCE.splitlines(True)
    for text, what in ((["\n", *lines], "a source whose lines have moved"), (["def\n"], "a source that is wrong")):
        open(f"{folder}/pipeline.py", "w").writelines(text)
        git(folder, "commit", "-q", "-a", "-m", "more")
        said = subprocess.run([SBXC, "runs", "--source=pipeline.py", f"{place}/j.db", "one"], cwd=folder, env=BASE, capture_output=True, text=True)
        check(said.returncode == 0 and "source " not in said.stdout and "no links: 'pipeline.py' is not the program" in said.stderr, f"{what}: no link", said)
        events = json.loads(view("--format=json", "--source=pipeline.py"))["events"]
        check({event.get("source", "") for event in events if event.get("task")} == {None}, f"{what}: links are null", events)
    open(f"{folder}/pipeline.py", "w").write(SOURCE)
    git(folder, "commit", "-q", "-a", "-m", "as it was")
    connection = sqlite3.connect(f"{place}/j.db")
    connection.executescript("UPDATE events SET seq = seq + 10; INSERT INTO events(seq, run, life, kind, type, text, ended)"
                             " VALUES(1, 1, 1, 4, 'process 1', 'with another version of the program', 1)")
    connection.close()
    events = json.loads(view("--format=json", "--source=pipeline.py"))["events"]
    check({event.get("source", "") for event in events if event.get("task")} == {None}, "calls of another version have no links", events)


def generated(top):
    folder = f"{top}/generated"
    commit = make(folder)
    link = f"https://github.com/acme/flows/blob/{commit}/pipeline.py"
    out = f"{top}/out"
    os.makedirs(f"{out}/plain")
    os.makedirs(f"{out}/links")
    for words, to in (((), "plain"), (("--source-links",), "links")):
        subprocess.run([SBXC, "pipeline.py", *words, "-o", f"{out}/{to}/p.c"], cwd=folder, env=BASE, check=True)
    plain = {name: open(f"{out}/plain/{name}").read() for name in ("p.c", "p.h")}
    links = {name: open(f"{out}/links/{name}").read() for name in ("p.c", "p.h")}
    check("https://" not in plain["p.c"] + plain["p.h"], "no links without the option")
    check(f"/* pipeline.py: {link} */\n/* links.main: {link}#L{LINE} */\n" in links["p.c"], "links in the C", links["p.c"][:900])
    check(f"/* {link}#L{LINE} */\n/* links.main(x: int) -> int */" in links["p.h"], "links in the header", links["p.h"])
    for name in ("p.c", "p.h"):
        kept = "".join(line for line in links[name].splitlines(True) if "https://" not in line)
        check(kept == plain[name], f"nothing else changes in {name}")
    outside = f"{top}/plain2"
    os.makedirs(outside)
    shutil.copy(f"{folder}/pipeline.py", outside)
    subprocess.run([SBXC, "pipeline.py", "--source-links", "-o", f"{outside}/p.c"], cwd=outside, env=BASE, check=True)
    check(open(f"{outside}/p.c").read() == plain["p.c"], "where there are no links the text is the same")
    git(folder, "remote", "set-url", "origin", "https://github.com/a*/b/**/x/*/y.git")
    subprocess.run([SBXC, "pipeline.py", "--source-links", "-o", f"{out}/links/p.c"], cwd=folder, env=BASE, check=True)
    text = open(f"{out}/links/p.c").read()
    check("".join(line for line in text.splitlines(True) if "https://" not in line) == plain["p.c"] and "a%2A/b" in text, "a URL cannot leave its comment")


with tempfile.TemporaryDirectory() as top:
    top = os.path.realpath(top)
    for part in (remotes, which_remote, states, folders, hostile, surroundings, hosts, runs, generated):
        part(top)
sys.exit(finish())
