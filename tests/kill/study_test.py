"""basewise study killed in the process that starts runs and in those that do them; the next call ends in what an undisturbed one gives."""

import json
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import sweep  # noqa: E402
from tasks import RUN, STUDY  # noqa: E402


class Study(sweep.Sweep):
    def setUp(self):
        super().setUp()
        self.prepared = self.folder / "prepared"
        self.prepared.mkdir()
        (self.prepared / "one.study.toml").write_text(STUDY)

    def call(self, words, folder, do=None, at=0, **environment):
        """A child of a killed process ends by itself; the next call is not to meet it."""
        outcome = super().call(words, folder, do, at, **environment)
        if outcome[0].code == -9:
            self.wait_for_children(folder)
        return outcome

    def wait_for_children(self, folder):
        mark = f"KILL_SHIM_UNDER={folder}".encode()
        for _ in range(600):
            if not any(mark in self.environment_of(process) for process in pathlib.Path("/proc").glob("[0-9]*")):
                return
            time.sleep(0.05)
        self.fail("a child of the killed process does not end")

    @staticmethod
    def environment_of(process):
        try:
            return (process / "environ").read_bytes()
        except OSError:
            return b""

    def test_killed_anywhere_the_next_call_ends_it(self):
        inside = []

        def may(_, path):
            """What the study itself writes; of the run's own folder, which train_test.py sweeps, every fifth call."""
            inside.append("/runs/" in path)
            return not inside[-1] or sum(inside) % 5 == 0

        self.sweep(RUN, prepared=self.prepared, sample=1, lasting=5, may=may)

    def test_a_damaged_run_folder_is_repaired_or_done_again(self):
        expected, _ = self.undisturbed(RUN, self.prepared)
        whole = self.folder / "whole"
        shutil.copytree(self.folder / "work", whole)
        run = next((whole / "one/runs").iterdir()).name
        damages = [
            lambda folder: (folder / "config.toml").unlink(),
            lambda folder: [(folder / name).unlink() for name in ("model.toml", "model.json", "data.json")],
            lambda folder: (folder / "weights.safetensors").unlink(),
            lambda folder: (folder / "manifest.json").unlink(),
            lambda folder: (folder / "manifest.json").write_text("{\"format\": "),
        ]
        for i, damage in enumerate(damages):
            folder = self.place("damaged", whole)
            damage(folder / "one/runs" / run)
            (folder / "one/results.tsv").unlink()  # so that it is measured again
            notes = folder / f"one/work/{run}.json"
            notes.write_text(json.dumps(json.loads(notes.read_text()) | {"rows": []}))
            outcome, _ = self.call(RUN, folder)
            self.assertEqual(outcome.code, 0, f"damage {i}: {outcome.err}")
            self.assert_same(sweep.snapshot(folder), expected, f"damage {i}")

    def test_weights_of_another_configuration_never_count_for_this_one(self):
        """Killed between the notes of a new configuration and the folder of the old one."""
        changed = self.folder / "changed"
        shutil.copytree(self.prepared, changed)
        (changed / "one.study.toml").write_text(STUDY.replace("sequences=300", "sequences=320"))
        expected, _ = self.undisturbed(RUN, changed)
        self.place("first", self.prepared)
        self.assertEqual(self.call(RUN, self.folder / "work")[0].code, 0)
        (self.folder / "work/one.study.toml").write_text((changed / "one.study.toml").read_text())
        old = self.folder / "old"
        shutil.copytree(self.folder / "work", old)
        _, calls = self.undisturbed(RUN, old)
        first = [i for i, (kind, _) in enumerate(calls, 1) if kind in ("rename", "unlink")][:10]
        for number in sweep.spread(first, 4):
            where = f"killed at call {number}, {' '.join(calls[number - 1])}"
            folder = self.place("killed", old)
            self.call(RUN, folder, "kill", number)
            outcome, _ = self.call(RUN, folder)
            self.assertEqual(outcome.code, 0, f"{where}: {outcome.err}")
            self.assert_same(sweep.snapshot(folder), expected, where)


if __name__ == "__main__":
    sweep.main()
