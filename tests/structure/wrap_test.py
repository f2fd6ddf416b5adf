"""scripts/wrap fills prose, keeps what is drawn, and never changes a word or a token of code.

    tests/structure/wrap_test.py [--gtest_output=xml:FILE]
"""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import cpp_text  # noqa: E402
import gtest_xml  # noqa: E402
import prose  # noqa: E402

loader = importlib.machinery.SourceFileLoader("wrap", str(ROOT / "scripts/wrap"))
wrap = importlib.util.module_from_spec(importlib.util.spec_from_loader("wrap", loader))
loader.exec_module(wrap)

LONG = "A sentence that says a little more than fits, so that it goes on and on until the line is full of it, and then some"


def lines(*text):
    return "\n".join(text) + "\n"


class Sources(unittest.TestCase):
    def check(self, before, after):
        self.assertEqual(wrap.wrapped(pathlib.Path("x.cpp"), before), after)

    def test_a_paragraph_is_filled_and_an_orphan_joined(self):
        self.check(lines(f"  /// {LONG}", "  /// held to.", "void f();"),
                   lines("  /// A sentence that says a little more than fits, so that it goes on and on until the line is full", "  /// of it, and then some held to.", "void f();"))

    def test_short_lines_stay(self):
        text = lines("/// Scores of examples.", "/// Errors: ArgumentError for none.", "///", "/// Two forms:", "/// g = a b", "int x;  // why")
        self.check(text, text)

    def test_errors_keep_a_line_of_their_own(self):
        self.check(lines(f"/// {LONG}.", "/// Errors: ShapeError."),
                   lines("/// A sentence that says a little more than fits, so that it goes on and on until the line is full", "/// of it, and then some.", "/// Errors: ShapeError."))

    def test_a_word_or_two_do_not_stand_alone_where_a_clause_ends_before(self):
        self.check(lines("// Functions of each value and their derivatives against the C library in double, for every set of instructions"),
                   lines("// Functions of each value and their derivatives against the C library in double,", "// for every set of instructions"))

    def test_list_items_hang(self):
        self.check(lines("/// Kinds:", f"/// * one: {LONG};", "/// more of it", "/// * two", "///  1. deeper", "/// And a paragraph."),
                   lines("/// Kinds:", "/// * one: A sentence that says a little more than fits, so that it goes on and on until the line is",
                         "///   full of it, and then some; more of it", "/// * two", "///  1. deeper", "/// And a paragraph."))

    def test_drawings_and_code_keep_their_lines(self):
        text = lines("// A table:", "//   a     one", "//   bb    two", "//", "//   struct A {", "//     int x;", "//   };", "// | a | b |", "// clang-format off",
                     "// NOLINT: " + "x " * 60, "int y;  // NOLINT")
        self.check(text, text.replace("x \n", "x\n"))

    def test_the_last_column_of_a_drawn_table_goes_on_below_itself(self):
        self.check(lines("// Rules:", "//   sgd    " + "b " * 50, "//   adam   c"),
                   lines("// Rules:", "//   sgd    " + "b " * 43 + "b", "//          " + "b b b b b b", "//   adam   c"))
        self.check(lines("///   name = 1   # " + "b " * 50), lines("///   name = 1   # " + "b " * 40 + "b", "///              # b b b b b b b b b"))

    def test_rulers_are_cut(self):
        self.check(lines("// ---- title " + "-" * 120), lines("// ---- title " + "-" * 86))

    def test_a_comment_behind_code_goes_above_where_it_is_too_long(self):
        self.check(lines("struct A {", f"  int x = 0;  ///< {LONG}, and more of the same", "  int y = 0;  ///< short"),
                   lines("struct A {", "  /// A sentence that says a little more than fits, so that it goes on and on until the line is full", "  /// of it, and then some, and more of the same",
                         "  int x = 0;", "  int y = 0;  ///< short"))

    def test_a_comment_that_goes_on_below_itself_comes_together(self):
        self.check(lines("enum {", "  a,  ///< one", "      ///< and two", "};"), lines("enum {", "  a,  ///< one and two", "};"))

    def test_usage_keeps_a_line_of_its_own(self):
        text = lines("// Scores of a file: program SCORES.npy LABELS.npy [REPEATS]", "// Prints one line.")
        self.check(text, text)
        self.check(lines(f"// Scores of a file: program SCORES.npy {LONG} [REPEATS]", "// Prints one line."),
                   lines("// Scores of a file: program SCORES.npy A sentence that says a little more than fits, so that it", "// goes on and on until the line is full of it, and then some [REPEATS]",
                         "// Prints one line."))
        for together in ("[ONE [TWO [THREE]]]", "[--option=VALUE --other=VALUE]"):
            for pad in range(80, 100):
                self.assertIn(together, "\n".join(prose.fill("x" * pad + " " + together + " and so on", "", "")))

    def test_errors_get_a_line_of_their_own_where_one_line_is_too_short(self):
        self.check(lines(f"/// {LONG}. Errors: ShapeError", "/// for another shape."),
                   lines("/// A sentence that says a little more than fits, so that it goes on and on until the line is full", "/// of it, and then some.",
                         "/// Errors: ShapeError for another shape."))
        self.check(lines("/// Scores.", "/// Errors: none."), lines("/// Scores.", "/// Errors: none."))
        self.check(lines("/// Scores. Errors: none."), lines("/// Scores. Errors: none."))

    def test_columns_within_a_quotation_stay(self):
        self.check(lines(f'/// "reading  1,200/4,000  30%"; {LONG}'),
                   lines('/// "reading  1,200/4,000  30%"; A sentence that says a little more than fits, so that it goes on', "/// and on until the line is full of it, and then some"))

    def test_a_formula_in_a_drawn_table_is_broken_between_its_clauses(self):
        self.check(lines("// Rules:", "//   adam    v: square    m = a m + b g g; v = memory v + rest g; p = rate m / (sqrt(v) + epsilon) + x"),
                   lines("// Rules:", "//   adam    v: square    m = a m + b g g; v = memory v + rest g;", "//                        p = rate m / (sqrt(v) + epsilon) + x"))

    def test_cmake(self):
        before = lines("# " + LONG, "# and so on", "", "  # short", "set(x 1)  # " + LONG * 2, "#[[ " + LONG, LONG + "]]")
        self.assertEqual(wrap.wrapped(pathlib.Path("CMakeLists.txt"), before),
                         lines("# A sentence that says a little more than fits, so that it goes on and on until the line is full of", "# it, and then some and so on", "",
                               "  # short", "set(x 1)  # " + LONG * 2, "#[[ " + LONG, LONG + "]]"))
        self.assertFalse(wrap.is_same_cmake("# a\nset(x 1)", "# a\nset(x  1)"))
        self.assertFalse(wrap.is_same_cmake("# a\nset(x 1)", "# b\nset(x 1)"))

    def test_literals_are_code(self):
        text = lines(f'const char* a = R"x(// {LONG})y" // {LONG}', f'// {LONG}', ')x";', f'f("// {LONG}", \'"\', 1\'000\'000);', f"/* {LONG} {LONG} */")
        self.check(text, text)

    def test_words_that_would_begin_a_list_do_not_begin_a_line(self):
        before = "/// " + "word " * 18 + "xxxx - y and * z"
        for line in prose.wrap_source(before).split("\n"):
            self.assertNotRegex(line, r"^/// [-*]")

    def test_code_spans_and_shapes_stay_together(self):
        for together in ("`a = b c`", '"two words"', "(N, C, L)", "[begin, end)", "a + b", "60 %"):
            for pad in range(80, 100):
                filled = "\n".join(prose.fill("x" * pad + " " + together + " and so on", "", ""))
                self.assertIn(together, filled)

    def test_a_change_of_words_is_refused(self):
        self.assertFalse(wrap.is_same("// one two\nint x;", "// one\nint x;", page=False))
        self.assertFalse(wrap.is_same("// one\nint x;", "// one\nint  y;", page=False))
        self.assertFalse(wrap.is_same('f("a b");', 'f("a c");', page=False))
        self.assertTrue(wrap.is_same("int x;  ///< one two", "/// one\n/// two\nint x;", page=False))


