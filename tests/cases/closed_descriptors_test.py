"""Programs that are started with standard input, output or error closed, as by some services, do the same work."""

import os

import inputs
from trained import Trained


class ClosedDescriptors(Trained):
    def predicts(self, out, *closed):
        def close():
            for number in closed:
                os.close(number)

        outcome = self.run_program("predict", "run", "--genome", "genome.fa", "--out", out, "--formats", "bigwig,npz", "--threads", 1,
                                   before=close, BASEWISE_PROGRESS="plain")
        self.assertEqual(outcome.code, 0, (closed, outcome.err))
        return {path.name[len(out):]: path.read_bytes() for path in self.folder.glob(out + ".*")}

    def test_what_is_written_is_the_same_whatever_is_closed(self):
        self.train_track()
        whole = self.predicts("whole")
        self.assertEqual(len(whole), 2, whole.keys())
        for closed in ((2,), (1, 2), (0, 1, 2), (0,), (1,)):
            self.assertEqual(self.predicts("p" + "".join(map(str, closed)), *closed), whole, closed)

    def test_verbs_without_libtorch_end_as_ever(self):
        for closed in ((2,), (1, 2), (0, 1, 2)):
            def close(closed=closed):
                for number in closed:
                    os.close(number)

            done = self.run_program("simulate", "--out", "s", "--sequences", 20, "--length", 60, before=close)
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual(sorted(path.name for path in (self.folder / "s").iterdir()), ["planted.tsv", "sequences.fa", "sequences.tsv"])
            self.assertTrue((self.folder / "s/sequences.fa").read_text().startswith(">"))

    def test_an_error_that_nobody_reads_keeps_its_code(self):
        def close():
            os.close(2)

        self.assertEqual(self.run_program("simulate", "no.toml", "--out", "s", before=close).code, 3)
        self.assertEqual(self.run_program("train", "no.toml", "--out", "s", before=close).code, 2)

    def test_an_error_on_a_full_device_keeps_its_code(self):
        def full():
            os.dup2(os.open("/dev/full", os.O_WRONLY), 2)

        self.assertEqual(self.run_program("simulate", "no.toml", "--out", "s", before=full).code, 3)


if __name__ == "__main__":
    inputs.main()
