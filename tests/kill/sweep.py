"""Kills the program at each call that changes a file (shim.c), calls it once more, and compares with a run that nobody disturbed.

    class Report(sweep.Sweep):
        def test_report(self):
            self.sweep(["report", "run"], prepared=folder)

Each renaming, removal and new folder is a place to kill at, and so is what happens to single files (created, written, synced, cut), which
the renaming at their end makes harmless. Where the program is slow to start an even sample is taken of both, so that all scripts together
take a minute and a half of processor time; BASEWISE_KILL_ALL=1 takes all places.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli"), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import Outcome, ProgramTest  # noqa: E402

LASTING = ("rename", "unlink", "mkdir")
ALL = bool(os.environ.get("BASEWISE_KILL_ALL"))

# What two runs of the same thing do not share.
TIMES = {"seconds", "started", "ended", "created", "sessions", "command_line", "data_wait_seconds", "state_sha256", "train_seconds", "machine", "version"}


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in TIMES}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def table_without(text, columns):
    rows = [line.split("\t") for line in text.splitlines()]
    keep = [i for i, name in enumerate(rows[0]) if name not in columns]
    return [[row[i] for i in keep] for row in rows]


def content(path, name):
    """The bytes of a file without what may differ."""
    if name.endswith(".html"):
        return "</html>" in path.read_text(encoding="utf-8")
    if name.endswith("verified.tsv"):
        return sorted([pathlib.Path(line[0]).name, line[1], line[3]] for line in (row.split("\t") for row in path.read_text().splitlines()))
    if name.endswith((".log", ".part.etag")):
        return "text"
    if name.endswith(".json"):
        return without_times(json.loads(path.read_text(encoding="utf-8")))
    if name.endswith(("log.tsv", "results.tsv")):
        return table_without(path.read_text(encoding="utf-8"), TIMES)
    return path.read_bytes()


def snapshot(folder):
    """{name: content} of all files; of the event files, one for each session, only that there are some."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if "/events/" in name:
            name = re.sub(r"/events/.*", "/events/", name)
            files[name] = "events"
        elif path.is_file():
            files[name] = content(path, name)
        else:
            files[name + "/"] = "folder"
    return files


