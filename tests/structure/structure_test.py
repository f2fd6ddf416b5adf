"""The tree keeps the rules of docs/architecture.md, and the checks notice when one does not.

    tests/structure/structure_test.py --build BUILD [--gtest_output=xml:FILE]
"""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
import headers  # noqa: E402
import structure  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(sys.argv.index("--build") + 1)) if "--build" in sys.argv else ROOT / "build/release"
if "--build" in sys.argv:
    sys.argv.remove("--build")


class TheTree(unittest.TestCase):
    """This repository."""

    tree = structure.Tree(ROOT)

    def assert_none(self, problems):
        if problems:
            self.fail("\n".join([""] + problems))

    def test_has_modules_and_walls(self):
        self.assertIn("core", self.tree.modules)
        self.assertGreater(len(self.tree.modules), 8)
        self.assertGreater(len(self.tree.walls), 6)
        self.assertGreater(len(self.tree.files), 50)

    def test_every_public_header_compiles_alone(self):
        if not (BUILD / "compile_commands.json").exists():
            self.skipTest(f"no {BUILD}/compile_commands.json: configure a build first")
        problems, compiled, _ = headers.check_headers(self.tree, BUILD, cache=BUILD / "headers-compiled.json")
        self.assert_none(problems)
        self.assertIn("basewise/core/format.h", compiled)


def add_rule(check):
    def test(self):
        self.assert_none(check(self.tree))

    setattr(TheTree, "test_" + check.__name__.removeprefix("check_"), test)


for rule in structure.ALL:
    add_rule(rule)


