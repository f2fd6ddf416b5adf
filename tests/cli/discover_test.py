"""basewise motifs discover as a user meets it. Called as cli_test.py is."""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]


class Discover(ProgramTest):
    def test_help_has_examples_and_flags(self):
        page = self.succeeds("motifs", "discover", "--help").out
        self.assertEqual(page.count("\n  basewise motifs discover "), 3)
        for flag in ("--max-seqlets", "--window", "--motifs", "--seed", "--out", "--json", "--min-cluster-size", "--kernel"):
            self.assertIn(flag, page)

    def test_what_is_missing_is_named(self):
        self.assertIn("attributions", self.fails(2, "motifs", "discover", "--out", "motifs"))
        self.assertIn("out", self.fails(2, "motifs", "discover", "attributions"))

    def test_files_that_are_not_there(self):
        self.assertIn("nowhere", self.fails(3, "motifs", "discover", "nowhere.h5", "--out", "motifs"))

    def test_options_out_of_bounds(self):
        self.assertIn("max_k", self.fails(2, "motifs", "discover", "x.h5", "--out", "motifs", "--max-k", "9"))


if __name__ == "__main__":
    gtest_xml.main()
