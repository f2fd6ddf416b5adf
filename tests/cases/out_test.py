"""What a run says of its own sets, of BED files, tables and windows, and what `data export` writes: names, places, labels and outputs, row by
row."""

import json
import math
import random
import struct
import zipfile
import zlib

import inputs

OTHER = inputs.OTHER
MODEL = """
[model]
format = 1
[model.inputs.sequence]
channels = 4
length = 30
[[model.layers]]
name = "stem"
type = "conv"
filters = 4
width = 5
[[model.layers]]
type = "pool"
global = true
[[model.heads]]
name = "logits"
[[model.heads.layers]]
type = "dense"
units = 1
[train]
epochs = 1
[train.loader]
batch_size = 16
workers = 0
[evaluate.bootstrap]
replicates = 10
"""

LETTERS = """
[data]
kind = "fasta"
check_duplicates = false
[data.fasta]
file = "all.fa"
label_key = "bound"
label_names = ["CTCF"]
[data.split]
by = "fraction"
validation_fraction = 0.2
test_fraction = 0.2
""" + MODEL

MADE_UP = LETTERS.replace('label_key = "bound"\n', "all_positive = true\n") + """
[data.negatives]
kind = "shuffled"
ratio = 2
"""

PEAKS = """
[data]
kind = "genome"
check_duplicates = false
[data.genome]
fasta = "genome.fa"
window = 30
[data.genome.sites]
file = "peaks.narrowPeak"
point = "summit"
[data.negatives]
kind = "random"
[data.split]
by = "chromosome"
validation_chromosomes = ["b"]
test_chromosomes = ["c"]
""" + MODEL

PROFILE = """
[data]
kind = "profile"
check_duplicates = false
[data.genome]
fasta = "genome.fa"
[data.profile]
centres = "signal"
input = 61
output = 41
[data.profile.target]
plus = "plus.bw"
minus = "minus.bw"
[data.split]
by = "chromosome"
validation_chromosomes = ["b"]
test_chromosomes = ["c"]
[[loss]]
type = "multinomial"
output = "profile"
target = "profile"
[[loss]]
type = "mse"
output = "counts"
target = "counts"
[model]
format = 1
[model.inputs.sequence]
channels = 4
length = 61
[[model.layers]]
name = "body"
type = "conv"
filters = 4
width = 5
padding = "same"
[[model.layers]]
name = "pooled"
type = "pool"
kind = "mean"
global = true
[[model.heads]]
name = "profile"
from = "body"
[[model.heads.layers]]
type = "conv"
filters = 2
width = 21
padding = "valid"
[[model.heads]]
name = "counts"
from = "pooled"
[[model.heads.layers]]
type = "dense"
units = 2
[train]
epochs = 1
[train.loader]
batch_size = 8
workers = 0
[evaluate.bootstrap]
replicates = 10
"""


def other_strand(text):
    return "".join(OTHER[letter] for letter in reversed(text))


def pairs(text):
    counts = {}
    for i in range(len(text) - 1):
        counts[text[i:i + 2]] = counts.get(text[i:i + 2], 0) + 1
    return counts


def npy(data):
    """(shape, numbers) of an .npy image of version 1.0."""
    size = struct.unpack("<H", data[8:10])[0]
    head = eval(data[10:10 + size].decode(), {})  # noqa: S307: our own file
    kind = {"<f4": "f", "<i8": "q", "|u1": "B"}[head["descr"]]
    count = math.prod(head["shape"])
    return head["shape"], struct.unpack(f"<{count}{kind}", data[10 + size:])


def bigwig_values(data):
    """{(number of the chromosome, base): value} of a bigWig file: blocks by the index, deflated."""
    zooms = struct.unpack("<H", data[6:8])[0]
    index = struct.unpack("<Q", data[24:32])[0]
    assert zooms >= 0
    found = {}

    def node(at):
        leaf, _, count = struct.unpack("<BBH", data[at:at + 4])
        for i in range(count):
            if not leaf:
                node(struct.unpack("<Q", data[at + 4 + 24 * i + 16:at + 4 + 24 * i + 24])[0])
                continue
            offset, size = struct.unpack("<QQ", data[at + 4 + 32 * i + 16:at + 4 + 32 * i + 32])
            section(zlib.decompress(data[offset:offset + size]))

    def section(block):
        chrom, start, _, step, span, kind, _, items = struct.unpack("<IIIIIBBH", block[:24])
        for i in range(items):
            if kind == 1:
                first, last, value = struct.unpack("<IIf", block[24 + 12 * i:36 + 12 * i])
            elif kind == 2:
                first, value = struct.unpack("<If", block[24 + 8 * i:32 + 8 * i])
                last = first + span
            else:
                first, value = start + i * step, struct.unpack("<f", block[24 + 4 * i:28 + 4 * i])[0]
                last = first + span
            for base in range(first, last):
                found[chrom, base] = value

    node(index + 48)
    return found


