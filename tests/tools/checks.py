"""How a suite in Python counts: check what must hold, and end with finish().

    sys.path.insert(0, f"{TOP}/tests/tools")
    from checks import check, finish
"""
counts = {"passed": 0, "failed": 0}


def check(good, what, *more):
    """`what` names the check; `more` is shown, a line each, when it does not hold."""
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAIL {what}", *more, sep="\n", flush=True)


def finish():
    """The line that tests/run adds up; returns the suite's exit status."""
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0
