"""Windows: which are left out and why, where jitter may carry them, sets without negatives or reads, lengths that no data have."""

import json
import resource
import struct

import inputs
import places

WINDOW_MODEL = """format = 1
[inputs.sequence]
channels = 4
length = LENGTH
[[layers]]
type = "conv"
filters = 4
width = 5
[[layers]]
type = "activation"
kind = "relu"
[[layers]]
type = "pool"
kind = "max"
global = true
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 1
"""

WINDOWS = """seed = 1
model_file = "window.model.toml"
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  window = LENGTH
    [data.genome.sites]
    file = "peaks.bed"
SPLIT
[[loss]]
type = "binary_cross_entropy"
output = "logits"
target = "labels"
[train]
epochs = 1
  [train.loader]
  batch_size = 8
[evaluate]
metrics = ["auroc", "average_precision"]
"""

BY_CHROMOSOME = """  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
"""

BY_RANGES = """  [data.split]
  by = "ranges"
    [[data.split.validation_ranges]]
    chromosome = "chr1"
    start = 1000
    end = 1500
    [[data.split.test_ranges]]
    chromosome = "chr1"
    start = 2000
    end = 2500
"""

PROFILE_MODEL = """format = 1
[inputs.sequence]
channels = 4
length = 60
[[layers]]
type = "conv"
filters = 4
width = 11
padding = "valid"
[[heads]]
name = "profile"
strands = "paired"
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 11
  padding = "valid"
"""

LENGTHS = {"chr1": 3000, "chr2": 1200, "chr3": 1200}


def bed(places):
    return "".join(f"{name}\t{at}\t{at + 1}\n" for name, at in places)


