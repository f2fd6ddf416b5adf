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

import counted  # noqa: E402
import examples  # noqa: E402
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


for rule in (*structure.ALL, examples.check_examples):
    add_rule(rule)


def add_counted(rule):
    def test(self):
        self.assert_none(counted.check(self.tree, rule, counted.read_budgets(HERE / "budgets.toml")))

    setattr(TheTree, f"test_{rule.__name__}_within_its_budget", test)


for rule in counted.RULES:
    add_counted(rule)


class SmallTrees(unittest.TestCase):
    """A small good tree with the real tables, to break rules in."""

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


class TheChecks(SmallTrees):
    """Each rule is broken once."""

    def test_accept_a_good_tree(self):
        for check in (*structure.ALL, examples.check_examples):
            self.assertEqual(check(structure.Tree(self.root)), [], check.__name__)

    def test_refuse_a_higher_floor(self):
        self.write("basewise/core/log.cpp", '#include "basewise/io/fasta.h"\n')
        self.assertEqual(self.complaint(structure.check_floors),
                         'basewise/core/log.cpp:1: core (floor 0) includes "basewise/io/fasta.h" (floor 3): only lower floors may be included')

    def test_refuse_a_neighbour_on_the_same_floor(self):
        self.write("basewise/ops/x.cpp", '\n#include "basewise/io/fasta.h"\n')
        self.assertIn("basewise/ops/x.cpp:2: ops (floor 3) includes", self.complaint(structure.check_floors))

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

    def test_refuse_json_past_its_bounds(self):
        self.write("basewise/io/x.cpp", "auto a = nlohmann::json::parse(text);  // Json::parse(\n")
        self.assertIn("basewise/io/x.cpp:1: read JSON with parse_json", self.complaint(structure.check_json))
        self.write("basewise/io/x.cpp", "\nauto a = Json::parse_error();\nout << json.dump(2);\n")
        self.assertIn("basewise/io/x.cpp:3: ", self.complaint(structure.check_json))

    def test_refuse_programs_by_name(self):
        self.write("basewise/io/x.cpp", 'posix_spawn(&child, file.c_str());\nstd::system("ls");\n')
        self.assertIn("basewise/io/x.cpp:2: start programs with run_program", self.complaint(structure.check_programs))

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
        self.assertIn("seq (floor 1) links io (floor 3)", self.complaint(structure.check_cmake_lists))

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

    def test_refuse_a_table_that_repeats_another(self):
        rows = "".join(f"| `name{i}` | a |\n" for i in range(6))
        self.write("CONTRIBUTING.md", "| name | what |\n|---|---|\n" + rows)
        self.write("docs/a.md", "Text.\n\n| n | `name0` | other |\n|---|---|---|\n" + rows.replace("name5", "another"))
        self.assertEqual(self.complaint(structure.check_tables),
                         "docs/a.md:3: this table repeats that of CONTRIBUTING.md:1; keep one and link to it")
        self.write("docs/a.md", "```\n| n |\n" + rows + "```\n")
        self.assertEqual(structure.check_tables(structure.Tree(self.root)), [])
        for name, values in (("a", "1000 2000 3000 4000"), ("b", "1000 2000 3001 4001"), ("c", "1001 2001 3001 4003")):
            self.write(f"recipes/{name}/README.md", "| model | value |\n|---|---|\n" + "".join(
                f"| m{i} | {value} |\n" for i, value in enumerate(values.split())) + "| m9 | 9999 |\n" * (name != "c"))
        self.assertEqual(self.complaint(structure.check_tables),
                         "recipes/b/README.md:1: this table repeats that of recipes/a/README.md:1; keep one and link to it")

    def test_refuse_code_that_is_part_of_no_example(self):
        self.write("docs/architecture.md", "")
        self.write("examples/CMakeLists.txt", "basewise_example(x core)\n")
        self.write("examples/x.cpp", "int a();\n\nstruct X {\n  int b;\n};\n")
        good = "// A struct (examples/x.cpp):\n//\n//   struct X {\n//     int b;\n//   };\n//\n// and so on;\n#pragma once\n"
        self.write("basewise/core/x.h", good)
        self.write("docs/x.md", "```cpp examples/x.cpp\n  struct X {\n    int b;\n```\n\n```toml\na = 1\n```\n\n```\nmake\n```\n")
        self.assertEqual(examples.check_examples(structure.Tree(self.root)), [])
        self.write("docs/x.md", "```cpp examples/x.cpp\nint a();\nstruct X {\n```\n")
        self.assertEqual(self.complaint(examples.check_examples), "docs/x.md:1: this is no part of examples/x.cpp; both must be the same")
        self.write("docs/x.md", "```toml examples/y.toml\na = 1\n```\n")
        self.assertEqual(self.complaint(examples.check_examples), "docs/x.md:1: examples/y.toml does not exist")
        self.write("docs/x.md", "\n```cpp\nint a();\n```\n")
        self.assertEqual(self.complaint(examples.check_examples), "docs/x.md:2: this code names no file of examples/ that it is part of")
        self.write("docs/x.md", "")
        for bad, what in ((good.replace("int b", "int c"), "this is no part of examples/x.cpp; both must be the same"),
                          (good.replace(" (examples/x.cpp)", ""), "this code names no file of examples/ that it is part of")):
            self.write("basewise/core/x.h", bad)
            self.assertEqual(self.complaint(examples.check_examples), f"basewise/core/x.h:3: {what}")
        self.write("basewise/core/x.h", good)
        self.write("examples/y.cpp", "")
        self.assertEqual(self.complaint(examples.check_examples), "examples/y.cpp: examples/CMakeLists.txt does not build it")

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


