"""`cmake --install` gives a tree that another project can use: find_package(basewise), compile, run.

    tests/consumer/consumer_test.py --build BUILD --generator GENERATOR [--gtest_output=xml:FILE]
"""

import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402


def take(option):
    at = sys.argv.index(option)
    del sys.argv[at]
    return sys.argv.pop(at)


BUILD, GENERATOR = pathlib.Path(take("--build")), take("--generator")
WORK = BUILD / "consumer"
PREFIX = WORK / "prefix"


def run(*command):
    """Standard output; the whole output in the error if it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(WORK, ignore_errors=True)
        run("cmake", "--install", BUILD, "--prefix", PREFIX)
        run("cmake", "-S", HERE / "project", "-B", WORK / "build", "-G", GENERATOR, f"-DCMAKE_PREFIX_PATH={PREFIX}")
        run("cmake", "--build", WORK / "build")
        cls.fasta = WORK / "two.fa"
        cls.fasta.write_text(">one first\nACGTACG\n>two\nGGGCCATNN\n", encoding="utf-8")

    def test_program_without_torch(self):
        self.assertEqual(run(WORK / "build/count_bases", self.fasta), "one\t7\t0.571\ntwo\t9\t0.714\n")

    def test_program_with_a_model(self):
        self.assertEqual(run(WORK / "build/score_sequences", self.fasta), "one\t(1, 2)\ntwo\t(1, 2)\n")

    def test_program_that_trains_a_model_of_its_own(self):
        folder = WORK / "own_run"
        self.assertTrue(run(WORK / "build/train_own_model", folder).endswith("run after 5 epochs\n"))
        made = {path.name for path in folder.iterdir()}
        self.assertLessEqual({"config.toml", "weights.safetensors", "log.tsv", "manifest.json", "model.json", "data.json"}, made)
        self.assertIn("report: ", run(PREFIX / "bin/basewise", "report", folder))

    def test_installed_program_runs_from_its_new_place(self):
        # The tree moves as a whole: nothing in it may point back to where it was installed.
        moved = WORK / "moved"
        shutil.move(PREFIX, moved)
        self.addCleanup(shutil.move, moved, PREFIX)
        self.assertIn("basewise", run(moved / "bin/basewise", "--version"))
        self.assertIn("libtorch", run(moved / "bin/basewise", "doctor"))

    def test_installs_public_headers_only(self):
        headers = [path.relative_to(PREFIX / "include").as_posix() for path in (PREFIX / "include").rglob("*") if path.is_file()]
        self.assertIn("basewise/core/error.h", headers)
        self.assertEqual([name for name in headers if "/detail/" in name or not name.endswith(".h")], [])


if __name__ == "__main__":
    gtest_xml.main()
