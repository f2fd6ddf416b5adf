"""Tracks: bigWig and bedGraph wherever a track is taken, files without values, infinite values, gaps."""

import gzip
import json

import inputs
import places

LENGTHS = {"chr1": 3000, "chr2": 1200, "chr3": 1200}
INF = float("inf")
NAN = float("nan")

PROFILE_MODEL = """format = 1
[inputs.sequence]
channels = 4
length = 60
[[layers]]
type = "conv"
filters = 4
width = 11
padding = "valid"
[[layers]]
type = "activation"
kind = "relu"
[[heads]]
name = "profile"
strands = "paired"
  [[heads.layers]]
  type = "conv"
  filters = 2
  width = 11
  padding = "valid"
"""

TRACK_MODEL = """format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 4
width = 5
[[layers]]
type = "activation"
kind = "relu"
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "conv"
  filters = 1
  width = 1
"""

TRACK = """seed = 1
model_file = "track.model.toml"
[data]
kind = "genome"
  [data.genome]
  fasta = "genome.fa"
  per_base = true
  window = 200
    [data.genome.tracks]
    files = ["FILE"]
  [data.split]
  by = "chromosome"
  validation_chromosomes = ["chr2"]
  test_chromosomes = ["chr3"]
[[loss]]
type = "mse"
output = "logits"
target = "profile"
[train]
epochs = 1
  [train.loader]
  batch_size = 8
"""


def spans(step=40):
    """Counts at every base of a few bases in each stretch of `step` bases, on all chromosomes."""
    return [(name, at, at + 4, 1.0 + at % 3) for name, length in LENGTHS.items() for at in range(10, length - 10, step)]


def bedgraph(rows, header=""):
    return header + "".join(f"{name}\t{start}\t{end}\t{value:g}\n" for name, start, end, value in rows)


def loss_of(outcome):
    """What the epochs measured: seconds and names of folders aside."""
    return [{key: value for key, value in row.items() if "second" not in key} for row in outcome.json["log"]]