def spread(numbers, count):
    """`count` of them, evenly; all where there is no count, or where all are asked for."""
    if ALL or count is None or len(numbers) <= count:
        return list(numbers)
    return [numbers[(2 * k + 1) * len(numbers) // (2 * count)] for k in range(count)]


class Sweep(ProgramTest):
    shim = None

    def place(self, name, prepared=None):
        """A working folder of its own, a copy of `prepared`; the same path each time, which some files hold."""
        folder = self.folder / "work"
        shutil.rmtree(folder, ignore_errors=True)
        if prepared:
            shutil.copytree(prepared, folder)
        else:
            folder.mkdir()
        (self.folder / name).unlink(missing_ok=True)
        return folder

    def call(self, words, folder, do=None, at=0, **environment):
        """One call in `folder`; with `do`, through the shim. Returns outcome and the calls that were made."""
        env = self.environment(BASEWISE_CACHE=str(folder / "cache"), BASEWISE_PROGRESS="never", OMP_NUM_THREADS="1", **environment)
        log, counter = self.folder / "calls", self.folder / "counter"
        log.unlink(missing_ok=True)
        if do:
            counter.write_bytes(bytes(8))
            env |= {"LD_PRELOAD": str(self.shim), "KILL_SHIM_UNDER": str(folder), "KILL_SHIM_COUNTER": str(counter), "KILL_SHIM_LOG": str(log),
                    "KILL_SHIM_AT": str(at), "KILL_SHIM_DO": do}
        done = subprocess.run([self.program, *map(str, words)], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=300)
        calls = [line.split(" ", 1) for line in log.read_text().splitlines()] if log.exists() else []
        return Outcome(done.returncode, done.stdout, done.stderr), calls

    def undisturbed(self, words, prepared=None, **environment):
        folder = self.place("undisturbed", prepared)
        outcome, calls = self.call(words, folder, "kill", 0, **environment)
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertTrue(calls, "the shim saw nothing")
        return snapshot(folder), calls

    def places(self, calls, sample, lasting=None, may=lambda kind, path: True):
        """Numbers of calls to disturb, from 1: of those that `may`, as many renamings, removals and new folders as `lasting` says (all
        where it is not given) and `sample` others."""
        numbers = {True: [], False: []}
        for i, (kind, path) in enumerate(calls, 1):
            if may(kind, path):
                numbers[kind in LASTING].append(i)
        chosen, others = spread(numbers[True], lasting), spread(numbers[False], sample)
        print(f"{self.id().split('.')[-1]}: {len(chosen)} of {len(numbers[True])} renamings, removals and new folders, {len(others)} of "
              f"{len(numbers[False])} other calls", file=sys.stderr)
        return sorted(chosen + others)

    def assert_same(self, found, expected, where):
        self.assertEqual(sorted(found), sorted(expected), where)
        for name, value in expected.items():
            self.assertEqual(found[name], value, f"{where}: {name}")

    def sweep(self, words, again=None, prepared=None, sample=None, lasting=None, may=lambda kind, path: True, **environment):
        """kill -9 at call after call; `again` is the next call (the same words where it is not given)."""
        expected, calls = self.undisturbed(words, prepared, **environment)
        for number in self.places(calls, sample, lasting, may):
            where = f"killed at call {number}, {' '.join(calls[number - 1])}"
            folder = self.place("killed", prepared)
            outcome, made = self.call(words, folder, "kill", number, **environment)
            self.assertTrue(outcome.code == -signal.SIGKILL or len(made) >= number, f"{where}: {outcome}")
            after, _ = self.call(again or words, folder, **environment)
            self.assertEqual(after.code, 0, f"{where}, then {after.err}")
            self.assert_same(snapshot(folder), expected, where)

    def fill(self, words, again=None, prepared=None, sample=None, lasting=None, **environment):
        """The disk is full at one call: one line of error, nothing half-written, and the next call does it."""
        expected, calls = self.undisturbed(words, prepared, **environment)
        for number in self.places(calls, sample, lasting, lambda kind, _: kind not in ("unlink", "truncate")):
            where = f"no space at call {number}, {' '.join(calls[number - 1])}"
            folder = self.place("full", prepared)
            outcome, _ = self.call(words, folder, "full", number, **environment)
            lines = [line for line in outcome.err.splitlines() if line.startswith("basewise: ")]
            if outcome.code == 0:  # what is only a comfort: the page, what is remembered in the cache
                self.assertTrue(all("warning" in line for line in lines), f"{where}: {outcome.err}")
            else:
                self.assertIn(outcome.code, (3, 4), f"{where}: {outcome.err}")
                self.assertEqual(len([line for line in lines if line.startswith("basewise: error: ")]), 1, f"{where}: {outcome.err}")
            self.assert_nothing_half_written(folder, where)
            after, _ = self.call(again or words, folder, **environment)
            self.assertEqual(after.code, 0, f"{where}, then {after.err}")
            self.assert_same(snapshot(folder), expected, where)

    def interrupt(self, words, again=None, prepared=None, sample=3, **environment):
        """Ctrl-C and SIGTERM in turn, at some calls."""
        expected, calls = self.undisturbed(words, prepared, **environment)
        for i, number in enumerate(spread(range(1, len(calls) + 1), sample)):
            where = f"signal at call {number}, {' '.join(calls[number - 1])}"
            folder = self.place("interrupted", prepared)
            outcome, _ = self.call(words, folder, ("int", "term")[i % 2], number, **environment)
            if outcome.code == 0 and number + 1 >= len(calls):  # all was done when the signal was noticed
                self.assert_same(snapshot(folder), expected, where)
            else:
                self.assertEqual(outcome.code, 130, f"{where}: {outcome.err}")
            self.assert_nothing_half_written(folder, where)
            after, _ = self.call(again or words, folder, **environment)
            self.assertEqual(after.code, 0, f"{where}, then {after.err}")
            # A training that stops in good order leaves a checkpoint, which stays.
            found = {name: value for name, value in snapshot(folder).items() if "checkpoints/" not in name}
            self.assert_same(found, expected, where)

    def assert_nothing_half_written(self, folder, where):
        left = [path.name for path in folder.rglob("*") if ".tmp-" in path.name]
        self.assertEqual(left, [], where)


def main():
    for flag, owner, name in (("--program", ProgramTest, "program"), ("--shim", Sweep, "shim")):
        if flag in sys.argv:
            at = sys.argv.index(flag)
            setattr(owner, name, pathlib.Path(sys.argv[at + 1]).resolve())
            del sys.argv[at:at + 2]
    gtest_xml.main()
