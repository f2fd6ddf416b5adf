"""A model with recurrent layers as a user meets it: trained, evaluated, predicted with. Called as cli_test.py is."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

MODEL = """
format = 1
[inputs.sequence]
channels = 4
length = 100
[[layers]]
type = "conv"
filters = 8
width = 9
[[layers]]
type = "activation"
kind = "relu"
[[layers]]
type = "pool"
width = 4
[[layers]]
name = "both"
type = "gru"
units = 6
bidirectional = true
[[layers]]
name = "end"
type = "lstm"
units = 5
output = "final"
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 3
"""
TINY = ["--set", "data.simulation.sequences=300", "--set", "data.simulation.length=100", "--set", "train.epochs=2", "--no-report", "--quiet"]


class Recurrent(ProgramTest):
    def test_train_evaluate_predict(self):
        (self.folder / "net.model.toml").write_text(MODEL)
        self.succeeds("train", "demo", "--out", "run", "--set", "model_file=net.model.toml", *TINY)
        rows = self.succeeds("inspect", "run", "--json").json
        # 8 (4 9 + 1); 2 x 3 x 6 (8 + 6 + 2); 4 x 5 (12 + 5 + 1); 3 (5 + 1)
        self.assertEqual(rows["parameters"], 296 + 576 + 360 + 18)
        self.succeeds("simulate", "--out", "new", "--sequences", "7", "--length", "100", "--quiet")
        predicted = {}
        for name, more in {"plan": [], "torch": ["--kernels", "torch"], "one": ["--threads", "1"], "portable": []}.items():
            isa = {"BASEWISE_ISA": name} if name == "portable" else {}
            told = self.succeeds("predict", "run", "--fasta", "new/sequences.fa", "--out", name, *more, "--json", "--quiet", **isa).json
            lines = (self.folder / told["files"][0]).read_text().splitlines()
            predicted[name] = [[float(v) for v in line.split("\t")[1:]] for line in lines[1:]]
        self.assertEqual(len(predicted["plan"]), 7)
        self.assertEqual(predicted["plan"], predicted["one"])
        for other in ("torch", "portable"):
            for ours, theirs in zip(predicted["plan"], predicted[other]):
                for a, b in zip(ours, theirs):
                    self.assertAlmostEqual(a, b, places=4, msg=other)

    def test_threads_do_not_change_what_is_learned(self):
        (self.folder / "net.model.toml").write_text(MODEL)
        for threads in (1, 2):
            self.succeeds("train", "demo", "--out", f"run{threads}", "--threads", threads, "--set", "model_file=net.model.toml", *TINY)
        weights = [(self.folder / f"run{threads}" / "weights.safetensors").read_bytes() for threads in (1, 2)]
        self.assertEqual(weights[0], weights[1])


if __name__ == "__main__":
    gtest_xml.main()