class Counts(inputs.Case):
    """Base-resolution profiles: counts of both strands."""

    def setUp(self):
        super().setUp()
        self.genome(LENGTHS)
        self.write("profile.model.toml", PROFILE_MODEL)
        peaks = [(name, at) for name, length in LENGTHS.items() for at in range(100, length - 100, 100)]
        self.write("peaks.bed", "".join(f"{name}\t{at}\t{at + 1}\n" for name, at in peaks))
        self.bigwig("plus.bw", LENGTHS, spans())
        self.bigwig("minus.bw", LENGTHS, spans(50))

    def recipe(self, plus="plus.bw", minus="minus.bw"):
        self.write("profile.toml", places.SHORT_PROFILE_RECIPE.replace("plus.bw", plus).replace("minus.bw", minus))

    def train(self, plus="plus.bw", minus="minus.bw", *more):
        self.recipe(plus, minus)
        return self.succeeds("train", "profile.toml", "--out", "run", "--overwrite", "--json", *more)

    def refused(self, code, plus="plus.bw", minus="minus.bw", *more):
        self.recipe(plus, minus)
        return self.fails(code, "train", "profile.toml", "--out", "run", "--overwrite", *more)

    def test_a_bedgraph_trains_as_the_bigwig_of_its_values(self):
        as_bigwig = loss_of(self.train())
        self.write("plus.bedGraph", bedgraph(spans(), "track type=bedGraph name=plus\n"))
        self.assertEqual(loss_of(self.train("plus.bedGraph")), as_bigwig)
        self.write("minus.txt.gz", gzip.compress(bedgraph(spans(50), "#chrom\tstart\tend\tvalue\nbrowser position chr1\n").encode()))
        self.assertEqual(loss_of(self.train("plus.bedGraph", "minus.txt.gz")), as_bigwig)

    def test_the_ending_of_a_track_says_nothing(self):
        self.write("bedgraph.bw", bedgraph(spans()))
        self.bigwig("bigwig.bedGraph", LENGTHS, spans(50))
        self.assertEqual(loss_of(self.train("bedgraph.bw", "bigwig.bedGraph")), loss_of(self.train()))

    def test_an_empty_bigwig_counts_as_zero(self):
        # As pyBigWig closes a file to which nothing was added: no index, a count of 0 and the magic number at the end.
        whole = inputs.bigwig_bytes(LENGTHS, [])
        data_at = int.from_bytes(whole[16:24], "little")
        without_index = bytearray(whole[:data_at] + bytes(8) + whole[:4])
        without_index[24:32] = bytes(8)
        self.write("none.bw", bytes(without_index))
        self.bigwig("zero.bw", LENGTHS, [(name, 0, length, 0.0) for name, length in LENGTHS.items()])
        expected = loss_of(self.train(minus="zero.bw"))
        self.assertEqual(loss_of(self.train(minus="none.bw")), expected)
        self.bigwig("indexed.bw", LENGTHS, [])
        self.assertEqual(loss_of(self.train(minus="indexed.bw")), expected)
        self.write("none.bedGraph", "")
        outcome = self.train(minus="none.bedGraph")
        self.assertEqual(loss_of(outcome), expected)
        self.assertTrue(any("none.bedGraph has no values" in note for note in outcome.json["notes"]), outcome.json["notes"])

    def test_a_bigwig_that_was_not_closed_is_no_empty_one(self):
        whole = inputs.bigwig_bytes(LENGTHS, spans())
        broken = bytearray(whole)
        broken[24:32] = bytes(8)
        self.write("open.bw", bytes(broken))
        self.assertIn("open.bw: has no index", self.refused(3, "open.bw"))
        self.write("cut.bw", b"")
        self.assertIn("cut.bw", self.refused(3, "cut.bw"))

    def test_an_infinite_value_is_named(self):
        for value in (INF, -INF):
            self.bigwig("bad.bw", LENGTHS, [*spans(), ("chr3", 1195, 1197, value)])
            error = self.refused(3, "bad.bw")
            for part in ("bad.bw", "chr3", "1195", f"{value:g}"):
                self.assertIn(part, error)

    def test_nan_is_not_measured_and_counts_as_zero(self):
        rows = sorted([*spans(), *((name, 30, 34, NAN) for name in LENGTHS)], key=lambda row: (list(LENGTHS).index(row[0]), row[1]))
        self.bigwig("nan.bw", LENGTHS, rows)
        self.assertEqual(loss_of(self.train("nan.bw")), loss_of(self.train()))

    def test_a_negative_count_is_named(self):
        self.write("bad.bedGraph", bedgraph([("chr1", 300, 303, -2.0)]))
        error = self.refused(3, "bad.bedGraph")
        for part in ("bad.bedGraph", "-2", "base 300 of chr1", "absolute"):
            self.assertIn(part, error)

    def test_rows_of_a_bedgraph_are_checked_with_their_line(self):
        for rows, words in (
            ("chr1\t10\t20\t1\nchr1\t5\t8\t1\n", ["bad.bedGraph:2: ", "begins before", "sort"]),
            ("chr1\t10\t20\t1\nchr1\t19\t30\t1\n", ["bad.bedGraph:2: ", "overlaps"]),
            ("chr1\t10\t20\t1\nchr2\t1\t2\t1\nchr1\t30\t40\t1\n", ["bad.bedGraph:3: ", "chr1", "two places"]),
            ("track x\nchr1\t10\t20\n", ["bad.bedGraph:2: ", "4 fields"]),
            ("chr1\t10\t20\tinf\n", ["bad.bedGraph:1: ", "no finite number"]),
            ("chr1\t10\t3001\t1\n", ["bad.bedGraph:1: ", "ends behind chr1", "3000"]),
            ("variableStep chrom=chr1\n10 1\n", ["bad.bedGraph:1: ", "wiggle"]),
        ):
            self.write("bad.bedGraph", rows)
            error = self.refused(3, "bad.bedGraph")
            for word in words:
                self.assertIn(word, error)

    def test_a_compressed_bigwig_is_refused_by_name(self):
        self.write("plus.bw.gz", gzip.compress((self.folder / "plus.bw").read_bytes()))
        self.assertIn("plus.bw.gz: is a bigWig file that was compressed as a whole", self.refused(3, "plus.bw.gz"))

    def test_counts_of_several_files_of_a_strand_are_added(self):
        self.bigwig("sum.bw", LENGTHS, [(name, start, end, 2 * value) for name, start, end, value in spans()])
        self.write("again.bedGraph", bedgraph(spans()))
        added = self.train("plus.bw", "minus.bw", "--set", 'data.profile.target.plus=["plus.bw", "again.bedGraph"]')
        self.assertEqual(loss_of(added), loss_of(self.train("sum.bw")))

    def test_controls_and_replicates_are_bedgraph_too(self):
        self.write("control.bedGraph.gz", gzip.compress(bedgraph(spans(60)).encode()))
        self.bigwig("control.bw", LENGTHS, spans(60))

        def with_tracks(name):
            return self.train("plus.bw", "minus.bw", *(option for role in ("control", "replicate") for strand in ("plus", "minus")
                                                       for option in ("--set", f"data.profile.{role}.{strand}={name}")))
        self.assertEqual(loss_of(with_tracks("control.bedGraph.gz")), loss_of(with_tracks("control.bw")))


