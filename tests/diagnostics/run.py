#!/usr/bin/env python3
"""Diagnostics as users, editors and code hosts get them.

    tests/diagnostics/run.py SBXC

- Every diagnostic has an example (examples.txt; those of the syntax in tests/syntax/errors.txt and corrected.txt): the mistake
  has this diagnostic and no other error, the correction has no error.
- The JSON and the SARIF of each have the form that they should have, and say the same. No schema of SARIF is at hand:
  `check_sarif` is the part of it that we write.
- Each edit of a fix that is certain makes the file right: after it the diagnostic is gone and no other has come. It is
  tried on the examples and on every mistake of tests/reject. An edit that may be right leaves a file that can be read.
- The text of some diagnostics, to the letter (shown.txt): tabs, wide characters, ranges of several lines, long lines.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
# What an example of a few lines cannot show, and what needs other files: tests/syntax/errors.py, tests/reject and tests/cli do.
ELSEWHERE = {"E0001", "E0002", "E0003", "E0006", "E0007", "E0015", "E0101", "E0141", "E0216", "E0229", "E0230", "E0231", "E0232", "E0601", "E0602", "E0603", "W0002", "W0003"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sections(path):
    """[(first line after "== ", text)]"""
    return re.findall(r"^== (.*)\n((?:(?!== ).*\n)*)", read(path), re.M)


def whole_programs():
    """{id: (the mistake, the correction or None, what a reader needs to see of both)}"""
    corrected = dict(sections(os.path.join(HERE, "corrected.txt")))
    programs = {}
    for title, text in sections(os.path.join(TOP, "tests", "syntax", "errors.txt")):
        name = title.split()[0]
        programs[name] = (text, corrected.get(name), text, corrected.get(name))
    found = sections(os.path.join(HERE, "examples.txt"))
    head, around = dict(found)["head"], dict(found)["orchestrator"]
    for title, text in found:
        if title in ("head", "orchestrator"):
            continue
        name, kind = title.split()
        pair = text.split("--\n")
        if kind == "body":
            files = [head + around + "".join("    " + line + "\n" for line in one.splitlines()) for one in pair]
        else:
            files = [(head if kind == "file" else "") + one for one in pair]
        programs[name] = (files[0], files[1], pair[0], pair[1])
    return programs


class Suite:
    def __init__(self, sbxc):
        self.sbxc, self.passed, self.failed = sbxc, 0, 0

    def expect(self, good, text):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print("FAIL " + text)
        return good

    def check(self, path, how="json"):
        """What sbxc says of the file; the text for "text"."""
        done = subprocess.run([self.sbxc, "check", "--format=" + how, os.path.basename(path)], cwd=os.path.dirname(path), capture_output=True)
        if how == "text":
            return done.stderr.decode()
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {"broken": done.stdout.decode(errors="replace")[:300], "status": done.returncode}


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


# ---- forms ----

def check_item(item, text):
    """None, or what is wrong with an object of the JSON."""
    if set(item) != {"file", "range", "severity", "id", "message", "help", "fix", "notes"}:
        return f"members {sorted(item)}"
    places = [item["range"]] + [note["range"] for note in item["notes"] if note["file"] == item["file"]]
    places += [edit["range"] for edit in (item["fix"] or {"edits": []})["edits"]]
    data, lines = text.encode(), text.split("\n")
    for place in places:
        for end in (place["start"], place["end"]):
            before = data[:end["byte"]].decode()
            if before.count("\n") + 1 != end["line"] or len(before.rpartition("\n")[2]) + 1 != end["column"]:
                return f"byte {end['byte']} is not line {end['line']}, column {end['column']}"
            if end["line"] > len(lines):
                return "a line behind the end"
        if place["start"]["byte"] > place["end"]["byte"]:
            return "a range that ends before it begins"
    if item["help"] is None or not item["help"]:
        return "no help"
    if item["fix"] and (item["fix"]["applicable"] not in ("certain", "maybe") or not item["fix"]["edits"]):
        return f"fix {item['fix']}"
    if item["fix"]:
        ends = [edit["range"] for edit in item["fix"]["edits"]]
        if any(a["end"]["byte"] > b["start"]["byte"] for a, b in zip(ends, ends[1:])):
            return "edits that overlap, or in no order"
    return None


REGION = {"startLine", "startColumn", "endLine", "endColumn", "charOffset", "charLength", "byteOffset", "byteLength", "snippet"}


def check_region(region, text):
    if not set(region) <= REGION or not {"startLine", "startColumn", "endLine", "endColumn"} <= set(region):
        return f"region {sorted(region)}"
    if any(not isinstance(region[name], int) or region[name] < 1 for name in ("startLine", "startColumn", "endLine", "endColumn")):
        return "a place below 1"
    piece = text[region["charOffset"]:region["charOffset"] + region["charLength"]]
    if text.encode()[region["byteOffset"]:region["byteOffset"] + region["byteLength"]].decode() != piece:
        return "characters and bytes that differ"
    if "snippet" in region and region["snippet"]["text"] != piece:
        return "a snippet that is not the text"
    before = text[:region["charOffset"]]
    if before.count("\n") + 1 != region["startLine"] or len(before.rpartition("\n")[2]) + 1 != region["startColumn"]:
        return "characters and columns that differ"
    return None


def check_location(location, text):
    physical = location.get("physicalLocation", {})
    uri = physical.get("artifactLocation", {}).get("uri", "")
    if not re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri):
        return f"uri {uri!r}"
    return check_region(physical["region"], text)


def check_sarif(log, items, text):
    """None, or what is wrong with the log; it must say what the JSON says."""
    if set(log) != {"$schema", "version", "runs"} or log["version"] != "2.1.0" or len(log["runs"]) != 1:
        return f"log {sorted(log)}"
    run = log["runs"][0]
    if set(run) != {"columnKind", "results", "invocations", "tool"} or run["columnKind"] != "unicodeCodePoints":
        return f"run {sorted(run)}"
    if run["invocations"][0] != {"executionSuccessful": True, "exitCode": 2 if any(i["severity"] == "error" for i in items) else 0}:
        return f"invocations {run['invocations']}"
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    if driver["name"] != "sbxc" or not driver["version"] or len({rule["id"] for rule in rules}) != len(rules):
        return "driver"
    if any(not rule["shortDescription"]["text"] or rule["defaultConfiguration"]["level"] not in ("error", "warning") for rule in rules):
        return "rules"
    if {rule["id"] for rule in rules} != {item["id"] for item in items} or len(run["results"]) != len(items):
        return "other rules or results than the JSON has"
    for result, item in zip(run["results"], items):
        if rules[result["ruleIndex"]]["id"] != result["ruleId"] or result["ruleId"] != item["id"] or result["level"] != item["severity"]:
            return "a result of another rule"
        if result["message"] != {"text": item["message"]} or result.get("properties", {}).get("help") != item["help"]:
            return "another message or help"
        related = result.get("relatedLocations", [])
        if [one["message"]["text"] for one in related] != [note["message"] for note in item["notes"]]:
            return "other related places"
        for location in result["locations"] + related:
            problem = check_location(location, text)
            if problem:
                return problem
        if bool(item["fix"]) != ("fixes" in result):
            return "another fix"
        for fix in result.get("fixes", []):
            edits = [one for change in fix["artifactChanges"] for one in change["replacements"]]
            if [one["insertedContent"]["text"] for one in edits] != [edit["text"] for edit in item["fix"]["edits"]] or not fix["description"]["text"]:
                return "other edits"
            problem = next((p for p in (check_region(one["deletedRegion"], text) for one in edits) if p), None)
            if problem:
                return problem
    return None


# ---- edits ----

def applied(data, fix):
    for edit in reversed(fix["edits"]):
        data = data[:edit["range"]["start"]["byte"]] + edit["text"].encode() + data[edit["range"]["end"]["byte"]:]
    return data


def count_ids(items):
    counts = {}
    for item in items:
        counts[item["id"]] = counts.get(item["id"], 0) + 1
    return counts


def try_fixes(suite, name, path, items, folder):
    """Each fix alone, in a file of the same folder."""
    with open(path, "rb") as file:
        data = file.read()
    before = count_ids(items)
    for item in items:
        if not item["fix"] or any(edit["file"] != os.path.basename(path) for edit in item["fix"]["edits"]):
            continue
        other = os.path.join(folder, "fixed.py")
        with open(other, "wb") as file:
            file.write(applied(data, item["fix"]))
        after = suite.check(other)
        where = f"{name}, line {item['range']['start']['line']}, {item['id']}: the {item['fix']['applicable']} fix"
        if item["fix"]["applicable"] == "maybe":
            suite.expect(isinstance(after, list), where + " leaves no file that can be read")
            continue
        counts = count_ids(after) if isinstance(after, list) else {}
        worse = {one: n for one, n in counts.items() if n > before.get(one, 0)}
        suite.expect(isinstance(after, list) and counts.get(item["id"], 0) < before[item["id"]] and not worse, f"{where} gives {after if worse else counts}"[:600])


# ---- the suites ----

def run_examples(suite, folder):
    programs = whole_programs()
    ids = set(re.findall(r'^DIAG\(\w+, "([EW]\d{4})"', read(os.path.join(TOP, "gen", "diag.def")), re.M))
    for name in sorted(ids ^ (set(programs) | ELSEWHERE)):
        suite.expect(False, f"{name} " + ("has no example" if name in ids else "is no diagnostic"))
    path = os.path.join(folder, "example.py")
    for name, (wrong, right, _, _) in sorted(programs.items()):
        if name in ELSEWHERE:
            continue
        write(path, wrong)
        items = suite.check(path)
        told = [item["id"] for item in items if item["id"][0] == "E" or name[0] == "W"] if isinstance(items, list) else items
        if not suite.expect(told == [name], f"{name}: the example has {told}"):
            continue
        if "coding:" not in wrong:
            problem = next((p for p in (check_item(item, wrong) for item in items) if p), None)
            suite.expect(not problem, f"{name}: JSON: {problem}")
            problem = check_sarif(suite.check(path, "sarif"), items, wrong)
            suite.expect(not problem, f"{name}: SARIF: {problem}")
        try_fixes(suite, name, path, items, folder)
        fix = items[-1]["fix"] if name[0] == "E" else None
        if right is None and fix and fix["applicable"] == "certain":
            right = applied(wrong.encode(), fix).decode()
        if not suite.expect(right is not None, f"{name} has no correction"):
            continue
        write(path, right)
        items = suite.check(path)
        suite.expect(items == [], f"{name}: the correction has {[(i['id'], i['message']) for i in items]}")


def run_rejected(suite, folder):
    """The fixes of all mistakes that tests/reject has."""
    os.symlink(os.path.join(TOP, "tests", "reject", "shapes"), os.path.join(folder, "shapes"))
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "reject", "*.py"))):
        if os.path.basename(path) in ("run.py", "mutate.py", "planted.py"):
            continue
        items = suite.check(path)
        text = read(path)
        problem = next((f"{i['id']} line {i['range']['start']['line']}: {p}" for i, p in ((i, check_item(i, text)) for i in items
                        if i["file"] == os.path.basename(path)) if p), None)
        suite.expect(not problem, f"{os.path.basename(path)}: JSON: {problem}")
        try_fixes(suite, os.path.basename(path), path, items, folder)


def run_shown(suite, folder):
    """Text, to the letter: `== name`, the file, `--`, what is printed. `TAB` stands for a tab, `LONG` for 300 times x, `CR` at the end of
    a line for a carriage return, `ESC` and `RLO` for the characters of these names."""
    path = os.path.join(folder, "shown.py")
    for name, text in sections(os.path.join(HERE, "shown.txt")):
        program, _, wanted = text.partition("--\n")
        program, wanted = (one.replace("TAB", "\t").replace("LONG", "x" * 300).replace("CR\n", "\r\n").replace("ESC", "\x1b").replace("RLO", "\u202e") for one in (program, wanted))
        write(path, program)
        found = suite.check(path, "text")
        if not suite.expect(found == wanted, f"shown: {name}"):
            print(found)


def on_terminal(suite, folder, **environment):
    leader, follower = pty.openpty()
    done = subprocess.Popen([suite.sbxc, "check", "shown.py"], cwd=folder, stdin=follower, stdout=follower, stderr=follower,
                            env=dict({k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **environment))
    os.close(follower)
    data = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    done.wait()
    os.close(leader)
    return data


def run_files(suite, folder):
    """Encodings, line ends, several files, colour."""
    path = os.path.join(folder, "shown.py")
    write(path, "x = 1\nx = = 2\n")
    suite.expect(b"\033[" in on_terminal(suite, folder, TERM="xterm"), "no colour on a terminal")
    suite.expect(b"\033[" not in on_terminal(suite, folder, TERM="xterm", NO_COLOR="1"), "colour in spite of NO_COLOR")
    suite.expect(b"\033[" not in on_terminal(suite, folder, TERM="dumb"), "colour on a dumb terminal")
    suite.expect("\033" not in suite.check(path, "text"), "colour in a pipe")
    for mark, newline in ((b"", "\r\n"), (b"\xef\xbb\xbf", "\n"), (b"\xef\xbb\xbf", "\r\n")):
        text = newline.join(["x = 'é'", "if x == 'é'", "    y = 1", ""])
        with open(path, "wb") as file:
            file.write(mark + text.encode())
        item = suite.check(path)[0]
        data = applied(mark + text.encode(), item["fix"])
        suite.expect(item["id"] == "E0102" and data == mark + text.replace("'é'" + newline + "    ", "'é':" + newline + "    ").encode(),
                     f"bytes of a file with {mark} and {newline!r}: {data}")
    with open(path, "wb") as file:
        file.write("# coding: latin-1\nif 'é' == 1\n    pass\n".encode("latin-1"))
    start = suite.check(path)[0]["range"]["start"]
    suite.expect(start == {"byte": None, "line": 2, "column": 12}, f"a place in a latin-1 file: {start}")
    suite.expect("byteOffset" not in suite.check(path, "sarif")["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"],
                 "bytes of a latin-1 file in SARIF")
    write(os.path.join(folder, "two.py"), "y = (\n")
    done = subprocess.run([suite.sbxc, "check", "shown.py", "two.py", "missing.py"], cwd=folder, capture_output=True, text=True)
    suite.expect(done.stderr.splitlines()[-1] == "sbxc: 3 errors" and done.returncode == 2, f"the summary of three files: {done.stderr[-200:]}")
    done = subprocess.run([suite.sbxc, "check", "--format=sarif", "shown.py", "two.py", "missing.py"], cwd=folder, capture_output=True, text=True)
    suite.expect([r["ruleId"] for r in json.loads(done.stdout)["runs"][0]["results"]] == ["E0102", "E0022", "E0001"], "SARIF of three files")


def main():
    suite = Suite(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        run_examples(suite, folder)
        run_rejected(suite, folder)
        run_shown(suite, folder)
        run_files(suite, folder)
    print(f"{suite.passed} passed, {suite.failed} failed")
    return suite.failed != 0


if __name__ == "__main__":
    sys.exit(main())
