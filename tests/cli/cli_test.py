"""The program as a user and a pipeline see it.

    tests/cli/cli_test.py --program build/release/apps/basewise/basewise [--gtest_output=xml:FILE] [unittest arguments]
"""

import hashlib
import json
import pathlib
import resource
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ROOT, ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at : at + 2]

VERBS = ["new", "simulate", "convert", "train", "evaluate", "report", "predict", "attribute", "perturb", "variants", "learn", "motifs", "study", "inspect", "data",
         "methylation", "options", "doctor"]
TINY = ["--set", "data.simulation.sequences=300", "--set", "train.epochs=1", "--set", "train.loader.batch_size=32"]


class Help(ProgramTest):
    def test_without_arguments_it_helps(self):
        outcome = self.succeeds()
        self.assertEqual(outcome.out, self.succeeds("--help").out)
        self.assertEqual(outcome.out, self.succeeds("help").out)
        self.assertEqual(outcome.err, "")
        for verb in VERBS:
            self.assertRegex(outcome.out, rf"(?m)^  {verb} +\w")
        for words in ("Exit codes: 0 success", "2 wrong usage", "3 a file", "4 anything else", "130 interrupted"):
            self.assertIn(words, outcome.out)

    def test_every_verb_explains_itself_with_examples(self):
        for verb in VERBS:
            with self.subTest(verb):
                page = self.succeeds(verb, "--help").out
                self.assertEqual(page, self.succeeds("help", verb).out)
                self.assertIn("--json", page)
                examples = page.split("Examples:\n", 1)[1].strip().splitlines()
                self.assertGreaterEqual(len(examples), 2)
                for example in examples:
                    # Alone, or in a pipe.
                    self.assertTrue(any(part.strip().startswith(f"basewise {verb}") for part in example.split("|")), example)
                self.assertLessEqual(max(map(len, page.splitlines())), 220)

    def test_sub_verbs_of_data_explain_themselves(self):
        page = self.succeeds("data", "get", "--help").out
        self.assertIn("data set", page)
        self.assertIn("Usage: basewise data get ", page)

    def test_flags_come_from_the_described_options(self):
        page = self.succeeds("train", "--help").out
        for flag in ("--out", "--set PATH=VALUE", "--resume", "--overwrite", "--device", "--threads", "--quiet", "recipe TEXT"):
            self.assertIn(flag, page)
        self.assertIn("--sequences", self.succeeds("simulate", "--help").out)

    def test_a_flag_that_takes_a_list_says_so(self):
        self.assertRegex(self.succeeds("predict", "--help").out, r"--circular A,B,\.\. +names of the circular sequences.*; all stands for every one")
        self.assertIn("--circular", self.fails(2, "predict", "run", "--circular"))

    def test_the_version_is_that_of_the_build(self):
        outcome = self.succeeds("--version")
        self.assertRegex(outcome.out, r"^basewise \d+\.\d+\.\d+\n$")
        self.assertEqual(outcome.out, self.succeeds("-V").out)


