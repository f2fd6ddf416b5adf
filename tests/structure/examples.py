"""Code that pages and headers show is part of a program of examples/, which is compiled and run.

A page names it behind the language of a block (```cpp examples/options.cpp), a header at the end of the sentence before an indented block:
"beside it (examples/options.cpp):". The block stands in that file line by line; only the indent may differ.
"""

import re
import textwrap

FENCE = re.compile(r" *(```+|~~~+)\s*(\S*) *(\S*)")
NAMED = re.compile(r"\((examples/[\w./]+)\):$")
CODE = re.compile(r"(\{|\};|\}\);)$")  # how a line of C++ ends, and no sentence


def plain(lines):
    """Without the indent that all have, and without blanks at the ends."""
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n").split("\n")


def holds(whole, part):
    """Whether the lines of `part` stand in `whole`, one behind the other."""
    part = plain(part)
    return any(plain(whole[at:at + len(part)]) == part for at in range(len(whole) - len(part) + 1))


def blocks_of_page(text):
    """(line number, language, named file or "", lines) of each fenced block."""
    fence, start, block = None, 0, []
    for number, line in enumerate(text.split("\n"), 1):
        match = FENCE.match(line)
        if fence and match and match.group(1).startswith(fence.group(1)) and not match.group(2):
            yield start, fence.group(2), fence.group(3), block
            fence = None
        elif fence:
            block.append(line)
        elif match:
            fence, start, block = match, number, []


def blocks_of_header(lines):
    """(line number, named file or "", lines) of each indented block of comments that a sentence names a file for, or that looks like code."""
    named, start, block = "", 0, []
    for number, line in enumerate([*lines, None], 1):
        body = line.text[line.column + len(line.marker):].rstrip() if line is not None and line.comment_only else None
        if body is not None and body.startswith("   "):
            start = start or number
            block.append(body)
        elif body == "" and block:
            block.append(body)
        else:
            if block and (named or any(CODE.search(one) for one in block)):
                yield start, named, block
            if block or body is None:
                named, start, block = "", 0, []
            if body:
                match = NAMED.search(body)
                named = match.group(1) if match else ""


def check_examples(tree):
    """Blocks of C++ in pages and in headers, and all blocks that name an example, are part of one; examples are built."""
    shown = []
    for page in tree.pages():
        for line, language, name, block in blocks_of_page(tree.text(page)):
            if name or language in ("cpp", "c++", "C++"):
                shown.append((f"{tree.name(page)}:{line}", name, block))
    for path in tree.files:
        if path.suffix == ".h" and tree.name(path).startswith("basewise/"):
            shown += [(f"{tree.name(path)}:{line}", name, block) for line, name, block in blocks_of_header(tree.lines(path))]
    problems = []
    for where, name, block in shown:
        if not name:
            problems.append(f"{where}: this code names no file of examples/ that it is part of")
        elif not (tree.root / name).is_file():
            problems.append(f"{where}: {name} does not exist")
        elif not holds((tree.root / name).read_text(encoding="utf-8").split("\n"), block):
            problems.append(f"{where}: this is no part of {name}; both must be the same")
    lists = tree.root / "examples/CMakeLists.txt"
    built = lists.read_text(encoding="utf-8") if lists.exists() else ""
    problems += [f"{tree.name(path)}: examples/CMakeLists.txt does not build it" for path in tree.files
                 if tree.name(path).startswith("examples/") and f"basewise_example({path.stem} " not in built]
    return problems
