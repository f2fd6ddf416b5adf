"""What is said before training costs time: numbers of the sets, targets against losses, batches that are too small, a dry run.

    tests/cases/before_training_test.py --program build/release/apps/basewise/basewise
"""

import json

import inputs
import small_runs


class Targets(small_runs.Training):
    def refused(self):
        told = self.fails(3, "train", "run.toml", "--out", "run")
        self.assertFalse((self.folder / "run").exists(), "nothing is written")
        return told

    def test_binary_cross_entropy_refuses_what_is_not_between_0_and_1(self):
        rows = small_runs.labels(20, 6, 4)
        rows[3] = ("train", 100005)
        self.table(rows)
        self.recipe()
        told = self.refused()
        self.assertIn("train set, example 4 ('row3'): labels 'bound' is 100005, but binary_cross_entropy(logits) needs a number from 0 to 1", told)

    def test_labels_of_minus_one_and_one_are_refused(self):
        self.table([(of, 2 * label - 1) for of, label in small_runs.labels(20, 6, 4)])
        self.recipe()
        self.assertIn("labels 'bound' is -1, but", self.refused())

    def test_a_wrong_target_of_the_test_set_is_found_before_training(self):
        rows = small_runs.labels(20, 6, 4)
        rows[-1] = ("test", 17)
        self.table(rows)
        self.recipe()
        self.assertIn("test set, example 4 ('row29'): labels 'bound' is 17", self.refused())

    def test_the_column_of_several_is_named(self):
        self.table([(of, label, label, 7 if i == 9 else label) for i, (of, label) in enumerate(small_runs.labels(20, 6, 4))], ("a", "b", "c"))
        self.recipe(units=3)
        self.assertIn("example 10 ('row9'): labels 'c' is 7", self.refused())

    def test_counts_are_not_negative(self):
        rows = [(of, i % 5) for i, (of, _) in enumerate(small_runs.labels(20, 6, 4))]
        rows[7] = ("train", -2)
        self.table(rows)
        self.recipe(loss="poisson")
        self.assertIn("labels 'bound' is -2, but poisson(logits) needs a count, 0 or more", self.refused())

    def test_classes_with_a_missing_value_are_left_out_and_wrong_shares_refused(self):
        rows = [[of, *(int(i % 3 == c) for c in range(3))] for i, (of, _) in enumerate(small_runs.labels(20, 6, 4))]
        rows[4][2] = "NA"
        self.table(rows, ("a", "b", "c"))
        self.recipe(loss="cross_entropy", units=3)
        self.train()
        rows[7][3] = 5
        self.table(rows, ("a", "b", "c"))
        told = self.fails(3, "train", "run.toml", "--out", "other")
        self.assertIn("example 8 ('row7'): labels 'c' is 5, but cross_entropy(logits) needs the share of a class, 0 to 1", told)

    def test_shares_between_0_and_1_and_missing_labels_are_fine(self):
        self.table([(of, "NA" if i % 4 == 0 else 0.25 * (i % 5)) for i, (of, _) in enumerate(small_runs.labels(20, 6, 4))])
        self.recipe()
        self.train()


class OneClass(small_runs.Training):
    def test_a_set_without_negatives_is_told(self):
        # Sites so close to each other that no background window fits between them.
        dense = {of: range(50, end, 20) for of, end in (("chr2", 1990), ("chr3", 1990))}
        self.windows({"chr1": range(100, 3900, 200), **dense})
        told = self.train().err
        for of in ("validation", "test"):
            self.assertRegex(told, rf"warning: {of} set: labels has no negative examples; auroc")
        self.assertNotIn("warning: train set", told)

    def test_a_training_set_of_positives_alone_is_told(self):
        self.table([("train", 1)] * 20 + small_runs.labels(0, 6, 4))
        self.recipe()
        self.assertIn("warning: train set: labels bound has no negative examples; the model cannot learn to tell them apart", self.train().err)

    def test_many_labels_of_one_class_are_a_short_list(self):
        names = tuple(f"l{i}" for i in range(9))
        self.table([(of, *[0] * 9) for of, _ in small_runs.labels(20, 6, 4)], names)
        self.recipe(units=9)
        self.assertIn("warning: train set: labels l0, labels l1, labels l2 and 6 more have no positive examples", self.train().err)

    def test_a_constant_number_is_told(self):
        self.table([(of, 3.5) for of, _ in small_runs.labels(20, 6, 4)])
        self.recipe(loss="mse")
        self.assertIn("warning: train set: labels bound has the same value everywhere", self.train().err)

    def test_a_label_that_is_measured_nowhere_in_a_set_is_told(self):
        self.table([(of, "NA" if of == "validation" else label) for of, label in small_runs.labels(20, 6, 4)])
        self.recipe()
        self.assertIn("warning: validation set: labels bound has no measured value", self.train().err)


