#!/usr/bin/env python3
"""`sbxc tasks`: the documents have the fields of a TaskSpec and no others, and their commands run as on a Flyte backend, whose
helper lays values down as files and reads files back.

Nothing of Flyte is needed: SCHEMA below is what its messages have, written by hand, and `copilot` writes inputs in the backend's
text forms (Go's durations, RFC 3339 in nanoseconds, %f floats, a folder for a list) and reads outputs by the backend's rules.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SBXC = os.path.abspath(os.path.join(os.environ.get("SBX_BUILD", "build"), "sbxc"))
PYTHON = shutil.which("python3", path="/usr/bin")
PASSED, FAILED = 0, 0
TOUCHED = f"/tmp/sbx-touched-{os.getpid()}" # what a shell would leave, were one on the path of a value

PROGRAM = '''
import datetime
import flyte
import flyte.sandbox
from flyte.io import Dir, File
from flyte.sandbox import ImageConfig

auto = flyte.sandbox.create(
    name="auto",
    code="""
        import os
        template = "{{.inputs.s}} {{.input}} {{{{.outputPrefix}}}}"
        o_int, o_float, o_str, o_bool, o_dt, o_td = i, f, s, b, dt + td, td
        lists = repr([li, di, open(file).read(), sorted(os.listdir(folder))])
        open("/".join([os.environ["SBX_OUTPUTS"], "made"]), "w").write(template)
    """,
    inputs={"i": int, "f": float, "s": str, "b": bool, "dt": datetime.datetime, "td": datetime.timedelta, "file": File, "folder": Dir,
            "li": list[float], "di": dict[str, datetime.timedelta]},
    outputs={"o_int": int, "o_float": float, "o_str": str, "o_bool": bool, "o_dt": datetime.datetime, "o_td": datetime.timedelta, "lists": str, "made": File},
    block_network=True, timeout=90.5, retries=3, env_vars={"LEVEL": "it's {{.input}}"},
    secrets=["my-token", flyte.Secret(key="k", group="g", as_env_var="KEY")], resources=flyte.Resources(cpu=1.5, memory="512Mi"),
    image_config=ImageConfig(registry="registry.example/project"),
)
verbatim = flyte.sandbox.create(
    name="Verbatim_2",
    code="""
import os, sys
print(sys.argv[1:], file=sys.stderr)
open(os.environ["SBX_OUTPUTS"] + "/out", "w").write(repr(sys.argv[1:]))
if "fail" in sys.argv:
    raise LookupError("failed as asked")
