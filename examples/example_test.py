"""An example prints what the file of its name says, and ends with 0.

    examples/example_test.py NAME.out PROGRAM [ARGUMENT...] [--gtest_output=xml:FILE]
    examples/example_test.py NAME.out --write PROGRAM [ARGUMENT...]      writes the file anew
"""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402

OURS = [argument for argument in sys.argv[1:] if not argument.startswith("--gtest_output=")]
EXPECTED = HERE / OURS[0]
WRITE = "--write" in OURS
COMMAND = [argument for argument in OURS[1:] if argument != "--write"]
sys.argv = [sys.argv[0]] + [argument for argument in sys.argv[1:] if argument.startswith("--gtest_output=")]


class Example(unittest.TestCase):
    def test_prints_what_is_shown(self):
        run = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        if WRITE:
            EXPECTED.write_text(run.stdout, encoding="utf-8")
        self.assertMultiLineEqual(run.stdout, EXPECTED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    gtest_xml.main()