class Out(inputs.Case):
    def rows(self, name):
        lines = [line.split("\t") for line in self.text(name).splitlines()]
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]

    def fasta(self, name):
        records = [part.split("\n", 1) for part in self.text(name).split(">")[1:]]
        return [(head.split()[0], body.replace("\n", "")) for head, body in records]

    def arrays(self, name):
        with zipfile.ZipFile(self.folder / name) as archive:
            return {member.removesuffix(".npy"): npy(archive.read(member)) for member in archive.namelist()}

    def letters(self, count=40):
        draw = random.Random(self.seed)
        self.write("all.fa", "".join(f">seq{i} bound={i % 2}\n{inputs.letters(draw, 30)}\n" for i in range(count)))

    def train(self, recipe):
        self.write("run.toml", recipe)
        self.succeeds("train", "run.toml", "--out", "run", "--threads", 1, "--quiet")

    def predict(self, *arguments):
        return self.succeeds("predict", "run", "--out", "p", "--threads", 1, "--json", "--quiet", *arguments).json

    def places(self):
        texts = self.genome({"a": 900, "b": 900, "c": 900})
        lines = [f"{chrom}\t{start}\t{start + 60}\tpeak{chrom}{start}\t0\t{'+-'[start // 100 % 2]}\t1\t-1\t-1\t{start % 47}\n"
                 for chrom in texts for start in range(100, 800, 100)]
        self.write("peaks.narrowPeak", "".join(lines))
        return texts

    def profiles(self):
        """Single reads with a pile of nine at every hundredth base."""
        lengths = {"a": 900, "b": 900, "c": 900}
        texts = self.genome(lengths)
        for strand, shift in (("plus", 0), ("minus", 7)):
            self.bigwig(f"{strand}.bw", lengths, [(of, base + shift, base + shift + 1, 9.0) for of in lengths for base in range(100, 800, 100)])
        return texts


class Split(Out):
    def test_the_test_set_has_names_labels_and_outputs(self):
        self.letters()
        self.train(LETTERS)
        self.assertEqual(self.predict("--split", "test")["sequences"], 8)
        rows = self.rows("p.tsv")
        self.assertEqual(list(rows[0]), ["set", "name", "observed.CTCF", "CTCF"])
        known = dict(self.fasta("all.fa"))
        for row in rows:
            self.assertEqual(row["set"], "test")
            self.assertEqual(row["observed.CTCF"], str(int(row["name"][3:]) % 2))
        self.write("same.fa", "".join(f">{row['name']}\n{known[row['name']]}\n" for row in rows))
        self.predict("--fasta", "same.fa")
        for row, again in zip(rows, self.rows("p.tsv"), strict=True):
            self.assertEqual(row["name"], again["name"])
            self.assertAlmostEqual(float(row["CTCF"]), float(again["CTCF"]), places=5)

    def test_all_sets_together_hold_each_example_once(self):
        self.letters()
        self.train(LETTERS)
        self.predict("--split", "all", "--formats", "npz,tsv")
        rows = self.rows("p.tsv")
        self.assertEqual(sorted(row["name"] for row in rows), sorted(f"seq{i}" for i in range(40)))
        self.assertEqual([row["set"] for row in rows], ["train"] * 24 + ["validation"] * 8 + ["test"] * 8)
        arrays = self.arrays("p.npz")
        self.assertEqual(arrays["logits"][0], (40, 1))
        self.assertEqual([f"{value:g}" for value in arrays["observed.labels"][1]], [row["observed.CTCF"] for row in rows])

    def test_profiles_of_a_set_are_arrays_with_a_table_of_places(self):
        self.profiles()
        self.train(PROFILE)
        told = self.predict("--split", "test", "--output", "profile")
        self.assertEqual([file.rsplit("/", 1)[-1] for file in told["files"]], ["p.npz", "p.rows.tsv"])
        arrays, rows = self.arrays("p.npz"), self.rows("p.rows.tsv")
        self.assertEqual(arrays["profile"][0], (7, 2, 41))
        self.assertEqual(arrays["observed.profile"][0], (7, 2, 41))
        # A pile of nine reads stands in the middle of each window, that of the other strand seven bases behind it.
        self.assertEqual([(row["chrom"], row["start"], row["end"]) for row in rows],
                         [("c", str(base - 20), str(base + 21)) for base in range(100, 800, 100)])
        observed = arrays["observed.profile"][1]
        self.assertEqual([i for i in range(82) if observed[i] > 0], [20, 41 + 27])

    def test_counts_of_a_set_stand_beside_what_was_observed(self):
        self.profiles()
        self.train(PROFILE)
        self.predict("--split", "test", "--output", "counts")
        row = self.rows("p.tsv")[0]
        self.assertEqual(list(row)[-4:], ["observed.forward", "observed.reverse", "forward", "reverse"])
        self.assertAlmostEqual(float(row["observed.forward"]), math.log1p(9), places=5)

    def test_a_set_that_is_empty_is_said(self):
        self.letters()
        self.train(LETTERS.replace("test_fraction = 0.2", "test_fraction = 0"))
        self.assertIn("the test set of run is empty", self.fails(2, "predict", "run", "--split", "test", "--out", "p"))