""",
    inputs={"s": str, "td": datetime.timedelta, "file": File}, outputs={"out": str, "exit_code": int}, auto_io=False, cache="disable",
)
silent = flyte.sandbox.create(name="silent", code="import sys; print(n); sys.exit(n)", inputs={"n": int})
command = flyte.sandbox.create(name="command", command=["/bin/sh", "-c", "exit $1", "sh"], arguments=["7"], outputs={"exit_code": str},
                               image="debian:bookworm", cache=flyte.Cache(behavior="auto", version_override="v1"))
bare = flyte.sandbox.create(name="bare", command=["false", "$(touch TOUCHED)"])
'''.replace("TOUCHED", TOUCHED)

TYPE = {"simple?": str, "blob?": {"dimensionality": str}, "collectionType?": "TYPE", "mapValueType?": "TYPE"}
VARIABLES = {"variables": [{"key": str, "value": {"type": "TYPE"}}]}
ENTRIES = [{"name": str, "value": str}]
SCHEMA = {
    "taskTemplate": {
        "id": {"resourceType": str, "org?": str, "project?": str, "domain?": str, "name": str, "version": str},
        "type": str,
        "metadata": {"discoverable?": bool, "discoveryVersion": str, "runtime": {"version": str, "flavor": str}, "retries": {"retries": int},
                     "timeout?": str, "cacheIgnoreInputVars?": [str], "metadata?": {"labels": dict}},
        "interface": {"inputs?": VARIABLES, "outputs": VARIABLES},
        "container": {"image": str, "command": [str], "args?": [str], "resources": {"requests": ENTRIES, "limits": ENTRIES},
                      "env": [{"key": str, "value": str}], "dataConfig": {"enabled": bool, "inputPath": str, "outputPath": str, "format": str}},
        "securityContext?": {"secrets": [{"group?": str, "key": str, "mountRequirement": str, "envVar": str}]},
    },
    "shortName": str, "environment": {"name": str}, "documentation?": {"sourceCode": {"link": str}},
}


def check(good, name, detail=""):
    global PASSED, FAILED
    if good:
        PASSED += 1
    else:
        FAILED += 1
        print(f"FAIL {name}: {str(detail)[-1500:]}")


def amiss(value, schema, place="spec"):
    """What of the document is not as the schema has it."""
    if schema == "TYPE":
        return amiss(value, TYPE, place) or ([] if len(value) == 1 else [f"{place}: one kind of type is expected, not {value}"])
    if isinstance(schema, dict) and schema is not dict:
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        known = {name.rstrip("?") for name in schema}
        found = [f"{place}/{name} is not known" for name in value if name not in known]
        for name, inner in schema.items():
            if name.rstrip("?") in value:
                found += amiss(value[name.rstrip("?")], inner, f"{place}/{name.rstrip('?')}")
            elif not name.endswith("?"):
                found.append(f"{place}/{name} is missing")
        return found
    if isinstance(schema, list):
        return [one for i, item in enumerate(value) for one in amiss(item, schema[0], f"{place}[{i}]")] if isinstance(value, list) else [f"{place} is no array"]
    return [] if type(value) is schema else [f"{place} is {value!r}, not {schema.__name__}"]


def sbxc(folder, *words, **more):
    return subprocess.run([SBXC, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more)


def tasks(folder, text, *words):
    """{name: document} of a program, or the failed process."""
    with open(os.path.join(folder, "program.py"), "w", encoding="utf-8") as file:
        file.write(text)
    done = sbxc(folder, "tasks", "program.py", *words)
    return {spec["taskTemplate"]["id"]["name"]: spec for spec in json.loads(done.stdout)} if done.returncode == 0 else done


# ---- the backend's side ----

def copilot_write(path, value):
    """An input as the helper lays it down."""
    if isinstance(value, (list, dict)):
        os.mkdir(path)
        for name, item in enumerate(value) if isinstance(value, list) else value.items():
            copilot_write(os.path.join(path, str(name)), item)
        return
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, float):
        value = f"{value:f}".rstrip("0").rstrip(".")
    elif isinstance(value, datetime.datetime):
        value = value.strftime("%Y-%m-%dT%H:%M:%S") + f".{value.microsecond * 1000:09d}".rstrip("0").rstrip(".") + "Z"
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(value))


GO_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?(h|ms|us|µs|ns|m|s))+|0")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
READERS = {"INTEGER": int, "FLOAT": float, "STRING": str, "BOOLEAN": lambda text: {"true": True, "True": True, "false": False, "False": False}[text],
           "DATETIME": lambda text: RFC3339.fullmatch(text).group(), "DURATION": lambda text: GO_DURATION.fullmatch(text).group()}


def copilot_read(spec, folder):
    outputs = {}
    for variable in spec["taskTemplate"]["interface"]["outputs"]["variables"]:
        path, kind = os.path.join(folder, variable["key"]), variable["value"]["type"]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "simple" in kind:
            if len(text.encode()) > 1024:
                raise ValueError(f"{variable['key']} is larger than 1024 bytes")
            text = READERS[kind["simple"]](text.strip())
        outputs[variable["key"]] = text
    return outputs


# Of the backend's regular expressions: whatever one of these matches is filled in.
TEMPLATES = re.compile(r"\{\{\s*[.$]", re.I)


def run(folder, spec, inputs):
    """Runs the container's command here; (exit code, outputs or None, standard error)."""
    container = spec["taskTemplate"]["container"]
    place = tempfile.mkdtemp(dir=folder)
    for name in ("in", "out"):
        os.mkdir(os.path.join(place, name))
    for name, value in inputs.items():
        copilot_write(os.path.join(place, "in", name), value)
    env = {pair["key"]: pair["value"] for pair in container["env"]}
    env.update(PATH=os.environ["PATH"], SBX_INPUTS=os.path.join(place, "in"), SBX_OUTPUTS=os.path.join(place, "out"))
    words = [word.replace("/var/outputs/", os.path.join(place, "out") + "/") if word.startswith('"$@"') else word for word in container["command"]]
    words = [PYTHON if words[0] == "python3" else words[0], *words[1:]]
    done = subprocess.run(words + container.get("args", []), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=place)
    try:
        outputs = copilot_read(spec, os.path.join(place, "out"))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        outputs = error
    return done.returncode, outputs, done.stderr


