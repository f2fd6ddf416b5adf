"""basewise motifs scan as a user meets it. Called as cli_test.py is."""

import gzip
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
    del sys.argv[at : at + 2]

MOTIF = """MEME version 4

ALPHABET= ACGT

MOTIF M1 LexA
letter-probability matrix: alength= 4 w= 9 nsites= 50
"""
CONSENSUS = "CTGAACGTA"


class Scan(ProgramTest):
    def setUp(self):
        super().setUp()
        rows = "".join(" ".join("0.97" if c == b else "0.01" for b in "ACGT") + "\n" for c in CONSENSUS)
        self.write("m.meme", MOTIF + rows)
        self.write("x.fa", f">a\nGGG{CONSENSUS}GGGG\n>b\nTTTACGTTCAGTTN\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def test_help(self):
        page = self.succeeds("motifs", "scan", "--help").out
        for words in ("--p-value", "--genome", "positions from 1", "basewise motifs scan motifs.meme --fasta peaks.fa --out sites.tsv", "--json"):
            self.assertIn(words, page)
        self.assertLessEqual(max(map(len, page.splitlines())), 220)

    def test_a_table(self):
        outcome = self.succeeds("motifs", "scan", "m.meme", "--fasta", "x.fa", "--out", "sites.tsv")
        rows = [line.split("\t") for line in (self.folder / "sites.tsv").read_text().splitlines()]
        self.assertEqual(rows[0], "motif_id motif_alt_id sequence_name start stop strand score p-value q-value matched_sequence".split())
        self.assertEqual([row[:6] + row[9:] for row in rows[1:]],
                         [["M1", "LexA", "a", "4", "12", "+", CONSENSUS], ["M1", "LexA", "b", "3", "11", "-", CONSENSUS]])
        self.assertIn("2 sites of 1 motifs in 2 sequences (30 bases)", outcome.out)
        self.assertIn("wrote sites.tsv", outcome.out)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["m.meme", "sites.tsv", "x.fa"])

    def test_no_input_is_replaced(self):
        for out in (["--out", "x.fa"], ["--out", "m.meme"], ["--out", "a.tsv", "--counts", "a.tsv"], ["--out", "a.tsv", "--summary", "./x.fa"]):
            before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
            message = self.fails(2, "motifs", "scan", "m.meme", "--fasta", "x.fa", *out)
            self.assertRegex(message, "would replace|are both")
            self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, before)

    def test_names_that_are_longer_are_offered(self):
        self.assertIn("there are LexA", self.fails(2, "motifs", "scan", "m.meme", "--fasta", "x.fa", "--motif", "Lex", "--out", "a.tsv"))

    def test_bed_and_json(self):
        report = self.succeeds("motifs", "scan", "m.meme", "--genome", "x.fa", "--out", "sites.bed.gz", "--json").json
        self.assertEqual((report["sequences"], report["bases"], report["n"], report["sites"], report["written"]), (2, 30, 1, 2, 2))
        self.assertEqual(report["motifs"][0]["windows"], 26)
        with gzip.open(self.folder / "sites.bed.gz", "rt") as file:
            self.assertEqual([line.split("\t")[:4] for line in file], [["a", "3", "12", "M1"], ["b", "2", "11", "M1"]])

    def test_it_is_said_when_there_is_nothing(self):
        outcome = self.succeeds("motifs", "scan", "m.meme", "--fasta", "x.fa", "--out", "sites.tsv", "--p-value", "1e-9")
        self.assertIn("1 of 1 motifs cannot reach p <= 1e-09", outcome.err)
        self.assertIn("no window has p <= 1e-09: the table has no row", outcome.err)

    def test_errors(self):
        scan = ("motifs", "scan", "m.meme", "--out", "sites.tsv")
        self.assertIn("name sequences (--fasta) or a genome (--genome)", self.fails(2, *scan))
        self.assertIn("did you mean 'LexA'", self.fails(2, *scan, "--fasta", "x.fa", "--motif", "LexB"))
        self.assertIn("four positive numbers", self.fails(2, *scan, "--fasta", "x.fa", "--background", "1 0 0 0"))
        self.assertIn("p_value", self.fails(2, *scan, "--fasta", "x.fa", "--p-value", "0"))
        self.write("bad.fa", ">a\nAC!T\n")
        self.assertIn("bad.fa:2:3", self.fails(3, *scan, "--fasta", "bad.fa"))
        self.assertFalse((self.folder / "sites.tsv").exists())


if __name__ == "__main__":
    gtest_xml.main()
