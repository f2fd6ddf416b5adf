"""Small inputs for the cases, and what a case is made of.

Letters come from Random.random() of a seed alone, which Python promises to keep the same.

    class Names(inputs.Case):
        def test_a_name_that_is_spelt_exactly_wins(self):
            self.genome({"chr1": 2000, "chrX": 900, "X": 900})
            self.bigwig("plus.bw", {"chr1": 2000, "X": 900}, [("chr1", 100, 140, 2.0)])
            self.write("peaks.bed", "chr1\t100\t140\n")
            self.write("run.toml", RECIPE)
            self.succeeds("train", "run.toml", "--out", "run")

    if __name__ == "__main__":
        inputs.main()
"""

import pathlib
import random
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli"), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import gtest_xml  # noqa: E402
from program import ProgramTest  # noqa: E402

OTHER = {"A": "T", "C": "G", "G": "C", "T": "A"}


def letters(draw, length):
    return "".join("ACGT"[int(draw.random() * 4)] for _ in range(length))


def chromosome_tree(lengths):
    width = max([1, *map(len, lengths)])
    head = struct.pack("<IIIIQQ", 0x78CA8C91, max(1, len(lengths)), width, 8, len(lengths), 0)
    leaves = b"".join(name.encode().ljust(width, b"\0") + struct.pack("<II", i, size) for i, (name, size) in enumerate(lengths.items()))
    return head + struct.pack("<BBH", 1, 0, len(lengths)) + leaves


def bigwig_bytes(lengths, spans):
    """A bigWig file (Kent et al. 2010, supplement): chromosomes {name: length}, spans (chromosome, start, end, value), sorted,
    0-based half-open; a section for each chromosome that has any, not compressed, no zoom levels."""
    tree, names = chromosome_tree(lengths), list(lengths)
    data_at = 64 + 40 + len(tree)
    sections = []
    for i, name in enumerate(names):
        rows = [(start, end, value) for of, start, end, value in spans if of == name]
        if rows:
            head = struct.pack("<IIIIIBBH", i, rows[0][0], rows[-1][1], 0, 0, 1, 0, len(rows))
            sections.append((i, rows[0][0], rows[-1][1], head + b"".join(struct.pack("<IIf", *row) for row in rows)))
    body, leaves = struct.pack("<Q", len(sections)), b""
    for i, start, end, section in sections:
        leaves += struct.pack("<IIIIQQ", i, start, i, end, data_at + len(body), len(section))
        body += section
    index_at = data_at + len(body)
    first, last = (sections[0], sections[-1]) if sections else ((0, 0, 0), (0, 0, 0))
    index = struct.pack("<IIQIIIIQII", 0x2468ACE0, max(1, len(sections)), len(sections), first[0], first[1], last[0], last[2], index_at, 1, 0)
    index += struct.pack("<BBH", 1, 0, len(sections)) + leaves
    finite = [(end - start, value) for _, start, end, value in spans if value == value and abs(value) != float("inf")]
    bases, values = sum(n for n, _ in finite), [value for _, value in finite] or [0.0]
    summary = struct.pack("<Qdddd", bases, min(values), max(values), sum(n * v for n, v in finite), sum(n * v * v for n, v in finite))
    head = struct.pack("<IHHQQQHHQQIQ", 0x888FFC26, 4, 0, 64 + 40, data_at, index_at, 0, 0, 0, 64, 0, 0)
    return head + summary + tree + body + index + struct.pack("<I", 0x888FFC26)


class Case(ProgramTest):
    """A fresh folder, and what writes inputs into it."""

    seed = 20261130

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
        return path

    def genome(self, lengths, name="genome.fa", line=60):
        """FASTA of {chromosome: length}; returns the letters of each."""
        draw = random.Random(self.seed)
        texts = {of: letters(draw, length) for of, length in lengths.items()}
        self.write(name, "".join(f">{of}\n" + "".join(text[i:i + line] + "\n" for i in range(0, len(text), line)) for of, text in texts.items()))
        return texts

    def bigwig(self, name, lengths, spans):
        return self.write(name, bigwig_bytes(lengths, spans))

    def text(self, name):
        return (self.folder / name).read_text()


def main():
    if "--program" in sys.argv:
        at = sys.argv.index("--program")
        ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
        del sys.argv[at:at + 2]
    gtest_xml.main()