class TheChecks(unittest.TestCase):
    """Small trees that break one rule each, with the real tables."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("docs/architecture.md", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
        self.write("basewise/core/error.h", "#pragma once\n")
        self.write("basewise/core/detail/secret.h", "#pragma once\n")
        self.write("basewise/tensor/torch.h", "#pragma once\n#include <ATen/ATen.h>\n")
        self.write("basewise/tensor/bundle.h", '#pragma once\n#include "basewise/tensor/torch.h"\nat::Tensor f();\n')
        self.write("basewise/io/fasta.h", '#pragma once\n#include "basewise/core/error.h"\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def complaint(self, check):
        """The one problem that the check finds."""
        problems = check(structure.Tree(self.root))
        self.assertEqual(len(problems), 1, problems)
        return problems[0]

    def test_accept_a_good_tree(self):
        for check in structure.ALL:
            self.assertEqual(check(structure.Tree(self.root)), [], check.__name__)

    def test_refuse_a_higher_floor(self):
        self.write("basewise/core/log.cpp", '#include "basewise/io/fasta.h"\n')
        self.assertEqual(self.complaint(structure.check_floors),
                         'basewise/core/log.cpp:1: core (floor 0) includes "basewise/io/fasta.h" (floor 2): only lower floors may be included')

    def test_refuse_a_neighbour_on_the_same_floor(self):
        self.write("basewise/io/x.cpp", '\n#include "basewise/tensor/bundle.h"\n')
        self.assertIn("basewise/io/x.cpp:2: io (floor 2) includes", self.complaint(structure.check_floors))

    def test_refuse_torch_through_a_lower_module(self):
        self.write("basewise/corpus/x.cpp", '#include "basewise/tensor/bundle.h"\n')
        self.assertIn('corpus is torch-free and includes "basewise/tensor/bundle.h" of tensor', self.complaint(structure.check_floors))

    def test_refuse_the_details_of_another_module(self):
        self.write("basewise/io/x.cpp", '#include "basewise/core/detail/secret.h"\n')
        self.assertIn("detail/ is for module core alone", self.complaint(structure.check_floors))

    def test_refuse_the_details_of_a_module_in_tests(self):
        self.write("tests/laws/x_test.cpp", '#include "basewise/core/detail/secret.h"\n')
        self.assertIn("detail/ is for module core alone", self.complaint(structure.check_floors))

    def test_refuse_details_in_a_public_header(self):
        self.write("basewise/core/x.h", '#include "basewise/core/detail/secret.h"\n')
        self.assertIn("detail/ is not installed", self.complaint(structure.check_floors))

    def test_refuse_a_module_that_the_table_lacks(self):
        self.write("basewise/attic/x.h", "#pragma once\n")
        self.assertIn("basewise/attic/x.h: its module is not in the table", self.complaint(structure.check_floors))

    def test_refuse_a_header_that_does_not_exist(self):
        self.write("basewise/io/x.cpp", '#include "basewise/core/eror.h"\n')
        self.assertIn("names no header of ours", self.complaint(structure.check_floors))

    def test_refuse_angle_brackets_for_our_headers(self):
        self.write("basewise/io/x.cpp", "#include <basewise/core/error.h>\n")
        self.assertIn("include it with quotes", self.complaint(structure.check_floors))

    def test_refuse_foreign_headers_outside_their_walls(self):
        cases = {
            "basewise/nn/x.cpp": "torch/torch.h",
            "basewise/metrics/x.cpp": "ATen/ATen.h",
            "basewise/io/x.h": "htslib/faidx.h",
            "basewise/corpus/x.cpp": "bigWig.h",
            "basewise/data/x.cpp": "zlib.h",
            "basewise/io/y.cpp": "curl/curl.h",
            "basewise/core/x.h": "openssl/evp.h",
            "basewise/data/y.cpp": "tbb/parallel_for.h",
            "basewise/train/x.cpp": "toml++/toml.h",
            "basewise/core/y.cpp": "CLI/CLI.hpp",
            "basewise/seq/x.h": "fmt/format.h",
            "basewise/metrics/y.h": "nlohmann/json.hpp",
            "basewise/core/z.cpp": "gtest/gtest.h",
            "tests/laws/y.cpp": "htslib/sam.h",
            "basewise/io/z.cpp": "bigWig.h",
        }
        for name, header in cases.items():
            with self.subTest(name=name, header=header):
                self.write(name, f"#include <{header}>\n")
                self.assertIn(f"{name}:1: <{header}> is walled in", self.complaint(structure.check_walls))
                (self.root / name).unlink()

    def test_accept_foreign_headers_inside_their_walls(self):
        self.write("basewise/io/x.cpp", "#include <htslib/faidx.h>\n#include <zlib.h>\n#include <nlohmann/json.hpp>\n")
        self.write("basewise/core/x_test.cpp", "#include <gtest/gtest.h>\n#include <rapidcheck.h>\n")
        self.write("tests/malformed/x_test.cpp", "#include <zlib.h>\n#include <nlohmann/json.hpp>\n")
        self.write("basewise/core/x.h", "#include <nlohmann/json_fwd.hpp>\n")
        self.write("apps/basewise/main.cpp", "#include <CLI/CLI.hpp>\n")
        self.assertEqual(structure.check_walls(structure.Tree(self.root)), [])

    def test_refuse_a_circle_of_headers(self):
        self.write("basewise/seq/a.h", '#include "basewise/seq/b.h"\n')
        self.write("basewise/seq/b.h", '#include "basewise/seq/c.h"\n')
        self.write("basewise/seq/c.h", '#include "a.h"\n')
        self.assertEqual(self.complaint(structure.check_cycles),
                         "basewise/seq/a.h -> basewise/seq/b.h -> basewise/seq/c.h -> basewise/seq/a.h: headers include each other in a circle")

    def test_refuse_a_link_to_a_higher_floor(self):
        self.write("basewise/seq/CMakeLists.txt", "basewise_module(seq PUBLIC core io)\n")
        self.assertIn("seq (floor 1) links io (floor 2)", self.complaint(structure.check_cmake_lists))

    def test_refuse_a_torch_free_module_that_links_torch(self):
        self.write("basewise/corpus/CMakeLists.txt", "basewise_module(corpus PUBLIC core tensor)\n")
        self.assertIn("corpus is torch-free and links tensor", self.complaint(structure.check_cmake_lists))
        self.write("basewise/corpus/CMakeLists.txt", "basewise_module(corpus PUBLIC core TORCH)\n")
        self.assertIn("has TORCH, and docs/architecture.md says no", self.complaint(structure.check_cmake_lists))

    def test_refuse_an_include_that_is_not_linked(self):
        self.write("basewise/io/CMakeLists.txt", "basewise_module(io PUBLIC seq)\n")
        self.assertIn('basewise/io/fasta.h:1: includes "basewise/core/error.h"'.replace(":1:", ":2:"), self.complaint(structure.check_cmake_lists))
        self.write("basewise/io/CMakeLists.txt", "basewise_module(io PUBLIC seq PRIVATE core)\n")
        self.assertIn("does not name core under PUBLIC", self.complaint(structure.check_cmake_lists))

    def test_refuse_torch_types_without_the_door(self):
        self.write("basewise/nn/x.h", "#pragma once\nat::Tensor forward(const at::Tensor& x);\n")
        self.assertIn("basewise/nn/x.h: names torch types without including", self.complaint(structure.check_torch_users))
        self.write("basewise/nn/x.h", '#pragma once\n#include "basewise/tensor/bundle.h"\nat::Tensor forward(const at::Tensor& x);\n')
        self.assertEqual(structure.check_torch_users(structure.Tree(self.root)), [])

    def test_refuse_another_header_before_the_own_one(self):
        self.write("basewise/core/error.cpp", '#include <string>\n#include "basewise/core/error.h"\n')
        self.assertEqual(self.complaint(structure.check_own_header_first),
                         'basewise/core/error.cpp:1: its first include is string; it must be "basewise/core/error.h"')

    def test_refuse_a_long_file(self):
        self.write("basewise/core/long.cpp", "\n" * 501)
        self.assertIn("basewise/core/long.cpp: 501 lines", self.complaint(structure.check_length))

    def test_refuse_a_header_that_needs_another_before_it(self):
        self.write("basewise/core/needy.h", "#pragma once\nstd::string name();\n")
        self.write("build/compile_commands.json", f'[{{"directory": "{self.root}", "file": "{self.root}/basewise/core/error.cpp", '
                   f'"command": "ccache c++ -std=c++20 -I{self.root} -o x.o -c {self.root}/basewise/core/error.cpp"}}]')
        cache = self.root / "build/cache.json"
        for _ in range(2):  # the second time with what the first remembered: a failure is never remembered
            problems, _, left_out = headers.check_headers(structure.Tree(self.root), self.root / "build", cache=cache)
            self.assertEqual(len(problems), 1, problems)
            self.assertIn("basewise/core/needy.h does not compile alone", problems[0])
            self.assertIn("needy.h:2", problems[0])
            self.assertEqual(left_out, ["basewise/tensor/bundle.h"])
        self.write("basewise/core/needy.h", "#pragma once\n#include <string>\nstd::string name();\n")
        self.assertEqual(headers.check_headers(structure.Tree(self.root), self.root / "build", cache=cache)[0], [])


if __name__ == "__main__":
    gtest_xml.main()
