"""basewise train killed at each call that changes a file; the next call (--resume) ends in what an undisturbed one gives."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import sweep  # noqa: E402
from tasks import TRAIN  # noqa: E402


class Train(sweep.Sweep):
    def test_killed_anywhere_and_resumed_it_ends_as_if_nothing_had_been(self):
        words = [*TRAIN, "--set", "train.checkpoint.every_steps=2"]
        self.sweep(words, [*words, "--resume"], sample=3, lasting=9)

    def test_killed_while_it_replaces_a_run_the_same_call_works(self):
        folder = self.place("first")
        outcome, _ = self.call([*TRAIN, "--set", "seed=5", "--set", "train.checkpoint.every_steps=2"], folder)
        self.assertEqual(outcome.code, 0, outcome.err)
        prepared = self.folder / "prepared"
        shutil.copytree(folder, prepared)
        seen = set()

        def cleaning(kind, path):
            """The first things that go away or are put in place, each once."""
            name = pathlib.Path(path).name
            new = kind in ("rename", "unlink") and name not in seen
            seen.add(name)
            return new and len(seen) < 12

        self.sweep([*TRAIN, "--overwrite"], prepared=prepared, sample=0, lasting=4, may=cleaning)

    def test_evaluate_and_resume_agree_about_a_run_that_was_being_replaced(self):
        folder = self.place("agree")
        self.call(TRAIN, folder)
        _, calls = self.call([*TRAIN, "--overwrite"], folder, "kill", 0)
        first = next(i for i, (kind, path) in enumerate(calls, 1) if kind == "unlink" and path.endswith("weights.safetensors"))
        outcome, _ = self.call([*TRAIN, "--overwrite"], folder, "kill", first + 1)
        self.assertEqual(outcome.code, -9)
        told, _ = self.call(["evaluate", "run"], folder)
        self.assertEqual(told.code, 4)
        self.assertIn("is not finished; continue it with `basewise train --out run --resume`", told.err)
        again, _ = self.call([*TRAIN, "--resume"], folder)
        self.assertEqual(again.code, 0, again.err)
        self.assertEqual(self.call(["evaluate", "run"], folder)[0].code, 0)

    def test_on_a_full_disk_there_is_one_line_of_error_and_the_next_call_works(self):
        self.fill(TRAIN, [*TRAIN, "--resume"], sample=2, lasting=3)

    def test_a_run_without_any_description_is_completed(self):
        """As an earlier version left it: the manifest alone, or a finished run that cannot be opened."""
        folder = self.place("lost")
        self.call(TRAIN, folder)
        expected = sweep.snapshot(folder)
        for lost in (["config.toml"], ["model.toml"], ["model.json", "data.json", "config.toml", "model.toml", "schema.json"]):
            for name in lost:
                (folder / "run" / name).unlink()
            again, _ = self.call([*TRAIN, "--resume"], folder)
            self.assertEqual(again.code, 0, again.err)
            self.assert_same(sweep.snapshot(folder), expected, lost)


if __name__ == "__main__":
    sweep.main()
