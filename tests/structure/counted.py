"""Rules that the tree does not keep everywhere yet: what breaks them is counted against tests/structure/budgets.toml.

    tests/structure/counted.py            prints what breaks each rule
    tests/structure/counted.py --write    writes the present numbers into budgets.toml

A rule takes a Tree and returns {budget: [lines 'file:line: what is wrong']}. More than its budget fails; so does less than nine tenths of it:
then the budget is to be lowered, so that it can only shrink.
"""

import pathlib
import re
import sys
import tomllib
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]
sys.dont_write_bytecode = True

import prose  # noqa: E402
import structure  # noqa: E402
import uncalled  # noqa: E402

LONGEST = 350  # lines of a file
INSTRUCTION_SETS = r"_(avx2|avx512|amx|neon|sve|portable)$"
LITERAL_COMPARISON = re.compile(r'[=!]=\s*"t"|"t"\s*[=!]=')


def code_width(tree):
    """A line of code has at most 140 columns; what is inside a raw string is data."""
    return {"code_width": [f"{tree.name(path)}:{number}: {len(line.text)} columns, and {prose.CODE_WIDTH} is the most" for path in tree.files
                           for number, line in enumerate(tree.lines(path), 1)
                           if len(line.text) > prose.CODE_WIDTH and not line.comment_only and not line.inside and 'R"' not in line.text]}


def comment_width(tree):
    """A comment on lines of its own has at most 100 columns, unless one word has more."""
    return {"comment_width": [f"{tree.name(path)}:{number}: {len(line.text)} columns, and {prose.WIDTH} is the most; run scripts/wrap" for path in tree.files
                              for number, line in enumerate(tree.lines(path), 1)
                              if line.comment_only and len(line.text) > prose.WIDTH and " " in line.text[line.column + 4:].strip()]}


def page_width(tree):
    """Prose of a page has at most 100 columns where words allow it; tables, code, headings and HTML may be wider."""
    problems = []
    for path in tree.pages():
        text = path.read_text(encoding="utf-8")
        if all(len(line) <= prose.WIDTH for line in text.split("\n")):
            continue
        prose_lines = Counter(text.split("\n")) - Counter(prose.wrap_markdown(text).split("\n"))
        problems += [f"{tree.name(path)}:{number}: {len(line)} columns, and {prose.WIDTH} is the most; run scripts/wrap"
                     for number, line in enumerate(text.split("\n"), 1) if len(line) > prose.WIDTH and line in prose_lines]
    return {"page_width": problems}


def own_header(tree):
    """x.cpp has x.h beside it or in detail/, so that nobody searches for what it declares. Exceptions: main, tests, benchmarks, examples, verbs
    that verbs.h, motifs.h or methylation.h declares, and what is compiled once per instruction set."""
    problems = []
    for path in tree.files:
        name = tree.name(path)
        if path.suffix != ".cpp" or structure.is_test(name) or name.startswith("examples/") or path.stem == "main":
            continue
        if path.with_suffix(".h").exists() or (path.parent / "detail" / f"{path.stem}.h").exists() or re.search(INSTRUCTION_SETS, path.stem):
            continue
        declared = [path.parent / name for name in ("verbs.h", "motifs.h", "methylation.h")]
        if any(verbs.exists() and re.search(rf"\bint {path.stem}\(", tree.text(verbs)) for verbs in declared):
            continue
        problems.append(f"{name}:1: no header {path.stem}.h beside it or in detail/")
    return {"own_header": problems}


def file_length(tree):
    """No file outside of tests has more than 350 lines."""
    lengths = ((tree.name(path), len(tree.lines(path)) - 1) for path in tree.files)
    return {"file_length": [f"{name}: {length} lines, and {LONGEST} is the most" for name, length in lengths
                            if length > LONGEST and not structure.is_test(name)]}


def literal_comparisons(tree):
    """Comparisons with a text in quotes: a choice is an enum from its declaration on."""
    found = {}
    for path in tree.files:
        module = tree.module_of(path)
        if module is None or structure.is_test(tree.name(path)):
            continue
        for number, line in enumerate(tree.code(path).split("\n"), 1):
            for _ in LITERAL_COMPARISON.finditer(line):
                found.setdefault(f"literal_comparisons.{module.name}", []).append(
                    f"{tree.name(path)}:{number}: compares with a text in quotes; make the choice an enum")
    return found


def uncalled_functions(tree):
    """Public functions that nothing but their own file and tests calls, except those of uncalled.txt."""
    return {"uncalled_functions": uncalled.problems(tree)}


RULES = (code_width, comment_width, page_width, own_header, file_length, literal_comparisons, uncalled_functions)


def read_budgets(path):
    """{budget: number}, those of a table as 'table.key'."""
    flat = {}
    for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
        flat.update({f"{key}.{inner}": number for inner, number in value.items()} if isinstance(value, dict) else {key: value})
    return flat


def check(tree, rule, budgets):
    """What is wrong, or an empty list: every problem of a budget that is exceeded, or a line that asks for a lower one."""
    found = rule(tree)
    for key in budgets:
        if key.split(".")[0] == rule.__name__:
            found.setdefault(key, [])
    wrong = []
    for key, problems in sorted(found.items()):
        budget = budgets.get(key, 0)
        if len(problems) > budget:
            wrong += [f"{key}: {len(problems)}, and tests/structure/budgets.toml allows {budget}:"] + problems
        elif len(problems) < 0.9 * budget:
            wrong.append(f"{key}: only {len(problems)} now, and tests/structure/budgets.toml allows {budget}: lower it to {len(problems)}")
    return wrong


HEAD = """# What does not keep a rule of tests/structure/counted.py yet. These numbers only ever go down; one that is missing is 0.
# tests/structure/counted.py lists what is counted, and writes the present numbers with --write.
"""


def budgets_text(tree):
    counts = {key: len(problems) for rule in RULES for key, problems in rule(tree).items()}
    plain = [f"{key} = {count}" for key, count in counts.items() if "." not in key]
    tables, lines = {}, []
    for key, count in sorted(counts.items()):
        if "." in key:
            tables.setdefault(key.split(".")[0], []).append(f"{key.split('.')[1]} = {count}")
    for name, rows in tables.items():
        lines += ["", f"[{name}]", *rows]
    return HEAD + "\n".join(plain + lines) + "\n"


def main():
    tree = structure.Tree(HERE.parent.parent)
    if "--write" in sys.argv:
        (HERE / "budgets.toml").write_text(budgets_text(tree), encoding="utf-8")
        return
    for rule in RULES:
        for key, problems in rule(tree).items():
            print(f"\n{key}: {len(problems)}", *problems, sep="\n")


if __name__ == "__main__":
    main()
