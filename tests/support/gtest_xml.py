"""Runs the unittest cases of a script and writes their outcomes in GoogleTest's XML, so that scripts/test counts them one by one.

    if __name__ == "__main__":
        gtest_xml.main()          # script.py [--gtest_output=xml:FILE] [unittest arguments]
"""

import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as ET


class _Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self._started = 0.0

    def startTest(self, test):
        self._started = time.time()
        super().startTest(test)

    def _add(self, test, outcome, text=""):
        self.cases.append((test.id(), outcome, text, time.time() - self._started))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._add(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._add(test, "skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._add(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._add(test, "failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._add(subtest, "failed", self._exc_info_to_string(err, test))


def _write(cases, path):
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name=pathlib.Path(sys.argv[0]).stem, tests=str(len(cases)))
    for identifier, outcome, text, seconds in cases:
        classname, _, name = identifier.removeprefix("__main__.").rpartition(".")
        case = ET.SubElement(suite, "testcase", classname=classname, name=name, status="run", time=f"{seconds:.3f}")
        if outcome != "passed":
            ET.SubElement(case, "failure" if outcome == "failed" else "skipped", message=text)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def main():
    output = [argument for argument in sys.argv if argument.startswith("--gtest_output=xml:")]
    arguments = [argument for argument in sys.argv if argument not in output]
    runner = unittest.TextTestRunner(resultclass=_Result, verbosity=1)
    program = unittest.main(module="__main__", argv=arguments, testRunner=runner, exit=False)
    for option in output:
        _write(program.result.cases, pathlib.Path(option.removeprefix("--gtest_output=xml:")))
    sys.exit(0 if program.result.wasSuccessful() else 1)
