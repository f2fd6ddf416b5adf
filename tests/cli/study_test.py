"""basewise study as a user meets it: a tiny simulated study, runs that are killed, damaged, deleted. Called as cli_test.py is."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ROOT, ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

PYTHON = ROOT / "build/py/bin/python"

STUDY = """
title = "A tiny study"
recipe = "demo"
set = ["data.simulation.sequences=300", "train.epochs=1", "train.loader.workers=0"]

[[axes]]
name = "training"
  [[axes.values]]
  name = "plain"
  set = ["data.augment.reverse_complement=0"]
  [[axes.values]]
  name = "augmented"

[[axes]]
name = "seed"
key = "seed"
numbers = [7, 11, 13]

[[evaluations]]
name = "single"
set = ["strand.predict=single"]
splits = ["test", "train"]

[[evaluations]]
name = "conjoined"
set = ["strand.predict=conjoined"]
when = ["training=augmented"]

[[methods]]
name = "<b>Post hoc</b>"
when = ["training=augmented", "evaluation=conjoined"]

[[published]]
when = ["training=plain", "split=test"]
values = ["auroc = 0.55 +- 0.02"]

[[compare]]
name = "augmented above plain"
a = ["training=augmented", "evaluation=single"]
b = ["training=plain", "evaluation=single"]
"""


class Study(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write(STUDY)

    def write(self, text, name="study"):
        (self.folder / f"{name}.study.toml").write_text(text)

    def study(self, verb, *more, **environment):
        return self.succeeds("study", verb, "study.study.toml", "--threads", 1, *more, **environment)

    def rows(self):
        lines = (self.folder / "study/results.tsv").read_text().splitlines()
        head = lines[0].split("\t")
        return [dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:]]

    def manifest(self, run):
        return json.loads((self.folder / f"study/runs/{run}/manifest.json").read_text())

    def test_it_runs_what_is_missing_and_nothing_else(self):
        plan = self.study("run", "--dry-run", "--json").json
        self.assertEqual((plan["pending"], plan["rows"], plan["seconds"]), (6, 15, None))
        self.assertFalse((self.folder / "study/results.tsv").exists())
        told = self.study("run", "--jobs", 2, "--json").json
        self.assertEqual((told["runs_done"], told["rows_done"], told["failed"]), (6, 15, []))
        rows = self.rows()
        self.assertEqual([r["run"] for r in rows], [f"{t}_seed{s}" for t, n in (("plain", 2), ("augmented", 3)) for s in (7, 11, 13) for _ in range(n)])
        self.assertEqual(len({r["hash"] for r in rows}), 15)
        self.assertTrue(all(0 < float(r["auroc"]) < 1 and r["threads"] == "1" for r in rows))
        kept = {p.name for p in (self.folder / "study/runs/plain_seed7").iterdir()}
        self.assertLessEqual({"config.toml", "model.toml", "weights.safetensors", "log.tsv", "manifest.json"}, kept)
        self.assertFalse({"checkpoints", "events"} & kept)

        record = self.folder / "study/results.tsv"
        before = (record.read_bytes(), record.stat().st_mtime_ns)
        self.assertEqual(self.study("run", "--json").json["runs_done"], 0)
        self.assertEqual((record.read_bytes(), record.stat().st_mtime_ns), before)

        # The record alone is enough: another machine has no run folders.
        subprocess.run(["rm", "-r", self.folder / "study/runs", self.folder / "study/work"], check=True)
        self.assertEqual(self.study("run", "--json").json["runs_done"], 0)
        self.assertIn("about", self.study("run", "--dry-run", "--set", "train.epochs=2").out)

    def test_a_run_that_is_deleted_is_done_again_with_the_same_result(self):
        self.study("run")
        before = {(r["run"], r["evaluation"], r["split"]): (r["hash"], r["auroc"]) for r in self.rows()}
        self.assertIn("1 runs forgotten", self.study("forget", "--where", "run=augmented_seed11").out)
        self.assertEqual(len(self.rows()), 12)
        self.assertEqual(self.study("run", "--json").json["runs_done"], 1)
        # By hand: its lines and its folder.
        record = self.folder / "study/results.tsv"
        record.write_text("".join(line for line in record.read_text().splitlines(True) if not line.startswith("plain_seed7\t")))
        subprocess.run(["rm", "-r", self.folder / "study/runs/plain_seed7", self.folder / "study/work/plain_seed7.json"], check=True)
        self.assertEqual(self.study("run", "--json").json["runs_done"], 1)
        self.assertEqual({(r["run"], r["evaluation"], r["split"]): (r["hash"], r["auroc"]) for r in self.rows()}, before)

    def test_a_new_measurement_trains_nothing(self):
        self.study("run", "--where", "seed=7")
        trained = self.manifest("plain_seed7")["ended"]
        self.write(STUDY.replace('splits = ["test", "train"]', 'splits = ["test", "train", "validation"]'))
        self.assertIn("plain_seed7: trained, 1 of 3 measurements missing", self.study("run", "--where", "seed=7", "--dry-run").out)
        self.study("run", "--where", "seed=7")
        self.assertEqual(self.manifest("plain_seed7")["ended"], trained)
        self.assertEqual([r["split"] for r in self.rows() if r["run"] == "plain_seed7"], ["test", "train", "validation"])

    def test_a_folder_of_studies_is_done_one_after_the_other(self):
        self.write(STUDY, "other")
        self.succeeds("study", "run", self.folder, "--threads", 1, "--where", "run=plain_seed7")
        self.assertEqual(len(self.rows()), 2)
        self.assertTrue((self.folder / "other/results.tsv").exists())
        told = self.succeeds("study", "table", self.folder).out
        self.assertLess(told.index("== " + str(self.folder / "other.study.toml")), told.index("== " + str(self.folder / "study.study.toml")))
        self.assertIn("holds 2 studies", self.fails(2, "study", "table", self.folder, "--json"))

    def test_all_studies_of_a_folder_are_read_before_one_starts(self):
        self.write(STUDY, "other")
        self.write('nosuch = 1\n' + STUDY, "broken")
        outcome = self.run_program("study", "run", self.folder, "--threads", 1)
        self.assertEqual(outcome.code, 2, outcome.err)
        self.assertIn("broken.study.toml", outcome.err)
        self.assertIn("1 of 3 studies", outcome.err)
        self.assertFalse((self.folder / "other/work").exists())

    def test_a_measure_is_a_row_of_the_record(self):
        measure = '[[evaluations]]\nname = "size"\nmeasure = "activations"\noptions = ["layers=1", "examples=20"]\n\n[[methods]]'
        self.write(STUDY.replace("[[methods]]", measure, 1))
        self.study("run", "--where", "run=plain_seed7")
        row = next(r for r in self.rows() if r["evaluation"] == "size")
        self.assertGreater(float(row["layer1.max"]), float(row["layer1.mean"]))
        self.assertEqual(row["auroc"], "NA")
        self.assertEqual(self.study("run", "--where", "run=plain_seed7", "--json").json["runs_done"], 0)
        told = self.succeeds("evaluate", "study/runs/plain_seed7", "--measure", "activations", "--option", "layers=1", "--option", "examples=20", "--json")
        self.assertAlmostEqual(told.json["values"]["layer1.max"], float(row["layer1.max"]), places=6)
        self.assertIn("layer1.max", self.study("table").out)
        self.write(STUDY.replace("[[methods]]", measure.replace("layers", "layrs"), 1))
        self.assertIn("did you mean", self.fails(2, "study", "run", "study.study.toml"))

    def test_another_configuration_is_another_run(self):
        self.study("run", "--where", "run=plain_seed7")
        before = self.rows()
        plan = self.study("run", "--where", "run=plain_seed7", "--dry-run", "--json", "--set", "train.epochs=2").json
        self.assertEqual((plan["pending"], plan["rows_stale"]), (1, 2))
        self.study("run", "--where", "run=plain_seed7", "--set", "train.epochs=2")
        after = self.rows()
        self.assertEqual([r["epochs"] for r in after], ["2", "2"])
        self.assertNotEqual([r["hash"] for r in before], [r["hash"] for r in after])

    def test_killed_in_the_middle_it_goes_on(self):
        slow = ("--where", "seed=7", "--set", "train.epochs=2000", "--set", "train.checkpoint.every_seconds=0.2", "--jobs", "2")
        process = subprocess.Popen([self.program, "study", "run", "study.study.toml", "--threads", "1", *slow], cwd=self.folder,
                                   env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        runs = [self.folder / f"study/runs/{name}_seed7" for name in ("plain", "augmented")]
        deadline = time.monotonic() + 120
        while not all(list(run.glob("checkpoints/step-*")) for run in runs):
            self.assertLess(time.monotonic(), deadline, "no checkpoints appeared")
            self.assertIsNone(process.poll())
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The children end with their parent, and their locks with them.
        deadline = time.monotonic() + 60
        while any((run / ".lock").exists() for run in runs):
            self.assertLess(time.monotonic(), deadline, "a child outlived its parent")
            time.sleep(0.05)
        self.assertEqual(self.manifest("plain_seed7")["status"], "interrupted")
        self.assertIn("plain_seed7: unfinished", self.study("run", "--dry-run", *slow).out)
        before = {run: {path.name for path in run.glob("checkpoints/step-*")} for run in runs}
        # The rest of the 2000 epochs is cut short: checkpoints continue under the same configuration only, so a wish to stop ends it.
        short = subprocess.Popen([self.program, "study", "run", "study.study.toml", "--threads", "1", *slow], cwd=self.folder,
                                 env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        deadline = time.monotonic() + 120
        # Both train again: before that a signal ends a run as it stands.
        while not all({path.name for path in run.glob("checkpoints/step-*")} - before[run] for run in runs):
            self.assertLess(time.monotonic(), deadline, "the runs were not resumed")
            self.assertIsNone(short.poll())
            time.sleep(0.05)
        self.assertEqual([self.manifest(f"{name}_seed7")["sessions"] for name in ("plain", "augmented")], [2, 2])
        short.send_signal(signal.SIGTERM)
        out, _ = short.communicate(timeout=120)
        self.assertEqual(short.returncode, 130, out)
        self.assertIn("interrupted; the same command goes on", out)
        self.assertEqual(self.manifest("augmented_seed7")["status"], "interrupted")

    def test_shards_of_two_machines_are_merged(self):
        for i in (1, 2):
            self.succeeds("study", "run", "study.study.toml", "--threads", 1, "--shard", f"{i}/2", "--out", f"machine{i}")
        told = self.study("merge", "machine1", "machine2/results.tsv").out
        self.assertIn("15 rows taken over; 15 of 15 rows of the study", told)
        self.assertEqual(self.study("run", "--json").json["runs_done"], 0)

    def test_a_run_that_fails_is_told_and_the_others_go_on(self):
        bad = STUDY.replace('name = "augmented"\n', 'name = "augmented"\n  set = ["train.optimizer.learning_rate=1e30"]\n', 1)
        self.write(bad)
        outcome = self.run_program("study", "run", "study.study.toml", "--threads", 1, "--where", "seed=7,11")
        self.assertEqual(outcome.code, 4, outcome.err)
        self.assertIn("2 runs done", outcome.out)
        self.assertIn("augmented_seed7: FAILED: ", outcome.out)
        self.assertIn("2 runs failed; the next call tries them again", outcome.out)
        self.assertEqual({r["training"] for r in self.rows()}, {"plain"})
        self.assertIn("augmented_seed7: failed: ", self.study("run", "--where", "seed=7", "--dry-run").out)
        self.write(STUDY)
        self.assertEqual(self.study("run", "--where", "seed=7,11", "--json").json["runs_done"], 2)

    def test_a_child_that_is_killed_is_a_failure_of_its_run_alone(self):
        self.write(STUDY.replace('name = "augmented"\n', 'name = "augmented"\n  set = ["train.epochs=5000"]\n', 1))
        process = subprocess.Popen([self.program, "study", "run", "study.study.toml", "--threads", "1", "--where", "seed=7", "--jobs", "2"],
                                   cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        deadline, child = time.monotonic() + 120, None
        while child is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
            for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = entry.read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"work" in words and b"augmented_seed7" in words and str(process.pid) in (entry.parent / "stat").read_text().split()[3:4]:
                    child = int(entry.parent.name)
        os.kill(child, signal.SIGKILL)
        out, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 4, out)
        self.assertIn("augmented_seed7: FAILED: ended by signal 9", out)
        self.assertEqual({r["run"] for r in self.rows()}, {"plain_seed7"})

    def test_the_table_its_json_and_its_page(self):
        self.study("run")
        told = self.study("table").out
        self.assertIn("auroc, test set, weights: best", told)
        self.assertIn("0.5500 +- 0.0200", told)
        self.assertIn("augmented above plain: augmented, single - plain, single (split test)", told)
        document = json.loads((self.folder / "study/study.json").read_text())
        self.assertEqual(document["schema"], "basewise.study/1")
        self.assertEqual(document, self.study("table", "--json").json)
        self.assertEqual(document["groups"][0]["name"], "<b>Post hoc</b>")  # methods first
        group = next(g for g in document["groups"] if g["name"] == "plain, single" and g["labels"]["split"] == "test")
        values = [float(r["auroc"]) for r in self.rows() if r["training"] == "plain" and r["split"] == "test"]
        self.assertEqual([v for _, v in group["metrics"]["auroc"]["values"]], values)
        self.assertAlmostEqual(group["metrics"]["auroc"]["mean"], sum(values) / 3, places=12)
        self.assertAlmostEqual(group["metrics"]["auroc"]["published"]["difference_in_sd"], (sum(values) / 3 - 0.55) / 0.02, places=9)
        self.assertEqual(document["comparisons"][0]["wilcoxon"]["p"] * 4 % 1, 0)  # quarters: three pairs
        table = (self.folder / "study/table.tsv").read_text().splitlines()
        self.assertEqual(table[0].split("\t")[:6], ["training", "evaluation", "split", "weights", "method", "metric"])
        page = (self.folder / "study/study.html").read_text()
        self.assertNotIn("<b>Post hoc", page)
        (self.folder / "study/results.tsv").unlink()
        subprocess.run(["rm", "-r", self.folder / "study/work"], check=True)
        self.assertIn("15 of 15 rows are missing", self.study("table").out)

    def test_scripts_for_clusters(self):
        self.write(STUDY, "with space")
        self.assertIn("sbatch", self.study("run", "--executor", "slurm", "--tasks", "4").out)
        script = self.folder / "study/study.sbatch"
        subprocess.run(["bash", "-n", script], check=True)
        self.assertIn("#SBATCH --array=1-4\n", script.read_text())
        # Each task does its part when it is run as Slurm would.
        for task in range(1, 5):
            subprocess.run(["bash", script], env=self.environment(SLURM_ARRAY_TASK_ID=str(task)), cwd="/", check=True, capture_output=True)
        self.assertEqual(len(self.rows()), 15)

        self.study("run", "--executor", "snakemake")
        text = (self.folder / "study/Snakefile").read_text()
        python = []
        for line in text.splitlines():  # the parts that are Python: RUNS and the lists of inputs
            python.append(line)
            if line == "}":
                break
        names = {}
        exec(compile("\n".join(python), "Snakefile", "exec"), names)
        self.assertEqual(len(names["RUNS"]), 6)
        self.assertEqual(len(set(names["RUNS"].values())), 6)
        self.assertIn("--where run={wildcards.run}", text)
        for flags in (["--shard", "1/2"], ["--jobs", "2"], ["--dry-run"]):
            self.assertIn(f"{flags[0][2:].replace('-', '_')} means nothing with executor = \"slurm\"; executor = \"local\" uses it",
                          self.fails(2, "study", "run", "study.study.toml", "--executor", "slurm", *flags))
        self.assertIn("tasks means nothing with executor = \"snakemake\"",
                      self.fails(2, "study", "run", "study.study.toml", "--executor", "snakemake", "--tasks", "3"))
        snakemake = PYTHON.parent / "snakemake"
        if not snakemake.exists():
            self.skipTest("no snakemake in build/py")
        done = subprocess.run([snakemake, "--cores", "1", "--snakefile", self.folder / "study/Snakefile"], cwd=self.folder, capture_output=True,
                              text=True, env=self.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "study/table.tsv").exists())

    def test_runs_come_after_others_and_start_with_their_weights(self):
        self.write(STUDY.replace('  name = "augmented"', '  name = "augmented"\n  after = [{ run = ["training=plain"], freeze = ["motifs"] }]'))
        told = self.study("run", "--where", "training=augmented", "--where", "seed=7,11", "--jobs", 2, "--json").json
        self.assertEqual((told["runs_done"], told["rows_done"], told["failed"]), (4, 6, []))  # two for their weights alone
        self.assertEqual({r["run"] for r in self.rows()}, {"augmented_seed7", "augmented_seed11"})
        init = self.manifest("augmented_seed11")["init"][0]
        self.assertEqual(init["file"], str(self.folder / "study/runs/plain_seed11/weights.safetensors"))
        self.assertEqual((init["freeze"], init["kept"], init["unused"]), (["motifs"], [], []))
        # What comes first is measured without being trained again.
        before = self.manifest("plain_seed7")["ended"]
        self.study("run", "--where", "seed=7")
        self.assertEqual(self.manifest("plain_seed7")["ended"], before)
        self.assertEqual(len([r for r in self.rows() if r["run"] == "plain_seed7"]), 2)

    def test_array_jobs_wait_for_the_runs_that_come_first(self):
        self.write(STUDY.replace('  name = "augmented"', '  name = "augmented"\n  after = [{ run = ["training=plain"] }]'))
        told = self.study("run", "--executor", "slurm", "--tasks", "2", "--where", "seed=7,11").out
        script = self.folder / "study/study.sbatch"
        self.assertIn(f"start it with: bash {script}", told)
        # An sbatch that does the tasks of an array at once, and names the job as Slurm does on a cluster of several.
        sbatch = self.folder / "bin/sbatch"
        sbatch.parent.mkdir()
        sbatch.write_text('#!/bin/bash\necho "$@" >> "$CALLS"\nfor word; do case $word in\n  --array=1-*) tasks=${word#--array=1-};;\n'
                          '  --export=ALL,*) export "${word#--export=ALL,}";;\nesac; done\n'
                          'for ((t = 1; t <= tasks; t++)); do SLURM_ARRAY_TASK_ID=$t bash "${@: -1}" >&2 || exit 1; done\n'
                          'echo "10$BASEWISE_STAGE;here"\n')
        sbatch.chmod(0o755)
        environment = self.environment(CALLS=str(self.folder / "calls"))
        environment["PATH"] = f"{sbatch.parent}:{environment['PATH']}"
        subprocess.run(["bash", script], env=environment, cwd="/", check=True, capture_output=True)
        calls = (self.folder / "calls").read_text().splitlines()
        self.assertEqual(len(calls), 2)
        self.assertNotIn("--dependency", calls[0])
        self.assertIn("--array=1-2 --export=ALL,BASEWISE_STAGE=2 --dependency=afterok:101 ", calls[1])
        self.assertEqual({r["run"] for r in self.rows()}, {"plain_seed7", "plain_seed11", "augmented_seed7", "augmented_seed11"})
        self.assertEqual(self.manifest("augmented_seed7")["init"][0]["file"], str(self.folder / "study/runs/plain_seed7/weights.safetensors"))

    def test_a_run_that_fails_is_the_reason_for_those_that_wait(self):
        self.write(STUDY.replace('set = ["data.augment.reverse_complement=0"]', 'set = ["train.optimizer.learning_rate=1e30"]')
                   .replace('  name = "augmented"', '  name = "augmented"\n  after = [{ run = ["training=plain"] }]'))
        outcome = self.run_program("study", "run", "study.study.toml", "--threads", "1", "--where", "seed=7")
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("augmented_seed7: FAILED: it starts with the weights of plain_seed7, which failed", outcome.out)
        self.assertFalse((self.folder / "study/runs/augmented_seed7").exists())

    def test_errors_and_help(self):
        self.assertIn("no such study", self.fails(2, "study", "run", "nowhere"))
        self.assertIn("did you mean training?", self.fails(2, "study", "run", "study.study.toml", "--where", "trainng=plain"))
        self.assertIn("say which runs with --where", self.fails(2, "study", "forget", "study.study.toml"))
        self.assertIn("expected i/n", self.fails(2, "study", "run", "study.study.toml", "--shard", "3/2"))
        self.assertIn("jobs", self.fails(2, "study", "run", "study.study.toml", "--jobs", "0"))
        for verb in ("run", "table", "merge", "forget"):
            self.assertIn(verb, self.succeeds("study", "--help").out)
            self.assertIn(f"Usage: basewise study {verb} ", self.succeeds("study", verb, "--help").out)
        self.assertNotIn("work", self.succeeds("study", "--help").out.split("Examples")[0].split("SUBCOMMANDS")[-1].split())


if __name__ == "__main__":
    gtest_xml.main()