class Signals(inputs.Case):
    """A track as the target at every base."""

    def setUp(self):
        super().setUp()
        self.genome(LENGTHS)
        self.write("track.model.toml", TRACK_MODEL)

    def train(self, file, *more):
        self.write("track.toml", TRACK.replace("FILE", file))
        return self.succeeds("train", "track.toml", "--out", "run", "--overwrite", "--json", *more)

    def test_the_measured_share_is_said_and_gaps_are_zeros_where_asked(self):
        self.bigwig("sparse.bw", LENGTHS, spans())
        rows = {name: sum(end - start for of, start, end, _ in spans() if of == name) for name in LENGTHS}
        outcome = self.train("sparse.bw")
        note = f"train: {rows['chr1']} of 3000 bases have a value in sparse.bw"
        self.assertTrue(any(note in line and "not measured" in line for line in outcome.json["notes"]), outcome.json["notes"])
        left_out = loss_of(outcome)
        zeros = self.train("sparse.bw", "--set", "data.genome.tracks.gaps=zero")
        self.assertTrue(any(note in line and "count as 0" in line for line in zeros.json["notes"]), zeros.json["notes"])
        # A file that writes its zeros.
        dense = []
        for name, length in LENGTHS.items():
            at = 0
            for of, start, end, value in spans():
                if of == name:
                    dense += [(name, at, start, 0.0), (name, start, end, value)]
                    at = end
            dense.append((name, at, length, 0.0))
        self.bigwig("dense.bw", LENGTHS, dense)
        written = self.train("dense.bw")
        self.assertEqual(loss_of(written), loss_of(zeros))
        self.assertNotEqual(loss_of(written), left_out)
        self.assertFalse(any("have a value" in line for line in written.json["notes"]), written.json["notes"])

    def test_a_bedgraph_of_genomecov_counts_chromosomes_that_it_leaves_out(self):
        self.write("cov.bedGraph", bedgraph([row for row in spans() if row[0] != "chr2"]))
        outcome = self.train("cov.bedGraph", "--set", "data.genome.tracks.gaps=zero")
        self.assertTrue(any("validation: 0 of 1200 bases" in line for line in outcome.json["notes"]), outcome.json["notes"])
        self.assertIsNotNone(outcome.json["log"][-1].get("validation"))

    def test_a_word_that_gaps_cannot_be_is_refused(self):
        self.bigwig("a.bw", LENGTHS, spans())
        self.write("track.toml", TRACK.replace("FILE", "a.bw"))
        error = self.fails(2, "train", "track.toml", "--out", "run", "--set", "data.genome.tracks.gaps=none")
        for word in ("gaps", "missing", "zero"):
            self.assertIn(word, error)

    def test_an_infinite_value_is_named(self):
        self.bigwig("bad.bw", LENGTHS, [("chr1", 7, 9, 1.0), ("chr1", 77, 79, INF)])
        self.write("track.toml", TRACK.replace("FILE", "bad.bw"))
        error = self.fails(3, "train", "track.toml", "--out", "run")
        for word in ("bad.bw", "inf at base 77 of chr1"):
            self.assertIn(word, error)

    def evaluated(self, rows):
        self.bigwig("gaps.bw", LENGTHS, rows)
        self.train("gaps.bw")
        self.succeeds("evaluate", "run")
        return json.loads(self.text("run/tracks.json"))["loci"]

    def test_a_gap_in_a_track_is_a_gap_on_the_page(self):
        # Two bases are missing in every tile of 200.
        rows = [(name, at + start, at + end, 1.0 + at % 7)
                for name, length in LENGTHS.items() for at in range(0, length, 100) for start, end in ((0, 50), (51, 100))]
        loci = self.evaluated(rows)
        self.assertTrue(loci)
        for locus in loci:
            for place, value in enumerate(locus["observed"][0], locus["start"]):
                self.assertEqual(value is None, place % 100 == 50, place)
            self.assertNotIn(None, locus["predicted"][0])

    def test_tiles_without_a_measured_border_are_shown_where_there_are_no_others(self):
        rows = [(name, at + 50, at + 150, 2.0) for name, length in LENGTHS.items() for at in range(0, length, 200)]
        loci = self.evaluated(rows)
        self.assertTrue(loci)
        for place, value in enumerate(loci[0]["observed"][0], loci[0]["start"]):
            self.assertEqual(value is None, not 50 <= place % 200 < 150, place)


if __name__ == "__main__":
    inputs.main()