# ---- the tests ----

def documents(folder, specs):
    for name, spec in specs.items():
        check(not amiss(spec, SCHEMA), f"{name}: the fields of a TaskSpec", amiss(spec, SCHEMA))
        container, template = spec["taskTemplate"]["container"], spec["taskTemplate"]
        check(template["type"] == "raw-container" and container["dataConfig"] == {"enabled": True, "inputPath": "/var/inputs", "outputPath": "/var/outputs",
                                                                                 "format": "JSON"}, f"{name}: a task that its helper waits for")
        words = [word for word in container["command"] + container.get("args", []) if TEMPLATES.search(word)]
        check(not words, f"{name}: nothing that the backend fills in", words)
        check(max(len(word.encode()) for word in container["command"] + container.get("args", [])) < 131072, f"{name}: words that a process can have")
        for side in template["interface"].values():
            keys = [variable["key"] for variable in side["variables"]]
            check(keys == sorted(keys) and keys, f"{name}: variables are sorted", keys)
        check(re.fullmatch(r"[0-9a-f]{32}", template["id"]["version"]) and len(spec["shortName"]) <= 63, f"{name}: version and short name")
    auto = specs["auto"]["taskTemplate"]
    types = {variable["key"]: variable["value"]["type"] for variable in auto["interface"]["inputs"]["variables"]}
    check(types == {"i": {"simple": "INTEGER"}, "f": {"simple": "FLOAT"}, "s": {"simple": "STRING"}, "b": {"simple": "BOOLEAN"}, "dt": {"simple": "DATETIME"},
                    "td": {"simple": "DURATION"}, "file": {"blob": {"dimensionality": "SINGLE"}}, "folder": {"blob": {"dimensionality": "MULTIPART"}},
                    "li": {"collectionType": {"simple": "FLOAT"}}, "di": {"mapValueType": {"simple": "DURATION"}}}, "types", types)
    check(re.fullmatch(r"registry\.example/project/sandbox-\w{12}:latest", auto["container"]["image"]), "the image with its registry", auto["container"]["image"])
    check(auto["container"]["resources"]["limits"] == [{"name": "CPU", "value": "1500m"}, {"name": "MEMORY", "value": "512Mi"}], "resources")
    check(auto["securityContext"]["secrets"] == [{"key": "my-token", "mountRequirement": "ENV_VAR", "envVar": "MY_TOKEN"},
                                                 {"group": "g", "key": "k", "mountRequirement": "ENV_VAR", "envVar": "KEY"}], "secrets", auto["securityContext"])
    check(auto["metadata"]["timeout"] == "90.500s" and auto["metadata"]["retries"] == {"retries": 3}, "timeout and retries", auto["metadata"])
    check(specs["command"]["taskTemplate"]["container"]["image"] == "debian:bookworm", "a given image is used as it is")
    check(specs["command"]["taskTemplate"]["metadata"]["discoveryVersion"] == "v1", "a version of the user's own")
    check("discoverable" not in specs["Verbatim_2"]["taskTemplate"]["metadata"] and auto["metadata"]["discoverable"], "cache= is kept")
    check([v["key"] for v in specs["bare"]["taskTemplate"]["interface"]["outputs"]["variables"]] == ["exit_code"], "there is always an output")


