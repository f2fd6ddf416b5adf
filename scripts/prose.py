"""Fills paragraphs of comments and of Markdown to a width, without touching a word: for scripts/wrap."""

import re
from dataclasses import dataclass, field

import cpp_text

WIDTH = 100  # of prose
CODE_WIDTH = 140

ITEM = re.compile(r"( *)([*+-]|\d+[.)])( +)(?=\S)")
# At the start of a line these would begin a list, a heading, a quotation, a table or HTML: they stay on the line of the word before them.
NEVER_FIRST = re.compile(r"([*+-]|\d+[.)]|#+|=+|-+|\|.*|>.*|<.*|```.*|~~~.*|%[,.;:)]*)$")
OPERATOR = re.compile(r"([-+*/=<>]|[-+*/<>=]=|->)$")
LAST_OF_SENTENCE = re.compile(r"[.:;!?·]$")
SOFTER = (re.compile(r"[.;!?]$"), re.compile(r":$"), re.compile(r",$"))  # where a line may end early, best first
OWN_LINE = re.compile(r"Errors?: ")
# Short ones are not broken: `code`, "quotations", (shapes, of, axes), [intervals, of, positions).
TOGETHER = re.compile("|".join((
    r"`[^`]+`", r"""(?<![^\s(])"[^"\s][^"]{0,38}"(?![^\s).,;:])""", r"\((?:[\w'*]+, )+[\w'*]+\)", r"\[[^][()]{1,24}[)\]]",
    r"\[--[^][]{1,60}\]", r"\[[A-Z][A-Z_.]*(?: \[[A-Z][A-Z_.]*)*\]+")))  # of usage: [--option=VALUE], [FILE [REPEATS]]
DRAWING = re.compile(r"-{3}|={3}|\*{3}|_{3}|^ \S.* {3,}\S|^\s*\|.*\|\s*$|clang-format|NOLINT|SPDX|Copyright|^ *[@\\](param|return|brief|see)\b")
DRAWN_TEXT = re.compile(r'"[^"]*\S {2,}\S[^"]*"')  # a quotation with columns of its own
# A line of usage, "program FILE [REPEATS]": what comes behind it begins a new line.
USAGE = re.compile(r"(^|[ \[])[A-Z][A-Z_]{2,}(\.\w+)?\]+$")
RULER = re.compile(r"([-=*])\1{5,}$")
GAP = re.compile(r" {2,}(?=\S)")


def atoms(text):
    """The words of a text; what must not be broken counts as one word."""
    drawn = DRAWN_TEXT.sub(lambda match: match.group().replace(" ", "\0"), text)
    glued = TOGETHER.sub(lambda match: match.group().replace(" ", "\0") if len(match.group()) <= 60 else match.group(), " ".join(drawn.split()))
    result, operator = [], False
    for word in glued.split(" "):
        glue = operator or OPERATOR.match(word)
        if result and (NEVER_FIRST.match(word) or (glue and len(result[-1]) + len(word) < 45)):
            result[-1] += " " + word
        else:
            result.append(word)
        operator = bool(OPERATOR.match(word))
    return [word.replace("\0", " ") for word in result]


def greedy(words, first, rest, width):
    """Lists of words, a list per line."""
    lines, length = [[]], len(first)
    for word in words:
        if lines[-1] and length + 1 + len(word) > width:
            lines.append([])
        length = length + 1 + len(word) if lines[-1] else len(rest if len(lines) > 1 else first) + len(word)
        lines[-1].append(word)
    return lines


def without_orphan(lines, rest, width):
    """The last two lines of a short paragraph broken behind a sentence or clause when the last would hold a word or two."""
    if len(lines) not in (2, 3) or len(" ".join(lines[-1])) >= 25:
        return lines
    words = lines[-2] + lines[-1]
    for end in SOFTER[:2] if len(lines) == 3 else SOFTER:
        shortest = width * (0.7 if end is SOFTER[-1] else 0.5)
        for cut in range(len(lines[-2]) - 1, 0, -1):
            begin, rest_of_it = " ".join(words[:cut]), " ".join(words[cut:])
            if len(begin) >= shortest and end.search(begin) and not begin.endswith("Errors:") and 25 <= len(rest_of_it) <= width - len(rest):
                return lines[:-2] + [words[:cut], words[cut:]]
    return lines


def fill(text, first, rest, width=WIDTH):
    """Lines of at most `width` where words allow it; the first begins with `first`, the others with `rest`."""
    lines = without_orphan(greedy(atoms(text), first, rest, width), rest, width)
    return [(rest if number else first) + " ".join(words) for number, words in enumerate(lines)]


def breaks_between(line, following, length):
    """Whether the author began a new line here: after a sentence, with room for the next word; or for the errors."""
    if OWN_LINE.match(following) or (USAGE.search(line) and following[:1].isupper()):
        return True
    return bool(LAST_OF_SENTENCE.search(line)) and length + 1 + len(atoms(following)[0]) <= WIDTH


