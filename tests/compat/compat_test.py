"""Run folders of earlier releases still work: they are shown, measured, applied, put on a page, and gone on with.

    tests/compat/compat_test.py --program build/release/apps/basewise/basewise [--gtest_output=xml:FILE] [unittest arguments]

Each folder <version>/ beside this script was made by make.py with that release: values, per_base, profile (finished runs) and unfinished.
"""

import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support"), str(HERE.parent / "cli"), str(HERE.parent / "pins")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
import inputs  # noqa: E402
import pins  # noqa: E402
import runs  # noqa: E402
from program import ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

RELEASES = sorted(folder.name for folder in HERE.iterdir() if folder.is_dir() and folder.name[0].isdigit())
FINISHED = ("values", "per_base", "profile")


def corrected(value):
    """Metrics as release 0.1.0 wrote them without two things that said nothing: an interval of a single block, whose ends are its value, and
    "positives" among numbers that are not 0 and 1."""
    if isinstance(value, list):
        return [corrected(item) for item in value]
    if not isinstance(value, dict):
        return value
    gone = set()
    if "low" in value and value["low"] == value["high"]:
        gone |= {"low", "high", "standard_error", "replicates"}
    if value.get("kind") == "profile":
        value = without_positives(value)
    return {key: corrected(item) for key, item in value.items() if key not in gone}


def without_positives(value):
    if isinstance(value, list):
        return [without_positives(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without_positives(item) for key, item in value.items() if key not in ("positives", "prevalence")}


class Release(ProgramTest):
    """Works on a copy of what a release left behind, beside the inputs that its runs read."""

    version = RELEASES[0]

    def setUp(self):
        super().setUp()
        inputs.write(self.folder)
        for run in (*FINISHED, "unfinished"):
            shutil.copytree(HERE / self.version / run, self.folder / run)

    def environment(self, **more):
        return super().environment(**runs.STEADY, **more)

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def kept(self, name):
        return json.loads((HERE / self.version / name).read_text())

    def assert_like(self, before, now):
        """Every value that was there is there, and no number moved by more than another processor moves it."""
        self.assertEqual(pins.value_differences("", runs.flat(before), runs.flat(now), pins.TOLERANCE), [])

    def test_they_are_shown(self):
        for run in FINISHED:
            told = self.succeeds("inspect", run, "--json").json
            self.assertEqual(told["parameters"], self.kept(f"{run}/manifest.json")["parameters"], run)

    def test_they_are_measured_as_before(self):
        for run in FINISHED:
            before = self.kept(f"{run}/metrics.json")
            (self.folder / run / "metrics.json").unlink()
            self.succeeds("evaluate", run, "--threads", 1, "--no-report")
            before.pop("seconds")
            self.assert_like(corrected(before), corrected(self.read(f"{run}/metrics.json")))
        self.succeeds("evaluate", "values", "--weights", "loss", "--split", "train", "--threads", 1, "--no-report")
        self.assertGreater(self.read("values/metrics.loss.train.json")["pooled"]["metrics"]["auroc"]["value"], 0.4)

    def test_they_predict_as_before(self):
        told = self.succeeds("predict", "values", "--fasta", "peaks.fa", "--out", "new/p", "--threads", 1, "--json", "--quiet").json
        self.assertEqual(told["sequences"], 90)
        now = [line.split("\t") for line in (self.folder / told["files"][0]).read_text().splitlines()]
        before = [line.split("\t") for line in next((HERE / self.version / "values").glob("predicted*")).read_text().splitlines()]
        # Columns carry the names of the labels since runs know them; release 0.1.0 numbered them.
        self.assertEqual((before[0], now[0]), (["name", "0", "1"], ["name", "gata", "box"]))
        self.assertEqual([row[0] for row in now], [row[0] for row in before])
        for a, b in zip(before[1:], now[1:], strict=True):
            for one, other in zip(a[1:], b[1:], strict=True):
                self.assertAlmostEqual(float(one), float(other), delta=pins.TOLERANCE)

    def test_their_metrics_are_read_by_the_page(self):
        told = self.succeeds("report", *FINISHED, "--document", "all.json", "--json").json
        self.assertIn("all.json", told["files"])
        document = self.read("all.json")
        self.assertEqual([run["id"] for run in document["runs"]], ["simulation", "sites", "profile"])
        text = json.dumps(document)
        for complaint in ("another version", "is damaged", "cannot be read", "There are no", "was not stored"):
            self.assertNotIn(complaint, text)
        for run in FINISHED:
            page = f"{run}.json"
            self.succeeds("report", run, "--document", page, "--out", f"{run}.html")
            values = [metric["value"] for metric in self.kept(f"{run}/metrics.json")["pooled"]["metrics"].values()]
            cards = next(b for s in self.read(page)["sections"] for b in s["blocks"] if b["type"] == "key_figures")["items"]
            self.assertEqual([c["value"] for c in cards][:len(values)], values, run)

    def test_an_unfinished_one_goes_on(self):
        before = self.kept("unfinished/manifest.json")
        self.assertEqual(before["status"], "interrupted")
        self.succeeds("train", "--out", "unfinished", "--resume", "--no-report", "--threads", 1, "--quiet")
        manifest = self.read("unfinished/manifest.json")
        self.assertEqual((manifest["status"], manifest["sessions"], manifest["started"]), ("finished", 2, before["started"]))
        # As if it had never been interrupted.
        self.succeeds("train", "unfinished/config.toml", "--out", "whole", "--no-report", "--threads", 1, "--quiet")
        self.assert_like(runs.read_log(self.folder / "whole/log.tsv"), runs.read_log(self.folder / "unfinished/log.tsv"))
        steps = {file.name for file in (self.folder / "unfinished/checkpoints").iterdir()}
        self.assertNotEqual(steps, {file.name for file in (HERE / self.version / "unfinished/checkpoints").iterdir()})

    def test_they_name_no_place_of_a_machine(self):
        for file in (HERE / self.version).rglob("*"):
            if file.is_file() and file.suffix in (".json", ".toml", ".tsv"):
                for word in ("/tmp", "/home", "/root", "/work"):
                    self.assertNotIn(word, file.read_text(), file)


for version in RELEASES[1:]:
    globals()[f"Release_{version.replace('.', '_')}"] = type(f"Release_{version.replace('.', '_')}", (Release,), {"version": version})


if __name__ == "__main__":
    gtest_xml.main()