def runs(folder, specs):
    texts = ["", f"'; touch {TOUCHED} #", "$(id)`id`", "--help", "--", "a\nb", "é🎈", "{{.inputs.i}}", '"', "\\"]
    for turn, text in enumerate(texts):
        hours = datetime.datetime(2024, 2, 29, 23, 59, 59, turn)
        inputs = {"i": -(2**62), "f": 0.1, "s": text, "b": turn % 2 == 0, "dt": hours, "td": ["1m30.5s", "-1h0m0.000001s", "0s", "1.5ms", "100µs"][turn % 5],
                  "file": "text", "folder": {"a": "1", "b": "2"}, "li": [1e21, -0.5] + [2.0] * 9, "di": {"x": "2h", "y": "1ns"}}
        code, outputs, error = run(folder, specs["auto"], inputs)
        delta = [90.5, -3600.000001, 0, 0.0015, 0.0001][turn % 5]
        wanted = (hours.replace(tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=delta)).isoformat()
        good = code == 0 and isinstance(outputs, dict)
        check(good and outputs["o_int"] == -(2**62) and outputs["o_float"] == 0.1 and outputs["o_bool"] == (turn % 2 == 0) and
              outputs["o_str"] == text.strip() and outputs["o_dt"] == wanted and float(outputs["o_td"].rstrip("s")) == delta,
              f"auto-IO on a backend, turn {turn}", f"{outputs} {error}")
        check(good and outputs["lists"] == repr([[1e21, -0.5] + [2.0] * 9, {"x": datetime.timedelta(hours=2), "y": datetime.timedelta(0)}, "text", ["a", "b"]]),
              f"lists, dicts, files, turn {turn}", f"{outputs} {error}")
        check(good and outputs["made"] == "{{.inputs.s}} {{.input}} {{{{.outputPrefix}}}}", f"braces in the code, turn {turn}", outputs)
    code, outputs, error = run(folder, specs["auto"], dict(inputs, i="x"))
    check(code == 2 and "the input i: expected int, got 'x'" in error, "an input that is wrong is named", error)
    code, outputs, error = run(folder, specs["Verbatim_2"], {"s": "--x 'y", "td": "1m30.5s", "file": "f"})
    check(code == 0 and outputs["exit_code"] == 0 and re.fullmatch(r"""\['--s', "--x 'y", '--td', '1m30.5s', '--file', '.*/in/file'\]""", outputs["out"]),
          "verbatim: values are words", f"{outputs} {error}")
    code, outputs, error = run(folder, specs["Verbatim_2"], {"s": "fail", "td": "1s", "file": "f"})
    check(code == 0 and outputs["exit_code"] == 1 and error.endswith("LookupError: failed as asked\n") and 'File "/var/inputs/_script", line 5, in <module>\n'
          '    raise LookupError("failed as asked")\n' in error and "_sbx" not in error, "verbatim: an exit code that is declared is a result", f"{code} {outputs} {error}")
    for n in (0, 3):
        code, outputs, error = run(folder, specs["silent"], {"n": n})
        check(code == n and outputs == {"exit_code": n}, f"no outputs: exit code {n}", f"{code} {outputs} {error}")
    code, outputs, error = run(folder, specs["command"], {})
    check(code == 0 and outputs == {"exit_code": "7"}, "command: an exit code that is declared is a result", f"{code} {outputs} {error}")
    code, outputs, error = run(folder, specs["bare"], {})
    check(code == 1 and outputs == {"exit_code": 1} and not os.path.exists(TOUCHED), "command: words are words, and a failure fails", f"{code} {outputs} {error}")


