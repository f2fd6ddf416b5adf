"""Files of others: no code of theirs runs, what they hold cannot pass for something else on the terminal, and damage has a message."""

import json
import os
import re
import struct
import subprocess

import inputs
from trained import Trained

# What a terminal obeys: C0 but the line break and the tab, DEL, and C1 as characters.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
TITLE = "\x1b]0;PWNED\x07\x1b[31m"


class NoCodeOfTheCurrentFolder(Trained):
    """Somebody else's folder holds files that Python would take for modules, and a program named python3."""

    TRAP = "import pathlib\npathlib.Path(__file__).resolve().parent.joinpath('pwned').write_text('')\nraise ImportError('a trap')\n"

    def report(self, **environment):
        self.train_table()
        for name in ("vl_convert.py", "json.py", "pathlib.py", "os.py", "sitecustomize.py", "usercustomize.py", "other/vl_convert/__init__.py"):
            self.write(name, self.TRAP)
        self.write("vl_convert/__init__.py", self.TRAP)
        self.write("python3", "#!/bin/sh\ntouch pwned\nexit 1\n").chmod(0o755)
        self.assertEqual(self.run_program("report", "run", "--figures", "figures", **environment).code, 0)
        self.assertEqual(list(self.folder.rglob("pwned")), [])
        self.assertTrue(list((self.folder / "figures").glob("*.vl.json")))

    def test_no_module_of_the_current_folder_is_loaded(self):
        self.report()

    def test_nor_where_pythonpath_names_it(self):
        self.report(PYTHONPATH=f":.:other:{self.folder}:")

    def test_nor_a_program_of_it_where_path_names_it(self):
        self.report(PATH=f":.:{self.folder}:{os.environ['PATH']}")

    def test_what_users_installed_is_found(self):
        self.train_table()
        self.write("installed/vl_convert.py", "def vegalite_to_svg(spec, **more):\n    return '<svg/>'\n\nvega_to_svg = vegalite_to_svg\n")
        self.write("vl_convert.py", self.TRAP)
        self.succeeds("report", "run", "--figures", "figures", "--format", "svg", PYTHONPATH=str(self.folder / "installed"))
        pictures = list((self.folder / "figures").glob("*.svg"))
        self.assertTrue(pictures)
        self.assertEqual({picture.read_text() for picture in pictures}, {"<svg/>"})
        self.assertFalse((self.folder / "pwned").exists())


