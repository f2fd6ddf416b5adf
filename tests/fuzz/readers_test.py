"""A few damaged files through every reader of files (fuzz.cpp); `make fuzz` takes many. BASEWISE_FUZZ_MUTANTS says how many."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402

FUZZ = None
if "--fuzz" in sys.argv:
    at = sys.argv.index("--fuzz")
    FUZZ = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]


class Readers(unittest.TestCase):
    def fuzz(self, *words):
        return subprocess.run([FUZZ, *map(str, words)], cwd=HERE.parent.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3000)

    def test_damaged_files_end_in_an_error_of_ours_or_a_result(self):
        with tempfile.TemporaryDirectory() as kept:
            done = self.fuzz("--mutants", os.environ.get("BASEWISE_FUZZ_MUTANTS", "200"), "--keep", kept)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertIn("0 mutants went wrong", done.stdout)

    def test_most_damage_is_found(self):
        """A fuzzer whose files are all refused at their first byte, or never, would see nothing."""
        with tempfile.TemporaryDirectory() as kept:
            done = self.fuzz("--mutants", "300", "--reader", "safetensors", "--keep", kept)
        words = done.stdout.split()
        errors = int(words[words.index("errors,") - 1])
        self.assertTrue(30 < errors < 300, done.stdout)

    def test_the_readers_are_listed(self):
        names = self.fuzz("--list").stdout.split()
        self.assertGreaterEqual(len(names), 40)
        self.assertEqual(len(names), len(set(names)))
        for name in ("fasta", "bed", "gff", "vcf", "bigwig", "packed_track", "npz", "hdf5", "attributions", "modisco", "safetensors", "meme", "jaspar", "transfac", "tsv", "sites", "site_source",
                     "track_of_genome", "model_file", "folds", "draft_of_table", "methylation", "stretches", "deepcpg", "labelled_table", "learned_model"):
            self.assertIn(name, names)


if __name__ == "__main__":
    gtest_xml.main()
