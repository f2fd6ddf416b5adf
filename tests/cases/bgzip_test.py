"""Files of bgzip (gzip in blocks of at most 64 KiB, then an empty block): one cut at the border of a block is sound gzip, and short."""

import gzip
import json
import struct
import zlib

import inputs
import places

END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
MISSING = "the end-of-file block of bgzip is missing: the file may be truncated"


def block(data):
    """One block: a gzip member whose extra field BC holds its size less 1."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    head = bytes.fromhex("1f8b08040000000000ff060042430200") + struct.pack("<H", 18 + len(body) + 8 - 1)
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def bgzip(pieces, end=END):
    return b"".join(block(piece if isinstance(piece, bytes) else piece.encode()) for piece in pieces) + end


class Bgzip(inputs.Case):
    def setUp(self):
        super().setUp()
        self.letters = self.genome(places.LENGTHS)
        self.write("peaks.bed", places.bed(places.peaks()))
        self.write("win.model.toml", places.WINDOW_MODEL)
        self.write("run.toml", places.WINDOW_RECIPE)

    def train(self, *more):
        outcome = self.succeeds("train", "run.toml", "--out", "run", "--overwrite", *more)
        return outcome.out + outcome.err

    def records(self):
        return [f">{name}\n{letters}\n" for name, letters in self.letters.items()]

    def test_a_fasta_cut_at_a_block_is_warned_of_once(self):
        self.train()
        self.write("whole.fa.gz", bgzip(self.records()))
        self.write("cut.fa.gz", bgzip(self.records()[:2], end=b""))
        self.write("p.bed", "chr1\t100\t200\n")
        whole = self.succeeds("predict", "run", "--genome", "whole.fa.gz", "--bed", "p.bed", "--out", "p")
        self.assertNotIn("truncated", whole.err)
        cut = self.succeeds("predict", "run", "--genome", "cut.fa.gz", "--bed", "p.bed", "--out", "p")
        self.assertEqual(cut.err.count("cut.fa.gz: " + MISSING), 1, cut.err)

    def test_a_genome_that_is_read_twice_is_warned_of_once(self):
        self.write("cut.fa.gz", bgzip(self.records(), end=b""))
        said = self.train("--set", "data.genome.fasta=cut.fa.gz", "--set", "data.genome.chromosomes=chr1,chr2,chr3")
        self.assertEqual(said.count(MISSING), 1, said)

    def test_a_bed_cut_at_a_block_is_warned_of(self):
        lines = places.bed(places.peaks()).splitlines(True)
        self.write("peaks.bed.gz", bgzip(["".join(lines[:40]), "".join(lines[40:])], end=b""))
        said = self.train("--set", "data.genome.sites.file=peaks.bed.gz")
        self.assertIn("peaks.bed.gz: " + MISSING, said)
        self.write("peaks.bed.gz", bgzip(["".join(lines[:40]), "".join(lines[40:])]))
        self.assertNotIn("truncated", self.train("--set", "data.genome.sites.file=peaks.bed.gz"))

    def test_a_table_cut_at_a_block_is_warned_of(self):
        rows = "chrom\tposition\n" + "".join(f"{of}\t{start + 20}\n" for of, start, _ in places.peaks())
        self.write("sites.tsv.gz", bgzip([rows[:500], rows[500:]], end=b""))
        said = self.train("--set", "data.genome.sites.file=sites.tsv.gz", "--set", "data.genome.sites.chromosome=chrom")
        self.assertIn("sites.tsv.gz: " + MISSING, said)
        self.assertEqual([of["examples"] for of in json.loads(self.text("run/data.json"))["sets"]], [58, 38, 28])

    def test_plain_gzip_has_no_such_block(self):
        self.write("genome.fa.gz", gzip.compress("".join(self.records()).encode()))
        self.assertNotIn("truncated", self.train("--set", "data.genome.fasta=genome.fa.gz"))


if __name__ == "__main__":
    inputs.main()