def has_room(line, following, length):
    return bool(LAST_OF_SENTENCE.search(line)) or length + 1 + len(atoms(following)[0]) <= WIDTH


@dataclass
class Paragraph:
    """Lines that flow, with the prefix of the first and that of the others."""
    first: str
    rest: str
    lines: list = field(default_factory=list)  # (text, length of the whole line as it was)
    is_break: object = breaks_between

    def add(self, text, length):
        self.lines.append((text, length))

    def filled(self):
        result, flow, prefix = [], [], self.first
        for index, (text, length) in enumerate(self.lines):
            flow.append(text.strip())
            tail = re.search(r"( {2,}|)$", text).group()  # in Markdown: this line ends here
            last = index + 1 == len(self.lines)
            if last or tail or text.endswith("\\") or self.is_break(text, self.lines[index + 1][0].strip(), length):
                result += self._one(" ".join(flow), prefix)
                result[-1] += tail
                flow, prefix = [], self.after_break()
        return result

    def _one(self, text, prefix):
        """Text without a break of the author's: in one line, or its errors on a line of their own."""
        whole = fill(text, prefix, self.rest)
        begins = [0] + [match.start() for match in re.finditer(r"(?<=[.;] )Errors?: ", text)]
        if len(whole) < 2 or len(begins) < 2:
            return whole
        result = []
        for begin, end in zip(begins, begins[1:] + [len(text)]):
            result += fill(text[begin:end].strip(), self.after_break() if begin else prefix, self.rest)
        return result

    def after_break(self):
        """In a list what follows belongs to the item; in a block every line that the author began is one of its own."""
        return self.rest if self.is_break is breaks_between else self.first


def split_row(lead, body):
    """A row of a drawn table that is too wide: its last column goes on below itself."""
    gaps = list(GAP.finditer(body))
    if not gaps or len(lead) + gaps[-1].end() > 70:
        return [lead + body]
    column = gaps[-1].end()
    comment = re.match(r"(#|//) ", body[column:])
    first, rest = lead + body[:column], lead + " " * column + (comment.group() if comment else "")
    clauses = re.split(r"(?<=;) ", body[column:])  # of a formula
    if len(clauses) > 1 and all(len(rest) + len(clause) <= WIDTH for clause in clauses):
        return [(rest if number else first) + " ".join(line) for number, line in enumerate(greedy(clauses, first, rest, WIDTH))]
    return fill(body[column:], first, rest)


class CommentBlock:
    """Comment lines that follow each other with the same indent and marker."""

    def __init__(self, lead):
        self.lead = lead  # "  ///"
        self.out, self.open, self.drawn = [], None, []
        self.hanging = False  # the list item that is open has lines with an indent

    def close(self):
        if self.open:
            self.out += self.open.filled()
        if self.drawn:
            self.out += self._block()
        self.open, self.drawn = None, []

    def _block(self):
        """An indented block: a drawing, a formula, code or prose; only what is too wide is touched."""
        lines = [self.lead + body for body in self.drawn]
        if all(len(line) <= WIDTH for line in lines):
            return lines
        if any(GAP.search(body.strip()) or DRAWING.search(body) for body in self.drawn):
            return [piece for body in self.drawn for piece in (split_row(self.lead, body) if len(self.lead + body) > WIDTH else [self.lead + body])]
        indent = self.lead + re.match(" *", self.drawn[0]).group()
        block = Paragraph(indent, indent + "  ", is_break=has_room)
        for body in self.drawn:
            block.add(body, len(self.lead + body))
        return block.filled()

    def add(self, body):
        """`body` is what follows the marker."""
        length = len(self.lead + body)
        item = ITEM.match(body)
        if not body.strip() or not body.startswith(" ") or DRAWING.search(body):
            self.close()
            ruler = RULER.search(body)
            spare = min(len(ruler.group()) - 4, length - WIDTH) if ruler else 0
            self.out.append((self.lead + body)[:length - max(spare, 0)])
        elif item:
            self.close()
            self.open, self.hanging = Paragraph(self.lead + item.group(), self.lead + " " * item.end()), False
            self.open.add(body[item.end():], length)
        elif not body.startswith("  "):
            if self.drawn or (self.open and self.open.first != self.open.rest and not self._goes_on()):
                self.close()
            self.open = self.open or Paragraph(self.lead + " ", self.lead + " ")
            self.open.add(body, length)
        elif self.open and self.open.first != self.open.rest:
            self.hanging = True
            self.open.add(body, length)
        else:
            if self.open or (self.drawn and re.match(" *", self.drawn[-1]).group() != re.match(" *", body).group()):
                self.close()
            self.drawn.append(body)

    def _goes_on(self):
        """Whether a line without indent belongs to the list item above it: only after a tool that broke a line and forgot the indent."""
        return self.open.first.startswith((self.lead + " *", self.lead + " -")) and self.open.lines[-1][1] > WIDTH and not self.hanging

    def filled(self):
        self.close()
        return self.out


