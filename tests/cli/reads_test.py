"""basewise data coverage, data sites and data annotation as a user meets them. Called as cli_test.py is."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

SAM = """@HD\tVN:1.6
@SQ\tSN:chr1\tLN:300
@SQ\tSN:chrM\tLN:50
a\t0\tchr1\t11\t60\t20M\t*\t0\t0\t*\t*
b\t16\tchr1\t11\t60\t20M\t*\t0\t0\t*\t*
c\t0\tchr1\t11\t5\t20M\t*\t0\t0\t*\t*
d\t1024\tchr1\t11\t60\t20M\t*\t0\t0\t*\t*
e\t0\tchrM\t2\t60\t20M\t*\t0\t0\t*\t*
"""


class Coverage(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "x.sam").write_text(SAM)

    def test_help(self):
        page = self.succeeds("data", "coverage", "--help").out
        for words in ("--shift", "tn5", "--strands", "--min-quality", "basewise data coverage reads.bam --out coverage.bw", "--json"):
            self.assertIn(words, page)
        self.assertIn("coverage", self.succeeds("data", "--help").out)
        self.assertIn("flags of coverage stand behind it", self.fails(2, "data", "--json", "coverage"))

    def test_a_track_and_what_was_left_out(self):
        outcome = self.succeeds("data", "coverage", "x.sam", "--min-quality", "10", "--exclude", "chrM", "--out", "new/x.bedgraph")
        self.assertEqual((self.folder / "new/x.bedgraph").read_text(), "chr1\t0\t10\t0\nchr1\t10\t11\t1\nchr1\t11\t29\t0\nchr1\t29\t30\t1\nchr1\t30\t300\t0\n")
        for words in ("5 records, 2 counted", "left out: 1 marked as duplicate", "left out: 1 mapping quality below 10", "wrote new/x.bedgraph"):
            self.assertIn(words, outcome.out)

    def test_two_strands_as_json(self):
        report = self.succeeds("data", "coverage", "x.sam", "--strands", "apart", "--out", "x.bw", "--json").json
        self.assertEqual([track["file"] for track in report["tracks"]], ["x.plus.bw", "x.minus.bw"])
        self.assertEqual([track["sum"] for track in report["tracks"]], [3, 1])
        self.assertEqual(report["left_out"], {"marked as duplicate": 1})

    def test_what_does_not_fit_is_refused(self):
        self.assertIn("'em' weighs the 5' ends", self.fails(2, "data", "coverage", "x.sam", "--count", "reads", "--multi", "em", "--out", "x.bw"))
        self.assertIn("absent.bam: cannot open", self.fails(3, "data", "coverage", "absent.bam", "--out", "x.bw"))
        self.assertIn("x.sam", self.fails(2, "data", "coverage", "x.sam", "--format", "bigwig", "--out", "x.sam"))
        self.assertIn("did you mean --shift?", self.fails(2, "data", "coverage", "x.sam", "--shfit", "tn5", "--out", "x.bw"))
        self.assertEqual([path.name for path in self.folder.iterdir()], ["x.sam"])


class Sites(ProgramTest):
    def test_peaks_become_sites(self):
        (self.folder / "peaks").mkdir()
        (self.folder / "peaks/a.bed").write_text("chr1\t1000\t1200\nchr1\t9000\t9100\n")
        (self.folder / "peaks/b.bed").write_text("chr1\t1150\t1250\n")
        (self.folder / "peaks/samples.txt").write_text("A\ta.bed\nB\tb.bed\n")
        (self.folder / "sizes").write_text("chr1\t10000\n")
        outcome = self.succeeds("data", "sites", "peaks/samples.txt", "--sizes", "sizes", "--out", "sites")
        self.assertEqual((self.folder / "sites.bed").read_text(), "chr1\t850\t1450\t.\t1\t.\t0,1\nchr1\t8750\t9350\t.\t1\t.\t0\n")
        self.assertIn("3 peaks of 2 samples became 2 sites", outcome.out)
        report = self.succeeds("data", "sites", "peaks/samples.txt", "--sizes", "sizes", "--out", "sites", "--json").json
        self.assertEqual(report["samples"], [{"name": "A", "peaks": 2, "sites": 2}, {"name": "B", "peaks": 1, "sites": 1}])
        self.assertIn("samples.txt:1: 1 columns", self.fails(3, "data", "sites", self.write("bad_samples.txt", "A\n"), "--out", "y"))

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def test_a_recipe_reads_them(self):
        """The sites become the labels of a model: data export shows them."""
        bases = "ACGTTGCA" * 500
        self.write("g.fa", f">chr1\n{bases}\n>chr2\n{bases}\n>chr3\n{bases}\n")
        self.write("a.bed", "".join(f"{c}\t{at}\t{at + 100}\n" for c in ("chr1", "chr2", "chr3") for at in (500, 2000)))
        self.write("b.bed", "".join(f"{c}\t{at}\t{at + 100}\n" for c in ("chr1", "chr2", "chr3") for at in (520, 3000)))
        self.write("samples.txt", "A\ta.bed\nB\tb.bed\n")
        self.succeeds("data", "sites", "samples.txt", "--size", "200", "--merge-overlap", "100", "--out", "sites")
        self.write("r.toml", """model = "cnn"