def whole_numbers(path, *names):
    """Columns of a safetensors file: the tensors of these names, int64."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    columns = []
    for name in names:
        begin, end = header[name]["data_offsets"]
        columns.append(struct.unpack(f"<{(end - begin) // 8}q", content[8 + size + begin:8 + size + end]))
    return columns


class Places(inputs.Case):
    """Windows around sites."""

    def recipe(self, places, split, length=100):
        self.write("window.model.toml", WINDOW_MODEL.replace("LENGTH", str(length)))
        self.write("window.toml", WINDOWS.replace("LENGTH", str(length)).replace("SPLIT", split))
        self.write("peaks.bed", bed(places))

    def options(self, *options):
        return ("train", "window.toml", "--out", "run", "--overwrite", *(part for option in options for part in ("--set", option)))

    def trained_on(self, *more):
        """Chromosome and first base of every training window of an epoch: a step that is far too large writes its batch."""
        self.run_program(*self.options("data.negatives.kind=random", "train.optimizer.name=sgd", "train.optimizer.learning_rate=1e38",
                                       "train.loader.batch_size=1000", "train.epochs=9", "train.validate_every=100", *more))
        chromosomes, positions = whole_numbers(self.folder / "run/failed_batch.safetensors", "chromosome", "position")
        return list(zip(chromosomes, positions))

    def test_jitter_keeps_training_windows_out_of_the_other_sets(self):
        self.genome({"chr1": 3000})
        near = (*range(910, 951, 4), *range(1550, 1590, 4), *range(1910, 1951, 4), *range(2550, 2590, 4))
        self.recipe([("chr1", at) for at in near], BY_RANGES)
        windows = self.trained_on("data.augment.jitter=90")
        self.assertGreater(len(windows), 40)
        for _, start in windows:
            self.assertTrue(start + 100 <= 1000 or 1500 <= start <= 1900 or start >= 2500, start)
        self.assertTrue(any(start + 100 == 1000 for _, start in windows), "windows come up to the border")

    def test_jitter_on_a_circular_chromosome_keeps_out_over_the_origin(self):
        self.genome({"ring": 3000})
        split = BY_RANGES.replace("chr1", "ring").replace("start = 1000\n    end = 1500", "start = 0\n    end = 500")
        self.recipe([("ring", at) for at in (*range(2900, 2951, 4), *range(550, 600, 4))], split)
        for _, start in self.trained_on("data.augment.jitter=90", "data.genome.circular=true"):
            self.assertTrue(500 <= start <= 1900 or 2500 <= start <= 2900, start)

    def test_windows_of_nothing_but_n_are_told_before_training(self):
        lengths = {"chr1": 4000, "chr2": 2000, "chr3": 2000}
        texts = self.genome(lengths)
        texts["chr1"] = texts["chr1"][:1000] + 1000 * "N" + texts["chr1"][2000:]
        self.write("genome.fa", "".join(f">{of}\n{text}\n" for of, text in texts.items()))
        self.recipe([*(("chr1", at) for at in (300, 700, 1200, 1500, 1800, 2500, 3000)), ("chr2", 500), ("chr3", 500)], BY_CHROMOSOME)
        said = self.succeeds(*self.options("data.negatives.kind=random"), "--dry-run").err
        self.assertIn("train: 3 of 7 windows around sites hold nothing but N", said)
        self.assertEqual(said.count("nothing but N"), 1, said)

    def test_windows_that_leave_their_chromosome_are_counted_where_the_set_is_empty(self):
        self.genome({"chr1": 100, "chr2": 100, "chr3": 100})
        self.recipe([("chr1", 3), ("chr1", 95), ("chr2", 50)], BY_CHROMOSOME, 20)
        error = self.fails(2, *self.options())
        self.assertIn("the training set is empty; 2 windows were left out: they leave their chromosome", error)

    def test_windows_across_a_border_are_counted_where_the_set_is_empty(self):
        self.genome({"chr1": 3000})
        self.recipe([("chr1", 1000), ("chr1", 2490), ("chr1", 1200)], BY_RANGES)
        self.assertIn("2 windows were left out: they lie across a border between sets", self.fails(2, *self.options()))

    def test_sets_without_negatives_are_a_warning_before_training(self):
        self.genome(LENGTHS)
        # chr2 and chr3 are full of sites, chr1 is not.
        self.recipe([("chr1", 500), *((name, at) for name in ("chr2", "chr3") for at in range(50, 1150, 40))], BY_CHROMOSOME)
        outcome = self.succeeds(*self.options("data.negatives.kind=random"))
        for name in ("validation", "test"):
            self.assertRegex(outcome.err, f"{name}: no negatives .* auroc cannot be computed there")
        self.assertNotIn("train: no negatives", outcome.err)
        self.assertIn("met sites or windows drawn before", outcome.out + outcome.err)

    def test_lengths_and_numbers_that_no_data_have_are_refused_by_name(self):
        self.genome(LENGTHS)
        self.recipe([("chr1", 500), ("chr2", 500), ("chr3", 500)], BY_CHROMOSOME)
        far = 4611686018427387904
        for option in ("data.genome.window", "data.augment.jitter", "data.split.separation", "train.loader.batch_size",
                       "train.loader.prefetch"):
            error = self.fails(2, *self.options(f"{option}={far}"))
            self.assertIn(option.split(".")[-1], error)
        error = self.fails(2, *self.options("data.negatives.kind=random", "data.negatives.ratio=1000000007"))
        self.assertIn("ratio", error)
        self.assertIn("sequences", self.fails(2, "simulate", "--out", "x", "--sequences", str(far)))
        outcome = self.run_program(*self.options("train.loader.batch_size=1000000000", "train.loader.batches_per_epoch=1000000000"))
        self.assertEqual(outcome.code, 2, outcome.err)
        self.assertIn("batches_per_epoch = 1000000000", outcome.err)

    def test_memory_does_not_grow_with_the_batches_of_an_epoch(self):
        self.genome(LENGTHS)
        self.recipe([(name, at) for name in LENGTHS for at in range(100, 1100, 100)], BY_CHROMOSOME)
        self.succeeds(*self.options("data.negatives.kind=random", "train.loader.batches_per_epoch=20000000", "train.max_seconds=1"))
        # The order of such an epoch as a whole takes 2.5 GB and more.
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 1500000)


class Reads(inputs.Case):
    """Windows with counts of reads."""

    def setUp(self):
        super().setUp()
        self.genome(LENGTHS)
        self.write("profile.model.toml", PROFILE_MODEL)
        self.write("profile.toml", places.SHORT_PROFILE_RECIPE)

    def tracks(self, spans):
        self.bigwig("plus.bw", LENGTHS, spans)
        self.bigwig("minus.bw", LENGTHS, spans)

    def test_min_reads_that_leaves_nothing_says_so(self):
        self.tracks([(name, at, at + 4, 2.0) for name, length in LENGTHS.items() for at in range(10, length - 10, 40)])
        self.write("peaks.bed", bed((name, at) for name in LENGTHS for at in range(100, 1100, 100)))
        error = self.fails(2, "train", "profile.toml", "--out", "run", "--set", "data.profile.min_reads=100000")
        self.assertIn("30 windows were left out: they have fewer than 100000 reads", error)

    def test_every_reason_stands_in_the_error(self):
        self.tracks([("chr1", 500, 504, 2.0)])
        self.write("peaks.bed", bed([("chr1", 3), ("chr1", 2999), ("chr1", 300), ("chr2", 600)]))
        error = self.fails(2, "train", "profile.toml", "--out", "run", "--set", "data.profile.min_reads=1")
        self.assertIn("2 windows were left out: they leave their chromosome", error)
        self.assertIn("2 windows were left out: they have fewer than 1 reads", error)

    def test_windows_without_any_read_are_counted(self):
        self.tracks([("chr1", 500, 504, 2.0), ("chr3", 600, 603, 1.0)])
        self.write("peaks.bed", bed([("chr1", 300), ("chr1", 500), ("chr1", 900), ("chr2", 600), ("chr3", 600)]))
        outcome = self.succeeds("train", "profile.toml", "--out", "run", "--json")
        notes = outcome.json["notes"]
        self.assertTrue(any("train: 2 of 3 windows have no read at all" in note for note in notes), notes)
        self.assertTrue(any("validation: 1 of 1 windows have no read at all" in note for note in notes), notes)
        self.assertFalse(any(note.startswith("test:") for note in notes), notes)
        self.assertIn("validation: none of the 1 windows has a read", outcome.err)


if __name__ == "__main__":
    inputs.main()