class Usage(ProgramTest):
    def test_an_unknown_verb_names_the_nearest(self):
        self.assertEqual(self.fails(2, "trian"), "unknown verb 'trian'; did you mean train?")
        self.assertEqual(self.fails(2, "frobnicate"), "unknown verb 'frobnicate'; there are " + ", ".join(VERBS))

    def test_a_flag_in_front_of_the_verb_is_explained(self):
        self.assertEqual(self.fails(2, "--json"), "unknown flag --json; flags stand behind the verb, see basewise --help")

    def test_an_unknown_flag_names_the_nearest(self):
        self.assertEqual(self.fails(2, "simulate", "--out", "x", "--sequence", "3"), "basewise simulate: unknown flag --sequence; did you mean --sequences?")
        self.assertEqual(self.fails(2, "train", "--out", "x", "--overwirte"), "basewise train: unknown flag --overwirte; did you mean --overwrite?")
        self.assertEqual(self.fails(2, "data", "ls", "--xyzzy"), "basewise data: unknown flag --xyzzy; see basewise data --help")
        self.assertEqual(self.fails(2, "data", "ls", "more"), "basewise data: unexpected argument 'more'; see basewise data --help")

    def test_a_missing_flag_is_named(self):
        self.assertEqual(self.fails(2, "simulate"), "basewise simulate: --out is required; see basewise simulate --help")
        self.assertIn("no run folder given; name one with --out", self.fails(2, "train", "demo"))
        self.assertIn("run is required", self.fails(2, "evaluate"))

    def test_values_are_checked(self):
        self.assertEqual(self.fails(2, "simulate", "--out", "x", "--gc", "2"), "basewise simulate: gc=2: gc is 2; it must be >= 0 and <= 1")
        self.assertEqual(self.fails(2, "simulate", "--out", "x", "--length", "many"),
                         'basewise simulate: length=many: length is "many"; expected: integer')
        self.assertIn("--threads", self.fails(2, "simulate", "--out", "x", "--threads", "0"))
        self.assertIn("BASEWISE_THREADS is 'x'", self.fails(2, "doctor", BASEWISE_THREADS="x"))

    def test_a_failure_leaves_no_file(self):
        self.fails(2, "simulate", "--out", "x", "--gc", "2")
        self.fails(3, "simulate", "no.toml", "--out", "x")
        self.assertEqual([p.name for p in self.folder.iterdir()], [])


class Errors(ProgramTest):
    def test_a_missing_file_is_named(self):
        self.assertEqual(self.fails(3, "simulate", "no.toml", "--out", "x"), "no.toml: cannot open: No such file or directory")
        self.assertIn("no/such/run", self.fails(4, "evaluate", "no/such/run"))

    def test_a_bad_recipe_key_is_named_with_its_place_and_the_nearest(self):
        (self.folder / "r.toml").write_text('name = "x"\n[train]\nepoch = 3\n')
        self.assertEqual(self.fails(2, "train", "r.toml", "--out", "x"), "r.toml:3:1: unknown key train.epoch; did you mean train.epochs?")
        (self.folder / "s.toml").write_text("gc = 0.4\nlenght = 37\n")
        self.assertEqual(self.fails(2, "simulate", "s.toml", "--out", "x"), "s.toml:2:1: unknown key lenght; did you mean length?")

    def test_a_bad_set_is_named_with_the_nearest(self):
        text = self.fails(2, "train", "demo", "--out", "x", "--set", "train.optimizer.lerning_rate=1")
        self.assertIn("unknown option train.optimizer.lerning_rate; did you mean train.optimizer.learning_rate?", text)

    def test_an_unknown_data_set_names_the_nearest(self):
        self.assertIn("ecoli_tss", self.fails(2, "data", "check", "ecoli_ts"))

    def test_a_full_disk_on_standard_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            outcome = self.run_program("data", "ls", stdout=full)
        self.assertEqual((outcome.code, outcome.err), (4, "basewise: error: cannot write to standard output: No space left on device\n"))

    def test_too_little_memory_is_said_in_words(self):
        def little():
            resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

        outcome = self.run_program("simulate", "--out", "x", "--sequences", "1000000000", "--threads", "1", before=little)
        self.assertEqual(outcome.code, 4, outcome.err)
        self.assertEqual(outcome.err, "basewise: error: there is not enough memory; try fewer or shorter sequences, a smaller batch, or fewer workers\n")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_too_little_memory_for_libtorch_is_said_in_the_same_words(self):
        def little():
            resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

        (self.folder / "m.toml").write_text('format = 1\n[inputs.x]\nfeatures = 1000\n[[layers]]\ntype = "dense"\nunits = 1000000\n[[heads]]\nname = "y"\n')
        outcome = self.run_program("inspect", "m.toml", "--threads", "1", before=little)
        self.assertEqual(outcome.code, 4, outcome.err)
        self.assertEqual(outcome.err, "basewise: error: there is not enough memory; try fewer or shorter sequences, a smaller batch, or fewer workers\n")

    def test_unknown_kernels_are_named(self):
        self.assertIn('kernels is "fast"; it must be one of basewise, bfloat16, torch', self.fails(2, "train", "demo", "--out", "x", "--kernels", "fast", *TINY))

    def test_an_unknown_device_is_named(self):
        self.assertIn("tpu", self.fails(2, "train", "demo", "--out", "x", "--device", "tpu", *TINY))
        self.assertFalse((self.folder / "x").exists())