def versions(folder, specs):
    """The version that a backend's cache goes by covers what the results depend on, and nothing else."""
    base = '''import flyte, flyte.sandbox
from flyte.sandbox import ImageConfig
a = flyte.sandbox.create(name="a", code="x = 1", outputs={"x": int}, env_vars={"E": "1"}, retries=1, system_packages=["hello"])
b = flyte.sandbox.create(name="b", command=["echo", "1"])
'''
    def version(text, name, *words):
        return tasks(folder, text, *words)[name]["taskTemplate"]["metadata"]["discoveryVersion"]
    old = {name: version(base, name) for name in "ab"}
    check(old["a"] == version(base, "a") and len(old["a"]) == 64 and old["a"] != old["b"], "the version is the same again", old)
    for name, before, after, what in (("a", "x = 1", "x = 2", "script"), ("a", '"E": "1"', '"E": "2"', "environment"), ("a", '["hello"]', '["hello", "jq"]', "image"),
                                      ("a", "retries=1", "retries=1, image_config=ImageConfig(python_version=(3, 12))", "base"),
                                      ("b", '"echo", "1"', '"echo", "2"', "command"), ("b", '"echo", "1"]', '"echo"], arguments=["1", "2"]', "arguments")):
        check(version(base.replace(before, after), name) != old[name], f"the version depends on the {what}")
    check(version(base, "a", "--base-image", "other:1") != old["a"], "the version depends on --base-image")
    for before, after, what in (("retries=1", "retries=2", "retries"), ("retries=1", "retries=1, timeout=5", "timeout"),
                                ("retries=1", "retries=1, resources=flyte.Resources(cpu=2)", "resources")):
        check(version(base.replace(before, after), "a") == old["a"], f"the version does not depend on {what}")


def files(folder):
    out = os.path.join(folder, "specs")
    done = sbxc(folder, "tasks", "--project=p", "--domain", "development", "--org=o", "--image-prefix", "r.example", "program.py", "-o", "specs")
    names = sorted(os.listdir(out)) if os.path.isdir(out) else done.stderr
    check(names == ["Verbatim_2.json", "auto.json", "auto.network-policy.json", "bare.json", "command.json", "silent.json"] and
          sorted(done.stdout.split()) == [f"specs/{name}" for name in names], "a file for each", names)
    with open(os.path.join(out, "auto.json"), encoding="utf-8") as file:
        spec = json.load(file)
    identity = spec["taskTemplate"]["id"]
    check((identity["org"], identity["project"], identity["domain"]) == ("o", "p", "development"), "the task's id", identity)
    with open(os.path.join(out, "silent.json"), encoding="utf-8") as file:
        check(json.load(file)["taskTemplate"]["container"]["image"].startswith("r.example/sandbox-"), "--image-prefix")
    with open(os.path.join(out, "auto.network-policy.json"), encoding="utf-8") as file:
        policy = json.load(file)
    labels = spec["taskTemplate"]["metadata"]["metadata"]["labels"]
    check(policy["kind"] == "NetworkPolicy" and policy["apiVersion"] == "networking.k8s.io/v1" and policy["spec"] == {
        "podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress", "Egress"]} and labels, "the policy denies all to the pods of the task", policy)
    check(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", policy["metadata"]["name"]), "the policy's name", policy["metadata"])
    sbxc(folder, "tasks", "program.py", "-o", "specs", "--egress", "10.0.0.0/24,fd00::/8")
    with open(os.path.join(out, "auto.network-policy.json"), encoding="utf-8") as file:
        egress = json.load(file)["spec"]["egress"]
    check(egress == [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]}, {"to": [{"ipBlock": {"cidr": "fd00::/8"}}]}], "--egress", egress)
    for words, wanted in ((["program.py", "--egress", "x;y"], "--egress: expected networks"), ([], "no source file"), (["program.py", "--x"], "unknown option '--x'"),
                          (["program.py", "-o"], "-o: a value is missing"), (["program.py", "-o", "program.py"], "cannot write 'program.py/"),
                          (["absent.py"], "absent.py"), (["program.py", "other.py"], "one source file at a time")):
        done = sbxc(folder, "tasks", *words)
        check(done.returncode == 2 and wanted in done.stderr and not done.stdout.strip("[]\n"), f"refused: {words}", done)
    os.mkdir(os.path.join(folder, "taken"))
    os.mkdir(os.path.join(folder, "taken", "command.json"))
    done = sbxc(folder, "tasks", "program.py", "-o", "taken")
    check(done.returncode == 2 and "command.json" in done.stderr, "a name that is taken by a folder", done.stderr)
    with open(os.path.join(folder, "wrong.py"), "w", encoding="utf-8") as file:
        file.write('import flyte.sandbox\na = flyte.sandbox.create(name="a", code="x = [1]", outputs={"x": list[int]})\n')
    done = sbxc(folder, "tasks", "wrong.py", "-o", "nothing")
    check(done.returncode == 2 and "[E0231]" in done.stderr and not os.path.exists(os.path.join(folder, "nothing")), "what cannot be a task", done.stderr)
    with open(os.path.join(folder, "none.py"), "w", encoding="utf-8") as file:
        file.write("x = 1\n")
    check(sbxc(folder, "tasks", "none.py").returncode == 2, "no sandboxes")


