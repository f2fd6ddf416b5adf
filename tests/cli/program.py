"""Runs the program in a folder of its own and keeps what it printed."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class ProgramTest(unittest.TestCase):
    """A fresh working folder for each test; the environment holds nothing that steers basewise but what the test sets."""

    program = ROOT / "build/release/apps/basewise/basewise"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="basewise-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BASEWISE_") and k not in ("CI", "LD_DEBUG")}
        return {**kept, "BASEWISE_CACHE": str(self.folder / "cache"), **more}

    def run_program(self, *arguments, stdout=subprocess.PIPE, before=None, **environment):
        done = subprocess.run([self.program, *map(str, arguments)], cwd=self.folder, env=self.environment(**environment), text=True,
                              stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=300, preexec_fn=before)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def succeeds(self, *arguments, **environment):
        outcome = self.run_program(*arguments, **environment)
        self.assertEqual(outcome.code, 0, outcome.err + (outcome.out or ""))
        return outcome

    def fails(self, code, *arguments, **environment):
        """Ends with this exit code, one line on standard error that starts as all our errors do, nothing on standard output."""
        outcome = self.run_program(*arguments, **environment)
        self.assertEqual(outcome.code, code, outcome.err)
        self.assertTrue(outcome.err.startswith("basewise: error: "), outcome.err)
        self.assertEqual(outcome.err.count("\n"), 1, outcome.err)
        self.assertEqual(outcome.out, "")
        return outcome.err.removeprefix("basewise: error: ").rstrip("\n")

    def libraries(self, *arguments):
        """Names of the shared libraries that the loader maps."""
        trace = self.folder / "loader"
        self.succeeds(*arguments, LD_DEBUG="files", LD_DEBUG_OUTPUT=str(trace))
        names = set()
        for file in self.folder.glob("loader.*"):
            for line in file.read_text(errors="replace").splitlines():
                if "needed by" in line or "dynamically loaded by" in line:
                    names.add(pathlib.Path(line.split("file=", 1)[1].split()[0]).name)
            file.unlink()
        return names
