"""The verbs that end quickly, killed at each call that changes a file; the next call gives what an undisturbed one gives."""

import pathlib
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import sweep  # noqa: E402

sys.path.append(str(sweep.HERE.parent / "pins"))

import arrays  # noqa: E402
import runs  # noqa: E402
from tasks import TRAIN  # noqa: E402

QUIET = ["--threads", "1", "--quiet"]


class Verbs(sweep.Sweep):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("test_evaluate")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        folder = maker.place("trained")
        for words in (TRAIN, ["simulate", "--sequences", "30", "--out", "new", "--quiet"], ["evaluate", "run", "--no-report", *QUIET]):
            outcome, _ = maker.call(words, folder)
            assert outcome.code == 0, outcome.err
        (folder / "run/report.html").unlink()
        cls.trained = maker.folder / "prepared"
        shutil.copytree(folder, cls.trained)

    def test_evaluate(self):
        self.sweep(["evaluate", "run", *QUIET], prepared=self.trained, sample=1)

    def test_evaluate_into_a_folder_that_is_not_there(self):
        self.sweep(["evaluate", "run", "--split", "validation", "--out", "deep/er/m.json", *QUIET], prepared=self.trained, sample=1)

    def test_predict(self):
        self.sweep(["predict", "run", "--fasta", "new/sequences.fa", "--out", "p/q", *QUIET], prepared=self.trained, sample=1)

    def test_predict_along_a_genome(self):
        place = self.place("genome")
        runs.prepare(place)
        outcome, _ = self.call(["train", "sites.toml", "--out", "run", "--no-report", "--set", "train.epochs=1", *QUIET], place)
        self.assertEqual(outcome.code, 0, outcome.err)
        genome = self.folder / "with_genome"
        shutil.copytree(place, genome)
        self.sweep(["predict", "run", "--genome", "genome.fa", "--out", "tracks/t", "--formats", "bigwig,npz", *QUIET], prepared=genome, sample=1,
                   lasting=3)

    def test_attribute(self):
        words = ["attribute", "run", "--fasta", "new/sequences.fa", "--target", "logits:0", "--number-of-references", "2", "--max", "9",
                 "--no-report", "--out", "a/b", *QUIET]
        self.sweep(words, [*words, "--resume"], prepared=self.trained, sample=2, lasting=6)

    def test_motifs_filters(self):
        words = ["motifs", "filters", "run", "--fasta", "new/sequences.fa", "--no-report", "--out", "a/b", *QUIET]
        self.sweep(words, [*words, "--overwrite"], prepared=self.trained, sample=2, lasting=4)

    def test_perturb(self):
        words = ["perturb", "run", "--fasta", "new/sequences.fa", "--motifs", "TGACTCA", "--max", "9", "--out", "a/b", "--arrays", "a/c.npz", *QUIET]
        self.sweep(words, words, prepared=self.trained, sample=2, lasting=4)

    def test_report(self):
        words = ["report", "run", "--document", "d.json", "--figures", "figures", "--quiet"]
        self.sweep(words, prepared=self.trained, sample=6, lasting=15)

    def test_data_coverage_and_sites(self):
        reads = self.folder / "with_reads"
        reads.mkdir()
        (reads / "x.sam").write_text("@SQ\tSN:c\tLN:90\n" + "".join(f"r\t{16 * (i % 2)}\tc\t{i}\t9\t5M\t*\t0\t0\t*\t*\n" for i in range(1, 40)))
        (reads / "a.bed").write_text("c\t10\t20\nc\t60\t70\n")
        (reads / "s.txt").write_text("A\ta.bed\n")
        (reads / "c.sizes").write_text("c\t90\n")
        (reads / "s.toml").write_text('sizes = "c.sizes"\nsupport = [1]\n[[sources]]\nname = "a"\nfile = "a.bed"\n')
        self.sweep(["data", "coverage", "x.sam", "--strands", "apart", "--out", "new/x.bw", *QUIET], prepared=reads, sample=4, lasting=3)
        self.sweep(["data", "sites", "s.txt", "--size", "20", "--merge-overlap", "5", "--out", "new/s", *QUIET], prepared=reads, sample=4, lasting=4)
        self.sweep(["data", "annotation", "s.toml", "--out", "new/a", *QUIET], prepared=reads, sample=4, lasting=4)

    def test_motifs_compare(self):
        motifs = self.folder / "with_motifs"
        motifs.mkdir()
        (motifs / "m.meme").write_text("MEME version 4\nALPHABET= ACGT\nMOTIF m\nletter-probability matrix: alength= 4 w= 2\n1 0 0 0\n0 0 1 0\n")
        self.sweep(["motifs", "compare", "m.meme", "m.meme", "--out", "new/m.tsv", "--quiet"], prepared=motifs)
        (motifs / "x.fa").write_text(">a\nAGGTAGNAG\n>b\nCTTTAG\n")
        self.sweep(["motifs", "scan", "m.meme", "--fasta", "x.fa", "--p-value", "0.1", "--summary", "new/s.tsv", "--out", "new/m.bed", *QUIET],
                   prepared=motifs, sample=4, lasting=3)

    def test_motifs_in_attributions(self):
        prepared = self.folder / "with_attributions"
        prepared.mkdir()
        arrays.pair(prepared, *arrays.planted(random.Random(3), 30, 90, {"CCAGGTGGCA": 1.0, "TTGCATAATC": -1.0}))
        pair = ["scores.npz", "--sequences", "sequences.npz", *QUIET]
        self.sweep(["motifs", "seqlets", *pair, "--out", "new/s.bed"], prepared=prepared, sample=3, lasting=2)
        self.sweep(["motifs", "discover", *pair, "--min-seqlets", "2", "--out", "new/d"],
                   ["motifs", "discover", *pair, "--min-seqlets", "2", "--out", "new/d", "--overwrite"], prepared=prepared, sample=3, lasting=8)

    def test_simulate(self):
        self.sweep(["simulate", "--sequences", "40", "--out", "new/s", "--quiet"])

    def test_new(self):
        words = ["new", "--fasta", "new/sequences.fa", "--out", "recipes/r.toml", "--quiet"]
        self.sweep(words, [*words, "--overwrite"], prepared=self.trained)

    def test_convert(self):
        (self.trained / "params.txt").write_text("conv_filters 8\nconv_filter_sizes 9\npool_width 3\nhidden_units 5\n")
        words = ["convert", "params.txt", "--out", "models/m", "--quiet"]
        self.sweep(words, [*words, "--overwrite"], prepared=self.trained)

    def test_data_export(self):
        self.sweep(["data", "export", "run", "--out", "e/o", *QUIET], prepared=self.trained, sample=1, lasting=4)

    def test_data_bins(self):
        prepared = self.folder / "with_tracks"
        prepared.mkdir()
        letters = random.Random(4)
        (prepared / "x.fa").write_text(">c\n" + "".join(letters.choices("ACGT", k=900)) + "\n")
        (prepared / "a.bedgraph").write_text("c\t0\t500\t2\n")
        (prepared / "b.bed").write_text("c\t300\t360\n")
        (prepared / "t.txt").write_text("\tidentifier\tfile\tsum_stat\n0\ta\ta.bedgraph\tsum\n1\tb\tb.bed\tpeak\n")
        words = ["data", "bins", "t.txt", "--genome", "x.fa", "--length", "64", "--width", "16", "--longest-contig", "100", "--unmappable", "b.bed",
                 "--validation-fraction", "0.2", "--test-fraction", "0.2", "--per-file", "3", "--out", "new/set", *QUIET]
        self.sweep(words, prepared=prepared, sample=6, lasting=8)

    def test_methylation(self):
        prepared = self.folder / "with_calls"
        prepared.mkdir()
        (prepared / "x.fa").write_text(">c\n" + "AACGT" * 30 + "\n")
        (prepared / "a.cov").write_text("".join(f"c\t{5 * i + 3}\t{5 * i + 3}\t100\t1\t0\n" for i in range(30)))
        words = ["methylation", "prepare", "a.cov", "--genome", "x.fa", "--neighbours", "2", "--dna", "5", "--per-file", "9", "--out", "new/set", *QUIET]
        self.sweep(words, prepared=prepared, sample=4, lasting=4)
        self.sweep(["methylation", "stats", "a.cov", "--baselines", "--out", "new/s.tsv", *QUIET], prepared=prepared, sample=2, lasting=2)

    def test_learn(self):
        prepared = self.folder / "with_table"
        prepared.mkdir()
        (prepared / "t.tsv").write_text("a\tb\topen\n" + "".join(f"{i % 7}\t{i % 5}\t{int(i % 7 > 3)}\n" for i in range(40)))
        words = ["learn", "t.tsv", "--labels", "open", "--trees", "3", "--replicates", "9", "--out", "new/forest", *QUIET]
        self.sweep(words, [*words, "--overwrite"], prepared=prepared, sample=4, lasting=4)

    def test_variants(self):
        place = self.folder / "with_variants"
        shutil.copytree(self.trained, place)
        letters = "".join(random.Random(5).choice("ACGT") for _ in range(300))
        (place / "g.fa").write_text(f">c\n{letters}\n")
        (place / "x.vcf").write_text("".join(f"c\t{i}\tx\t{letters[i - 1]}\t{'A' if letters[i - 1] != 'A' else 'C'}\n" for i in (5, 90, 200)))
        words = ["variants", "run", "--vcf", "x.vcf", "--genome", "g.fa", "--out", "o/x.vcf.gz", "--tsv", "o/x.tsv", *QUIET]
        self.sweep(words, words, prepared=place, sample=2, lasting=4)

    def test_a_full_disk(self):
        for words in (["simulate", "--sequences", "40", "--out", "s", "--quiet"], ["report", "run", "--document", "d.json", "--quiet"]):
            with self.subTest(words[0]):
                self.fill(words, prepared=self.trained)
        words = ["new", "--fasta", "new/sequences.fa", "--out", "r.toml", "--quiet"]
        with self.subTest("new"):
            self.fill(words, [*words, "--overwrite"], prepared=self.trained)
        for words in (["evaluate", "run", *QUIET], ["predict", "run", "--fasta", "new/sequences.fa", "--out", "p", *QUIET]):
            with self.subTest(words[0]):
                self.fill(words, prepared=self.trained, sample=1, lasting=2)


if __name__ == "__main__":
    sweep.main()