class Export(Out):
    def test_made_up_negatives_are_written_and_marked(self):
        self.letters()
        self.write("run.toml", MADE_UP)
        self.succeeds("data", "export", "run.toml", "--split", "test", "--out", "o", "--quiet")
        rows, letters = self.rows("o/test.tsv"), self.fasta("o/test.fa")
        self.assertEqual([row["name"] for row in rows], [name for name, _ in letters])
        self.assertEqual([(row["made_up"], row["CTCF"]) for row in rows], [("0", "1")] * 8 + [("1", "0")] * 16)
        known, of = dict(self.fasta("all.fa")), dict(letters)
        for row in rows:
            origin = row["name"].split("_shuffled_")[0]
            self.assertEqual(pairs(of[row["name"]]), pairs(known[origin]))
        self.assertEqual(sorted(row["name"] for row in rows if row["made_up"] == "1"),
                         sorted(f"{row['name']}_shuffled_{k}" for row in rows[:8] for k in (1, 2)))
        self.assertFalse((self.folder / "o/train.tsv").exists())

    def test_windows_of_a_genome_are_told_in_places_of_bed(self):
        texts = self.places()
        self.write("run.toml", PEAKS)
        told = self.succeeds("data", "export", "run.toml", "--out", "o", "--json", "--quiet").json
        self.assertEqual([(of["name"], of["examples"]) for of in told["sets"]], [("train", 14), ("validation", 14), ("test", 14)])
        rows, letters = self.rows("o/test.tsv"), [text for _, text in self.fasta("o/test.fa")]
        bed = [line.split("\t") for line in self.text("o/test.bed").splitlines()]
        for row, text, line in zip(rows, letters, bed, strict=True):
            place = texts[row["chrom"]][int(row["start"]):int(row["end"])]
            self.assertEqual(text, other_strand(place) if row["strand"] == "-" else place)
            self.assertEqual(line[:3] + [line[5]], [row["chrom"], row["start"], row["end"], row["strand"]])
        sites = [row for row in rows if row["labels"] == "1"]
        # Windows of 30 bases around the summits.
        self.assertEqual([int(row["start"]) for row in sites], [start + start % 47 - 15 for start in range(100, 800, 100)])
        self.assertEqual([row["strand"] for row in sites], ["-+"[start // 100 % 2 == 0] for start in range(100, 800, 100)])

    def test_windows_found_in_the_signal_are_written_with_their_reads(self):
        self.profiles()
        self.write("run.toml", PROFILE)
        self.succeeds("data", "export", "run.toml", "--split", "test", "--out", "o", "--quiet")
        self.assertEqual([row["start"] for row in self.rows("o/test.tsv")], [str(base - 20) for base in range(100, 800, 100)])
        shape, values = self.arrays("o/test.npz")["profile"]
        self.assertEqual(shape, (7, 2, 41))
        self.assertEqual(sum(values), 7 * 18)
        self.assertEqual({len(text) for _, text in self.fasta("o/test.fa")}, {61})  # with the context that the model reads

    def test_a_run_is_exported_as_its_recipe(self):
        self.letters()
        self.train(LETTERS)
        self.succeeds("data", "export", "run.toml", "--out", "a", "--quiet")
        self.succeeds("data", "export", "run", "--out", "b", "--quiet")
        for name in ("train.tsv", "train.fa", "test.tsv", "validation.fa"):
            self.assertEqual(self.text(f"a/{name}"), self.text(f"b/{name}"))

    def test_other_verbs_of_data_start_without_libtorch(self):
        names = self.libraries("data", "ls")
        self.assertEqual([name for name in names if "torch" in name], [])


class Rows(Out):
    def test_rows_that_cannot_be_predicted_keep_their_place(self):
        self.places()
        self.train(PEAKS)
        self.write("q.bed", "a\t100\t160\tin\n" "z\t5\t9\tunknown\n" "a\t880\t5000\tbeyond\n" "a\t2\t5\tedge\n" "c\t300\t360\tlast\n")
        told = self.predict("--genome", "genome.fa", "--bed", "q.bed")
        rows = self.rows("p.tsv")
        self.assertEqual([row["name"] for row in rows], ["in", "unknown", "beyond", "edge", "last"])
        self.assertEqual([row["labels"] == "nan" for row in rows], [False, True, True, True, False])
        self.assertEqual(sum("1 of 5" in note for note in told["notes"]), 3)
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--edges", "pad")
        self.assertEqual([row["labels"] == "nan" for row in self.rows("p.tsv")], [False, True, True, False, False])

    def test_bed_rows_are_centred_as_the_recipe_did(self):
        texts = self.places()
        self.train(PEAKS)

        def windows(point):
            for line in self.text("peaks.narrowPeak").splitlines():
                chrom, start, end, _, _, strand, *_, summit = line.split("\t")
                middle = int(start) + int(summit) if point == "summit" else (int(start) + int(end)) // 2
                place = texts[chrom][middle - 15:middle + 15]
                yield other_strand(place) if strand == "-" else place

        for point, more in (("summit", []), ("centre", ["--point", "centre"])):
            self.predict("--genome", "genome.fa", "--bed", "peaks.narrowPeak", *more)
            rows = self.rows("p.tsv")
            self.write("w.fa", "".join(f">{i}\n{text}\n" for i, text in enumerate(windows(point))))
            self.predict("--fasta", "w.fa")
            for row, expected in zip(rows, self.rows("p.tsv"), strict=True):
                self.assertAlmostEqual(float(row["labels"]), float(expected["labels"]), places=5)

    def test_columns_of_a_table_stay_beside_the_outputs(self):
        self.letters()
        self.train(LETTERS)
        rows = "".join(f"cell{i % 3}\t{text}\t{name}\t{i % 2}\n" for i, (name, text) in enumerate(self.fasta("all.fa")))
        self.write("t.tsv", "cell\tsequence\tname\tCTCF\n" + rows)
        self.predict("--table", "t.tsv")
        found = self.rows("p.tsv")
        self.assertEqual(list(found[0]), ["name", "cell", "observed.CTCF", "CTCF"])
        self.assertEqual([row["cell"] for row in found], [f"cell{i % 3}" for i in range(40)])

    def test_sums_that_overflow_are_refused_by_name(self):
        self.letters()
        self.train(LETTERS)
        for flag in ("--batch-size", "--window", "--tile"):
            for number in (2**62, 2**63 - 1):
                text = self.fails(2, "predict", "run", "--fasta", "all.fa", "--out", "p", flag, number)
                self.assertIn(f"{flag[2:].replace('-', '_')} is {number}", text)
        for path in ("train.loader.batch_size", "data.fasta.length.length"):
            self.assertIn(path, self.fails(2, "train", "run.toml", "--out", "other", "--set", f"{path}={2**62}"))
        self.assertIn("sequences", self.fails(2, "simulate", "--out", "s", "--sequences", 2**62))


class Measured(Out):
    def test_what_is_measured_on_other_data_says_so(self):
        self.letters()
        self.train(LETTERS)
        self.succeeds("evaluate", "run")
        self.assertNotIn("set", json.loads(self.text("run/metrics.json")))
        self.write("other.fa", self.text("all.fa"))
        told = self.succeeds("evaluate", "run", "--set", "data.fasta.file=other.fa")
        self.assertIn("in place of those of the run: data.fasta.file=other.fa", told.out)
        metrics = json.loads(self.text("run/metrics.json"))
        # A path of --set is meant from the current folder, and kept as a whole.
        self.assertEqual((metrics["set"], metrics["inputs"]), (["data.fasta.file=other.fa"], [str(self.folder / "other.fa")]))
        page = self.succeeds("report", "run", "--document", "d.json") and self.text("d.json")
        self.assertIn("Measured with data.fasta.file=other.fa in place of", page)
        self.assertIn(f"measured on other data than these: {self.folder / 'other.fa'}", page)
        self.succeeds("evaluate", "run", "--set", "strand.predict=conjoined")
        self.assertNotIn("inputs", json.loads(self.text("run/metrics.json")))

    def test_a_track_is_called_as_its_file_without_the_ending(self):
        self.places()
        self.bigwig("MNase.bw", {name: 900 for name in "abc"}, [(name, 0, 900, 2.0) for name in "abc"])
        data = PEAKS.split("[data.genome.sites]")[0] + 'per_base = true\n[data.genome.tracks]\nfiles = ["MNase.bw"]\nname = "signal"\n[data.split]'
        split = PEAKS.split("[data.split]")[1].split("[model]")[0]
        self.train(data + split + '[[loss]]\ntype = "mse"\noutput = "signal"\ntarget = "signal"\n[model]\nname = "dilated"\nfilters = 4\n'
                   "[train]\nepochs = 1\n[evaluate]\nintervals = false\n")
        self.predict("--genome", "genome.fa")
        self.assertTrue((self.folder / "p.MNase.bw").exists(), sorted(p.name for p in self.folder.iterdir()))


class Reads(Out):
    def test_expected_reads_are_probabilities_times_counts(self):
        self.profiles()
        self.train(PROFILE)
        self.write("q.bed", "c\t100\t101\nc\t300\t301\nc\t2\t5\n")
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--reads", "--formats", "tsv,npz")
        table, (shape, reads) = self.rows("p.tsv"), self.arrays("p.npz")["reads"]
        self.assertEqual(shape, (3, 2, 41))
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--output", "counts")
        counts = self.rows("p.tsv")
        for n in range(2):
            for s, strand in enumerate(("forward", "reverse")):
                expected = max(0.0, math.expm1(float(counts[n][strand])))
                self.assertAlmostEqual(float(table[n][strand]), expected, delta=1e-4 * (1 + expected))
                self.assertAlmostEqual(sum(reads[(2 * n + s) * 41:(2 * n + s + 1) * 41]), expected, delta=1e-3 * (1 + expected))
        self.assertEqual(table[2]["forward"], "nan")  # its window leaves the chromosome
        # Along the genome each base has what its window says, and no other base anything.
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--reads", "--formats", "bigwig")
        track = bigwig_values((self.folder / "p.forward.bw").read_bytes())
        self.assertEqual(sorted(base for _, base in track), [*range(80, 121), *range(280, 321)])
        for i in range(41):
            self.assertAlmostEqual(track[2, 80 + i], reads[i], places=5)

    def test_where_windows_overlap_bases_have_the_mean(self):
        self.profiles()
        self.train(PROFILE)
        self.write("q.bed", "c\t100\t101\nc\t110\t111\n")
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--reads", "--formats", "npz")
        reads = self.arrays("p.npz")["reads"][1]
        self.predict("--genome", "genome.fa", "--bed", "q.bed", "--reads", "--formats", "bigwig")
        track = bigwig_values((self.folder / "p.forward.bw").read_bytes())
        self.assertAlmostEqual(track[2, 85], reads[5], places=5)
        self.assertAlmostEqual(track[2, 100], (reads[20] + reads[82 + 10]) / 2, places=5)
        self.assertAlmostEqual(track[2, 125], reads[82 + 35], places=5)

    def test_a_whole_genome_is_covered_but_for_what_reads_beyond_it(self):
        self.profiles()
        self.train(PROFILE)
        self.predict("--genome", "genome.fa", "--reads")
        for strand in ("forward", "reverse"):
            track = bigwig_values((self.folder / f"p.{strand}.bw").read_bytes())
            self.assertEqual(sorted(track), [(chrom, base) for chrom in range(3) for base in range(10, 890)])
        self.predict("--genome", "genome.fa", "--reads", "--edges", "pad")
        self.assertEqual(len(bigwig_values((self.folder / "p.forward.bw").read_bytes())), 2700)

    def test_a_run_without_counts_has_no_reads(self):
        self.letters()
        self.train(LETTERS)
        self.assertIn("expected reads (reads) need a head with the multinomial loss",
                      self.fails(2, "predict", "run", "--fasta", "all.fa", "--out", "p", "--reads"))


if __name__ == "__main__":
    inputs.main()
