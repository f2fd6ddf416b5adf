"""C++ text taken apart into code, literals and comments, line by line: for scripts/wrap and tests/structure."""

import re
from dataclasses import dataclass

PIECE = re.compile(
    r'''(?P<raw>\b(?:u8|[uUL])?R"(?P<end>[^()\\\s]{0,16})\(.*?\)(?P=end)")'''
    r'''|(?P<string>"(?:\\.|[^"\\\n])*")'''
    r"""|(?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')"""
    r"""|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)""", re.DOTALL)
MARKER = re.compile(r"///<|//!<|///|//!|//")


@dataclass(frozen=True)
class Line:
    """One line of a source: text[:column] is code, text[column:] a comment."""
    text: str
    column: int | None = None  # of the // that starts a comment
    inside: bool = False  # it begins within a raw string or a block comment

    @property
    def code(self):
        return self.text if self.column is None else self.text[:self.column]

    @property
    def comment_only(self):
        return self.column is not None and not self.inside and not self.text[:self.column].strip()

    @property
    def marker(self):
        return MARKER.match(self.text, self.column).group()


def pieces(text):
    """(kind, text) in order, kind one of code, raw, string, char, line, block."""
    at = 0
    for match in PIECE.finditer(text):
        if match.start() > at:
            yield "code", text[at:match.start()]
        yield match.lastgroup, match.group()
        at = match.end()
    if at < len(text):
        yield "code", text[at:]


def source_lines(text):
    """The lines of a source."""
    starts, inside, number, column = {}, set(), 0, 0
    for kind, piece in pieces(text):
        breaks = piece.count("\n")
        if kind == "line":
            starts[number] = column
        elif breaks and kind in ("raw", "block"):
            inside.update(range(number + 1, number + 1 + breaks))
        number += breaks
        column = len(piece) - piece.rfind("\n") - 1 if breaks else column + len(piece)
    return [Line(line, starts.get(i), i in inside) for i, line in enumerate(text.split("\n"))]


def code_of(text, literals=True):
    """The source without comments; without literals too, texts are "t" (or "") and characters 'c'."""
    kept = []
    for kind, piece in pieces(text):
        if kind == "block":
            kept.append(" " + "\n" * piece.count("\n"))
        elif kind == "code" or (kind != "line" and literals):
            kept.append(piece)
        elif kind != "line":
            kept.append("'c'" if kind == "char" else ('""' if piece == '""' else '"t"') + "\n" * piece.count("\n"))
    return "".join(kept)


def comments_of(text):
    """The comments of a source in order, without their markers."""
    return [MARKER.sub("", piece, count=1) if kind == "line" else piece.strip("/*") for kind, piece in pieces(text) if kind in ("line", "block")]