def fill_comment(lead, bodies):
    block = CommentBlock(lead)
    for body in bodies:
        block.add(body.rstrip())
    return block.filled()


def wrap_cmake(text):
    """CMake's text with comments on lines of their own filled."""
    lines, out, at = text.split("\n"), [], 0
    while at < len(lines):
        lead, end = re.match(r"\s*#(?!\[)|", lines[at]).group(), at + 1
        while lead and end < len(lines) and lines[end].startswith(lead):
            end += 1
        out += fill_comment(lead, [line[len(lead):] for line in lines[at:end]]) if lead else lines[at:end]
        at = end
    return "\n".join(out)


def begins_statement(lines, index):
    """Whether line `index` is the first of a declaration, so that a comment may stand above it."""
    for line in reversed(lines[:index]):
        code = line.code.strip()
        if code:
            return code.startswith("#") or code[-1] in ";{}:,"
        if not line.comment_only:
            return True
    return True


def wrap_source(text):
    """A C++ source with its comments filled."""
    lines, out, at = cpp_text.source_lines(text), [], 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if line.column is None or line.inside:
            out.append(line.text)
        elif line.comment_only:
            lead = line.text[:line.column] + line.marker
            while end < len(lines) and lines[end].comment_only and lines[end].column == line.column and lines[end].marker == line.marker:
                end += 1
            out += fill_comment(lead, [other.text[len(lead):] for other in lines[at:end]])
        else:
            while end < len(lines) and lines[end].comment_only and lines[end].column == line.column and lines[end].marker == line.marker:
                end += 1
            out += wrap_trailing(lines, at, end)
        at = end
    return "\n".join(out)


def wrap_trailing(lines, at, end):
    """A comment behind code, and the lines that continue it: they stay where one line holds them, else they go above the code."""
    line = lines[at]
    said = " ".join(other.text[other.column + len(other.marker):].strip() for other in lines[at:end])
    together = line.text[:line.column] + line.marker + " " + said
    if DRAWING.search(said) or (end == at + 1 and len(line.text) <= CODE_WIDTH):
        return [other.text for other in lines[at:end]]
    if len(together) <= CODE_WIDTH:
        return [together]
    if not begins_statement(lines, at):
        return [other.text for other in lines[at:end]]
    lead = re.match(r"\s*", line.text).group() + line.marker.rstrip("<")
    return fill_comment(lead, [" " + said]) + [line.code.rstrip()]


class Page:
    """A Markdown page, read line by line."""

    FENCE = re.compile(r" *(```+|~~~+)")
    LEFT_ALONE = re.compile(r" *(\||#{1,6} |(-{3,}|\*{3,}|_{3,}|={3,}|-+)\s*$|\[[^\]]+\]: )")

    def __init__(self):
        self.out, self.open = [], None
        self.fence, self.html, self.blank = None, False, True
        self.hang = 0  # column of the text of the list item that we are in

    def close(self):
        if self.open:
            self.out += self.open.filled()
        self.open = None

    def leave(self, line):
        self.close()
        self.out.append(line)

    def add(self, line):
        fence = self.FENCE.match(line)
        if self.fence:
            self.fence = None if fence and fence.group(1).startswith(self.fence) else self.fence
            self.leave(line)
        elif fence:
            self.fence = fence.group(1)
            self.leave(line)
        elif not line.strip():
            self.html = False
            self.leave(line)
        else:
            self._text(line)
        self.blank = not line.strip()

    def _text(self, line):
        indent, item = len(line) - len(line.lstrip()), ITEM.match(line)
        if indent == 0 and self.blank and not item:
            self.hang = 0
        self.html = self.html or (not self.open and re.match(r" *<(?!http)", line) is not None)
        if self.html or self.LEFT_ALONE.match(line) or (self.blank and not item and indent >= self.hang + 4):
            self.leave(line)
        elif item:
            self.close()
            self.hang = item.end()
            self.open = Paragraph(item.group(), " " * item.end())
            self.open.add(line[item.end():], len(line))
        elif line.lstrip().startswith(">"):
            quote = re.match(r" *>[> ]*", line).group()
            if not self.open or self.open.rest != quote:
                self.close()
                self.open = Paragraph(quote, quote)
            self.open.add(line[len(quote):], len(line))
        else:
            self.open = self.open or Paragraph(" " * indent, " " * indent)
            self.open.add(line, len(line))

    def filled(self):
        self.close()
        return self.out


def wrap_markdown(text):
    """A Markdown page with its paragraphs and list items filled; tables, code, headings and HTML stay."""
    page = Page()
    for line in text.split("\n"):
        page.add(line)
    return "\n".join(page.filled())
