"""The verb motifs seqlets as a user and a pipeline see it: tests/cli/motifs_seqlets_test.py --program PROGRAM"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import arrays  # noqa: E402
import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at : at + 2]

EXAMPLES, LENGTH = 7, 90
SITE = "AGATAAGG"
MOTIFS = """MEME version 4

ALPHABET= ACGT

MOTIF gata
letter-probability matrix: alength= 4 w= 8 nsites= 20
{}
MOTIF ebox
letter-probability matrix: alength= 4 w= 6 nsites= 20
{}
"""


def rows(word):
    return "".join(" ".join("0.97" if c == letter else "0.01" for c in "ACGT") + "\n" for letter in word)


class MotifsSeqlets(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write(signal=True)
        (self.folder / "motifs.meme").write_text(MOTIFS.format(rows(SITE), rows("CACGTG")))
        lines = [f"chr{1 + i % 2}\t{1000 * i}\t{1000 * i + LENGTH}\tpeak_{i}\t0\t-\n" for i in range(EXAMPLES)]
        (self.folder / "loci.bed").write_text("".join(lines))

    def write(self, signal):
        words, scores = [], []
        for i in range(EXAMPLES):
            word = list(("CTGACCATTGCA" * LENGTH)[i : i + LENGTH])
            word[20 + i : 20 + i + len(SITE)] = SITE
            words.append("".join(word))
            scores.append([((i * 31 + p * 17) % 23 - 11) / 100 + (2.0 if 20 + i <= p < 20 + i + len(SITE) else 0) if signal else 0.0
                           for p in range(LENGTH)])
        arrays.pair(self.folder, words, scores)

    INPUT = ("motifs", "seqlets", "scores.npz", "--sequences", "sequences.npz")

    def table(self, name):
        lines = (self.folder / name).read_text().splitlines()
        return lines[0].split("\t"), [line.split("\t") for line in lines[1:]]

    def test_it_explains_itself(self):
        page = self.succeeds("motifs", "seqlets", "--help").out
        for flag in ("--method", "--p-value", "--fdr", "--motifs", "--out", "--json", "recursive", "modisco"):
            self.assertIn(flag, page)
        self.assertEqual(page.count("basewise motifs seqlets "), 4)

    def test_bed_and_table_on_the_genome(self):
        # The strand of a peak does not say how its window was read.
        outcome = self.succeeds(*self.INPUT, "--loci", "loci.bed", "--motifs", "motifs.meme", "--out", "seqlets.bed")
        self.assertIn("wrote seqlets.bed", outcome.out)
        columns, places = self.table("seqlets.bed")
        self.assertEqual(columns, ["#chrom", "start", "end", "name", "score", "strand", "attribution", "p-value", "example", "motif_p", "motif_name"])
        gata = {int(r[8]): r for r in places if r[3] == "gata"}
        self.assertEqual(sorted(gata), list(range(EXAMPLES)))
        for i, r in gata.items():
            start = 1000 * i + 20 + i
            self.assertEqual(r[0], f"chr{1 + i % 2}")
            self.assertLess(abs(int(r[1]) - start), 4, r)
            self.assertEqual(r[5], "+")
        self.assertEqual([(r[0], int(r[1])) for r in places], sorted((r[0], int(r[1])) for r in places))
        columns, table = self.table("seqlets.tsv")
        self.assertEqual(columns, ["example_idx", "start", "end", "attribution", "p-value", "motif", "motif_p", "motif_name"])
        self.assertEqual(len(table), len(places))
        self.assertEqual([float(r[4]) for r in table], sorted(float(r[4]) for r in table))

    def test_examples_of_a_folder_that_read_the_other_strand_are_turned(self):
        folder = self.folder / "attributions"
        folder.mkdir()
        (self.folder / "sequences.npz").rename(folder / "sequences.npz")
        (self.folder / "scores.npz").rename(folder / "attributions.npz")
        about = {"schema": "basewise/attribution/1", "examples": EXAMPLES, "length": LENGTH, "hypothetical": False}
        (folder / "attribute.json").write_text(json.dumps(about))
        loci = [f"{i}\tpeak_{i}\tchr1\t{1000 * i}\t{1000 * i + LENGTH}\t{'-' if i == 3 else '+'}\t\t\n" for i in range(EXAMPLES)]
        (folder / "loci.tsv").write_text("example\tname\tchrom\tstart\tend\tstrand\tprediction\tconvergence\n" + "".join(loci))
        self.succeeds("motifs", "seqlets", "attributions", "--motifs", "motifs.meme", "--out", "seqlets.bed")
        for r in self.table("seqlets.bed")[1]:
            if r[3] == "gata":
                i = int(r[8])
                start = 1000 * i + (LENGTH - 20 - i - len(SITE) if i == 3 else 20 + i)
                self.assertLess(abs(int(r[1]) - start), 4, r)
                self.assertEqual(r[5], "-" if i == 3 else "+")

    def test_weak_matches_give_no_name(self):
        self.succeeds(*self.INPUT, "--motifs", "motifs.meme", "--name-threshold", "2", "--out", "all.bed")
        named = self.table("all.tsv")[1]
        self.assertTrue(all(r[5] in ("gata", "ebox") for r in named))
        strongest = min(float(r[6]) for r in named)
        e_value = 2 * strongest * 1.000001  # two motifs
        self.succeeds(*self.INPUT, "--motifs", "motifs.meme", "--name-threshold", f"{e_value}", "--out", "some.bed")
        for before, after in zip(named, self.table("some.tsv")[1]):
            self.assertEqual(after, before if 2 * float(before[6]) <= e_value else before[:5] + [".", before[6], "."])
        self.assertIn("gata", {r[5] for r in self.table("some.tsv")[1]})
        told = self.succeeds(*self.INPUT, "--motifs", "motifs.meme", "--name-threshold", ".000000001", "--out", "none.bed", "--json").json
        self.assertEqual({(r[3], r[5], r[10]) for r in self.table("none.bed")[1]}, {(".", ".", ".")})
        self.assertIn(f"{len(named)} of {len(named)} seqlets have no name", " ".join(told["notes"]))

    def test_json_and_the_other_method(self):
        report = self.succeeds(*self.INPUT, "--method", "modisco", "--sliding", "9", "--flank", "4", "--signs", "positive", "--out", "m.tsv", "--json").json
        self.assertEqual(report["files"], ["m.tsv"])
        self.assertEqual((report["examples"], report["positions"], report["negative"]), (EXAMPLES, LENGTH, 0))
        columns, table = self.table("m.tsv")
        self.assertEqual(len(table), report["positive"])
        self.assertEqual({int(r[2]) - int(r[1]) for r in table}, {17})
        self.assertFalse((self.folder / "m.bed").exists())

    def test_results_do_not_depend_on_threads(self):
        for threads in ("1", "3"):
            self.succeeds(*self.INPUT, "--motifs", "motifs.meme", "--out", f"t{threads}.bed", "--threads", threads)
        for end in ("bed", "tsv"):
            self.assertEqual((self.folder / f"t1.{end}").read_bytes(), (self.folder / f"t3.{end}").read_bytes())

    def test_without_signal_the_files_have_no_rows_and_a_note_says_why(self):
        self.write(signal=False)
        report = self.succeeds(*self.INPUT, "--out", "none.bed", "--json").json
        self.assertIn("no seqlets: all attributions are 0", report["notes"])
        self.assertEqual(self.table("none.bed")[1], [])
        self.assertEqual(self.table("none.tsv")[1], [])

    def test_errors(self):
        self.assertIn("must end in .bed", self.fails(2, *self.INPUT, "--out", "seqlets.txt"))
        self.assertIn("p_value", self.fails(2, *self.INPUT, "--out", "s.bed", "--p-value", "2"))
        self.assertIn("modisco", self.fails(2, *self.INPUT, "--out", "s.bed", "--method", "modsco"))
        self.assertIn("fdr", self.fails(2, *self.INPUT, "--out", "s.bed", "--fdr", "0.1"))
        self.assertIn("needs motifs", self.fails(2, *self.INPUT, "--out", "s.bed", "--pairs", "p.tsv"))
        self.assertIn("needs motifs", self.fails(2, *self.INPUT, "--out", "s.bed", "--name-threshold", "0.5"))
        (self.folder / "asl").mkdir()
        (self.folder / "asl/loci.tsv").write_text("example\n")
        self.assertIn("would replace the input", self.fails(2, "motifs", "seqlets", "asl", "--out", "asl/loci.tsv"))
        self.assertEqual((self.folder / "asl/loci.tsv").read_text(), "example\n")
        self.assertIn("nothing.npz", self.fails(3, "motifs", "seqlets", "nothing.npz", "--sequences", "sequences.npz", "--out", "s.bed"))
        self.assertFalse((self.folder / "s.bed").exists())


if __name__ == "__main__":
    gtest_xml.main()