class Start(ProgramTest):
    """Loading libtorch takes a quarter of a second. What needs no tensor does not pay: counted in libraries, not in time."""

    def test_light_verbs_do_not_load_torch(self):
        for arguments in ([], ["--help"], ["--version"], ["data", "ls"], ["data", "--help"], ["simulate", "--out", "x", "--sequences", "5"], ["new", "--help"], ["doctor", "--help"]):
            with self.subTest(arguments):
                libraries = self.libraries(*arguments)
                self.assertIn("libc.so.6", libraries)
                self.assertEqual([name for name in libraries if "torch" in name or "c10" in name or "basewise" in name], [])

    def test_tensor_verbs_load_it_from_beside_the_program(self):
        libraries = self.libraries("inspect", "--help")
        self.assertIn("libbasewise_verbs.so", libraries)
        self.assertIn("libtorch_cpu.so", libraries)


class Data(ProgramTest):
    def test_ls_lists_what_is_registered(self):
        listed = self.succeeds("data", "ls", "--json").json
        self.assertGreater(len(listed), 3)
        text = self.succeeds("data", "ls").out
        self.assertEqual(text.count("\n"), len(listed) + 1)
        self.assertIn("ecoli_tss", text)
        self.assertEqual({"name", "title", "licence", "files", "present", "bytes", "downloadable"}, set(listed[0]))

    def entry(self, sha256):
        entries = self.folder / "entries"
        entries.mkdir(exist_ok=True)
        (entries / "mine.toml").write_text(
            f'name = "mine"\ntitle = "t"\nsource = "s"\nlicence = "CC0"\n[[file]]\npath = "x.txt"\nsize = 5\nsha256 = "{sha256}"\n')
        (self.folder / "mirror/mine").mkdir(parents=True, exist_ok=True)
        return {"BASEWISE_REGISTRY": str(entries), "BASEWISE_DATA": str(self.folder / "mirror")}

    def test_check_tells_good_from_bad_and_missing(self):
        places = self.entry(hashlib.sha256(b"hello").hexdigest())
        missing = self.run_program("data", "check", "mine", "--json", **places)
        self.assertEqual((missing.code, missing.json[0]["state"]), (3, "missing"), missing.err)
        file = self.folder / "mirror/mine/x.txt"
        file.write_text("hello")
        self.assertEqual(self.succeeds("data", "check", "mine", "--json", **places).json[0]["state"], "good")
        file.write_text("hullo")
        bad = self.run_program("data", "check", **places)
        self.assertEqual(bad.code, 3)
        self.assertIn("mine/x.txt", bad.out)


class Doctor(ProgramTest):
    def test_it_tells_build_machine_torch_and_data_as_json(self):
        report = self.succeeds("doctor", "--json", "--threads", "3", BASEWISE_DATA=str(self.folder)).json
        self.assertEqual(list(report), ["build", "machine", "torch", "data"])
        self.assertEqual(report["machine"]["threads"], 3)
        self.assertEqual(f"basewise {report['build']['version']}\n", self.succeeds("--version").out)
        self.assertEqual(report["data"]["mirror"], str(self.folder))
        self.assertIn("libtorch", json.dumps(report["torch"]))

    def test_it_tells_the_same_to_people(self):
        text = self.succeeds("doctor").out
        for title in ("build", "machine", "torch", "data"):
            self.assertRegex(text, rf"(?m)^{title}$")