class TheCounts(SmallTrees):
    """Each counted rule is broken once."""

    def found(self, rule, key=None):
        return rule(structure.Tree(self.root)).get(key or rule.__name__, [])

    def one(self, rule, key=None):
        problems = self.found(rule, key)
        self.assertEqual(len(problems), 1, problems)
        return problems[0]

    def test_wide_code(self):
        self.write("basewise/core/x.cpp", "int " + "x" * 137 + ";\n// " + "x y " * 40 + "\nauto s = R\"(" + "x" * 140 + "\n" + "y" * 200 + ")\";\n")
        self.assertEqual(self.one(counted.code_width), "basewise/core/x.cpp:1: 142 columns, and 140 is the most")

    def test_wide_comments(self):
        self.write("basewise/core/x.h", "/// " + "ab " * 33 + "\nint f();  ///< " + "ab " * 30 + "\n// http://" + "x" * 120 + "\n/// " + "ab " * 32 + "\n")
        self.assertEqual(self.one(counted.comment_width), "basewise/core/x.h:1: 103 columns, and 100 is the most; run scripts/wrap")

    def test_wide_pages(self):
        self.write("docs/architecture.md", "")
        wide = "word " * 23 + "words"
        self.write("docs/x.md", f"# {wide}\n\n{wide}\n\n| {wide} |\n\n```\n  {wide}\n```\n\n[link](http://{'x' * 100})\n")
        self.assertEqual(self.one(counted.page_width), "docs/x.md:3: 120 columns, and 100 is the most; run scripts/wrap")

    def test_sources_without_a_header_of_their_name(self):
        for name in ("basewise/core/detail/y.h", "basewise/core/y.cpp", "basewise/core/z_test.cpp", "basewise/kernels/detail/loop_avx2.cpp", "apps/basewise/main.cpp",
                     "apps/basewise/train.cpp", "benchmarks/b.cpp"):
            self.write(name, "")
        self.write("apps/basewise/verbs.h", "int train(const Arguments& arguments);\n")
        self.assertEqual(self.found(counted.own_header), [])
        self.write("basewise/core/x.cpp", "")
        self.assertEqual(self.one(counted.own_header), "basewise/core/x.cpp:1: no header x.h beside it or in detail/")
        (self.root / "basewise/core/x.cpp").unlink()
        self.write("apps/basewise/predict.cpp", "")
        self.assertEqual(self.one(counted.own_header), "apps/basewise/predict.cpp:1: no header predict.h beside it or in detail/")

    def test_long_files(self):
        self.write("basewise/core/x.h", "\n" * 350)
        self.write("tests/laws/x_test.cpp", "\n" * 400)
        self.assertEqual(self.found(counted.file_length), [])
        self.write("basewise/core/x.h", "\n" * 351)
        self.assertEqual(self.one(counted.file_length), "basewise/core/x.h: 351 lines, and 350 is the most")

    def test_comparisons_with_literals(self):
        self.write("basewise/core/x.cpp", 'bool a = s == "one";  // s == "two"\nbool b = s.empty() || s == "" || c == \'x\';\nconst char* t = "s == \\"u\\"";\n')
        self.write("basewise/core/x_test.cpp", 'bool a = s == "one";\n')
        self.assertEqual(self.one(counted.literal_comparisons, "literal_comparisons.core"),
                         "basewise/core/x.cpp:1: compares with a text in quotes; make the choice an enum")

    def test_functions_that_nobody_calls(self):
        (self.root / "basewise/tensor/bundle.h").unlink()
        self.write("basewise/core/x.h", """#pragma once
namespace basewise {
enum class Kind { one, two };
struct A { int used() const; A(int a); bool operator==(const A&) const; int value = idle(3); int inside() { return idle2(); } };
class B : public A { int hidden(); public: virtual ~B(); template <typename T> T idle_member(T t); };
inline int used() { return helper(1); }
[[nodiscard]] std::vector<int> idle(const std::map<int, int>& m = make());
}  // namespace basewise
""")
        self.write("basewise/core/x.cpp", "int idle() { return 1; }\n")
        self.write("basewise/core/x_test.cpp", "idle();\n")
        self.write("basewise/io/y.cpp", "int a = used();  // idle, inside, idle_member\nint b = inside();")
        problems = self.found(counted.uncalled_functions)
        self.assertEqual([problem.split("()")[0] for problem in problems],
                         ["basewise/core/x.h:1: nothing calls idle", "basewise/core/x.h:1: nothing calls idle_member"])
        self.write("tests/structure/uncalled.txt", "# what waits\nidle: waits for attribution\nidle_member: waits for forests\n")
        self.assertEqual(self.found(counted.uncalled_functions), [])
        self.write("basewise/io/y.cpp", "int a = used() + idle_member() + inside();")
        self.assertEqual(self.one(counted.uncalled_functions), "tests/structure/uncalled.txt: idle_member() is called, or gone: take it off the list")

    def test_code_of_a_header_calls_for_its_callers(self):
        (self.root / "basewise/tensor/bundle.h").unlink()
        self.write("basewise/core/x.h", """#pragma once
namespace basewise {
namespace detail { int piece(int i); }
template <class T> int inner() { return 1 + innermost(2); }
inline int innermost(int i) { return i; }
template <class T> int outer(T t) { int named = 0; return inner<T>() + detail::piece(named); }
template <class T> int idle(T t) { return only_idle() + idle(t); }
int only_idle();
int named();
class A { int hidden() { return by_hidden(); } };
int by_hidden();
}  // namespace basewise
""")
        self.write("basewise/io/y.cpp", "int a = outer(1);")
        problems = [problem.split("nothing calls ")[1].split("()")[0] for problem in self.found(counted.uncalled_functions)]
        self.assertEqual(problems, ["by_hidden", "idle", "named", "only_idle"])

    def test_budgets_only_shrink(self):
        def rule(_):
            return {"rule": [f"problem {i}" for i in range(20)]}

        self.assertEqual(counted.check(None, rule, {"rule": 20}), [])
        self.assertEqual(counted.check(None, rule, {"rule": 22}), [])
        self.assertEqual(counted.check(None, rule, {"rule": 23}), ["rule: only 20 now, and tests/structure/budgets.toml allows 23: lower it to 20"])
        self.assertEqual(counted.check(None, rule, {"rule": 19})[:2], ["rule: 20, and tests/structure/budgets.toml allows 19:", "problem 0"])
        self.assertEqual(len(counted.check(None, rule, {})), 21)
        self.assertEqual(counted.check(None, lambda _: {}, {"<lambda>.nn": 3}),
                         ["<lambda>.nn: only 0 now, and tests/structure/budgets.toml allows 3: lower it to 0"])

    def test_budgets_are_written_as_they_are_read(self):
        tree = structure.Tree(self.root)
        self.write("budgets.toml", counted.budgets_text(tree))
        budgets = counted.read_budgets(self.root / "budgets.toml")
        self.assertEqual(budgets["uncalled_functions"], 1)
        for rule in counted.RULES:
            self.assertEqual(counted.check(tree, rule, budgets), [], rule.__name__)


if __name__ == "__main__":
    gtest_xml.main()
