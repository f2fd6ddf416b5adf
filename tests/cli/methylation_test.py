"""basewise methylation as a user meets it. Called as cli_test.py is."""

import gzip
import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at : at + 2]


class Methylation(ProgramTest):
    def setUp(self):
        """Two cells with calls at both strands of the CpGs of one chromosome, which lie 10 bases apart."""
        super().setUp()
        self.write("x.fa", ">chr1\n" + "AATTCGTTAA" * 60 + "\n")
        draws = random.Random(6)
        for cell in ("one", "two"):
            rows = [(10 * i + 5 + strand, draws.choice((0, 100))) for i in range(60) for strand in (0, 1)
                    if draws.random() < 0.7 or (cell == "one" and strand == 0)]
            self.write(f"{cell}.cov", "".join(f"1\t{at}\t{at}\t{value}\t{2 * value // 100}\t{2 - 2 * value // 100}\n" for at, value in rows))
        self.write("CGI.bed", "chr1\t100\t300\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def test_help(self):
        self.assertIn("make a training set of calls", self.succeeds("methylation", "--help").out)
        page = self.succeeds("methylation", "prepare", "--help").out
        for words in ("--window-statistics", "--first-base", "cat2_var", "FILE ..", "basewise methylation prepare cells/*.cov.gz", "--json"):
            self.assertIn(words, page)
        self.assertIn("--baselines", self.succeeds("methylation", "stats", "--help").out)
        self.assertIn("[OPTIONS] [calls...]", page)

    def test_stats(self):
        found = self.succeeds("methylation", "stats", "one.cov", "two.cov", "--genome", "x.fa", "--annotations", "CGI.bed", "--baselines",
                              "--bulk", "two.cov", "--out", "s.tsv", "--json").json
        self.assertEqual(found["sites"], 60)
        self.assertEqual([row["annotation"] for row in found["rows"]], ["", "CGI", "", "CGI"])
        cell, row = found["cells"][0], found["rows"][0]
        self.assertEqual(cell["forward_by_sequence"] + cell["reverse_by_sequence"], cell["calls"])
        self.assertEqual(row["sites"], cell["calls"] - cell["merged"])
        self.assertAlmostEqual(row["reads_per_site"], 2 * cell["calls"] / row["sites"])
        self.assertEqual(list(row["baselines"]), ["nearest", "mean", "weighted", "bulk"])
        self.assertEqual(len((self.folder / "s.tsv").read_text().splitlines()), 5)
        text = self.succeeds("methylation", "stats", "one.cov", "two.cov").out
        self.assertRegex(text, r"(?m)^strands: \d+ calls at the C of a CpG, \d+ at the G moved to it, \d+ sites of cells merged, \d+ not told")
        self.assertRegex(text, r"(?m)^one +all +\d+ ")

    def test_a_comma_in_the_name_of_the_only_file(self):
        self.write("a,b.cov", (self.folder / "one.cov").read_text())
        found = self.succeeds("methylation", "stats", "a,b.cov", "--json").json
        self.assertEqual([row["cell"] for row in found["rows"]], ["a,b"])

    def test_what_is_passed_over_is_said(self):
        self.write("few.cov", "1\t5\t5\t100\t1\t0\n1\t9\t9\t0\t0\t0\n")
        self.assertIn("1 times a row without reads was passed over", self.succeeds("methylation", "stats", "few.cov", "--quiet").err)
        self.assertIn("no measured site in chr1:1-4", self.succeeds("methylation", "show", "few.cov", "--region", "chr1:1-4").out)

    def test_prepare(self):
        words = ["methylation", "prepare", "one.cov", "two.cov", "--genome", "x.fa", "--neighbours", "4", "--dna", "11", "--annotations", "CGI.bed",
                 "--site-statistics", "mean,var", "--window-statistics", "var", "--windows", "21,31", "--per-file", "40", "--out", "set"]
        found = self.succeeds(*words, "--json").json
        self.assertEqual((found["sites"], found["files_written"], found["complete_before"]), (60, 2, False))
        self.assertEqual(sorted(path.name for path in (self.folder / "set").iterdir()), ["c1_000000-000040.h5", "c1_000040-000060.h5", "methylation.json"])
        self.assertEqual(json.loads((self.folder / "set/methylation.json").read_text())["options"]["windows"], [21, 31])
        self.assertIn("complete: set", self.succeeds(*words).out)
        self.assertIn("options.seed is 0 there and 3 now", self.fails(4, *words, "--seed", "3", "--quiet"))
        files = [f"set/{name}" for name in ("c1_000000-000040.h5", "c1_000040-000060.h5")]
        again = self.succeeds("methylation", "stats", *files, "--json").json
        self.assertEqual((again["sites"], [row["cell"] for row in again["rows"]]), (60, ["one", "two"]))

    def test_profiles(self):
        out = self.succeeds("methylation", "prepare", "one.cov,two.cov", "--genome", "x.fa", "--write", "profiles", "--out", "folded").out
        self.assertIn("2 of 2 files written", out)
        lines = gzip.decompress((self.folder / "folded/one.tsv.gz").read_bytes()).decode().splitlines()
        positions = [int(line.split("\t")[1]) for line in lines]
        self.assertTrue(all(at % 10 == 5 for at in positions))
        self.assertEqual(len(set(positions)), len(positions))

    def test_errors(self):
        self.write("shifted.fa", ">1\nA" + "AATTCGTTAA" * 60 + "\n")
        self.write("bad.tsv", "1\t5\t1\n1\t9\t1.5\n")
        self.assertIn("bad.tsv:2: value '1.5' lies outside 0 to 1", self.fails(3, "methylation", "stats", "bad.tsv", "--quiet"))
        self.assertIn("at no CpG", self.fails(3, "methylation", "stats", "one.cov", "--genome", "shifted.fa", "--quiet"))
        self.assertIn("calls is required", self.fails(2, "methylation", "stats"))
        self.assertIn("did you mean prepare?", self.fails(2, "methylation", "prepar"))
        self.assertIn("neighbours is 3", self.fails(2, "methylation", "prepare", "one.cov", "--neighbours", "3", "--out", "set", "--quiet"))
        self.assertIn('site_statistics has an item that is "disp"', self.fails(2, "methylation", "prepare", "one.cov", "--site-statistics", "disp", "--out", "set"))
        self.assertIn("are both called 'one'", self.fails(2, "methylation", "stats", "one.cov", "one.cov", "--quiet"))
        self.assertIn("holds the input", self.fails(2, "methylation", "prepare", "one.cov", "--out", "."))

    def test_starts_without_torch(self):
        self.assertEqual([name for name in self.libraries("methylation", "stats", "--help") if "torch" in name or "basewise" in name], [])


if __name__ == "__main__":
    gtest_xml.main()