HOST = '''
#include <stdio.h>
#include <stdlib.h>
#include "program.h"
#include "sbx-host.h"
int main(void)
{
	sbx_task_options options = {.size = sizeof options, .image_prefix = "r.example"};
	char *spec, *policy;
	for (size_t i = 0; sbx_entries_program[i]; i++) {
		if (sbx_task_spec(sbx_entries_program[i], &options, &spec, &policy))
			return 1;
		printf("%s%s%s\\n", i ? ",\\n" : "[\\n", spec, sbx_entries_program[i + 1] ? "" : "\\n]");
		free(spec);
		free(policy);
	}
	return 0;
}
'''


def host(folder):
    """A host gets the same documents from the library."""
    build = os.path.dirname(SBXC)
    with open(os.path.join(folder, "host.c"), "w", encoding="ascii") as file:
        file.write(HOST)
    made = sbxc(folder, "program.py", "-o", "program.c")
    if made.returncode == 0:
        made = subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c11", "-DSBX_NO_MAIN", f"-I{TOP}/runtime/include", "host.c", "program.c", "-o", "host",
                               f"{build}/libsbx-host.a", f"{build}/libsbx.a", "-lm",
                               *(["-fsanitize=address,undefined"] if "san" in build.split(os.sep) else [])], cwd=folder, stderr=subprocess.PIPE, text=True, check=False)
    check(made.returncode == 0, "a host is built", made.stderr)
    got = subprocess.run(["./host"], cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    printed = json.loads(sbxc(folder, "tasks", "program.py", "--image-prefix", "r.example").stdout)
    check(got.returncode == 0 and json.loads(got.stdout) == printed, "sbx_task_spec gives what sbxc tasks prints")


def source(folder):
    """A link to the line, where the file is in a repository of a known host."""
    def git(*words):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    git("init")
    git("remote", "add", "origin", "git@github.com:acme/flows.git")
    git("add", "program.py")
    git("commit", "-m", "x")
    with open(os.path.join(folder, ".git", "info", "exclude"), "a", encoding="ascii") as file:
        file.write("*\n")
    specs = json.loads(sbxc(folder, "tasks", "program.py").stdout)
    link = specs[0].get("documentation", {}).get("sourceCode", {}).get("link", "")
    check(re.fullmatch(r"https://github\.com/acme/flows/blob/[0-9a-f]{40}/program\.py#L8", link), "a link to the source", link)


def main():
    folder = tempfile.mkdtemp(prefix="sbx-tasks-")
    os.environ.pop("SBX_BASE_IMAGE", None)
    try:
        specs = tasks(folder, PROGRAM)
        check(isinstance(specs, dict) and set(specs) == {"auto", "Verbatim_2", "silent", "command", "bare"}, "the documents", specs)
        if isinstance(specs, dict):
            documents(folder, specs)
            runs(folder, specs)
            versions(folder, specs)
        tasks(folder, PROGRAM)
        files(folder)
        host(folder)
        source(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{PASSED} passed, {FAILED} failed")
    return 1 if FAILED else 0


sys.exit(main())
