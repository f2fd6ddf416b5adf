"""Small recipes for cases of training: a table of sequences, or windows of a genome, and a network of a few filters."""

import random

import inputs

LENGTH = 40

MODEL = """
[model]
format = 1
inputs.sequence = {{channels = 4, length = {length}}}
  [[model.layers]]
  type = "conv"
  filters = 4
  width = 9
  [[model.layers]]
  type = "activation"
  kind = "relu"
  [[model.layers]]
  type = "pool"
  kind = "max"
  global = true
{more}
  [[model.heads]]
  name = "logits"
    [[model.heads.layers]]
    type = "dense"
    units = {units}
"""

BATCH_NORM = """
  [[model.layers]]
  type = "batch_norm"
"""

TABLE = """seed = 1
[data]
kind = "table"
  [data.table]
  file = "table.tsv"
  set = "set"
  [data.split]
  by = "column"
  column = "set"
[[loss]]
type = "{loss}"
output = "logits"
target = "labels"
[train]
epochs = {epochs}
  [train.loader]
  batch_size = {batch}
  workers = 0
{select}
"""

WINDOWS = """seed = 1
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  window = 40
    [data.genome.sites]
    file = "peaks.bed"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
  [data.negatives]
  kind = "random"
[train]
epochs = 1
  [train.loader]
  batch_size = {batch}
  workers = 0
[evaluate]
metrics = ["auroc", "average_precision"]
"""


class Training(inputs.Case):
    def table(self, rows, labels=("bound",)):
        """Rows (set, value, ...) with random letters."""
        draw = random.Random(self.seed)
        lines = ["\t".join(["name", "sequence", "set", *labels])]
        lines += ["\t".join([f"row{i}", inputs.letters(draw, LENGTH), *map(str, row)]) for i, row in enumerate(rows)]
        self.write("table.tsv", "\n".join(lines) + "\n")

    def recipe(self, loss="binary_cross_entropy", epochs=1, batch=16, select="", units=1, more=""):
        text = TABLE.format(loss=loss, epochs=epochs, batch=batch, select=select)
        self.write("run.toml", text + MODEL.format(length=LENGTH, units=units, more=more))

    def windows(self, sites, batch=16, more="", lengths=None):
        """Sites {chromosome: [start, ...]} of one base."""
        self.genome(lengths or {"chr1": 4000, "chr2": 2000, "chr3": 2000})
        self.write("peaks.bed", "".join(f"{of}\t{start}\t{start + 1}\n" for of, starts in sites.items() for start in starts))
        self.write("run.toml", WINDOWS.format(batch=batch) + MODEL.format(length=40, units=1, more=more))

    def train(self, *more):
        return self.succeeds("train", "run.toml", "--out", "run", "--overwrite", "--no-report", *more)

    def log(self):
        """Columns of log.tsv."""
        head, *rows = (line.split("\t") for line in self.text("run/log.tsv").splitlines())
        return {name: [float(row[i]) for row in rows] for i, name in enumerate(head)}


def labels(train, validation, test):
    """Rows of three sets, each so many with the labels 0 and 1 in turn."""
    return [(of, i % 2) for of, n in (("train", train), ("validation", validation), ("test", test)) for i in range(n)]