class Pages(unittest.TestCase):
    def check(self, before, after):
        self.assertEqual(wrap.wrapped(pathlib.Path("x.md"), before), after)

    def test_paragraphs_and_items_are_filled(self):
        self.check(lines("# " + LONG * 2, "", LONG, "held to.", "", f"* **One.** {LONG}", "  and on", "* two"),
                   lines("# " + LONG * 2, "", "A sentence that says a little more than fits, so that it goes on and on until the line is full of", "it, and then some held to.", "",
                         "* **One.** A sentence that says a little more than fits, so that it goes on and on until the line is", "  full of it, and then some and on", "* two"))

    def test_tables_code_html_and_breaks_stay(self):
        text = lines(f"| {LONG} | b |", "|---|---|", "", "```", LONG, "```", "", f"    {LONG}", "", f"<p>{LONG}", f"{LONG}</p>", "", "one  ", "two", "", f"[x]: {LONG}")
        self.check(text, text)

    def test_quotations_keep_their_mark(self):
        self.check(lines(f"> {LONG}"), lines("> A sentence that says a little more than fits, so that it goes on and on until the line is full of", "> it, and then some"))


class TheTree(unittest.TestCase):
    def test_every_file_keeps_its_words_and_filling_again_changes_nothing(self):
        found = wrap.files(ROOT)
        self.assertGreater(len(found), 400)
        for path in found:
            wrap.wrapped(path, path.read_text(encoding="utf-8"))

    def test_pieces_put_together_are_the_source(self):
        for path in (path for path in wrap.files(ROOT) if path.suffix == ".cpp"):
            text = path.read_text(encoding="utf-8")
            self.assertEqual("".join(piece for _, piece in cpp_text.pieces(text)), text)


class TheScript(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([sys.executable, ROOT / "scripts/wrap", *arguments], capture_output=True, text=True, check=False)

    def test_check_lists_and_changes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text(LONG + "\n", encoding="utf-8")
            run = self.run_it("--check", page)
            self.assertEqual((run.returncode, run.stdout), (1, f"{page}: 1 lines would change\n"))
            self.assertEqual(page.read_text(encoding="utf-8"), LONG + "\n")
            self.assertEqual(self.run_it(page).returncode, 0)
            self.assertEqual(self.run_it("--check", page).returncode, 0)
            self.assertEqual(page.read_text(encoding="utf-8").split(), LONG.split())


if __name__ == "__main__":
    gtest_xml.main()
