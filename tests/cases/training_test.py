"""Losses as means over what was measured, intervals, and what a validation decides.

    tests/cases/training_test.py --program build/release/apps/basewise/basewise
"""

import json

import inputs
import small_runs


class MeansOverWhatWasMeasured(small_runs.Training):
    def sparse(self):
        """Labels of every eighth row alone, all of them at the end of the sets."""
        rows = [("train", "NA")] * 33 + [("train", i % 2) for i in range(5)]
        rows += [("validation", "NA")] * 19 + [("validation", 1), ("validation", 0), ("validation", 1)] + [("test", 1), ("test", 0)]
        self.table(rows)

    def test_validation_loss_does_not_depend_on_the_batches(self):
        self.sparse()
        self.recipe()
        losses = []
        for batch in (1, 4, 64):
            self.train("--set", f"evaluate.batches.batch_size={batch}")
            losses.append(self.log()["validation_loss"][0])
        self.assertLess(max(losses) - min(losses), 1e-6, losses)
        # Against the predictions: the mean over the three rows that have a label.
        self.succeeds("evaluate", "run", "--split", "validation", "--no-report", "--out", "m.json")
        measured = json.loads(self.text("m.json"))
        self.assertEqual(measured["pooled"]["examples"], 3)
        self.assertAlmostEqual(measured["pooled"]["metrics"]["log_loss"]["value"], losses[0], places=5)

    def test_train_loss_does_not_depend_on_the_batches(self):
        self.sparse()
        losses = []
        for batch in (1, 4, 19, 64):
            self.recipe(batch=batch)
            self.train("--set", "train.optimizer.learning_rate=1e-30")
            losses.append(self.log()["train_loss"][0])
        self.assertLess(max(losses) - min(losses), 1e-6, losses)
        self.assertGreater(min(losses), 0.3, "five labels are a few tenths from log 2 each")

    def test_several_labels_with_different_gaps_count_value_by_value(self):
        rows = [("train", i % 2, "NA" if i < 20 else i % 2) for i in range(24)]
        rows += [("validation", "NA" if i % 7 else 1, i % 2 if i > 8 else "NA") for i in range(15)] + [("test", 0, 1), ("test", 1, 0)]
        self.table(rows, ("bound", "open"))
        self.recipe(units=2)
        losses = []
        for batch in (2, 5, 15):
            self.train("--set", f"evaluate.batches.batch_size={batch}")
            losses.append(self.log()["validation_loss"][0])
        self.assertLess(max(losses) - min(losses), 1e-6, losses)

    def test_a_short_last_batch_counts_by_its_examples(self):
        self.table([("train", 0.0)] * 16 + [("train", 100.0)] + [("validation", 1.0), ("validation", 2.0), ("test", 1.0), ("test", 3.0)])
        self.recipe(loss="mse", batch=16, select='  [train.optimizer]\n  learning_rate = 1e-30')
        self.train("--set", "train.loader.shuffle=false")
        # 16 squares near 0 and one near 10,000: a mean of batches would be 5,000.
        self.assertAlmostEqual(self.log()["train_loss"][0], 10000 / 17, delta=30)


class Intervals(small_runs.Training):
    def metrics(self, *more):
        self.train()
        self.said = self.succeeds("evaluate", "run", "--no-report", "--out", "m.json", *more).out
        return json.loads(self.text("m.json"))["pooled"]["metrics"]

    def test_one_block_has_no_interval_and_says_why(self):
        self.windows({"chr1": range(100, 3900, 200), "chr2": range(100, 1900, 200), "chr3": range(100, 1900, 200)})
        for metric in self.metrics().values():
            self.assertNotIn("low", metric)
            self.assertIn("a single block or example cannot be drawn again", metric["interval_reason"])
        self.assertIn("note: no intervals: ", self.said)
        self.assertIn("blocks of 10000 bases (1)", self.said)
        several = self.metrics("--set", "evaluate.block=0")
        self.assertLess(several["auroc"]["low"], several["auroc"]["high"])
        self.assertNotIn("no intervals", self.said)

    def test_one_example_has_no_interval(self):
        self.table([("train", 1.5), ("train", 2.5)] + [("validation", 1.0)] * 2 + [("test", 3.0)])
        self.recipe(loss="mse")
        self.assertNotIn("low", self.metrics("--set", 'evaluate.metrics=["mse"]')["mse"])

    def test_numbers_are_not_positive(self):
        self.table([("train", i / 7) for i in range(20)] + [("validation", i / 3) for i in range(6)] + [("test", i / 3) for i in range(7)])
        self.recipe(loss="mse")
        self.metrics()
        self.assertIn("pooled: 7 values\n", self.said)
        self.assertNotIn("positive", self.said)
        self.assertIsNone(json.loads(self.text("m.json"))["pooled"]["positives"])


