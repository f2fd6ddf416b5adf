"""Weights that are not finite: an error that names the parameter, before anything is predicted."""

import json
import struct

import inputs

RECIPE = """
[data]
kind = "fasta"
check_duplicates = false
[data.fasta]
file = "all.fa"
all_positive = true
[data.negatives]
kind = "shuffled"
[data.split]
by = "fraction"
validation_fraction = 0.2
test_fraction = 0.4
[model]
format = 1
[model.inputs.sequence]
channels = 4
length = 30
[[model.layers]]
name = "conv"
type = "conv"
filters = 4
width = 5
[[model.layers]]
name = "norm"
type = "batch_norm"
[[model.layers]]
name = "relu"
type = "activation"
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


class Weights(inputs.Case):
    def setUp(self):
        super().setUp()
        self.genome({f"seq{i}": 30 for i in range(40)}, "all.fa")
        self.write("run.toml", RECIPE)
        self.succeeds("train", "run.toml", "--out", "run", "--threads", 1, "--quiet")

    def spoil(self, name, value):
        """Puts a value into the second place of a tensor."""
        path = self.folder / "run/weights.safetensors"
        data = bytearray(path.read_bytes())
        size = struct.unpack("<Q", data[:8])[0]
        start = json.loads(data[8:8 + size])[name]["data_offsets"][0]
        data[8 + size + start + 4:8 + size + start + 8] = struct.pack("<f", value)
        path.write_bytes(bytes(data))

    def test_nan_weights_are_an_error_that_names_them(self):
        self.spoil("conv.weight", float("nan"))
        for arguments in (("predict", "run", "--fasta", "all.fa", "--out", "p"), ("predict", "run", "--split", "test", "--out", "p"),
                          ("predict", "run", "--fasta", "all.fa", "--out", "p", "--kernels", "torch"), ("evaluate", "run")):
            self.assertIn("conv.weight is not finite: 1 of its 80 values", self.fails(4, *arguments))
        self.assertEqual(list(self.folder.glob("p*")), [])

    def test_infinite_weights_are_an_error_that_names_them(self):
        self.spoil("conv.bias", float("-inf"))
        self.assertIn("conv.bias is not finite: 1 of its 4 values", self.fails(4, "predict", "run", "--fasta", "all.fa", "--out", "p"))

    def test_running_means_of_a_norm_count_too(self):
        self.spoil("norm.running_var", float("inf"))
        self.assertIn("norm.running_var is not finite", self.fails(4, "evaluate", "run"))

    def test_a_run_does_not_start_with_them(self):
        self.spoil("conv.weight", float("nan"))
        for source, told in (("run/weights.safetensors", "conv.weight is not finite"), ("run", "its SHA-256 is not that in manifest.json")):
            self.write("next.toml", RECIPE + f'[[init]]\nfrom = "{source}"\n')
            self.assertIn(told, self.fails(4, "train", "next.toml", "--out", "next", "--threads", 1))


if __name__ == "__main__":
    inputs.main()
