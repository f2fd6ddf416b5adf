"""The inputs of the pinned runs: a small genome with sites and tracks, a table, peaks. All follow from SEED alone.

Letters and counts are drawn from Random.random(), which Python promises to keep the same; nothing else of its module is used.
"""

import random
import struct

SEED = 20240217
CHROMOSOMES = {"chr1": 4000, "chr2": 1500, "chr3": 1500}
MOTIF = "TTGACATATAAT"  # what sites are made of, one letter in eight of it another
OTHER = {"A": "T", "C": "G", "G": "C", "T": "A"}


def below(draw, n):
    """A whole number from 0 to n - 1."""
    return int(draw.random() * n)


def letters(draw, n):
    return "".join("ACGT"[below(draw, 4)] for _ in range(n))


def site(draw, reverse):
    """The motif as it is found at one place."""
    text = "".join("ACGT"[below(draw, 4)] if draw.random() < 0.125 else letter for letter in MOTIF)
    return "".join(OTHER[letter] for letter in reversed(text)) if reverse else text


def planted(text, at, motif):
    return text[:at] + motif + text[at + len(motif):]


def genome(draw):
    """Letters by chromosome, and sites as (chromosome, base, strand, name): the base in the middle of a planted motif."""
    texts, sites = {}, []
    for name, length in CHROMOSOMES.items():
        text = letters(draw, length)
        at = 40 + below(draw, 30)
        while at < length - 60:
            reverse = draw.random() < 0.5
            text = planted(text, at, site(draw, reverse))
            sites.append((name, at + 6, "-" if reverse else "+", "AB"[below(draw, 2)]))
            at += 25 + below(draw, 45)
        texts[name] = planted(text, length // 2, "NNNNN")
    return texts, sites


def counts(draw, texts, sites, strand, height):
    """Reads of one strand at every base: around the sites of that strand more than elsewhere."""
    tracks = {name: [float(draw.random() < 0.05) for _ in text] for name, text in texts.items()}
    for name, at, of, _ in sites:
        track = tracks[name]
        for offset in range(-8, 9):
            share = 1.0 if of == strand else 0.3
            track[at + offset] += float(below(draw, 1 + int(height * share * (9 - abs(offset)) / 9)))
    return tracks


def chromosome_tree(names):
    width = max(map(len, names))
    head = struct.pack("<IIIIQQ", 0x78CA8C91, len(names), width, 8, len(names), 0)
    leaves = b"".join(name.encode().ljust(width, b"\0") + struct.pack("<II", i, CHROMOSOMES[name]) for i, name in enumerate(names))
    return head + struct.pack("<BBH", 1, 0, len(names)) + leaves


def bigwig(path, tracks):
    """One value for every base; a section for each chromosome, not compressed (Kent et al. 2010, supplement)."""
    names = sorted(tracks)
    tree = chromosome_tree(names)
    data_at = 64 + 40 + len(tree)
    body, leaves = struct.pack("<Q", len(names)), b""
    for i, name in enumerate(names):
        values, at = tracks[name], data_at + len(body)
        section = struct.pack("<IIIIIBBH", i, 0, len(values), 1, 1, 3, 0, len(values)) + struct.pack(f"<{len(values)}f", *values)
        leaves += struct.pack("<IIIIQQ", i, 0, i, len(values), at, len(section))
        body += section
    index_at = data_at + len(body)
    last = len(names) - 1
    index = struct.pack("<IIQIIIIQII", 0x2468ACE0, len(names), len(names), 0, 0, last, len(tracks[names[last]]), index_at, 1, 0)
    index += struct.pack("<BBH", 1, 0, len(names)) + leaves
    every = [value for name in names for value in tracks[name]]
    summary = struct.pack("<Qdddd", len(every), min(every), max(every), sum(every), sum(v * v for v in every))
    head = struct.pack("<IHHQQQHHQQIQ", 0x888FFC26, 4, 0, 64 + 40, data_at, index_at, 0, 0, 0, 64, 0, 0)
    path.write_bytes(head + summary + tree + body + index + struct.pack("<I", 0x888FFC26))


def write_genome(folder, draw):
    texts, sites = genome(draw)
    (folder / "genome.fa").write_text("".join(f">{name}\n{text}\n" for name, text in texts.items()))
    rows = [f"{name}\t{at + 1}\t{strand}\t{kind}\n" for name, at, strand, kind in sites]
    (folder / "sites.tsv").write_text("chromosome\tposition\tstrand\tkind\n" + "".join(rows))
    (folder / "sites.bed").write_text("".join(f"{name}\t{at - 6}\t{at + 6}\t{kind}\t0\t{strand}\n" for name, at, strand, kind in sites))
    for file, height in (("target", 9), ("replicate", 8), ("control", 2)):
        for strand, word in (("+", "plus"), ("-", "minus")):
            bigwig(folder / f"{file}.{word}.bw", counts(draw, texts, sites, strand, height))


def write_table(folder, draw):
    """240 sequences of 59 to 61 bases with two labels, of which some are missing, and a number."""
    lines = ["name\tseq\tset\tbound\topen\tstrength\n"]
    for i in range(240):
        text, bound = letters(draw, 59 + below(draw, 3)), draw.random() < 0.5
        if bound:
            text = planted(text, 10 + below(draw, 30), site(draw, draw.random() < 0.5))
        is_open = "NA" if draw.random() < 0.1 else str(int(text.count("G") + text.count("C") > 29))
        of = ("train", "train", "train", "validation", "test")[i % 5]
        lines.append(f"row{i}\t{text}\t{of}\t{int(bound)}\t{is_open}\t{bound + draw.random():.4f}\n")
    (folder / "table.tsv").write_text("".join(lines))


def write_peaks(folder, draw):
    """90 sequences of 60 bases, each with a site; their names say where they lie."""
    text = ""
    for i in range(90):
        at = 100 * i
        text += f">{('chr1', 'chr1', 'chr1', 'chr2', 'chr3')[i % 5]}:{at}-{at + 60}\n"
        text += planted(letters(draw, 60), 10 + below(draw, 30), site(draw, draw.random() < 0.5)) + "\n"
    (folder / "peaks.fa").write_text(text)


def write(folder):
    """All files that recipes in runs/ name."""
    for number, part in enumerate((write_genome, write_table, write_peaks)):
        part(folder, random.Random(SEED + number))
