"""basewise variants as a user meets it. Called as cli_test.py is."""

import gzip
import pathlib
import random
import subprocess
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

TINY = ["--set", "data.simulation.sequences=300", "--set", "train.epochs=1", "--set", "train.loader.batch_size=32"]
HEADER = "##fileformat=VCFv4.2\n##contig=<ID=1,length=900>\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


class Variants(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("test_help")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        maker.succeeds("train", "demo", "--out", "run", *TINY, "--no-report", "--quiet")
        cls.trained = maker.folder / "run"

    def setUp(self):
        super().setUp()
        draw = random.Random(3)
        self.letters = "".join(draw.choice("ACGT") for _ in range(900))
        self.write("g.fa", f">chr1\n{self.letters}\n")
        self.rows = []
        for pos in (5, 300, 301, 450, 899):
            ref = self.letters[pos - 1]
            self.rows.append(f"1\t{pos}\tv{pos}\t{ref}\t{'A' if ref != 'A' else 'G'}\t.\t.\tAF=0.5\n")
        self.rows.append(f"1\t500\tindel\t{self.letters[499:502]}\t{self.letters[499]},<DEL>\t9\tPASS\t.\n")
        self.write("in.vcf", HEADER + COLUMNS + "".join(self.rows))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def variants(self, *words):
        return ["variants", str(self.trained), "--genome", "g.fa", *words]

    def test_help(self):
        page = self.succeeds("variants", "--help").out
        for words in ("--vcf", "--scores", "logSED", "--compensation", "--no-pairs", "basewise variants runs/pu1 --vcf in.vcf.gz", "--json"):
            self.assertIn(words, page)
        self.assertLessEqual(max(map(len, page.splitlines())), 220)

    def test_vcf_to_vcf_and_table(self):
        told = self.succeeds(*self.variants("--vcf", "in.vcf", "--out", "out.vcf.gz", "--tsv", "out.tsv", "--scores", "SAD,logSED", "--json")).json
        self.assertEqual((told["rows"], told["alleles"], told["scored"], told["padded"]), (6, 7, 6, 2))
        self.assertEqual(told["status"], {"as_written": 6, "symbolic": 1})
        self.assertEqual(told["files"], ["out.tsv", "out.vcf.gz"])
        lines = gzip.decompress((self.folder / "out.vcf.gz").read_bytes()).decode().splitlines(keepends=True)
        self.assertEqual("".join(lines[:3]), HEADER)
        self.assertTrue(lines[3].startswith("##INFO=<ID=BASEWISE,Number=A,Type=String,"), lines[3])
        self.assertIn("Format: ALLELE|STATUS|" + "|".join(told["fields"]) + '">', lines[3])
        self.assertEqual(lines[4], COLUMNS)
        for given, written in zip(self.rows, lines[5:], strict=True):
            old, new = given.rstrip("\n").split("\t"), written.rstrip("\n").split("\t")
            self.assertEqual(old[:7], new[:7])
            info, value = new[7].split("BASEWISE=")
            self.assertEqual(info.rstrip(";") or ".", old[7])
            for entry, allele in zip(value.split(","), old[4].split(","), strict=True):
                fields = entry.split("|")
                self.assertEqual((fields[0], len(fields)), (allele, 2 + len(told["fields"])))
        table = [line.split("\t") for line in (self.folder / "out.tsv").read_text().splitlines()]
        self.assertEqual(table[0], ["chrom", "pos", "id", "ref", "alt", "status", *told["fields"]])
        self.assertEqual([row[2] for row in table[1:]], ["v5", "v300", "v301", "v450", "v899", "indel", "indel"])
        self.assertEqual(table[-1][5:], ["symbolic"] + ["nan"] * len(told["fields"]))

    def test_pipes(self):
        words = [self.program, *self.variants("--vcf", "-", "--out", "-", "--threads", "1")]
        whole = None
        for data in ((self.folder / "in.vcf").read_bytes(), gzip.compress((self.folder / "in.vcf").read_bytes())):
            done = subprocess.run(words, input=data, cwd=self.folder, env=self.environment(), capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(b"6 rows, 6 of 7 alleles scored", done.stderr)
            whole = whole or done.stdout
            self.assertEqual(done.stdout, whole)
        self.succeeds(*self.variants("--vcf", "in.vcf", "--out", "out.vcf"))
        self.assertEqual((self.folder / "out.vcf").read_bytes(), whole)

    def test_shards_and_a_call_that_was_killed(self):
        self.write("many.vcf", HEADER + COLUMNS + "".join(self.rows) * 40)
        words = self.variants("--vcf", "many.vcf", "--part-rows", "20", "--threads", "1")
        self.succeeds(*words, "--out", "whole.vcf")
        for shard in ("2/3", "1/3"):
            self.assertIn(f"shard {shard}: 80 of 240 rows", self.succeeds(*words, "--out", "out.vcf", "--shard", shard).out)
        self.assertFalse((self.folder / "out.vcf").exists())
        self.assertEqual(self.succeeds(*words, "--out", "out.vcf", "--json").json["computed"], 80)
        self.assertEqual((self.folder / "out.vcf").read_bytes(), (self.folder / "whole.vcf").read_bytes())
        self.assertEqual(sorted(path.name for path in self.folder.glob("out*")), ["out.vcf"])

    def test_what_is_flagged_is_said(self):
        wrong = {"A": "C", "C": "A", "G": "A", "T": "A"}[self.letters[299]]
        other = ({"A", "C", "G", "T"} - {wrong, self.letters[299]}).pop()
        self.write("in.vcf", f"chr1\t300\tx\t{wrong}\t{other}\nchr1\t2000\ty\tA\tC\n" + self.rows[1])
        outcome = self.succeeds(*self.variants("--vcf", "in.vcf", "--out", "out.vcf"))
        self.assertIn("1 of 3 alleles are mismatch: the genome has none of the alleles; they have no scores (the first: line 1)", outcome.err)
        self.assertIn("1 of 3 alleles are outside", outcome.err)
        self.assertIn("there is no line #CHROM", outcome.err)
        written = (self.folder / "out.vcf").read_text()
        self.assertIn(COLUMNS, written)
        self.assertRegex(written, rf"(?m)^chr1\t300\tx\t{wrong}\t{other}\t\.\t\.\tBASEWISE={other}\|mismatch\|\.")

    def test_several_runs_hdf5_and_quantiles(self):
        made = self.succeeds(*self.variants("--vcf", "in.vcf", "--background-out", "null.safetensors", "--shuffles", "30", "--json")).json
        self.assertEqual((made["rows"], made["files"]), (30, ["null.safetensors"]))
        words = self.variants("--vcf", "in.vcf", "--background", "null.safetensors", "--tsv", "one.tsv")
        fields = self.succeeds(*words, "--json").json["fields"]
        kinds = [field.split(":")[0] for field in fields]
        self.assertEqual([kind for kind in dict.fromkeys(kinds)], ["SAD", "SAD_pct", "active_allele_quantile"])
        first = (self.folder / "one.tsv").read_text().splitlines()[1].split("\t")
        for text in first[6 + kinds.index("SAD_pct"):]:
            self.assertTrue(0 <= float(text) <= 1, text)
        words = ["variants", str(self.trained), str(self.trained), "--genome", "g.fa", "--vcf", "in.vcf"]
        told = self.succeeds(*words, "--tsv", "two.tsv", "--hdf5", "two.h5", "--json").json
        self.assertEqual(told["files"], ["two.h5", "two.tsv"])
        self.assertLess(told["passes"], 2 * told["windows"])
        columns = (self.folder / "two.tsv").read_text().splitlines()[0].split("\t")
        self.assertEqual(columns[6:], [*told["fields"], *(f"{field}@{run}" for run in ("run", "run_2") for field in told["fields"])])
        self.assertTrue((self.folder / "two.h5").read_bytes().startswith(b"\x89HDF"))
        self.assertIn("one track of counts and one profile",
                      self.fails(2, *self.variants("--vcf", "in.vcf", "--tsv", "x.tsv", "--table", "variant_scorer")))

    def test_errors(self):
        self.assertIn("needs a VCF file", self.fails(2, "variants", str(self.trained), "--genome", "g.fa", "--out", "o.vcf"))
        self.assertIn("needs a file to write", self.fails(2, *self.variants("--vcf", "in.vcf")))
        self.assertIn("both write to standard output", self.fails(2, *self.variants("--vcf", "in.vcf", "--out", "-", "--json")))
        self.assertIn("score jsd is of profiles", self.fails(2, *self.variants("--vcf", "in.vcf", "--out", "o.vcf", "--scores", "jsd")))
        self.write("bad.vcf", HEADER + COLUMNS + "1\t5x\t.\tA\tC\t.\t.\t.\n")
        self.assertIn("bad.vcf:5: position '5x' is no whole number", self.fails(3, *self.variants("--vcf", "bad.vcf", "--out", "o.vcf")))
        self.write("bad.vcf", "chrX\t5\t.\tA\tC\t.\t.\t.\n")
        self.assertIn("chrX", self.fails(3, *self.variants("--vcf", "bad.vcf", "--out", "o.vcf", "--quiet")))
        self.assertIn("in.vcf", self.fails(2, *self.variants("--vcf", "in.vcf", "--out", "in.vcf")))
        self.assertFalse((self.folder / "o.vcf").exists())


if __name__ == "__main__":
    gtest_xml.main()