class OneLineOfText(Trained):
    def plain(self, *arguments, **environment):
        outcome = self.run_program(*arguments, **environment)
        for text in (outcome.out, outcome.err):
            self.assertIsNone(CONTROL.search(text), repr(text))
        return outcome

    def one_error(self, code, *arguments, **environment):
        outcome = self.plain(*arguments, **environment)
        self.assertEqual(outcome.code, code, outcome.err)
        lines = outcome.err.splitlines()
        self.assertEqual([line for line in lines if line.startswith("basewise: error: ")], lines[-1:], outcome.err)
        return lines[-1]

    def test_names_of_sequences_and_intervals(self):
        self.train_track()
        self.write("g.fa", f">a{TITLE}\n{'ACGT' * 100}\n")
        self.write("far.bed", f"a{TITLE}\t10\t9999\n")
        nothing = self.one_error(3, "predict", "run", "--genome", "g.fa", "--bed", "far.bed", "--out", "p")
        self.assertIn("no intervals to predict: ", nothing)
        self.assertIn("1 of 1 rows lie beyond the end of their chromosome", nothing)
        place = f"a{TITLE}:11-9999"
        self.assertIn("\\u001b]0;PWNED\\u0007", self.one_error(3, "predict", "run", "--genome", "g.fa", "--regions", place, "--out", "p"))
        self.write("other.bed", "chr\x1b[2J\t1\t9\n")
        self.assertIn("\\u001b[2J", self.one_error(3, "predict", "run", "--genome", "g.fa", "--bed", "other.bed", "--out", "p"))
        self.one_error(3, "predict", "run", "--genome", "g.fa", "--regions", "x\x9b31m\nbasewise: error: forged", "--out", "p")

    def test_names_of_tensors_cannot_forge_a_line(self):
        self.train_table()
        name = "a\nbasewise: error: forged"
        header = json.dumps({name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
        self.write("run/weights.safetensors", struct.pack("<Q", len(header)) + header + bytes(4))
        self.assertNotIn("error: forged\n", self.one_error(4, "predict", "run", "--table", "table.tsv", "--out", "p"))

    def test_keys_and_values_of_recipes(self):
        for recipe in ('"\\u001b[31m\\nx" = 1\n', 'name = "\\u001b]0;t\\u0007"\nseed = "\\n\\u009b"\n', "a = \x01\n", 'x = "\n\x1b"\n',
                       'model_file = "no\\nsuch\\u001b.toml"\n[data]\nkind = "simulation"\n'):
            self.write("r.toml", recipe)
            outcome = self.plain("train", "r.toml", "--out", "run")
            self.assertNotEqual(outcome.code, 0)
            self.assertEqual(outcome.err.count("\n"), 1, outcome.err)

    def test_columns_of_tables(self):
        self.write_table(label=b"bo\x1b[5mund")
        self.one_error(3, *self.training("table.toml", "run", "--set", "data.table.sequence=no\x1bsuch"))
        self.plain(*self.training("table.toml", "run"))

    def test_what_a_run_folder_says_of_itself(self):
        self.train_table()
        manifest = json.loads(self.text("run/manifest.json"))
        manifest.update(name=f"n{TITLE}\nbasewise: error: forged", status="\x1b[31m\nodd")
        self.write("run/manifest.json", json.dumps(manifest))
        self.assertEqual(self.plain("report", "run").code, 0)

    def test_entries_of_data_sets(self):
        self.write("entries/mine.toml", 'name = "mine"\ntitle = "t\\u001b[31m\\nnext"\nsource = "s"\nlicence = "l\\u009b"\n[[file]]\n'
                                        'path = "x\\u001b.txt"\nsize = 5\nsha256 = "' + "0" * 64 + '"\n')
        places = {"BASEWISE_REGISTRY": str(self.folder / "entries"), "BASEWISE_DATA": str(self.folder)}
        listed = self.plain("data", "ls", **places)
        self.assertEqual((listed.code, listed.out.count("\n")), (0, 2), listed.err)
        for json_too in ([], ["--json"]):
            self.one_error(3, "data", "check", "mine", *json_too, **places)
            self.one_error(3, "data", "get", "mine", *json_too, **places)
        json.loads(self.plain("data", "ls", "--json", **places).out)


class DeepJson(Trained):
    """Nested 100,000 deep: an error with the place, not the end of the stack."""

    DEEP = "[" * 100_000 + "]" * 100_000

    def test_fold_files(self):
        self.train_track()
        self.write("folds.json", f'{{"train": {self.DEEP}, "valid": [], "test": []}}')
        split = 'by = "chromosome"\n  validation_chromosomes = ["chr2"]\n  test_chromosomes = ["chr3"]'
        recipe = self.text("track.toml")
        self.assertIn(split, recipe)
        self.write("folds.toml", recipe.replace(split, 'by = "folds"\n  folds = "folds.json"'))
        text = self.fails(3, *self.training("folds.toml", "deep"))
        self.assertIn("folds.json:1:138: more than 128 lists and objects stand inside each other", text)

    def test_files_of_run_folders(self):
        self.train_table()
        self.succeeds("evaluate", "run", "--no-report", "--quiet")
        for name in ("metrics.json", "curves.json", "data.json", "model.json"):
            whole = self.text(f"run/{name}")
            self.write(f"run/{name}", whole.rstrip()[:-1] + f', "more": {self.DEEP}}}')
            outcome = self.run_program("report", "run")
            self.assertEqual(outcome.code, 0, outcome.err[:500])
            self.assertIn(f"{name} is damaged", outcome.err + outcome.out)
            self.assertIn("more than 128 lists", outcome.err + outcome.out)
            self.write(f"run/{name}", whole)
        self.write("run/manifest.json", self.text("run/manifest.json").rstrip()[:-1] + f', "more": {self.DEEP}}}')
        for verb in (["report", "run"], ["evaluate", "run"], ["train", "--resume", "--out", "run"]):
            self.assertIn("manifest.json: not the manifest of a run", self.fails(4, *verb))

    def test_checkpoints(self):
        self.write_table()
        self.write("stop.toml", self.text("table.toml").replace("epochs = 1", "epochs = 3\n  [train.checkpoint]\n  every_steps = 1"))
        self.succeeds(*self.training("stop.toml", "run"))
        manifest = json.loads(self.text("run/manifest.json"))
        manifest["status"] = "interrupted"
        self.write("run/manifest.json", json.dumps(manifest))
        for state in (self.folder / "run/checkpoints").glob("*/state.json"):
            state.write_text(state.read_text().replace('"state": {', f'"state": {{"more": {self.DEEP}, ', 1))
        text = self.fails(4, "train", "--resume", "--out", "run", "--quiet")
        self.assertIn("more than 128 lists", text)


class NotUtf8(Trained):
    LATIN = os.fsdecode(b"caf\xe9")

    def test_folders_of_runs_have_any_name(self):
        self.train_table(self.LATIN)
        for verb in (["evaluate", self.LATIN], ["report", self.LATIN], ["inspect", self.LATIN]):
            self.succeeds(*verb, "--json")
        told = self.succeeds("predict", self.LATIN, "--table", "table.tsv", "--out", self.LATIN + "p", "--json").json
        self.assertEqual(told["sequences"], 80)
        self.assertTrue((self.folder / (self.LATIN + "p.tsv")).exists())
        self.assertIn("caf\\xe9", self.succeeds("report", self.LATIN).out)

    def test_what_a_recipe_cannot_keep_is_refused_by_name(self):
        self.write_table()
        self.write(self.LATIN + ".tsv", self.text("table.tsv"))
        for setting in ("name=", "data.table.file="):
            text = self.fails(2, *self.training("table.toml", "run", "--set", setting + self.LATIN + (".tsv" if "file" in setting else "")))
            self.assertIn("caf\\xe9", text)
            self.assertIn("is no UTF-8", text)
        self.write_table(label=b"caf\xe9")
        self.assertIn("caf\\xe9", self.fails(2, *self.training("table.toml", "run")))
        self.assertFalse((self.folder / "run").exists())

    def test_sequences_of_such_a_file_are_predicted(self):
        self.train_table()
        self.write(self.LATIN + ".fa", b">s\xe9q\n" + b"ACGT" * 10 + b"\n")
        self.succeeds("predict", "run", "--fasta", self.LATIN + ".fa", "--out", "p", "--json")
        self.assertIn(b"\ns\xe9q\t", (self.folder / "p.tsv").read_bytes())


class ChangedFiles(Trained):
    def flip(self, name):
        file = self.folder / name
        data = bytearray(file.read_bytes())
        data[-3] ^= 1
        file.write_bytes(data)

    def test_weights_that_changed_are_refused(self):
        self.train_table()
        sums = json.loads(self.text("run/manifest.json"))["weights"]
        self.assertEqual(list(sums), ["weights.safetensors"])
        self.flip("run/weights.safetensors")
        for verb in (["evaluate", "run"], ["predict", "run", "--table", "table.tsv", "--out", "p"],
                     list(self.training("table.toml", "next", "--set", "init.0.from=run"))):
            self.assertIn("weights.safetensors: its SHA-256 is not that in manifest.json", self.fails(4, *verb))

    def test_on_purpose_they_may(self):
        self.train_table()
        self.flip("run/weights.safetensors")
        manifest = json.loads(self.text("run/manifest.json"))
        del manifest["weights"]
        self.write("run/manifest.json", json.dumps(manifest))
        self.succeeds("predict", "run", "--table", "table.tsv", "--out", "p")

    def test_inputs_that_changed_are_told(self):
        self.train_table()
        again = ("predict", "run", "--table", "table.tsv", "--out", "p", "--quiet")
        for verb in (("evaluate", "run", "--no-report", "--quiet"), again):
            self.assertNotIn("warning", self.succeeds(*verb).err)
        os.utime(self.folder / "table.tsv", (1, 1))  # another time, the same bytes
        self.assertNotIn("warning", self.succeeds(*again).err)
        self.write("table.tsv", self.text("table.tsv").replace("A", "C", 1))
        for verb in (("evaluate", "run", "--no-report", "--quiet"), again):
            self.assertIn("table.tsv is not what run was trained with", self.succeeds(*verb).err)
        self.write("other.tsv", self.text("table.tsv"))
        self.assertNotIn("warning", self.succeeds("predict", "run", "--table", "other.tsv", "--out", "p", "--quiet").err)


class PlacesOfOthers(Trained):
    NOWHERE = {"BASEWISE_CACHE": "", "XDG_CACHE_HOME": "", "HOME": ""}

    def test_the_cache_without_a_home_is_of_one_user_alone(self):
        place = self.folder / f"basewise-{os.geteuid()}"
        self.succeeds("data", "ls", **self.NOWHERE, TMPDIR=str(self.folder))
        self.assertEqual(place.stat().st_mode & 0o777, 0o700)
        place.chmod(0o777)
        self.assertIn("others can write into it; set BASEWISE_CACHE", self.fails(3, "data", "ls", **self.NOWHERE, TMPDIR=str(self.folder)))
        place.rmdir()
        place.symlink_to("/tmp")
        self.assertIn("it is no folder", self.fails(3, "data", "ls", **self.NOWHERE, TMPDIR=str(self.folder)))

    STUDY = 'recipe = "demo"\nset = ["data.simulation.sequences=300", "train.epochs=1"]\n[[axes]]\nname = "seed"\nkey = "seed"\nnumbers = [7, 8]\n'

    def script(self, folder):
        self.write("s.study.toml", self.STUDY)
        return ("study", "run", "s.study.toml", "--out", folder, "--executor", "slurm")

    def test_a_line_break_in_a_folder_is_no_line_of_a_cluster_script(self):
        for folder in ("a\ntouch pwned\n#", "a\r", os.fsdecode(b"caf\xe9")):
            self.assertIn("which a script for a cluster cannot name", self.fails(2, *self.script(folder)))
            self.assertEqual(list(self.folder.rglob("*.sbatch")), [])

    def test_blanks_quotes_and_percents_of_a_folder_are_quoted(self):
        self.succeeds(*self.script("a b\"c\\d$(touch pwned)'%j"))
        script = next(self.folder.rglob("study.sbatch"))
        subprocess.run(["bash", "-n", script], check=True)
        log = next(line for line in script.read_text().splitlines() if line.startswith("#SBATCH --output="))
        # Slurm reads quotes and backslashes as a shell does.
        shown = subprocess.run(["bash", "-c", "printf %s " + log.removeprefix("#SBATCH --output=").replace("$", "\\$")], capture_output=True,
                               text=True, check=True).stdout
        self.assertEqual(shown, f"{script.parent}/work/slurm-%A_%a.log".replace("%j", "%%j"))


if __name__ == "__main__":
    inputs.main()
