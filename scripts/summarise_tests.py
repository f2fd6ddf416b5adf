"""Counts the tests of one run: scripts/summarise_tests.py FOLDER START

FOLDER holds ctest.junit (one entry per test program) and, for programs that write one, PROGRAM.xml in GoogleTest's format.
A program without such a file counts as one test. START is the time.time() at which the run began.
Lists failures and skips, ends with one line of counts; exit code 1 if a test failed, a program died, or nothing ran.
"""

import pathlib
import sys
import time
import xml.etree.ElementTree as ET


def first_lines(text, limit=3):
    """The telling part of a skip message: GoogleTest puts 'file:line' first."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    if lines and ":" in lines[0] and lines[0].rsplit(":", 1)[-1].isdigit() and len(lines) > 1:
        lines = lines[1:]
    return " ".join(lines[:limit]) or "no reason given"


def cases_of(path):
    """(name, outcome, text) of each test case in a GoogleTest XML file."""
    for case in ET.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failures = [node.get("message") or node.text or "" for node in case.findall("failure") + case.findall("error")]
        skipped = case.find("skipped")
        if failures:
            yield name, "failed", "\n".join(failures)
        elif skipped is not None or case.get("result") == "skipped":
            yield name, "skipped", skipped.get("message") if skipped is not None else ""
        elif case.get("status") == "notrun":
            yield name, "disabled", ""
        else:
            yield name, "passed", ""


def outcomes_of(program, folder):
    """(name, outcome, text) of all that one ctest entry ran, its own death included."""
    name = program.get("name")
    skipped = program.find("skipped")
    reason = skipped.get("message", "") if skipped is not None else ""
    # "notrun" is also what ctest calls a program that was never built; only what asked to be skipped is.
    asked = program.get("status") == "disabled" or reason.startswith(("SKIP_", "Disabled"))
    died = program.find("failure") is not None or program.get("status") == "fail" or (program.get("status") == "notrun" and not asked)
    xml = folder / f"{name}.xml"
    outcomes = []
    if xml.exists():
        try:
            outcomes = list(cases_of(xml))
        except ET.ParseError:
            died = True
    if not outcomes:
        if died:
            return [(name, "failed", reason or "the program failed; its output is above")]
        if asked:
            return [(name, "skipped", reason or "disabled")]
        return [(name, "passed", "")]
    if died and not any(outcome == "failed" for _, outcome, _ in outcomes):
        outcomes.append((name, "failed", "the program died after its last test; its output is above"))
    return outcomes


def main():
    folder, start = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    junit = folder / "ctest.junit"
    if not junit.exists():
        print("tests: none ran: ctest left no result file")
        return 1
    outcomes = []
    for program in ET.parse(junit).getroot().iter("testcase"):
        outcomes += outcomes_of(program, folder)
    by_outcome = {kind: [(n, t) for n, k, t in outcomes if k == kind] for kind in ("passed", "failed", "skipped")}

    if by_outcome["skipped"]:
        print("\nskipped:")
        for name, text in by_outcome["skipped"]:
            print(f"  {name}: {first_lines(text)}")
    # Helpers that another test runs in a process of its own; listed, so that nothing can hide there, and not counted.
    disabled = [name for name, outcome, _ in outcomes if outcome == "disabled"]
    if disabled:
        print("\ndisabled in the source: " + ", ".join(disabled))
    if by_outcome["failed"]:
        print("\nfailed:")
        for name, text in by_outcome["failed"]:
            print(f"  {name}\n    " + text.strip().replace("\n", "\n    "))
    passed, failed = len(by_outcome["passed"]), len(by_outcome["failed"])
    skipped = len(by_outcome["skipped"])
    total = passed + failed + skipped
    print(f"\ntests: {passed} passed, {failed} failed, {skipped} skipped (of {total}) in {time.time() - start:.0f} s")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
