"""Short runs leave behind what they left behind when they were pinned: weights, measures, model and configuration.

    tests/pins/pins_test.py --program build/release/apps/basewise/basewise [--gtest_output=xml:FILE] [unittest arguments]
"""

import pathlib
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
import pins  # noqa: E402
import runs  # noqa: E402

PROGRAM = pins.ROOT / "build/release/apps/basewise/basewise"
if "--program" in sys.argv:
    at = sys.argv.index("--program")
    PROGRAM = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]


class Pinned(unittest.TestCase):
    """A test for each run; they share the inputs."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="basewise-pins-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        runs.prepare(cls.folder)
        cls.pins = pins.Pins.read()
        cls.here = pins.certificate(PROGRAM)
        cls.exact = pins.same_kind(cls.pins.certificate, cls.here)
        if not cls.exact:
            print(f"pinned on another machine or with other libraries: measures and losses may differ by {pins.TOLERANCE:g}, weights are not compared\n"
                  f"  pinned: {cls.pins.certificate}\n  here:   {cls.here}", file=sys.stderr)

    def check(self, name):
        lines = self.pins.differences(name, runs.facts(runs.run_case(PROGRAM, self.folder, name)), self.exact)
        if lines:
            more = [f"and {len(lines) - pins.SHOWN} more"] if len(lines) > pins.SHOWN else []
            self.fail("\n".join(["not as pinned:", *lines[:pins.SHOWN], *more]))

    def test_every_run_is_pinned(self):
        self.assertEqual(set(runs.CASES), set(self.pins.runs))


def add_run(name):
    setattr(Pinned, f"test_{name}", lambda self: self.check(name))


for case in runs.CASES:
    add_run(case)


class TheComparison(unittest.TestCase):
    """It sees what changes, and says where."""

    def test_a_value_that_changes_or_goes(self):
        told = pins.value_differences("x", {"a.0": 1.0, "b": "t", "c": None}, {"a.0": 1.00001, "b": "t", "d": 3})
        self.assertEqual(told, ["x c: was None, is no longer there", "x a.0: was 1.0, is 1.00001"])
        self.assertEqual(pins.value_differences("x", {"a": 1.0, "b": True}, {"a": 1.00001, "b": True}, 1e-4), [])
        self.assertEqual(len(pins.value_differences("x", {"a": 1.0, "b": True, "c": 200.0}, {"a": 1.001, "b": 1.00001, "c": 200.01}, 1e-4)), 2)

    def test_a_tensor_that_changes_names_the_place(self):
        before = ("F32", (3,), pins.array("f", [1, 2, 3]).tobytes())
        after = ("F32", (3,), pins.array("f", [1, 2.5, 3]).tobytes())
        told = pins.weight_differences({"w/a": before, "w/b": before, "w/c": before}, {"w/a": before, "w/b": after, "w/d": before})
        self.assertEqual(told, ["weights w/c: no longer there", "weights w/d: new",
                                "weights w/b: 1 of 3 values differ, most at 1: was 2.0, is 2.5 (+0.5)"])
        self.assertNotEqual(pins.digest({"a": before}), pins.digest({"a": after}))
        self.assertNotEqual(pins.digest({"a": before}), pins.digest({"b": before}))

    def test_nested_values_have_paths(self):
        self.assertEqual(runs.flat({"a": [{"b": 1}, 2], "c": [], "d": {}}), {"a.0.b": 1, "a.1": 2, "c": [], "d": {}})


if __name__ == "__main__":
    gtest_xml.main()
