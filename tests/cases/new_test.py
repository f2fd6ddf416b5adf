"""`basewise new` looks into raw files and writes a recipe: what it writes trains without an edit, and each choice gives its reason.

    tests/cases/new_test.py --program PROGRAM [--gtest_output=xml:FILE]
"""

import json
import math
import os
import pathlib
import random
import re
import tomllib
import unittest

import inputs
from program import ROOT

DATA = pathlib.Path(os.environ.get("BASEWISE_DATA") or ROOT.parent / "shared/data")
SIZES = {"chr1": 12000, "chr2": 6000, "chr3": 2500, "chr4": 2500}


def records(draw, number, length, motif=""):
    text = ""
    for i in range(number):
        letters = inputs.letters(draw, length)
        at = 5 + int(draw.random() * (length - len(motif) - 10))
        text += f">s{i}\n{letters[:at] + motif + letters[at + len(motif):]}\n"
    return text


class New(inputs.Case):
    def sites(self, name="peaks.bed", width=100, step=700):  # room for windows without a site between them
        rows = [(of, at, at + width) for of, length in SIZES.items() for at in range(300, length - 400, step)]
        self.write(name, "".join(f"{of}\t{start}\t{end}\n" for of, start, end in rows))
        return rows

    def draft(self, *arguments, out="run.toml"):
        result = self.succeeds("new", *arguments, "--out", out, "--json").json
        self.assertEqual(result["recipe"], out)
        return tomllib.loads(self.text(out)), result

    def page_of(self, recipe="run.toml", run="run", *more):
        """train, evaluate, report without an edit of the file; metrics are numbers."""
        self.succeeds("train", recipe, "--out", run, *more)
        self.succeeds("evaluate", run)
        self.succeeds("report", run)
        page = self.text(f"{run}/report.html")
        self.assertGreater(len(page), 10_000)
        metrics = json.loads(self.text(f"{run}/metrics.json"))
        values = [m["value"] for m in walk_metrics(metrics) if m.get("value") is not None]
        self.assertTrue(values, metrics)
        for value in values:
            self.assertTrue(math.isfinite(value), values)
        return metrics

    def assert_explained(self, name="run.toml", of=3):
        """Choices have their reason beside or above them."""
        text = self.text(name)
        self.assertGreater(len(re.findall(r"^\s*\w+ = .*  # ", text, re.MULTILINE)) + len(re.findall(r"^\s*# ", text, re.MULTILINE)), of, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 200)


