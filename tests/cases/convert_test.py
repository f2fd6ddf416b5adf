"""`basewise convert` makes models of the files of other programs, which open, predict and train like any other.

    tests/cases/convert_test.py --program PROGRAM [--gtest_output=xml:FILE]
"""

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

    def test_the_model_trains(self):
        self.write("params.txt", TABLE)
        self.succeeds("convert", "params.txt", "--out", "m", "--targets", "3", "--length", "200")
        self.write("run.toml", "model_file = \"m/model.toml\"\n[data.simulation]\nsequences = 60\n[train]\nepochs = 1\n")
        self.succeeds("train", "run.toml", "--out", "run")

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
