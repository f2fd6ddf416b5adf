"""basewise learn as a user meets it. Called as cli_test.py is."""

import json
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at : at + 2]

FOREST = ["--labels", "open", "--groups", "chrom", "--name", "site", "--ignore", "rate", "--trees", "20", "--replicates", "50"]


class Learn(ProgramTest):
    def setUp(self):
        """Whether a site is open follows from its first column."""
        super().setUp()
        draws = random.Random(11)
        rows = []
        for i in range(120):
            a, b = draws.gauss(0, 1), draws.gauss(0, 1)
            rows.append(f"s{i}\tchr{i % 6}\t{a:.4f}\t{b:.4f}\t{int(a + draws.gauss(0, 0.4) > 0)}\t{3 * b:.4f}\n")
        self.table("t.tsv", rows)

    def table(self, name, rows):
        (self.folder / name).write_text("site\tchrom\ta\tb\topen\trate\n" + "".join(rows))

    def lines(self, name):
        return (self.folder / name).read_text().splitlines()

    def test_a_forest_is_fitted_and_applied(self):
        found = self.succeeds("learn", "t.tsv", *FOREST, "--out", "forest", "--json").json
        self.assertEqual((found["rows"], found["features"], len(found["folds"])), (120, 2, 5))
        auroc = found["metrics"]["open"]["auroc"]
        self.assertTrue(0.85 < auroc["low"] < auroc["value"] < auroc["high"] <= 1, auroc)
        self.assertEqual([one["feature"] for one in found["importances"]], ["a", "b"])
        self.assertEqual(sorted(path.name for path in (self.folder / "forest").iterdir()),
                         ["importances.tsv", "metrics.json", "model.safetensors", "predictions.tsv"])
        self.assertEqual(self.lines("forest/predictions.tsv")[0].split("\t"), ["row", "group", "fold", "observed.open", "predicted.open"])
        self.assertEqual(len(self.lines("forest/predictions.tsv")), 121)

        (self.folder / "new.csv").write_text("b,a,more\n0,2,x\n0,-2,y\n")
        applied = self.succeeds("learn", "new.csv", "--apply", "forest/model.safetensors", "--out", "new", "--json").json
        self.assertIsNone(applied["metrics"])
        self.assertEqual([path.name for path in (self.folder / "new").iterdir()], ["predictions.tsv"])
        up, down = (float(line.split("\t")[1]) for line in self.lines("new/predictions.tsv")[1:])
        self.assertTrue(up > 0.9 and down < 0.1, (up, down))

    def test_logistic_regression_on_components(self):
        text = self.succeeds("learn", "t.tsv", "--labels", "open", "--features", "a,b,rate", "--method", "logistic", "--pca", "2", "--groups", "chrom",
                             "--folds", "0", "--name", "site", "--class-weights", "balanced", "--metrics", "auroc,accuracy", "--out", "l").out
        self.assertRegex(text, r"(?m)^LABEL +ROWS +auroc +accuracy$")
        self.assertRegex(text, r"(?m)^open +120 +0\.9\d+ \[0\.\d+, ")
        self.assertEqual([line.split("\t")[0] for line in self.lines("l/coefficients.tsv")], ["feature", "(intercept)", "PC1", "PC2"])
        self.assertEqual(self.lines("l/components.tsv")[0].split("\t"), ["component", "explained_variance_ratio", "a", "b", "rate"])
        folds = json.loads((self.folder / "l/metrics.json").read_text())["learn"]["folds"]
        self.assertEqual([fold["fold"] for fold in folds], [f"chr{i}" for i in range(6)])

    def test_threads_do_not_matter(self):
        for threads in ("1", "2"):
            self.succeeds("learn", "t.tsv", *FOREST, "--out", f"with_{threads}", "--threads", threads, "--quiet")
        for name in ("predictions.tsv", "metrics.json", "model.safetensors", "importances.tsv"):
            self.assertEqual(*((self.folder / f"with_{threads}" / name).read_bytes() for threads in ("1", "2")), name)

    def test_several_numbers(self):
        found = self.succeeds("learn", "t.tsv", "--labels", "rate,b", "--features", "a", "--trees", "9", "--replicates", "0", "--out", "n", "--json").json
        self.assertEqual(list(found["metrics"]), ["rate", "b"])
        self.assertEqual(list(found["metrics"]["rate"]), ["pearson", "spearman", "r2", "mse"])
        self.assertNotIn("low", found["metrics"]["rate"]["pearson"])

    def test_errors(self):
        self.assertIn("leave such columns out: --ignore site,chrom", self.fails(3, "learn", "t.tsv", "--labels", "open", "--out", "o"))
        self.assertIn("labels is missing", self.fails(2, "learn", "t.tsv", "--out", "o"))
        self.assertIn("l2 means nothing with method = \"forest\"", self.fails(2, "learn", "t.tsv", "--labels", "open", "--l2", "3", "--out", "o"))
        self.assertIn("mean nothing with it", self.fails(2, "learn", "t.tsv", "--apply", "t.tsv", "--trees", "3", "--out", "o"))
        self.assertIn("t.tsv", self.fails(3, "learn", "t.tsv", "--apply", "t.tsv", "--out", "o"))
        self.table("gaps.tsv", ["s1\tc1\t1\t\t0\t1\n", "s2\tc2\t2\t1\t1\t1\n"] * 3)
        self.assertIn("column b has no value in ", self.fails(2, "learn", "gaps.tsv", "--labels", "open", "--features", "a,b", "--method", "logistic",
                                                             "--folds", "2", "--out", "o", "--quiet"))
        self.assertFalse((self.folder / "o").exists())


if __name__ == "__main__":
    gtest_xml.main()
