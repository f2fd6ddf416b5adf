"""`basewise convert` makes models of the files of other programs, which open, predict and train like any other.

    tests/cases/convert_test.py --program PROGRAM [--gtest_output=xml:FILE]
"""

import json
import os
import pathlib
import unittest

import inputs
from program import ROOT

DATA = pathlib.Path(os.environ.get("BASEWISE_DATA") or ROOT.parent / "shared/data")
TABLE = """conv_filters 8
conv_filters 6
conv_filter_sizes 9
conv_filter_sizes 5
pool_width 3
pool_width 4
hidden_units 10
hidden_dropouts 0.3
weight_norm 7
"""


class Convert(inputs.Case):
    def test_parameters_become_a_model_and_a_recipe(self):
        self.write("params.txt", TABLE)
        result = self.succeeds("convert", "params.txt", "--out", "m", "--targets", "3", "--length", "200", "--json").json
        self.assertEqual(result["kind"], "Basset parameters")
        self.assertEqual(result["files"], ["m/model.toml", "m/recipe.toml"])
        shown = self.succeeds("inspect", "m/model.toml").out
        self.assertIn("conv_1", shown)
        self.assertIn("name = \"rmsprop\"", self.text("m/recipe.toml"))
        # What it learns from must be said first, and the recipe reads whole.
        self.assertIn("the option 'fasta' is missing", self.fails(2, "train", "m/recipe.toml", "--out", "run"))
        self.assertIn("model.toml is there", self.fails(2, "convert", "params.txt", "--out", "m"))
        self.succeeds("convert", "params.txt", "--out", "m", "--overwrite")

    def test_a_folder_without_weights_is_no_run(self):
        self.write("params.txt", TABLE)
        self.succeeds("convert", "params.txt", "--out", "m", "--targets", "3", "--length", "200")
        text = self.fails(2, "inspect", "m")
        self.assertIn("give a file in it: the model m/model.toml (for basewise inspect) or the recipe m/recipe.toml", text)

    def test_a_run_is_never_overwritten(self):
        self.write("params.txt", TABLE)
        self.write("run/manifest.json", "{}")
        self.write("run/model.toml", "mine")
        text = self.fails(2, "convert", "params.txt", "--out", "run", "--overwrite", "--targets", "3", "--length", "200")
        self.assertIn("run holds a run, whose manifest.json would stay beside another model", text)
        self.assertEqual(self.text("run/model.toml"), "mine")

    def test_the_model_trains(self):
        self.write("params.txt", TABLE)
        self.succeeds("convert", "params.txt", "--out", "m", "--targets", "3", "--length", "200")
        self.write("run.toml", "model_file = \"m/model.toml\"\n[data.simulation]\nsequences = 60\n[train]\nepochs = 1\n")
        self.succeeds("train", "run.toml", "--out", "run")

    def test_a_recipe_of_json_trains_as_its_file_says(self):
        block = {"name": "conv_block", "filters": 6, "kernel_size": 5, "pool_size": 8}
        trunk = [block, {"name": "conv_tower", "filters_init": 6, "filters_mult": 1.5, "kernel_size": 3, "pool_size": 2, "repeat": 2},
                 {"name": "dilated_residual", "filters": 4, "rate_mult": 2, "repeat": 2}, {"name": "Cropping1D", "cropping": 2}]
        cycle = {"initial_learning_rate": 0.001, "maximal_learning_rate": 0.01, "final_learning_rate": 0.0001, "train_epochs_cycle1": 2}
        rules = ({"optimizer": "sgd", "clip_norm": 2, "patience": 8}, {"optimizer": "adamw", "weight_decay": 0.01, "agc_clip": 0.1} | cycle,
                 {"optimizer": "adam", "global_clipnorm": 0.5, "warmup_steps": 3, "train_epochs_min": 2})
        losses = ({"loss": "poisson_mn", "total_weight": 0.2, "weight_range": 2}, {"loss": "poisson_kl"}, {"loss": "mse_udot"}, {"loss": "poisson"})
        sizes = {"a": 8000, "b": 8000, "c": 8000}
        self.genome(sizes, "g.fa")
        self.bigwig("t.bw", sizes, [(name, at, at + 16, float(at % 7)) for name in sizes for at in range(0, 8000, 16)])
        files = ("--set", "data.genome.fasta=g.fa", "--set", 'data.genome.tracks.files=["t.bw", "t.bw"]',
                 "--set", 'data.split.validation_chromosomes=["b"]', "--set", 'data.split.test_chromosomes=["c"]')
        for number in range(4):
            train = {"batch_size": 3, "train_epochs_max": 5} | rules[number % 3] | losses[number]
            model = {"seq_length": 1024, "augment_rc": True, "augment_shift": 2, "activation": "relu", "norm_type": "batch", "trunk": trunk,
                     "head": {"name": "final", "units": 2, "activation": "softplus"}}
            self.write("p.json", json.dumps({"train": train, "model": model}))
            self.succeeds("convert", "p.json", "--out", "m", "--overwrite")
            self.succeeds("train", "m/recipe.toml", "--dry-run", *files)

    def test_mistakes(self):
        self.write("params.txt", TABLE.replace("hidden_units", "hiden_units"))
        self.assertIn("'hiden_units' (line 7), did you mean 'hidden_units'?", self.fails(3, "convert", "params.txt", "--out", "m"))
        self.assertIn("No such file", self.fails(3, "convert", "nothing.h5", "--out", "m"))
        self.assertIn("out is required", self.fails(2, "convert", "params.txt"))
        self.assertFalse((self.folder / "m").exists())

    def test_dilated_layers_follow_one_key(self):
        model = ROOT / "recipes/basenji/models/basenji_2018.model.toml"
        for layers, reach in ((0, 3), (3, 31), (6, 255)):  # bins: 1 + 2 (1 + 2 + 4 + ...)
            rows = self.succeeds("inspect", model, "--length", "131072", "--set", f"model.dilated.repeat={layers}", "--json").json["layers"]
            wide = next(row for row in rows if row["name"] == "wide")
            tower = next(row for row in rows if row["name"] == "tower.2")
            self.assertEqual(wide["receptive_field"] - tower["receptive_field"], 128 * (reach - 1), wide)
        self.assertIn("only options of its layers", self.fails(2, "inspect", model, "--set", "seed=3"))

    def test_a_keras_model_predicts_what_it_predicted(self):
        folder = DATA / "pretrained_small/mmsplice"
        if not folder.exists():
            self.skipTest(f"{folder} is missing")
        for name, table in (("Donor.h5", "donor_expected.tsv"), ("Acceptor.h5", "acceptor_expected.tsv")):
            rows = [line.split("\t") for line in (folder / table).read_text().splitlines() if not line.startswith("#")]
            self.write("s.fa", "".join(f">s{i}\n{row[1]}\n" for i, row in enumerate(rows)))
            self.succeeds("convert", folder / name, "--out", name)
            self.succeeds("predict", name, "--fasta", "s.fa", "--activation", "sigmoid", "--out", f"{name}.predictions")
            found = self.table_of(f"{name}.predictions")
            self.assertEqual(len(found), len(rows))
            for value, row in zip(found, rows):
                self.assertAlmostEqual(value, float(row[2]), delta=1e-5)

    def table_of(self, stem):
        """Values of the only output, in the order of the sequences."""
        path = next(self.folder.glob(f"{stem}*.tsv"))
        head, *rows = [line.split("\t") for line in path.read_text().splitlines()]
        return [float(row[-1]) for row in rows]


if __name__ == "__main__":
    inputs.main()
