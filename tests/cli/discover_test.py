"""basewise motifs discover as a user meets it. Called as cli_test.py is."""

import pathlib
import random
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
    del sys.argv[at:at + 2]


EXAMPLES, LENGTH = 200, 130
RAISES, LOWERS = "CCAGGTGGCA", "TTGCATAATC"
MOTIFS = "MEME version 4\n\nALPHABET= ACGT\n" + "".join(
    f"\nMOTIF {name} {name.lower()}\nletter-probability matrix: alength= 4 w= {len(word)} nsites= 20\n"
    + "".join(" ".join("0.97" if c == letter else "0.01" for c in "ACGT") + "\n" for letter in word)
    for name, word in (("RAISES", RAISES), ("LOWERS", LOWERS), ("OTHER", "GATTACA")))


class Discover(ProgramTest):
    INPUT = ("motifs", "discover", "scores.npz", "--sequences", "sequences.npz", "--motifs", "motifs.meme", "--min-seqlets", "20")

    def write(self):
        arrays.pair(self.folder, *arrays.planted(random.Random(5), EXAMPLES, LENGTH, {RAISES: 1.0, LOWERS: -1.0}))
        (self.folder / "motifs.meme").write_text(MOTIFS)

    def rows(self, path):
        return [line.split("\t") for line in (self.folder / path).read_text().splitlines()]

    def test_planted_motifs_are_found_named_and_placed(self):
        self.write()
        (self.folder / "loci.bed").write_text("".join(f"chr2\t{1000 * i}\t{1000 * i + LENGTH}\n" for i in range(EXAMPLES)))
        report = self.succeeds(*self.INPUT, "--loci", "loci.bed", "--out", "found", "--json").json
        names = ["patterns.h5", "patterns.meme", "patterns.tsv", "seqlets.bed", "discovery.json", "report.html"]
        self.assertEqual(report["files"], [f"found/{name}" for name in names])
        self.assertEqual(sorted(path.name for path in (self.folder / "found").iterdir()), sorted(names))
        self.assertEqual((report["examples"], report["positions"]), (EXAMPLES, LENGTH))
        table = self.rows("found/patterns.tsv")
        self.assertEqual(table[0], "pattern positive seqlets width information match match_p match_e match_q".split())
        best = {row[1]: row for row in reversed(table[1:])}
        self.assertEqual({sign: row[5] for sign, row in best.items()}, {"1": "RAISES raises", "0": "LOWERS lowers"})
        for p in report["patterns"]:
            self.assertIn(p["match"].split()[0], ("RAISES", "LOWERS"))
        places = self.rows("found/seqlets.bed")
        self.assertEqual(len(places) - 1, sum(int(row[2]) for row in table[1:]))
        for row in places[1:]:
            self.assertEqual((row[0], int(row[1]) // 1000), ("chr2", int(row[8])))
        for threads in ("1", "3"):
            self.succeeds(*self.INPUT, "--out", f"t{threads}", "--threads", threads)
        for name in ("patterns.meme", "patterns.tsv", "seqlets.bed"):
            self.assertEqual((self.folder / "t1" / name).read_bytes(), (self.folder / "t3" / name).read_bytes())
        self.assertIn("found is there already", self.fails(2, *self.INPUT, "--out", "found"))
        self.succeeds(*self.INPUT, "--out", "found", "--overwrite")

    def test_without_seqlets_the_folder_says_so(self):
        arrays.pair(self.folder, ["ACGT" * 30] * 9, [[0.0] * 120] * 9)
        report = self.succeeds("motifs", "discover", "scores.npz", "--sequences", "sequences.npz", "--out", "none", "--json").json
        self.assertEqual(report["patterns"], [])
        self.assertTrue(report["notes"])
        self.assertEqual(len(self.rows("none/seqlets.bed")), 1)
        self.assertFalse((self.folder / "none/patterns.meme").exists())

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
