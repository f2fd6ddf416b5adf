"""Runs of a fraction of a second for cases that begin with a trained one: a table of labelled sequences, a track along a genome."""

import random

from inputs import Case, letters

LAYERS = """format = 1
[inputs.sequence]
channels = 4
{length}[[layers]]
name = "stem"
type = "conv"
filters = 3
width = 5
{pool}[[heads]]
name = "logits"
  [[heads.layers]]
{last}
"""

TABLE_MODEL = LAYERS.format(length="length = 40\n", pool='[[layers]]\nname = "pool"\ntype = "pool"\nglobal = true\n',
                            last='  type = "dense"\n  units = 1')
TRACK_MODEL = LAYERS.format(length="", pool="", last='  type = "conv"\n  filters = 1\n  width = 1')

TRAINING = """[train]
epochs = 1
  [train.loader]
  batch_size = 16
  workers = 0
[evaluate.bootstrap]
replicates = 10
"""

TABLE = """seed = 1
model_file = "table.model.toml"
[data]
kind = "table"
  [data.table]
  file = "table.tsv"
  [data.split]
  by = "fraction"
  validation_fraction = 0.2
  test_fraction = 0.2
""" + TRAINING

TRACK = """seed = 1
model_file = "track.model.toml"
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  per_base = true
  window = 200
    [data.genome.tracks]
    files = ["plus.bw"]
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "mse"
output = "logits"
target = "profile"
""" + TRAINING

SIZES = {"chr1": 2000, "chr2": 800, "chr3": 600}


class Trained(Case):
    """Writes small inputs and trains on them."""

    def write_table(self, label=b"bound"):
        draw = random.Random(self.seed)
        self.write("table.tsv", b"sequence\t" + label + b"\n" + "".join(f"{letters(draw, 40)}\t{i % 2}\n" for i in range(80)).encode())
        self.write("table.model.toml", TABLE_MODEL)
        self.write("table.toml", TABLE)

    def train_table(self, out="run", *more):
        self.write_table()
        return self.succeeds(*self.training("table.toml", out, *more))

    def train_track(self, out="run", *more):
        self.genome(SIZES)
        self.bigwig("plus.bw", SIZES, [(of, 0, size, 1.0) for of, size in SIZES.items()])
        self.write("track.model.toml", TRACK_MODEL)
        self.write("track.toml", TRACK)
        return self.succeeds(*self.training("track.toml", out, *more))

    @staticmethod
    def training(recipe, out, *more):
        return ("train", recipe, "--out", out, "--no-report", "--quiet", "--threads", 1, *more)
