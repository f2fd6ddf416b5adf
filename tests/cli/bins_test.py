"""basewise data bins as a user meets it. Called as cli_test.py is."""

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

SMALL = ["--length", "64", "--width", "16", "--crop", "8", "--longest-contig", "150", "--validation-fraction", "0.2", "--test-fraction", "0.2"]


class Bins(ProgramTest):
    def setUp(self):
        super().setUp()
        letters = random.Random(4)
        self.write("x.fa", "".join(f">{name}\n{''.join(letters.choices('ACGTN', k=n))}\n" for name, n in (("chr1", 2000), ("chr2", 700))))
        self.write("a.bedgraph", "chr1\t0\t1000\t2\nchr2\t100\t200\t0.5\n")
        self.write("b.bed", "chr1\t300\t360\nchr2\t20\t50\n")
        self.write("t.txt", "\tidentifier\tfile\tsum_stat\tclip\n0\ta\ta.bedgraph\tsum\t40\n1\tb\tb.bed\tpeak\t\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def make(self, *more):
        return ["data", "bins", "t.txt", "--genome", "x.fa", "--out", "set", *SMALL, *more]

    def test_help(self):
        page = self.succeeds("data", "bins", "--help").out
        for words in ("--stride-train", "--unmappable", "leave_out", "sum_stat", "basewise data bins peaks.txt --genome hg38.fa --peaks", "--json"):
            self.assertIn(words, page)
        self.assertIn("make a data set of binned coverage", self.succeeds("data", "--help").out)

    def test_a_folder_of_the_field(self):
        found = self.succeeds(*self.make("--json")).json
        sets = {s["name"]: s["windows"] for s in found["sets"]}
        self.assertEqual(list(sets), ["train", "valid", "test"])
        self.assertEqual((found["targets"], found["bins"], found["complete_before"]), (2, 3, False))
        statistics = json.loads((self.folder / "set/statistics.json").read_text())
        self.assertEqual(statistics, {"num_targets": 2, "seq_length": 64, "seq_1hot": True, "pool_width": 16, "crop_bp": 8, "target_length": 3,
                                      **{f"{name}_seqs": n for name, n in sets.items()}})
        rows = [line.split("\t") for line in (self.folder / "set/sequences.bed").read_text().splitlines()]
        self.assertEqual(len(rows), sum(sets.values()))
        self.assertTrue(all(int(end) - int(start) == 48 for _, start, end, _ in rows))
        self.assertEqual((self.folder / "set/targets.txt").read_text(), (self.folder / "t.txt").read_text())
        self.assertEqual(sorted(path.name for path in (self.folder / "set").iterdir()),
                         ["bins.json", "contigs.bed", "sequences.bed", "statistics.json", "targets.txt", "tfrecords"])
        before = {path: path.stat().st_mtime_ns for path in (self.folder / "set").rglob("*") if path.is_file()}
        again = self.succeeds(*self.make("--json")).json
        self.assertEqual((again["complete_before"], again["targets_read"], again["files_written"]), (True, 0, 0))
        self.assertEqual({path: path.stat().st_mtime_ns for path in (self.folder / "set").rglob("*") if path.is_file()}, before)
        self.assertIn("set is complete", self.succeeds(*self.make()).out)

    def test_text(self):
        out = self.succeeds(*self.make()).out
        self.assertRegex(out, r"(?m)^train +\d+ +\d+ +\d+ +0 dropped$")
        self.assertIn("2 targets (2 read now), 3 bins for each window", out)
        self.assertIn("wrote set", out)

    def test_errors(self):
        words = self.make()
        words[words.index("--crop") + 1] = "7"
        self.assertIn("no whole bins of 16", self.fails(2, *words))
        self.assertIn("did you mean", self.fails(2, *self.make("--unmapable", "x.bed")))
        self.assertIn("genome", self.fails(2, "data", "bins", "t.txt", "--out", "set"))
        self.write("t.txt", "\tidentifier\tfile\tsum_stat\n0\ta\ta.bw\tsum\n")
        self.assertIn("t.txt:2: there is no file a.bw", self.fails(3, *self.make()))
        self.write("t.txt", "\tidentifier\tfile\tsum_stat\n0\ta\ta.bedgraph\tsums\n")
        self.assertIn('sum_stat is "sums"', self.fails(3, *self.make()))
        self.assertFalse((self.folder / "set/statistics.json").exists())

    def test_another_set_in_the_folder(self):
        self.succeeds(*self.make("--quiet"))
        self.assertIn("options.seed is 44 there and 45 now", self.fails(4, *self.make("--seed", "45")))

    def test_flags_before_the_sub_verb(self):
        for verb in ("bins", "contigs"):
            self.assertIn(f"flags of {verb} stand behind it", self.fails(2, "data", "--json", verb))

    def test_two_genomes(self):
        self.assertIn("--genomes hg38.fa,mm10.fa", self.succeeds("data", "contigs", "--help").out)
        self.write("y.fa", (self.folder / "x.fa").read_text().replace("chr", "c"))
        self.write("pairs.bedpe", "chr1\t0\t2000\tc1\t0\t2000\nchr2\t0\t700\tc2\t0\t700\n")
        found = self.succeeds("data", "contigs", "pairs.bedpe", "--genomes", "x.fa,y.fa", "--length", "64", "--longest-contig", "100",
                              "--least-region", "500", "--least-overlap", "10", "--out", "split", "--json").json
        self.assertEqual((found["aligned_regions"], found["components"], found["sets"]), (2, 2, ["train", "valid", "test"]))
        self.assertEqual(sum(sum(row) for row in found["aligned_bases"]), 2700)
        self.assertEqual(sorted(path.name for path in (self.folder / "split").iterdir()), ["aligned.tsv", "x.contigs.bed", "y.contigs.bed"])
        self.succeeds("data", "bins", "t.txt", "--genome", "x.fa", "--contigs", "split/x.contigs.bed", "--out", "set", "--length", "64", "--width",
                      "16", "--quiet")
        self.assertIn("wrote split/aligned.tsv", self.succeeds("data", "contigs", "pairs.bedpe", "--genomes", "x.fa,y.fa", "--length", "64",
                                                                "--least-region", "500", "--out", "split").out)


if __name__ == "__main__":
    gtest_xml.main()