class Options(ProgramTest):
    def test_the_reference_page_is_current(self):
        page = ROOT / "docs/options.md"
        self.assertEqual(page.read_text(), self.succeeds("options").out, "write it anew: basewise options > docs/options.md")

    def test_topics_can_be_asked_for(self):
        self.assertIn("| `sequences` | integer |", self.succeeds("options", "simulation").out)
        self.assertIn("unknown topic 'recip', did you mean recipe?", self.fails(2, "options", "recip"))
        self.assertIn("train.epochs", [row["path"] for row in self.succeeds("options", "recipe", "--json").json["recipe"]])
        layers = self.succeeds("options", "layers", "--json").json["layers"]
        self.assertIn("dilation", [row["path"] for row in layers["conv"]["options"]])

    def test_defaults_stay_what_they_were(self):
        # Model files, recipes and the hashes of study records leave out what has its default: another default gives old ones another meaning.
        golden = json.loads((ROOT / "tests/golden/defaults.json").read_text())
        now = self.succeeds("options", "--json").json
        tables = {"recipe": now["recipe"]} | {f"layer {name}": layer["options"] for name, layer in now["layers"].items()}
        tables |= {name: rows for name, rows in now.items() if name.startswith("measure-")}
        defaults = {name: {row["path"]: row["default"] for row in rows if not row["required"]} for name, rows in tables.items()}
        for name, options in golden.items():
            self.assertEqual(options, {path: defaults.get(name, {}).get(path) for path in options}, name)
        new = [f"{name}: {path}" for name in defaults for path in defaults[name] if path not in golden.get(name, {})]
        self.assertEqual(new, [], "new options: write them with their defaults into tests/golden/defaults.json")


