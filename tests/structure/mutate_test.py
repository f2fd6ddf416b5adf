"""The list of faults fits the tree: each text stands exactly once in its file, and the tests that must catch it are there.

    tests/structure/mutate_test.py [--gtest_output=xml:FILE]
"""

import importlib.machinery
import importlib.util
import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402

loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "scripts/mutate"))
mutate = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
loader.exec_module(mutate)


class TheList(unittest.TestCase):
    def test_each_text_stands_once_in_its_file(self):
        self.assertGreater(len(mutate.faults()), 16)
        self.assertEqual([problem for fault in mutate.faults() for problem in mutate.problems(fault)], [])

    def test_each_name_is_there_once(self):
        names = [fault["name"] for fault in mutate.faults()]
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_each_filter_names_tests_of_its_module(self):
        for fault in mutate.faults():
            module = re.fullmatch(r"basewise_([a-z]+)_test", fault["test"])[1]
            sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "basewise" / module).rglob("*_test.cpp"))
            for suite in (part.split(".")[0] for part in fault["filter"].split(":")):
                self.assertRegex(sources, rf"TEST(_F)?\({suite},", fault["name"])

    def test_a_text_that_is_gone_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.cpp").write_text("int a; int a;")
            fault = {"name": "n", "file": "a.cpp", "before": "int a;", "after": "int b;"}
            self.assertEqual(mutate.problems(fault, root), ["n: a.cpp holds 'int a;' 2 times, expected once"])
            self.assertEqual(mutate.problems({**fault, "before": "int a; int"}, root), [])
            self.assertEqual(mutate.problems({**fault, "file": "b.cpp"}, root), ["n: b.cpp does not exist"])


if __name__ == "__main__":
    gtest_xml.main()
