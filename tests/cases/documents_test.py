"""Pages say what the program does: recipes that they show train, model files that they show can be inspected, metrics that they name exist.

    tests/cases/documents_test.py --program PROGRAM [--gtest_output=xml:FILE]
"""

import re
import sys
import tomllib
import unittest

import inputs

sys.path.insert(0, str(inputs.HERE.parent / "structure"))

from examples import blocks_of_page  # noqa: E402
from program import ROOT  # noqa: E402

SIZES = {"chr1": 9000, "chr2": 4000, "chr3": 4000}


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(name, section=""):
    """TOML of a page, from the heading `section` to the next one of its level."""
    text = page(name)
    if section:
        text = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return ["\n".join(lines) + "\n" for _, language, _, lines in blocks_of_page(text) if language == "toml"]


class Files(inputs.Case):
    """The files that minimal recipes name."""

    def make_files(self):
        texts = self.genome(SIZES)
        sites = [(of, at) for of, length in SIZES.items() for at in range(400, length - 400, 1300)]  # room for negatives between them
        self.write("peaks.bed", "".join(f"{of}\t{at}\t{at + 40}\n" for of, at in sites))
        steps = [(of, at, at + 50, float(1 + at // 50 % 7)) for of, length in SIZES.items() for at in range(0, length - 50, 50)]
        for name in ("signal.bw", "plus.bw", "minus.bw"):
            self.bigwig(name, SIZES, steps)
        pieces = [texts["chr1"][at:at + 60] for at in range(0, 8000, 80)]
        self.write("positives.fa", "".join(f">p{i}\n{piece}\n" for i, piece in enumerate(pieces[:50])))
        self.write("negatives.fa", "".join(f">n{i}\n{piece}\n" for i, piece in enumerate(pieces[50:])))
        self.write("measured.csv", "sequence,activity\n" + "".join(f"{piece},{piece.count('G') / 10}\n" for piece in pieces))

    def train(self, text, name, *more):
        self.write(name + ".toml", text)
        return self.succeeds("train", name + ".toml", "--out", name, "--set", "train.epochs=1", "--set", "train.loader.batch_size=8", *more)


class MinimalRecipes(Files):
    def test_the_recipe_of_each_kind_trains(self):
        self.make_files()
        recipes = blocks("data.md", "A recipe of each kind")
        kinds = [tomllib.loads(text)["data"]["kind"] for text in recipes]
        self.assertEqual(sorted(kinds), ["fasta", "genome", "genome", "profile", "simulation", "table"])
        for number, (kind, text) in enumerate(zip(kinds, recipes)):
            with self.subTest(kind=kind, number=number):
                self.train(text, f"run{number}")
                self.assertTrue((self.folder / f"run{number}/model.toml").exists())


class Models(Files):
    def test_blocks_of_the_page_are_toml_and_model_files_can_be_inspected(self):
        files = [text for text in blocks("models.md") if "[inputs" in text]
        self.assertGreaterEqual(len(files), 1)
        for number, text in enumerate(files):
            self.write(f"m{number}.toml", text)
            self.succeeds("inspect", f"m{number}.toml")
        for text in blocks("models.md"):
            tomllib.loads(text)

    def test_models_by_name_can_be_inspected(self):
        names = re.findall(r"^\| `(\w+)` \| (?:once|at every)", page("models.md"), re.MULTILINE)
        self.assertEqual(sorted(names), ["basset", "bpnet", "cnn", "dilated"])
        for name in names:
            self.assertIn("logits" if name in ("cnn", "basset") else "conv", self.succeeds("inspect", name).out)

    def test_sizes_and_losses_of_the_page_train(self):
        self.make_files()
        named = next(text for text in blocks("models.md") if 'type = "mse"' in text)
        fasta = 'data.kind = "table"\ndata.table.file = "measured.csv"\ndata.table.labels = ["activity"]\n'
        self.train(fasta + named, "numbers", "--set", "model.filters=8")
        self.assertIn('name = "activity"', self.text("numbers/model.toml"))
        self.assertIn("filters = 8", self.text("numbers/model.toml"))

    def test_paths_of_layers_that_the_page_names_can_be_set(self):
        self.make_files()
        demo = ("train", "demo", "--set", "data.simulation.sequences=40", "--set", "train.epochs=1")
        self.succeeds(*demo, "--out", "a", "--set", "model.motifs.filters=5", "--set", "model.layers.3.width=3", "--set", "model.logits.bias_initial=-3")
        model = tomllib.loads(self.text("a/model.toml"))
        self.assertEqual(model["layers"][0]["filters"], 5)
        self.assertEqual(model["layers"][3]["width"], 3)
        self.assertEqual(model["heads"][0]["bias_initial"], -3)
        told = self.fails(2, *demo, "--out", "b", "--set", "model.motif.filters=5")
        self.assertIn("no layer 'motif'; did you mean 'motifs'?", told)
        self.assertIn("pairs", told)
        self.assertIn("is trained, and its model stays", self.fails(2, "evaluate", "a", "--set", "model.motifs.filters=9"))

    def test_a_study_varies_an_option_of_a_layer(self):
        self.write("s/study.toml", 'recipe = "demo"\nset = ["data.simulation.sequences=40", "train.epochs=1"]\nover = "seed"\n'
                   '[[axes]]\nname = "filters"\nkey = "model.motifs.filters"\nnumbers = [3, 5]\n[[axes]]\nname = "seed"\nkey = "seed"\nnumbers = [1]\n')
        self.succeeds("study", "run", "s", "--jobs", "2")
        rows = self.text("s/results.tsv").splitlines()
        head = rows[0].split("\t")
        hashes = {row.split("\t")[head.index("hash")] for row in rows[1:]}
        self.assertEqual(len(hashes), 2)
        widths = {row.split("\t")[head.index("filters")]: int(row.split("\t")[head.index("parameters")]) for row in rows[1:]}
        self.assertLess(widths["3"], widths["5"])


class Metrics(Files):
    def names_of_the_page(self):
        return re.findall(r"^\| `(\w+)(?::\w)?` \((?:up|down)\)", page("metrics.md"), re.MULTILINE)

    def test_the_page_names_every_metric_and_no_other(self):
        told = self.fails(2, "train", "demo", "--out", "x", "--set", "evaluate.metrics=zzzzzzzz")
        known = told.split("metrics are ", 1)[1].split(", ")
        self.assertEqual(sorted(self.names_of_the_page()), sorted(known))

    def test_the_page_says_which_way_is_better(self):
        # Losses and errors fall, agreement rises.
        for name, way in re.findall(r"^\| `(\w+)(?::\w)?` \((up|down)\)", page("metrics.md"), re.MULTILINE):
            falls = any(word in name for word in ("loss", "brier", "calibration", "mse", "mae", "jsd", "nll", "cross_entropy"))
            self.assertEqual(way, "down" if falls else "up", name)


class Readme(unittest.TestCase):
    def test_pages_that_it_links_to_are_there(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        links = re.findall(r"\]\(([\w./]+)\)", text)
        for needed in ("options", "cli", "training", "study", "models", "data", "metrics"):
            self.assertIn(f"docs/{needed}.md", links)
        self.assertEqual([link for link in links if not (ROOT / link).exists()], [])


class ReadmeVerbs(inputs.Case):
    def test_verbs_that_it_shows_are_verbs(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        code = "\n".join("\n".join(lines) for *_, lines in blocks_of_page(text))
        shown = set(re.findall(r"^basewise (\w+)", code, re.MULTILINE))
        known = set(re.findall(r"^  (\w+) ", self.succeeds("--help").out.split("Verbs:", 1)[1].split("Each verb", 1)[0], re.MULTILINE))
        self.assertLessEqual(shown, known)
        self.assertIn("new", shown)


if __name__ == "__main__":
    inputs.main()