class Demo(ProgramTest):
    def test_the_script_runs_to_its_end(self):
        run = self.folder / "demo"
        environment = self.environment(BASEWISE_BUILD=str(self.program.parents[2]), BASEWISE_DEMO_RUN=str(run))
        done = subprocess.run([ROOT / "scripts/demo"], env=environment, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("== the demo is done", done.stdout)
        for made in ("report.html", "metrics.json", "new/predictions.tsv"):
            self.assertTrue((run / made).is_file(), made)


class Simulate(ProgramTest):
    def test_files_are_a_function_of_options_and_seed(self):
        arguments = ["--sequences", "37", "--length", "60", "--seed", "5"]
        report = self.succeeds("simulate", "--out", "a", *arguments, "--json").json
        self.assertEqual((report["sequences"], report["length"]), (37, 60))
        self.succeeds("simulate", "--out", "b", *arguments, "--threads", "3")
        self.succeeds("simulate", "--out", "c", *arguments[:-1], "6")
        for file in map(pathlib.Path, report["files"]):
            self.assertEqual((self.folder / file).read_bytes(), (self.folder / "b" / file.name).read_bytes())
        self.assertNotEqual((self.folder / "a/sequences.fa").read_bytes(), (self.folder / "c/sequences.fa").read_bytes())
        self.assertEqual((self.folder / "a/sequences.fa").read_text().count(">"), 37)

    def test_a_file_of_options_can_be_overruled(self):
        (self.folder / "s.toml").write_text("sequences = 11\nlength = 50\n")
        report = self.succeeds("simulate", "s.toml", "--out", "a", "--length", "70", "--json").json
        self.assertEqual((report["sequences"], report["length"]), (11, 70))


class Work(ProgramTest):
    """From a recipe to predictions, small."""

    def test_train_evaluate_predict_inspect(self):
        trained = self.succeeds("train", "demo", "--out", "run", *TINY, "--quiet", "--json")
        self.assertEqual(trained.err, "")
        self.assertIsInstance(trained.json, dict)
        for file in ("config.toml", "model.toml", "weights.safetensors", "manifest.json", "log.tsv"):
            self.assertTrue((self.folder / "run" / file).is_file(), file)
        manifest = json.loads((self.folder / "run/manifest.json").read_text())
        self.assertIn("data.simulation.sequences=300", " ".join(manifest["command_line"]))

        self.assertIsInstance(self.succeeds("evaluate", "run", "--json", "--quiet").json, dict)
        metrics = json.loads((self.folder / "run/metrics.json").read_text())
        self.succeeds("evaluate", "run", "--json", "--quiet", "--kernels", "torch")
        by_torch = json.loads((self.folder / "run/metrics.json").read_text())
        for name, metric in metrics["pooled"]["metrics"].items():
            self.assertAlmostEqual(metric["value"], by_torch["pooled"]["metrics"][name]["value"], places=3, msg=name)
        self.succeeds("simulate", "--out", "new", "--sequences", "7")
        predicted = self.succeeds("predict", "run", "--fasta", "new/sequences.fa", "--out", "new/p", "--json", "--quiet").json
        self.assertEqual(predicted["sequences"], 7)
        for file in predicted["files"]:
            self.assertTrue((self.folder / file).is_file(), file)
        self.assertEqual(predicted["strands"], "mean")  # as the recipe says
        rows = {}
        for strategy in ("auto", "single", "mean", "max", "probability"):
            told = self.succeeds("predict", "run", "--fasta", "new/sequences.fa", "--out", strategy, "--strand-strategy", strategy, "--json", "--quiet").json
            self.assertEqual(told["strands"], "mean" if strategy == "auto" else strategy)
            rows[strategy] = (self.folder / told["files"][0]).read_text()
        self.assertEqual(rows.pop("auto"), rows["mean"])
        self.assertEqual(len(set(rows.values())), 4)
        self.assertIn("single, mean, max, probability", self.fails(2, "predict", "run", "--fasta", "new/sequences.fa", "--out", "x", "--strand-strategy", "both"))
        other = self.succeeds("evaluate", "run", "--set", "strand.predict=single", "--out", "single.json", "--json", "--quiet").json
        self.assertEqual((other["strands"], metrics["strands"]), ("single", "mean"))
        for what in ("run", "demo", "run/model.toml", ROOT / "recipes/demo/recipe.toml"):
            self.assertGreater(self.succeeds("inspect", what, "--json").json["parameters"], 100)
        self.assertIn("run", self.fails(4, "train", "demo", "--out", "run", *TINY))

    def test_attribute_leaves_a_folder_that_goes_on_and_is_put_together(self):
        self.succeeds("train", "demo", "--out", "run", *TINY, "--no-report", "--quiet")
        self.succeeds("simulate", "--out", "new", "--sequences", "300", "--quiet")
        words = ["attribute", "run", "--fasta", "new/sequences.fa", "--target", "logits:0", "--method", "gradient", "--no-report", "--quiet"]
        told = self.succeeds(*words, "--out", "once", "--json").json
        self.assertEqual((told["finished"], told["examples"], told["computed"], told["missing"], told["target"]), (True, 300, 300, 0, "logits:0"))
        names = ["attribute.json", "attributions.npz", "loci.tsv", "sequences.npz"]
        self.assertEqual(sorted(path.name for path in (self.folder / "once").iterdir()), names)
        self.assertIn("holds finished attributions; give another folder, or --overwrite", self.fails(4, *words, "--out", "once"))
        self.assertIn("300 examples of", self.succeeds(*words, "--out", "once", "--resume").out)
        part = self.succeeds(*words, "--out", "parts", "--shard", "2/2").out
        self.assertRegex(part, r"44 examples attributed in .* s; 256 of 300 are left to other shards")
        self.assertIn("256 of 300 examples are missing, the first of them number 0", self.fails(4, *words, "--out", "parts", "--join"))
        self.assertIn('has method = "gradient", now it is "smoothgrad"', self.fails(4, *words[:6], "--method", "smoothgrad", "--out", "parts", "--resume"))
        self.succeeds(*words, "--out", "parts", "--shard", "1/2")
        self.succeeds(*words, "--out", "parts", "--join")
        for name in names:
            self.assertEqual((self.folder / "parts" / name).read_bytes(), (self.folder / "once" / name).read_bytes(), name)
        self.assertIn("exactly one of genome", self.fails(2, "attribute", "run", "--target", "logits:0", "--out", "x"))
        self.assertIn("window is what is read around an interval", self.fails(2, *words, "--window", "100", "--out", "x"))
        self.assertIn("noise is -0.5", self.fails(2, *words, "--noise=-.5", "--out", "x"))
        self.assertIn("attribute needs a folder for its files", self.fails(2, "attribute", "run", "--fasta", "new/sequences.fa"))
        self.assertFalse((self.folder / "x").exists())

    def test_filters_become_motifs_and_sequences_are_perturbed(self):
        self.succeeds("train", "demo", "--out", "run", *TINY, "--no-report", "--quiet")
        words = ["motifs", "filters", "run", "--no-report", "--quiet"]
        told = self.succeeds(*words, "--out", "f", "--min-sites", "1", "--json").json
        self.assertEqual(told["filters"], told["kept"] + told["dead"] + told["not_positive"] + told["few_sites"] + told["uninformative"])
        self.assertIn("holds motifs of filters; give another folder, or --overwrite", self.fails(4, *words, "--out", "f"))
        self.assertIn("no layer 'nowhere'", self.fails(2, *words, "--out", "g", "--layer", "nowhere"))
        self.assertIn("needs a folder for its files", self.fails(2, *words))
        words = ["perturb", "run", "--motifs", "TGACTCA", "--max", "20", "--quiet"]
        told = self.succeeds(*words, "--out", "p", "--arrays", "p.h5", "--json").json
        self.assertEqual((told["examples"], told["rows"][0]["condition"]), (20, "TGACTCA"))
        self.assertEqual(told["files"], ["p.tsv", "p.json", "p.h5"])
        self.assertTrue(all((self.folder / name).exists() for name in told["files"]))
        kept = json.loads((self.folder / "p.json").read_text())
        self.assertEqual([kept[key] for key in ("examples", "outputs", "notes", "rows")], [told[key] for key in ("examples", "outputs", "notes", "rows")])
        self.assertIn("is a name that the run keeps for files of its own", self.fails(2, *words, "--out", "run/metrics"))
        self.assertIn("marginalize needs motifs", self.fails(2, "perturb", "run", "--quiet"))
        self.assertIn("space needs two motifs", self.fails(2, "perturb", "run", "--experiment", "space", "--motifs", "ACGT", "--quiet"))

    def test_interrupted_training_says_how_to_resume_and_resumes(self):
        arguments = [self.program, "train", "demo", "--out", "run", "--set", "data.simulation.sequences=600", "--set", "train.epochs=100000"]
        training = subprocess.Popen(arguments, cwd=self.folder, env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        log = self.folder / "run/log.tsv"
        for _ in range(600):
            if training.poll() is not None or (log.exists() and log.read_text().count("\n") >= 2):
                break
            time.sleep(0.1)
        training.send_signal(signal.SIGINT)
        out, err = training.communicate(timeout=60)
        self.assertEqual(training.returncode, 130, err)
        self.assertIn("--resume", out + err)
        epochs = log.read_text().count("\n")
        self.assertIn("resume", self.fails(4, "train", "demo", "--out", "run").lower())
        resumed = subprocess.Popen([self.program, "train", "--resume", "--out", "run"], cwd=self.folder, env=self.environment(), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(600):
            if resumed.poll() is not None or log.read_text().count("\n") > epochs:
                break
            time.sleep(0.1)
        resumed.send_signal(signal.SIGTERM)
        out, err = resumed.communicate(timeout=60)
        self.assertEqual(resumed.returncode, 130, err)
        self.assertGreater(log.read_text().count("\n"), epochs)


if __name__ == "__main__":
    gtest_xml.main()
