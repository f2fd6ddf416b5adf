"""Recipes and inputs that the cases about names and sites share: a genome with peaks, windows around them, a tiny model."""

LENGTHS = {"chr1": 6200, "chr2": 4200, "chr3": 3200}
COUNTS = {"chr1": 29, "chr2": 19, "chr3": 14}

WINDOW_MODEL = """format = 1
[inputs.sequence]
channels = 4
length = 100
[[layers]]
type = "conv"
filters = 4
width = 9
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

WINDOW_RECIPE = """seed = 1
model_file = "win.model.toml"
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  window = 100
    [data.genome.sites]
    file = "peaks.bed"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
  [data.negatives]
  kind = "random"
[[loss]]
type = "binary_cross_entropy"
output = "logits"
target = "labels"
[train]
epochs = 1
  [train.loader]
  batch_size = 16
"""

PROFILE_MODEL = """format = 1
[inputs.sequence]
channels = 4
length = 140
[[layers]]
type = "conv"
filters = 4
width = 21
padding = "valid"
[[layers]]
type = "activation"
kind = "relu"
[[heads]]
name = "profile"
strands = "paired"
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 21
  padding = "valid"
"""

PROFILE_RECIPE = """seed = 1
model_file = "profile.model.toml"
[data]
kind = "profile"
  [data.genome]
  fasta = "genome.fa"
    [data.genome.sites]
    file = "peaks.bed"
  [data.profile]
  input = 140
  output = 100
    [data.profile.target]
    plus = "plus.bw"
    minus = "minus.bw"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "multinomial"
output = "profile"
target = "profile"
reduction = "sum"
factorials = true
[train]
epochs = 1
  [train.loader]
  batch_size = 16
"""

# Windows of 60 bases with counts at the middle 40.
SHORT_PROFILE_RECIPE = """seed = 1
model_file = "profile.model.toml"
[data]
kind = "profile"
  [data.genome]
  fasta = "genome.fa"
    [data.genome.sites]
    file = "peaks.bed"
  [data.profile]
  input = 60
  output = 40
    [data.profile.target]
    plus = "plus.bw"
    minus = "minus.bw"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "multinomial"
output = "profile"
target = "profile"
reduction = "sum"
[train]
epochs = 1
  [train.loader]
  batch_size = 8
"""

# A model of one filter for tracks: every base is scored, whatever the length.
TRACK_MODEL = """format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 2
width = 5
[[heads]]
name = "logits"
strands = "paired"
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 1
"""

TRACK_RECIPE = """seed = 1
model_file = "track.model.toml"
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  per_base = true
  window = 200
    [data.genome.sites]
    file = "peaks.bed"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "binary_cross_entropy"
output = "logits"
target = "labels"
[train]
epochs = 1
  [train.loader]
  batch_size = 16
"""


def peaks(width=40, counts=None):
    """(chromosome, start, end) every 200 bases; the centres are 150, 350, ..."""
    return [(of, 150 + 200 * i - width // 2, 150 + 200 * i + width - width // 2) for of, n in (counts or COUNTS).items() for i in range(n)]


def bed(rows):
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)
