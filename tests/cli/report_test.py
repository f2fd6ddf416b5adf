"""basewise report, and the pages that train and evaluate write, as a user meets them. Called as cli_test.py is."""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ROOT, ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

TINY = ("--set", "data.simulation.sequences=300", "--set", "train.epochs=2", "--set", "evaluate.bootstrap.replicates=20")
PYTHON = ROOT / "build/py/bin/python"


def has_module(name):
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True).returncode == 0


class Report(ProgramTest):
    def train(self, name, *more):
        return self.succeeds("train", "demo", "--out", name, *TINY, *more)

    def document(self, page):
        text = pathlib.Path(page).read_text()
        mark = 'id="report">'
        start = text.index(mark) + len(mark)
        return json.loads(text[start:text.index("</script>", start)])

    def test_train_and_evaluate_end_with_where_the_page_is(self):
        self.assertEqual(self.train("run").out.splitlines()[-1], "report: run/report.html")
        first = self.document(self.folder / "run/report.html")
        self.assertIn("basewise evaluate run", json.dumps(first))
        evaluated = self.succeeds("evaluate", "run")
        self.assertEqual(evaluated.out.splitlines()[-1], "report: run/report.html")
        page = self.document(self.folder / "run/report.html")
        metrics = json.loads((self.folder / "run/metrics.json").read_text())
        cards = next(b for s in page["sections"] for b in s["blocks"] if b["type"] == "key_figures")["items"]
        self.assertEqual([c["value"] for c in cards], [m["value"] for m in metrics["pooled"]["metrics"].values()])
        self.assertEqual(self.succeeds("evaluate", "run", "--json", "--quiet").json["report"], "run/report.html")

    def test_the_page_can_be_left_out(self):
        self.assertNotIn("report", self.train("run", "--no-report").out)
        self.succeeds("evaluate", "run", "--no-report")
        self.succeeds("evaluate", "run", "--out", "elsewhere.json")
        self.assertFalse((self.folder / "run/report.html").exists())

    def test_a_page_that_cannot_be_written_loses_no_run(self):
        self.train("run", "--no-report")
        (self.folder / "run/report.html").mkdir()
        outcome = self.succeeds("evaluate", "run")
        self.assertIn("no page was written; the run itself is complete", outcome.err)
        self.assertTrue((self.folder / "run/metrics.json").is_file())

    def test_several_runs_are_compared(self):
        self.train("a")
        self.train("b", "--set", "seed=2", "--set", "name=<script>alert(1)</script>")
        for run in "ab":
            self.succeeds("evaluate", run)
        told = self.succeeds("report", "a", "b", "--title", "Two seeds", "--document", "both.json", "--json").json
        self.assertEqual(told["page"], "report.html")
        self.assertEqual(told["files"], ["both.json", "report.html"])
        document = json.loads((self.folder / "both.json").read_text())
        self.assertEqual(document, self.document(self.folder / "report.html"))
        self.assertEqual(document["title"], "Two seeds")
        self.assertEqual([run["id"] for run in document["runs"]], ["demo", "<script>alert(1)</script>"])
        self.assertNotIn("alert(1)<", (self.folder / "report.html").read_text())
        self.assertIn("report: c.html", self.succeeds("report", "a", "b", "--out", "c.html").out)
        if not has_module("jsonschema"):
            self.skipTest("no Python with jsonschema in build/py")
        checked = subprocess.run([PYTHON, ROOT / "tests/support/validate_json.py", ROOT / "basewise/report/report.schema.json", self.folder / "both.json"],
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_figures_become_files(self):
        self.train("run")
        self.succeeds("evaluate", "run", "--no-report")
        nowhere = self.fails(4, "report", "run", "--quiet", "--figures", "f", "--format", "svg,pdf", PATH="/nowhere")
        self.assertIn("python3 -m pip install vl-convert-python", nowhere)
        self.assertTrue((self.folder / "f/roc.vl.json").is_file())
        self.assertTrue((self.folder / "f/roc.curve.tsv").read_text().startswith("run\tseries\tfpr\ttpr\torder\n"))
        if not has_module("vl_convert"):
            self.skipTest("no Python with vl-convert-python in build/py")
        self.succeeds("report", "run", "--figures", "f", "--format", "svg,png,pdf", PATH=f"{PYTHON.parent}:/usr/bin:/bin")
        self.assertIn("<svg", (self.folder / "f/roc.svg").read_text())
        self.assertEqual((self.folder / "f/roc.png").read_bytes()[:4], b"\x89PNG")
        self.assertEqual((self.folder / "f/roc.pdf").read_bytes()[:4], b"%PDF")

    def test_errors_name_what_is_wrong(self):
        self.assertIn("nowhere is no run folder: it has no manifest.json", self.fails(4, "report", "nowhere"))
        self.assertIn("runs", self.fails(2, "report"))
        self.assertIn("format has an item that is \"gif\"; it must be one of svg, png, pdf", self.fails(2, "report", "nowhere", "--format", "gif"))
        self.assertIn("did you mean --figures?", self.fails(2, "report", "nowhere", "--figure", "x"))

    def test_it_starts_without_torch(self):
        self.train("run")
        for arguments in (["report", "--help"], ["report", "run"]):
            libraries = self.libraries(*arguments)
            self.assertEqual([name for name in libraries if "torch" in name or "c10" in name or "basewise" in name], [])


if __name__ == "__main__":
    gtest_xml.main()