def walk_metrics(node):
    """Every object of metrics.json that has a value."""
    if isinstance(node, dict):
        if "value" in node and not isinstance(node["value"], (dict, list, str)):
            yield node
        for child in node.values():
            yield from walk_metrics(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk_metrics(child)


class FiveWays(New):
    EPOCH = ("--set", "train.epochs=1")

    def test_sites(self):
        self.genome(SIZES)
        rows = self.sites()
        recipe, told = self.draft("--genome", "genome.fa", "--sites", "peaks.bed")
        self.assertEqual(recipe["data"]["genome"]["window"], 200)  # intervals of 100
        self.assertEqual(recipe["data"]["negatives"]["kind"], "gc_matched")
        self.assertIn(f"{len(rows)} sites", told["found"][1])
        self.assertEqual(told["next"][0], "basewise train run.toml --out runs/run")
        split = recipe["data"]["split"]
        self.assertEqual(split["by"], "chromosome")
        self.assertEqual(len(set(split["validation_chromosomes"]) & set(split["test_chromosomes"])), 0)
        self.assertNotIn("chr1", split["validation_chromosomes"] + split["test_chromosomes"])  # more than half of all
        self.assert_explained(of=15)
        self.page_of(*("run.toml", "run"), *self.EPOCH)

    def test_tracks(self):
        self.genome(SIZES)
        steps = [(of, at, at + 50, float(3 + at // 50 % 5)) for of, length in SIZES.items() for at in range(0, length - 50, 50)]
        self.bigwig("a.bw", SIZES, steps)
        self.bigwig("b.bw", SIZES, [(of, start, end, 2 * value) for of, start, end, value in steps])
        recipe, told = self.draft("--genome", "genome.fa", "--tracks", "a.bw", "b.bw")
        tracks = recipe["data"]["genome"]["tracks"]
        self.assertEqual(tracks["files"], ["a.bw", "b.bw"])
        self.assertEqual(tracks["bin"], 50)  # the step of the files
        self.assertNotIn("gaps", tracks)
        self.assertEqual(recipe["loss"][0]["type"], "poisson")
        self.assertEqual(recipe["model"]["bias_initial"], [5, 10])  # mean of 3 4 5 6 7, and twice that
        self.assert_explained(of=12)
        self.page_of(*("run.toml", "run"), *self.EPOCH)

    def test_profile(self):
        self.genome(SIZES)
        draw = random.Random(self.seed)
        for name in ("plus.bw", "minus.bw", "control.plus.bw", "control.minus.bw"):
            spans = []
            for of, length in SIZES.items():
                for at in range(150, length - 150, 210):
                    spans += [(of, at + i, at + i + 1, float(1 + int(draw.random() * 9))) for i in range(3)]
            self.bigwig(name, SIZES, spans)
        self.sites()
        recipe, told = self.draft("--genome", "genome.fa", "--profile", "plus.bw", "minus.bw", "--control", "control.plus.bw", "control.minus.bw",
                                  "--sites", "peaks.bed")
        self.assertEqual(recipe["data"]["profile"]["centres"], "sites")
        self.assertEqual(recipe["data"]["profile"]["control"], {"plus": "control.plus.bw", "minus": "control.minus.bw"})
        self.page_of(*("run.toml", "run"), *self.EPOCH)
        self.assertIn("control_profile", self.text("run/model.toml"))
        recipe, told = self.draft("--genome", "genome.fa", "--profile", "plus.bw", "minus.bw", out="signal.toml")
        self.assertEqual(recipe["data"]["profile"]["centres"], "signal")
        self.assert_explained("signal.toml", of=12)
        self.page_of(*("signal.toml", "signal"), *self.EPOCH)

    def test_fasta(self):
        draw = random.Random(self.seed)
        self.write("pos.fa", records(draw, 60, 50, "TGACTCA"))
        self.write("neg.fa", records(draw, 60, 50))
        self.write("tp.fa", records(draw, 20, 50, "TGACTCA"))
        self.write("tn.fa", records(draw, 20, 50))
        recipe, _ = self.draft("--fasta", "pos.fa", "--negatives", "neg.fa", "--test-fasta", "tp.fa", "--test-negatives", "tn.fa")
        self.assertEqual(recipe["data"]["fasta"], {"file": "pos.fa", "negatives": "neg.fa", "test_file": "tp.fa", "test_negatives": "tn.fa"})
        self.assertNotIn("negatives", recipe["data"])
        self.assert_explained(of=8)
        self.page_of(*("run.toml", "run"), *self.EPOCH)
        recipe, _ = self.draft("--fasta", "pos.fa", out="alone.toml")
        self.assertEqual(recipe["data"]["negatives"]["kind"], "shuffled")
        self.page_of(*("alone.toml", "alone"), *self.EPOCH)

    def test_table(self):
        draw = random.Random(self.seed)
        rows = [inputs.letters(draw, 40) for _ in range(80)]
        self.write("x.csv", "id,sequence,activity,bound,Predicted\n" +
                   "".join(f"{i},{s},{100 + 50 * s.count('G')},{int('TG' in s[:20])},{i}\n" for i, s in enumerate(rows)))
        recipe, told = self.draft("--table", "x.csv", "--labels", "activity")
        self.assertEqual(recipe["data"]["table"]["labels"], ["activity"])
        self.assertEqual(recipe["loss"], [{"type": "mse", "output": "values", "target": "labels"}])
        self.assertNotIn("augment", recipe["data"])  # numbers of a construct have a strand
        self.assertGreater(recipe["model"]["output_scale"], 50)
        self.page_of(*("run.toml", "run"), *self.EPOCH)
        recipe, told = self.draft("--table", "x.csv", "--labels", "bound", out="classes.toml")
        self.assertEqual(recipe["loss"][0]["type"], "binary_cross_entropy")
        self.assert_explained("classes.toml", of=8)
        self.page_of(*("classes.toml", "classes"), *self.EPOCH)
        recipe, told = self.draft("--table", "x.csv", out="both.toml")
        self.assertEqual([t["labels"] for t in recipe["data"]["table"]["targets"]], [["activity"], ["bound"]])
        self.assertIn("Predicted", " ".join(told["notes"]))
        self.page_of(*("both.toml", "both"), *self.EPOCH)


class Choices(New):
    def test_one_chromosome_is_cut_into_stretches(self):
        self.genome({"only": 30000})
        self.write("peaks.bed", "".join(f"only\t{at}\t{at + 60}\n" for at in range(300, 29000, 500)))
        recipe, _ = self.draft("--genome", "genome.fa", "--sites", "peaks.bed")
        split = recipe["data"]["split"]
        self.assertEqual(split["by"], "ranges")
        self.assertEqual(split["validation_ranges"][0]["end"], split["test_ranges"][0]["start"])
        self.assertGreater(split["validation_ranges"][0]["start"], 15000)

    def test_zeros_that_a_file_leaves_out_count(self):
        self.genome(SIZES)
        self.bigwig("sparse.bw", SIZES, [(of, at, at + 10, 4.0) for of, length in SIZES.items() for at in range(0, length - 100, 100)])
        recipe, told = self.draft("--genome", "genome.fa", "--tracks", "sparse.bw")
        self.assertEqual(recipe["data"]["genome"]["tracks"]["gaps"], "zero")
        self.assertIn("count as 0", " ".join(told["notes"]))

    def test_strands_of_tracks_are_told_by_their_names(self):
        self.genome(SIZES)
        for name in ("RNA.fwd.bw", "RNA.rev.bw"):
            self.bigwig(name, SIZES, [(of, 0, length, 2.0) for of, length in SIZES.items()])
        recipe, _ = self.draft("--genome", "genome.fa", "--tracks", "RNA.fwd.bw", "RNA.rev.bw")
        self.assertTrue(recipe["data"]["genome"]["tracks"]["paired"])

    def test_names_that_are_places_are_split_by_chromosome(self):
        draw = random.Random(self.seed)
        text = "".join(f">chr{1 + i % 7}:{100 * i}-{100 * i + 30}\n{inputs.letters(draw, 30)}\n" for i in range(140))
        self.write("pos.fa", text)
        recipe, _ = self.draft("--fasta", "pos.fa")
        self.assertEqual(recipe["data"]["split"]["by"], "chromosome")

    def test_a_column_that_says_the_set_is_used(self):
        draw = random.Random(self.seed)
        sets = ["train", "train", "train", "valid", "test"]
        self.write("x.tsv", "seq\tset\ty\n" + "".join(f"{inputs.letters(draw, 30)}\t{sets[i % 5]}\t{i % 2}\n" for i in range(60)))
        recipe, _ = self.draft("--table", "x.tsv")
        self.assertEqual(recipe["data"]["split"], {"by": "column", "column": "set"})
        self.assertEqual(recipe["data"]["table"]["sequence"], "seq")

    def test_names_of_files_stay_in_their_comment(self):
        draw = random.Random(self.seed)
        name = 'a "b"\n[train]\nepochs = 0 #.fa'
        self.write(name, records(draw, 30, 40))
        recipe, _ = self.draft("--fasta", name)
        self.assertEqual(recipe["data"]["fasta"]["file"], name)
        self.assertGreater(recipe["train"]["epochs"], 0)

    def test_a_table_of_positives_alone_gets_shuffled_negatives(self):
        draw = random.Random(self.seed)
        self.write("p.tsv", "FoldID\tEventID\tseq\tBound\n" + "".join(f"A\tpeak{i}\t{inputs.letters(draw, 50)}\t1\n" for i in range(50)))
        self.write("t.tsv", "FoldID\tEventID\tseq\tBound\n" + "".join(f"B\tpeak{i}\t{inputs.letters(draw, 50)}\t{i % 2}\n" for i in range(20)))
        recipe, _ = self.draft("--table", "p.tsv", "--test-table", "t.tsv")
        self.assertEqual(recipe["data"]["negatives"]["sets"], ["train", "validation"])
        self.page_of("run.toml", "run", "--set", "train.epochs=1")

    def test_digits_are_several_labels(self):
        draw = random.Random(self.seed)
        self.write("bits.tsv", "label\tsequence\n" + "".join(f"{i % 8:03b}\t{inputs.letters(draw, 40)}\n" for i in range(60)))
        recipe, told = self.draft("--table", "bits.tsv")
        self.assertEqual(recipe["data"]["table"]["bits"], "label")
        self.assertIn("the 3 digits of label", " ".join(told["found"]))
        self.page_of("run.toml", "run", "--set", "train.epochs=1")

    def test_rna_is_read_from_one_strand(self):
        draw = random.Random(self.seed)
        self.write("rna.fa", "".join(f">r{i}\n{inputs.letters(draw, 30).replace('T', 'U')}\n" for i in range(40)))
        recipe, _ = self.draft("--fasta", "rna.fa")
        self.assertNotIn("augment", recipe["data"])
        self.assertNotIn("strand", recipe)


class SeveralFiles(New):
    def sizes(self):
        return {of["name"]: of["examples"] for of in json.loads(self.text("run/data.json"))["sets"]}

    def test_sequences_of_several_files_and_sets_of_their_own(self):
        draw = random.Random(self.seed)
        for name, motif, number in (("a.fa", "TGACTCA", 30), ("b.fa", "TGACTCA", 20), ("n.fa", "", 40), ("vp.fa", "TGACTCA", 10),
                                    ("vn.fa", "", 10), ("tp.fa", "TGACTCA", 10), ("tn.fa", "", 10)):
            self.write(name, records(draw, number, 60 if name == "tp.fa" else 50, motif))
        recipe, told = self.draft("--fasta", "a.fa", "b.fa", "--negatives", "n.fa", "--validation-fasta", "vp.fa", "--validation-negatives", "vn.fa",
                                  "--test-fasta", "tp.fa", "--test-negatives", "tn.fa")
        self.assertEqual(recipe["data"]["fasta"]["file"], ["a.fa", "b.fa"])
        self.assertNotIn("split", recipe["data"])  # every set has its files
        self.assertEqual(recipe["data"]["fasta"]["length"]["length"], 60)  # that of the longest, wherever it is
        self.assertIn("a.fa and 1 more: 50 sequences", told["found"][0])
        self.page_of("run.toml", "run", "--set", "train.epochs=1")
        self.assertEqual(self.sizes()["validation"], 20)

    def test_each_file_with_sites_is_a_label(self):
        self.genome(SIZES)
        self.sites("a.bed", step=900)
        self.write("b.narrowPeak", "".join(f"{of}\t{at}\t{at + 100}\t.\t5\t.\t1\t1\t1\t50\n"
                                           for of, length in SIZES.items() for at in range(700, length - 400, 900)))
        recipe, told = self.draft("--genome", "genome.fa", "--sites", "a.bed", "b.narrowPeak")
        sites = recipe["data"]["genome"]["sites"]
        self.assertEqual((sites["file"], sites["task"]), (["a.bed", "b.narrowPeak"], "file"))
        self.assertNotIn("format", sites)  # each is told by itself
        self.assertIn("labels: a, b", told["found"])
        self.page_of("run.toml", "run", "--set", "train.epochs=1")

    def test_replicates_of_a_profile_are_added(self):
        self.genome(SIZES)
        spans = [(of, at, at + 3, 4.0) for of, length in SIZES.items() for at in range(150, length - 150, 210)]
        names = ["r1.plus.bw", "r1.minus.bw", "r2.plus.bw", "r2.minus.bw"]
        for name in names:
            self.bigwig(name, SIZES, spans)
        recipe, told = self.draft("--genome", "genome.fa", "--profile", *names)
        self.assertEqual(recipe["data"]["profile"]["target"], {"plus": [names[0], names[2]], "minus": [names[1], names[3]]})
        self.assertIn(f"{2 * 12 * len(spans)} on the forward", told["found"][1])
        self.assertIn("plus and minus", self.fails(2, "new", "--genome", "genome.fa", "--profile", *sorted(names), "--out", "x.toml"))
        self.succeeds("train", "run.toml", "--dry-run")

    def test_negatives_are_made_up_only_where_a_set_has_none(self):
        draw = random.Random(self.seed)
        for name, number in (("p.fa", 60), ("tp.fa", 20), ("tn.fa", 30)):
            self.write(name, records(draw, number, 50, "" if name == "tn.fa" else "TGACTCA"))
        recipe, _ = self.draft("--fasta", "p.fa", "--test-fasta", "tp.fa", "--test-negatives", "tn.fa")
        self.assertEqual(recipe["data"]["negatives"]["sets"], ["train", "validation"])
        self.succeeds("train", "run.toml", "--out", "run", "--set", "train.epochs=1")
        self.assertEqual(self.sizes()["test"], 50)

    def test_tables_with_a_column_of_chromosomes_keep_them_together(self):
        draw = random.Random(self.seed)
        rows = [f"chr{i % 7},{100 * i},{inputs.letters(draw, 40)},{i % 11}" for i in range(84)]
        self.write("a.csv", "chrom,peak_start,sequence,y\n" + "\n".join(rows[:50]) + "\n")
        self.write("b.csv", "chrom,peak_start,sequence,y\n" + "\n".join(rows[50:]) + "\n")
        recipe, told = self.draft("--table", "a.csv", "b.csv")
        self.assertEqual(recipe["data"]["table"]["file"], ["a.csv", "b.csv"])
        self.assertEqual(recipe["data"]["table"]["labels"], ["y"])
        self.assertEqual((recipe["data"]["split"]["by"], recipe["data"]["split"]["group"]), ("group", "chrom"))
        self.assertIn("peak_start", " ".join(told["notes"]))
        self.page_of("run.toml", "run", "--set", "train.epochs=1")

    def test_a_table_for_each_set(self):
        draw = random.Random(self.seed)
        for name, number in (("a", 40), ("v", 12), ("t", 15)):
            self.write(name + ".tsv", "sequence\ty\n" + "".join(f"{inputs.letters(draw, 40)}\t{i % 5}\n" for i in range(number)))
        self.draft("--table", "a.tsv", "--validation-table", "v.tsv", "--test-table", "t.tsv")
        self.succeeds("train", "run.toml", "--out", "run", "--set", "train.epochs=1")
        self.assertEqual(self.sizes(), {"train": 40, "validation": 12, "test": 15})


class Refusals(New):
    def test_a_recipe_is_never_replaced_unasked(self):
        draw = random.Random(self.seed)
        self.write("pos.fa", records(draw, 40, 40))
        self.write("run.toml", "mine\n")
        self.assertIn("run.toml is there", self.fails(2, "new", "--fasta", "pos.fa", "--out", "run.toml"))
        self.assertEqual(self.text("run.toml"), "mine\n")
        self.succeeds("new", "--fasta", "pos.fa", "--out", "run.toml", "--overwrite")
        self.assertIn("[data.fasta]", self.text("run.toml"))

    def test_flags_that_do_not_belong_together(self):
        self.genome({"chr1": 900})
        for arguments, told in [((), "say what the data are"), (("--genome", "genome.fa"), "what is to be learned"),
                                (("--sites", "x.bed"), "--sites needs --genome"), (("--fasta", "a", "--table", "b"), "three kinds of data"),
                                (("--genome", "genome.fa", "--profile", "plus.bw"), "takes two files"),
                                (("--fasta", "a", "--labels", "b"), "--labels needs --table")]:
            self.assertIn(told, self.fails(2, "new", *arguments, "--out", "run.toml"))
        self.assertFalse((self.folder / "run.toml").exists())

    def test_a_typo_in_a_column_of_numbers_is_named(self):
        draw = random.Random(self.seed)
        rows = [f"{inputs.letters(draw, 20)},{i}.5,{i % 3}" for i in range(30)]
        rows[11] = rows[11].replace("11.5", "11,5").replace(",5,", ";5,")
        self.write("x.csv", "sequence,activity,class\n" + "\n".join(rows) + "\n")
        told = self.fails(3, "new", "--table", "x.csv", "--out", "r.toml")
        self.assertIn("x.csv:13: label '11;5' in column 'activity' is no number (29 of 30 rows are)", told)
        self.succeeds("new", "--table", "x.csv", "--labels", "class", "--out", "r.toml")

    def test_a_table_without_a_heading_is_refused(self):
        draw = random.Random(self.seed)
        self.write("x.txt", "".join(f"{inputs.letters(draw, 80)}\t{i / 7}\n" for i in range(30)))
        self.assertIn("the first line holds a sequence", self.fails(3, "new", "--table", "x.txt", "--out", "r.toml"))

    def test_files_that_hold_nothing_to_learn(self):
        draw = random.Random(self.seed)
        self.genome({"chr1": 9000})
        self.write("few.bed", "chr1\t100\t200\n")
        self.assertIn("1 sites", self.fails(3, "new", "--genome", "genome.fa", "--sites", "few.bed", "--out", "r.toml"))
        self.write("all.bed", "".join(f"chr1\t{at}\t{at + 90}\n" for at in range(0, 8900, 100)))
        self.assertIn("cover", self.fails(3, "new", "--genome", "genome.fa", "--sites", "all.bed", "--out", "r.toml"))
        self.write("same.csv", "sequence,activity\n" + "".join(f"{inputs.letters(draw, 20)},2\n" for _ in range(30)))
        self.assertIn("no column holds labels", self.fails(3, "new", "--table", "same.csv", "--out", "r.toml"))
        self.assertIn("same value in all rows", self.fails(3, "new", "--table", "same.csv", "--labels", "activity", "--out", "r.toml"))
        self.assertIn("did you mean 'activity'", self.fails(2, "new", "--table", "same.csv", "--labels", "activty", "--out", "r.toml"))
        self.write("words.csv", "gene,y\n" + "".join(f"gene{i},{i}\n" for i in range(30)))
        self.assertIn("no column holds sequences", self.fails(3, "new", "--table", "words.csv", "--out", "r.toml"))
        self.bigwig("none.bw", {"chr1": 9000}, [])
        self.assertIn("no value", self.fails(3, "new", "--genome", "genome.fa", "--tracks", "none.bw", "--out", "r.toml"))
        self.assertIn("Is this a genome?", self.genome_as_fasta())

    def genome_as_fasta(self):
        self.genome({"chr1": 120000}, name="long.fa")
        return self.fails(3, "new", "--fasta", "long.fa", "--out", "r.toml")


@unittest.skipUnless((DATA / "sacCer3_genome").is_dir(), f"{DATA} is missing: name a mirror of the data sets in BASEWISE_DATA")
class RealFiles(New):
    """Five raw sets: new, train for a moment, evaluate and report."""

    YEAST = DATA / "sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
    MOMENT = ("--set", "train.epochs=1", "--set", "train.loader.batches_per_epoch=4", "--set", "data.check_duplicates=false",
              "--set", "evaluate.intervals=false")

    def test_sites(self):
        recipe, _ = self.draft("--genome", self.YEAST, "--sites", DATA / "yeast_atac_macs3/hmmratac_yeast500k_accessible_regions.narrowPeak")
        self.assertEqual(recipe["data"]["genome"]["sites"]["point"], "summit")
        self.assertEqual(recipe["data"]["split"]["by"], "chromosome")
        self.page_of("run.toml", "run", *self.MOMENT)

    def test_tracks(self):
        folder = DATA / "yeast_tracks_75bp"
        recipe, _ = self.draft("--genome", self.YEAST, "--tracks", folder / "RNA.fwd.bw", folder / "RNA.rev.bw")
        self.assertEqual(recipe["data"]["genome"]["tracks"]["bin"], 75)
        self.assertTrue(recipe["data"]["genome"]["tracks"]["paired"])
        self.assertEqual(recipe["data"]["genome"]["chromosomes"], ["II", "IV", "XVI"])
        self.page_of("run.toml", "run", *self.MOMENT)

    def test_profile(self):
        folder = DATA / "yeast_stripeseq"
        recipe, _ = self.draft("--genome", self.YEAST, "--profile", folder / "S288C_WT_1.plus.bw", folder / "S288C_WT_1.minus.bw")
        self.assertEqual(recipe["data"]["profile"]["centres"], "signal")
        self.page_of("run.toml", "run", *self.MOMENT)

    def test_fasta(self):
        folder = DATA / "rbp_clip_pum2_qki"
        recipe, _ = self.draft("--fasta", folder / "pum2.train.positive.fasta.gz", "--negatives", folder / "pum2.train.negative.fasta.gz",
                               "--test-fasta", folder / "pum2.test.positive.fasta.gz", "--test-negatives", folder / "pum2.test.negative.fasta.gz")
        self.assertNotIn("augment", recipe["data"])  # RNA
        self.page_of("run.toml", "run", *self.MOMENT)

    def test_table(self):
        recipe, _ = self.draft("--table", DATA / "yeast_promoter_mpra/Native_complex.csv.gz")
        self.assertEqual(recipe["data"]["table"]["labels"], ["Measured Expression"])
        self.page_of("run.toml", "run", *self.MOMENT)


if __name__ == "__main__":
    inputs.main()