class Validation(small_runs.Training):
    def test_what_diverged_is_told_with_advice(self):
        self.table([("train", i / 7) for i in range(20)] + [("validation", i / 3) for i in range(6)] + [("test", 1.0), ("test", 2.0)])
        self.recipe(loss="mse", epochs=3, batch=64, select='  [train.optimizer]\n  name = "sgd"\n  learning_rate = 1e38')
        outcome = self.run_program("train", "run.toml", "--out", "run", "--quiet")
        self.assertEqual(outcome.code, 4, outcome.err)
        self.assertEqual(outcome.err.count("\n"), 1, outcome.err)
        for word in ("stopped: ", "train.optimizer.learning_rate", "train.clip.norm"):
            self.assertIn(word, outcome.err)

    def test_a_last_step_that_diverges_is_told_without_a_validation_set_too(self):
        self.table([("train", i) for i in range(20)] + [("test", 1.0), ("test", 2.0)])
        self.recipe(loss="mse", batch=64, select='  [train.optimizer]\n  name = "sgd"\n  learning_rate = 1e38')
        for more in (("--out", "run"), ("--dry-run",)):
            outcome = self.run_program("train", "run.toml", "--quiet", *more)
            self.assertEqual(outcome.code, 4, outcome.err)
            self.assertRegex(outcome.err, r"^basewise: error: training stopped: conv\.\w+ is not finite after the last step; .*train\.clip\.norm\n$")

    def test_an_undefined_metric_is_told_once_and_does_not_stop(self):
        self.table([("train", i % 2) for i in range(24)] + [("validation", 0)] * 8 + [("test", 0), ("test", 1)])
        self.recipe(epochs=5, select='  [train.select]\n  metric = "auroc"\n  patience = 2')
        outcome = self.train()
        self.assertIn("5 epochs", outcome.out)
        self.assertIn("(completed)", outcome.out)
        self.assertIn("no best epoch", outcome.out)
        self.assertEqual(outcome.err.count("auroc is not defined in validation (no positive examples)"), 1, outcome.err)
        self.assertIn("warning: validation set: labels bound has no positive examples", outcome.err)

    def test_without_a_validation_set_its_options_are_told_to_do_nothing(self):
        self.table(small_runs.labels(24, 0, 4))
        self.recipe(epochs=6, select="  [train.select]\n  patience = 2")
        outcome = self.train()
        self.assertIn("there is no validation set, so these options of [train] do nothing: select.patience, select.keep_best", outcome.err)
        self.assertIn("6 epochs", outcome.out)
        self.assertNotIn("last validation:\n", outcome.out)
        self.assertIn("no validation set: the weights are those at the end of training", outcome.out)

    def test_without_a_validation_set_and_without_options_of_it_nothing_is_warned_of(self):
        self.table(small_runs.labels(24, 0, 4))
        self.recipe()
        self.assertNotIn("warning", self.train().err)

    def test_the_plateau_schedule_needs_a_validation_set(self):
        self.table(small_runs.labels(24, 0, 4))
        self.recipe(select='  [train.schedule]\n  name = "plateau"')
        self.assertIn('do nothing: schedule.name = "plateau"', self.train().err)


class Numbers(small_runs.Training):
    def test_what_is_infinite_is_refused_by_name(self):
        self.table(small_runs.labels(8, 4, 4))
        self.recipe()
        for option, told in (("train.optimizer.learning_rate=inf", "learning_rate is inf; it must be > 0 and finite"),
                             ("train.optimizer.weight_decay=inf", "weight_decay is inf; it must be >= 0 and finite"),
                             ("loss.0.weight=inf", "weight is inf; it must be >= 0 and finite"),
                             ("train.clip.norm=inf", "norm is inf; it must be >= 0 and finite"),
                             ("train.optimizer.learning_rate=nan", "learning_rate is nan; it must be > 0")):
            self.assertIn(f"--set {option}: {told}", self.fails(2, "train", "run.toml", "--out", "run", "--set", option))
        self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    inputs.main()
