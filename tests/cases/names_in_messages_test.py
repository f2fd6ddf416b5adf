"""Names of any length, files that are gone, verbs that fail: one error line that names the place, and nothing left behind."""

import json
import os
import subprocess
import time

import inputs
from trained import Trained


class LongNames(Trained):
    def test_results_have_names_as_long_as_the_file_system_allows(self):
        self.train_table()
        for length in (240, 241, 247, 251):
            out = "p" * length  # ".tsv" comes behind it
            self.succeeds("predict", "run", "--table", "table.tsv", "--out", out)
            self.assertEqual((self.folder / (out + ".tsv")).read_text().count("\n"), 81)
        self.succeeds("report", "run", "--out", "r" * 250 + ".html")
        self.succeeds(*self.training("table.toml", "d" * 255))
        self.assertIn("File name too long", self.fails(3, "predict", "run", "--table", "table.tsv", "--out", "p" * 252, "--quiet"))
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name.startswith(".")], [])

    def test_a_name_of_megabytes_is_shortened_and_its_line_named(self):
        self.train_track()
        name = "N" * 2_000_000
        self.write("big.fa", f">chr1\nACGT\n>{name}\n{'ACGT' * 100}\n")
        text = self.fails(3, "predict", "run", "--genome", "big.fa", "--out", "p")
        self.assertLess(len(text), 400)
        self.assertIn("big.fa:3:2: the name 'NNN", text)
        self.assertIn("has 2000000 bytes; expected at most 65535", text)
        self.train_table("values")
        self.assertIn("big.fa:1:2: the name", self.fails(3, "predict", "values", "--fasta", self.write("big.fa", f">{name}\nACGT\n"), "--out", "p"))

    def test_a_name_that_a_bigwig_cannot_hold_names_the_fasta(self):
        self.train_track()
        self.write("long.fa", f">{'N' * 300}\n{'ACGT' * 100}\n")
        text = self.fails(3, "predict", "run", "--genome", "long.fa", "--out", "p", "--quiet")
        self.assertIn("long.fa: the name 'NNN", text)
        self.assertIn("has 300 bytes; a bigWig holds up to 255", text)
        self.assertLess(len(text), 400)
        self.succeeds("predict", "run", "--genome", "long.fa", "--out", "p", "--formats", "npz")

    def test_an_unknown_name_of_megabytes_is_shortened(self):
        self.train_track()
        self.write("far.bed", "N" * 2_000_000 + "\t1\t9\n")
        text = self.fails(3, "predict", "run", "--genome", "genome.fa", "--bed", "far.bed", "--out", "p")
        self.assertLess(len(text), 5000)
        self.assertIn("bytes left out", text)

    def test_a_file_of_zeros_is_told_at_once(self):
        self.train_table()
        start = time.monotonic()
        self.assertIn("/dev/zero:1:1: NUL byte", self.fails(3, "predict", "run", "--fasta", "/dev/zero", "--out", "p"))
        self.assertLess(time.monotonic() - start, 10)

    def test_a_resume_with_another_model_tells_the_line_that_differs(self):
        self.write_table()
        self.write("long.toml", self.text("table.toml").replace("epochs = 1", "epochs = 3\n  [train.checkpoint]\n  every_steps = 1"))
        self.succeeds(*self.training("long.toml", "run"))
        manifest = json.loads(self.text("run/manifest.json"))
        manifest["status"] = "interrupted"
        self.write("run/manifest.json", json.dumps(manifest))
        self.write("table.model.toml", self.text("table.model.toml").replace("width = 5", "width = 7"))
        text = self.fails(4, "train", "long.toml", "--out", "run", "--resume", "--quiet", "--threads", 1)
        self.assertIn("width = 7", text)
        self.assertIn("width = 5", text)
        self.assertLess(len(text), 700)
        self.assertNotIn("~1", text)


class NothingIsLeftBehind(Trained):
    def test_predict_makes_no_folder_for_inputs_that_it_refuses(self):
        self.train_table()
        self.write("bad.fa", ">a\nAC-GT!\n")
        for arguments in (["--fasta", "bad.fa"], ["--fasta", "no.fa"], ["--table", "run/config.toml"], ["--genome", "bad.fa", "--bed", "no.bed"]):
            outcome = self.run_program("predict", "run", *arguments, "--out", "made/by/predict")
            self.assertNotEqual(outcome.code, 0)
            self.assertEqual(outcome.err.count("\n"), 1, outcome.err)
            self.assertFalse((self.folder / "made").exists(), arguments)

    def test_a_run_folder_that_is_taken_away_ends_the_training(self):
        self.write_table()
        with subprocess.Popen([self.program, *map(str, self.training("table.toml", "run", "--set", "train.epochs=100000000"))], cwd=self.folder,
                              env=self.environment(), stderr=subprocess.PIPE, text=True) as running:
            try:
                for _ in range(400):
                    if (self.folder / "run/log.tsv").exists():
                        break
                    time.sleep(0.05)
                os.rename(self.folder / "run", self.folder / "elsewhere")
                _, text = running.communicate(timeout=60)
            finally:
                running.kill()
        self.assertEqual(running.returncode, 4, text)
        self.assertIn("the run folder was removed or renamed while it was trained into", text)
        self.assertFalse((self.folder / "run").exists())

    def test_a_current_folder_that_is_gone_is_told(self):
        def gone():
            os.mkdir("gone")
            os.chdir("gone")
            os.rmdir("../gone")

        for verb in (["data", "ls"], ["train", "demo", "--out", "x"]):
            outcome = self.run_program(*verb, before=gone)
            self.assertEqual(outcome.code, 4, outcome.err)
            self.assertTrue(outcome.err.startswith("basewise: error: the current folder cannot be used: "), outcome.err)
            self.assertEqual(outcome.err.count("\n"), 1)
        self.assertEqual(self.run_program("--version", before=gone).code, 0)


class EveryFailureHasALine(Trained):
    def test_data_that_is_not_good(self):
        self.write("entries/mine.toml", 'name = "mine"\ntitle = "t"\nsource = "s"\nlicence = "CC0"\n' + "".join(
            f'[[file]]\npath = "{name}.txt"\nsize = 5\nsha256 = "{"0" * 64}"\n' for name in "xyz"))
        places = {"BASEWISE_REGISTRY": str(self.folder / "entries"), "BASEWISE_DATA": str(self.folder / "mirror")}
        self.write("mirror/mine/y.txt", "hello")
        for verb in ("check", "get"):
            outcome = self.run_program("data", verb, "mine", **places)
            self.assertEqual(outcome.code, 3)
            self.assertEqual(outcome.out.count("\n"), 3)
            self.assertRegex(outcome.err, r"\Abasewise: error: mine/x\.txt: missing: .*; and 2 more\n\Z")
        self.assertEqual(len(self.run_program("data", "check", "mine", "--json", **places).json), 3)

    def test_a_folder_of_entries_that_is_not_there(self):
        self.assertIn("/nonexistent: ", self.fails(3, "data", "ls", BASEWISE_REGISTRY="/nonexistent"))

    def test_genes_that_cannot_be_read_are_a_warning(self):
        self.train_track()
        outcome = self.succeeds("evaluate", "run", "--set", f"report.annotation={self.folder}/no.gff", "--quiet")
        self.assertIn("warning: the tracks have no genes: ", outcome.err)


if __name__ == "__main__":
    inputs.main()