class Heads(small_runs.Training):
    def test_a_head_without_a_loss_is_told(self):
        self.table(small_runs.labels(20, 6, 4))
        self.recipe()
        self.write("run.toml", self.text("run.toml") + '  [[model.heads]]\n  name = "extra"\n    [[model.heads.layers]]\n    type = "dense"\n    units = 2\n')
        self.assertIn('warning: extra has no loss and will not learn anything of its own; add a [[loss]] with output = "extra"', self.train().err)


BINS = """seed = 1
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  per_base = true
  window = 256
  context = 32
    [data.genome.tracks]
    files = ["a.bw"]
    bin = 8
    name = "signal"
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "mse"
output = "signal"
target = "signal"
[train]
epochs = 1
  [train.loader]
  workers = 0
[evaluate]
metrics = ["pearson"]
[model]
format = 1
inputs.sequence = {{channels = 4}}
  [[model.layers]]
  type = "conv"
  filters = 2
  width = {width}
  padding = "{padding}"
  [[model.layers]]
  type = "pool"
  kind = "mean"
  width = {pool}
  [[model.heads]]
  name = "signal"
    [[model.heads.layers]]
    type = "conv"
    filters = 1
    width = 1
"""


class Positions(small_runs.Training):
    """Windows of 256 bases in 32 values of 8, with 32 bases more on each side: a head that gives another number than 32 is told what to do."""

    def setUp(self):
        super().setUp()
        lengths = {"chr1": 3000, "chr2": 1200, "chr3": 1200}
        self.genome(lengths)
        self.bigwig("a.bw", lengths, [(of, at, at + 50, at / 100) for of in lengths for at in range(0, 1150, 100)])

    def bins(self, width, padding, pool=8):
        self.write("run.toml", BINS.format(width=width, padding=padding, pool=pool))

    def refused(self, *words):
        told = self.fails(2, "train", "run.toml", "--out", "run")
        for word in words:
            self.assertIn(word, told)
        self.assertFalse((self.folder / "run").exists())

    def test_context_that_nothing_cuts_off_is_told(self):
        self.bins(9, "same")
        self.refused("output 'signal' has 40 values along the sequence, its target 'signal' has 32 of 8 bases",
                     "the sequence has 320 bases, 32 beyond the target on each side", 'type = "crop", left = 4 and right = 4')
        self.write("run.toml", self.text("run.toml") + '    [[model.heads.layers]]\n    type = "crop"\n    left = 4\n    right = 4\n')
        self.train()

    def test_layers_that_need_more_context_are_told(self):
        self.bins(97, "valid")  # 320 - 96 = 224 bases, 28 values
        self.refused("has 28 values along the sequence, its target 'signal' has 32", "layers without padding need 16 more there: raise it to 48")
        self.train("--set", "data.genome.context=48")

    def test_layers_that_do_not_shorten_the_sequence_are_told(self):
        self.bins(65, "valid", pool=1)  # 256 values of one base
        self.refused("has 256 values along the sequence", "let the layers shorten it 8 times")


class Channels(small_runs.Training):
    def test_a_head_with_more_outputs_than_labels_is_told_the_labels(self):
        self.table([(of, 100005 + i, label) for i, (of, label) in enumerate(small_runs.labels(20, 6, 4))], ("start", "bound"))
        self.recipe(units=2)
        told = self.fails(2, "train", "run.toml", "--out", "run")
        self.assertIn("output 'logits' has 2 channels, its target 'labels' has 1 (bound); let the last layer of the head give 1", told)
        # Places are labels only for who asks for them, and then they are looked at.
        told = self.fails(3, "train", "run.toml", "--out", "run", "--set", 'data.table.labels=["start", "bound"]')
        self.assertIn("example 1 ('row0'): labels 'start' is 100005, but binary_cross_entropy(logits) needs a number from 0 to 1", told)


class LastBatch(small_runs.Training):
    def test_a_last_batch_of_one_under_batch_norm_is_told_before_training(self):
        self.table(small_runs.labels(58, 6, 4))
        self.recipe(batch=19, more=small_runs.BATCH_NORM)
        told = self.fails(2, "train", "run.toml", "--out", "run")
        self.assertIn("the last batch of an epoch has 1 example (58 = 3 x 19 + 1)", told)
        for word in ("batch_norm", "train.loader.drop_last = true", "another train.loader.batch_size"):
            self.assertIn(word, told)
        self.assertFalse((self.folder / "run").exists())
        self.train("--set", "train.loader.drop_last=true")
        self.train("--set", "train.loader.batch_size=20")

    def test_one_example_under_batch_norm_is_told(self):
        self.table(small_runs.labels(1, 4, 4))
        self.recipe(more=small_runs.BATCH_NORM)
        told = self.fails(2, "train", "run.toml", "--out", "run")
        self.assertIn("the training set has 1 example", told)
        self.assertIn("it needs more of them", told)

    def test_batches_of_one_under_batch_norm_are_told(self):
        self.table(small_runs.labels(8, 4, 4))
        self.recipe(batch=1, more=small_runs.BATCH_NORM)
        self.assertIn("batches have 1 example", self.fails(2, "train", "run.toml", "--out", "run"))

    def test_both_strands_of_one_example_are_two(self):
        self.table(small_runs.labels(9, 4, 4))
        self.recipe(batch=4, more=small_runs.BATCH_NORM)
        self.train("--set", "strand.train=augmented")

    def test_without_batch_norm_a_last_batch_of_one_is_fine(self):
        self.table(small_runs.labels(9, 4, 4))
        self.recipe(batch=4)
        self.train()


