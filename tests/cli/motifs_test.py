"""basewise motifs, as a user and a pipeline see it.

    tests/cli/motifs_test.py --program build/release/apps/basewise/basewise [--gtest_output=xml:FILE] [unittest arguments]
"""

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
    del sys.argv[at : at + 2]


def meme(**motifs):
    text = "MEME version 4\nALPHABET= ACGT\n"
    for name, letters in motifs.items():
        text += f"MOTIF {name}\nletter-probability matrix: alength= 4 w= {len(letters)} nsites= 20\n"
        for letter in letters:
            text += " ".join("0.97" if letter == c else "0.01" for c in "ACGT") + "\n"
    return text


class Compare(ProgramTest):
    def files(self):
        (self.folder / "q.meme").write_text(meme(q="TGACTCA"))
        (self.folder / "t.meme").write_text(meme(far="GGGGGGGG", near="ATTTGAGTCAC", other="CCCTTT"))

    def test_pages_explain_themselves(self):
        page = self.succeeds("motifs", "--help").out
        self.assertEqual(page, self.succeeds("motifs").out)
        self.assertRegex(page, r"(?m)^  compare +\w")
        self.assertRegex(page, r"(?m)^  filters +\w")
        page = self.succeeds("motifs", "compare", "--help").out
        self.assertEqual(page, self.succeeds("motifs", "help", "compare").out)
        for word in ("jaspar2024", "--distance", "--threshold", "--by", "--min-overlap", "--best", "(unchecked)"):
            self.assertIn(word, page)
        examples = page.split("Examples:\n", 1)[1].strip().splitlines()
        self.assertEqual(len(examples), 3)

    def test_a_copy_is_found(self):
        self.files()
        found = self.succeeds("motifs", "compare", "q.meme", "t.meme", "--json", "--out", "m.tsv").json
        self.assertEqual((found["queries"], found["targets"], found["matched"]), (1, 3, 1))
        self.assertEqual([m["target"] for m in found["matches"]], ["near"])
        rows = (self.folder / "m.tsv").read_text().splitlines()
        self.assertEqual(rows[0].split("\t"), ["Query_ID", "Target_ID", "Optimal_offset", "p-value", "E-value", "q-value", "Overlap",
                                                "Query_consensus", "Target_consensus", "Orientation"])
        self.assertEqual(rows[1].split("\t")[:2], ["q", "near"])
        plain = self.run_program("motifs", "compare", "q.meme", "t.meme")
        self.assertEqual(plain.code, 0)
        self.assertIn("1 of 1 motifs match one of 3: 1 matches", plain.out)
        self.assertIn("t.meme has 3 motifs", plain.err)
        self.assertEqual(self.run_program("motifs", "compare", "q.meme", "t.meme", "--out", "m.tsv", "--quiet").out, "")
        self.assertEqual(self.run_program("motifs", "compare", "q.meme", "t.meme", "--quiet").out, plain.out)

    def test_errors(self):
        self.files()
        self.assertEqual(self.fails(2, "motifs", "comapre"), "basewise motifs: unknown verb 'comapre'; did you mean compare?")
        self.assertIn("flags stand behind the verb", self.fails(2, "motifs", "--json"))
        self.assertIn("did you mean jaspar2024?", self.fails(2, "motifs", "compare", "q.meme", "jaspar2025"))
        self.assertIn("the collections are jaspar2024", self.fails(2, "motifs", "compare", "missing.meme", "t.meme"))
        self.assertIn("query is required", self.fails(2, "motifs", "compare"))
        self.assertIn('distance is "euclid"', self.fails(2, "motifs", "compare", "q.meme", "t.meme", "--distance", "euclid"))
        self.assertIn("unknown flag --min-overlp; did you mean --min-overlap?", self.fails(2, "motifs", "compare", "q.meme", "t.meme", "--min-overlp", "3"))
        (self.folder / "bad.meme").write_text("MEME version 4\nALPHABET= ACGT\nMOTIF x\nletter-probability matrix: w= 1\n0.5 0.5 x 0\n")
        self.assertIn("bad.meme:5", self.fails(3, "motifs", "compare", "bad.meme", "t.meme"))

    def test_starts_without_torch(self):
        for arguments in (["motifs", "--help"], ["motifs", "compare", "--help"]):
            self.assertEqual([name for name in self.libraries(*arguments) if "torch" in name or "basewise" in name], [])


if __name__ == "__main__":
    gtest_xml.main()
