"""Ctrl-C and SIGTERM: every verb ends with 130, leaves nothing half-written, and the next call does the work."""

import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import sweep  # noqa: E402
from tasks import RUN, STUDY, TINY, TRAIN  # noqa: E402

QUIET = ["--threads", "1", "--quiet"]


class Signals(sweep.Sweep):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("test_simulate")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        folder = maker.place("trained")
        for words in (TRAIN, ["simulate", "--sequences", "30", "--out", "new", "--quiet"]):
            outcome, _ = maker.call(words, folder)
            assert outcome.code == 0, outcome.err
        (folder / "one.study.toml").write_text(STUDY)
        cls.trained = maker.folder / "prepared"
        shutil.copytree(folder, cls.trained)

    def test_simulate(self):
        self.interrupt(["simulate", "--sequences", "40", "--out", "s", "--quiet"], sample=8)

    def test_report(self):
        self.interrupt(["report", "run", "--document", "d.json", "--figures", "figures", "--quiet"], prepared=self.trained, sample=8)

    def test_evaluate(self):
        self.interrupt(["evaluate", "run", *QUIET], prepared=self.trained, sample=3)

    def test_predict(self):
        self.interrupt(["predict", "run", "--fasta", "new/sequences.fa", "--out", "p", *QUIET], prepared=self.trained, sample=3)

    def test_new(self):
        words = ["new", "--fasta", "new/sequences.fa", "--out", "r.toml", "--quiet"]
        self.interrupt(words, [*words, "--overwrite"], prepared=self.trained, sample=8)

    def test_data_export(self):
        self.interrupt(["data", "export", "run", "--out", "e", *QUIET], prepared=self.trained, sample=3)

    def test_train(self):
        self.interrupt(TRAIN, [*TRAIN, "--resume"], sample=4)

    def test_study(self):
        self.interrupt(RUN, prepared=self.trained, sample=3)

    def test_a_second_signal_ends_a_training_at_once(self):
        folder = self.place("twice")
        words = ["train", "demo", "--out", "run", *TINY, "--set", "train.epochs=100000"]
        process = self.start(words, folder)
        self.wait_for(lambda: (folder / "run/log.tsv").exists())
        for _ in range(2):
            process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assert_nothing_half_written(folder, "twice")

    def start(self, words, folder):
        return subprocess.Popen([self.program, *map(str, words)], cwd=folder,
                                env=self.environment(BASEWISE_CACHE=str(folder / "cache"), BASEWISE_PROGRESS="never"),
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_for(self, there):
        deadline = time.monotonic() + 60
        while not there():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def test_at_random_instants(self):
        """The instants are drawn from a seed; where in the work they fall depends on the machine."""
        draw = random.Random(7)
        verbs = [
            ["simulate", "--sequences", "4000", "--out", "s", "--quiet"],
            ["report", "run", "--figures", "figures", "--quiet"],
            ["evaluate", "run", *QUIET],
            ["predict", "run", "--fasta", "new/sequences.fa", "--out", "p", *QUIET],
            ["data", "export", "run", "--out", "e", *QUIET],
            ["train", "demo", "--out", "new_run", *TINY],
            RUN,
        ]
        for words in verbs:
            folder = self.place("whole", self.trained)
            began = time.monotonic()
            self.assertEqual(self.start(words, folder).wait(120), 0)
            takes = time.monotonic() - began
            for _ in range(3 if sweep.ALL else 1):
                folder = self.place("random", self.trained)
                before = sweep.snapshot(folder)
                process = self.start(words, folder)
                time.sleep(draw.random() * takes)
                process.send_signal(draw.choice((signal.SIGINT, signal.SIGTERM)))
                _, err = process.communicate(timeout=60)
                where = f"{' '.join(words[:2])}: {process.returncode}, {err}"
                # Before the first line of the program ran; behind the last one a signal does nothing.
                if process.returncode < 0:
                    self.assertEqual(sweep.snapshot(folder), before, where)
                else:
                    self.assertIn(process.returncode, (130, 0), where)
                self.assert_nothing_half_written(folder, where)


if __name__ == "__main__":
    sweep.main()