class NumbersOfTheSets(small_runs.Training):
    def test_numbers_and_notes_stand_before_the_first_epoch(self):
        rows = small_runs.labels(20, 6, 4)
        rows[0] = ("train", "NA")
        self.table(rows)
        self.recipe(batch=8)
        lines = self.train().err.splitlines()
        at = next(i for i, line in enumerate(lines) if line.split()[:3] == ["set", "examples", "batches"])
        self.assertEqual(lines[at + 1].split(maxsplit=3), ["train", "20", "3", "labels bound: 10 positive, 9 negative, 1 missing"])
        self.assertEqual(lines[at + 2].split(maxsplit=3), ["validation", "6", "1", "labels bound: 3 positive, 3 negative"])
        self.assertEqual(lines[at + 3].split(maxsplit=3), ["test", "4", "1", "labels bound: 2 positive, 2 negative"])
        self.assertLess(at, next(i for i, line in enumerate(lines) if line.startswith("epoch 1/")))
        sets = json.loads(self.text("run/data.json"))["sets"]
        self.assertEqual([(s["examples"], s["batches"]) for s in sets], [(20, 3), (6, 1), (4, 1)])

    def test_a_label_that_is_called_as_its_target_is_named_once(self):
        self.table(small_runs.labels(20, 6, 4), ("labels",))
        self.recipe()
        self.assertRegex(self.train().err, r"train +20 +2 +labels: 10 positive, 10 negative")

    def test_quiet_and_json_say_none_of_it(self):
        self.table(small_runs.labels(20, 6, 4))
        self.recipe()
        outcome = self.train("--quiet", "--json")
        self.assertEqual(outcome.err, "")
        self.assertEqual(outcome.json["status"], "finished")

    def test_numbers_of_a_regression_are_its_range(self):
        self.table([(of, float(i)) for i, (of, _) in enumerate(small_runs.labels(5, 3, 2))])
        self.recipe(loss="mse")
        self.assertIn("labels bound: mean 2, 0 to 4", self.train().err)


class DryRun(small_runs.Training):
    def test_a_dry_run_takes_a_step_and_writes_nothing(self):
        self.table(small_runs.labels(20, 6, 4))
        self.recipe()
        before = sorted(self.folder.iterdir())
        outcome = self.succeeds("train", "run.toml", "--dry-run")
        self.assertIn("a step on every set is fine: ", outcome.out)
        self.assertRegex(outcome.err, r"train +20 +2 +labels bound: 10 positive, 10 negative")
        self.assertEqual([p for p in sorted(self.folder.iterdir()) if p.name != "cache"], before)
        self.assertNotIn("note: ", outcome.out)
        told = self.succeeds("train", "run.toml", "--dry-run", "--json", "--quiet").json
        self.assertEqual(told["status"], "dry_run")
        self.assertEqual([s["examples"] for s in told["sets"]], [20, 6, 4])
        self.assertAlmostEqual(told["loss"], 0.7, delta=0.4)
        self.train()
        self.assertAlmostEqual(self.log()["train_loss"][0], told["loss"], delta=0.3)

    def test_each_problem_is_an_error_as_in_training(self):
        rows = small_runs.labels(20, 6, 4)
        self.table([*rows[:-1], ("test", 17)])
        self.recipe()
        self.assertEqual(self.fails(3, "train", "run.toml", "--dry-run"), self.fails(3, "train", "run.toml", "--out", "run"))
        self.table(rows)
        self.recipe(units=2)
        self.assertEqual(self.fails(2, "train", "run.toml", "--dry-run"), self.fails(2, "train", "run.toml", "--out", "run"))
        self.assertFalse((self.folder / "run").exists())

    def test_a_value_of_select_that_is_not_measured_is_found(self):
        self.table(small_runs.labels(20, 6, 4))
        self.recipe(select='  [train.select]\n  metric = "pearson"\n[evaluate]\nmetrics = ["auroc"]')
        self.succeeds("train", "run.toml", "--dry-run")  # what is watched is measured
        self.recipe(select='  [train.select]\n  metric = "nowhere.auroc"')
        outcome = self.run_program("train", "run.toml", "--dry-run", "--quiet")
        self.assertEqual(outcome.code, 2, outcome.err)
        self.assertIn("the evaluation has no value 'nowhere.auroc'", outcome.err)


if __name__ == "__main__":
    inputs.main()