[data]
kind = "genome"
genome.fasta = "g.fa"
genome.window = 200
genome.sites = { file = "sites.tsv", format = "table", chromosome = "chromosome", position = "position", task = "task" }
negatives.kind = "gc_matched"
[data.split]
by = "chromosome"
validation_chromosomes = ["chr2"]
test_chromosomes = ["chr3"]
""")
        self.succeeds("data", "export", "r.toml", "--split", "test", "--out", "exported", "--quiet")
        rows = [line.split("\t") for line in (self.folder / "exported/test.tsv").read_text().splitlines()]
        labels = {(row[rows[0].index("start")], row[rows[0].index("A")], row[rows[0].index("B")]) for row in rows[1:]}
        self.assertTrue({("460", "1", "1"), ("1950", "1", "0"), ("2950", "0", "1")} <= labels, labels)


class Annotation(ProgramTest):
    TABLE = """name = "toy"
sizes = "sizes"
circular = ["all"]
[[sources]]
name = "first"
file = "first.bed"
terms = "CC0"
[[sources]]
name = "second"
file = "second.tsv"
strand = "way"
where = ["evidence=Strong", "evidence=Confirmed"]
"""

    def setUp(self):
        super().setUp()
        (self.folder / "sizes").write_text("c\t100\n")
        (self.folder / "first.bed").write_text("c\t10\t11\t.\t5\t+\nc\t99\t100\t.\t7\t-\n")
        (self.folder / "second.tsv").write_text("position\tway\tevidence\n14\t+\tStrong\n103\t-\tConfirmed\n40\t+\tWeak\n")
        (self.folder / "sources.toml").write_text(self.TABLE)

    def test_help(self):
        page = self.succeeds("data", "annotation", "--help").out
        for words in ("--distance", "--support", "--folder", "recipes/dna_transformer/open.annotation.toml", "--json"):
            self.assertIn(words, page)
        self.assertIn("annotation", self.succeeds("data", "--help").out)

    def test_sets_and_what_they_share(self):
        text = self.succeeds("data", "annotation", "sources.toml", "--out", "new").out
        for words in ("toy: 2 sources, shared within 5 bases on one strand", "1 do not meet the conditions", "1 lie past the end of a circular sequence",
                      "curated_2.bed: 2 sites that 2 sources or more have", "terms of first: CC0", "wrote new"):
            self.assertIn(words, text)
        self.assertEqual((self.folder / "new/curated_2.bed").read_text(), "c\t10\t11\tfirst,second\t2\t+\nc\t99\t100\tfirst,second\t2\t-\n")
        report = self.succeeds("data", "annotation", "sources.toml", "--distance", "1", "--support", "1,2", "--out", "near", "--json").json
        self.assertEqual(report, json.loads((self.folder / "near/annotation.json").read_text()))
        self.assertEqual([curated["sites"] for curated in report["curated"]], [4, 0])
        self.assertEqual((report["name"], report["sources"][1]["filtered"]), ("toy", 1))

    def test_what_does_not_fit_is_refused(self):
        self.assertIn('coordinates is "two_based"; it must be one of one_based, zero_based, half_open, inclusive (did you mean "one_based"?)',
                      self.fails(2, "data", "annotation", "sources.toml", "--set", "sources.1.coordinates=two_based", "--out", "x"))
        self.assertIn("second.tsv: no site is left of source 'second': none of 3 rows meets",
                      self.fails(3, "data", "annotation", "sources.toml", "--set", 'sources.1.where=["evidence=strong"]', "--out", "x"))
        self.assertIn("second.tsv:3: base 103 (counted from 1) is not on c", self.fails(3, "data", "annotation", "sources.toml", "--set", "circular=[]", "--out", "x"))
        (self.folder / "first.bed").unlink()
        self.assertIn("give 'folder' if it lies elsewhere", self.fails(3, "data", "annotation", "sources.toml", "--out", "x"))
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    gtest_xml.main()
