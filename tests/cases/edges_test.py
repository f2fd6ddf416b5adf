"""What is predicted where the model would read beyond the end of a chromosome."""

import json
import random
import struct
import zipfile

import inputs

PER_BASE = """
format = 1
[inputs.sequence]
channels = 4
[[layers]]
name = "first"
type = "conv"
filters = 3
width = 5
padding = "{padding}"
[[layers]]
name = "second"
type = "conv"
filters = 1
width = 7
padding = "{padding}"
[[heads]]
name = "logits"
"""

PER_WINDOW = """
format = 1
[inputs.sequence]
channels = 4
length = 40
[[layers]]
name = "first"
type = "conv"
filters = 3
width = 5
[[layers]]
type = "pool"
global = true
[[heads]]
name = "logits"
[[heads.layers]]
name = "out"
type = "dense"
units = 1
"""


def safetensors(tensors):
    """Bytes of a file of float32 tensors {name: (shape, numbers)}."""
    head, body = {}, b""
    for name, (shape, numbers) in tensors.items():
        data = struct.pack(f"<{len(numbers)}f", *numbers)
        head[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


class Edges(inputs.Case):
    def model(self, text, **shapes):
        draw = random.Random(self.seed)
        tensors = {}
        for name, shape in shapes.items():
            count = 1
            for extent in shape:
                count *= extent
            tensors[name.replace("__", ".")] = (shape, [draw.random() - 0.5 for _ in range(count)])
        self.write("run/model.toml", text)
        self.write("run/weights.safetensors", safetensors(tensors))
        return tensors

    def per_base(self, padding):
        return self.model(PER_BASE.format(padding=padding), first__weight=[3, 4, 5], first__bias=[3], second__weight=[1, 3, 7], second__bias=[1])

    def per_window(self):
        self.model(PER_WINDOW, first__weight=[3, 4, 5], first__bias=[3], logits__out__weight=[1, 3], logits__out__bias=[1])

    def track(self, *more):
        """{chromosome: numbers} along the whole genome."""
        told = self.succeeds("predict", "run", "--genome", "genome.fa", "--out", "p", "--formats", "npz", "--json", "--quiet", "--threads", 1, *more)
        self.notes = told.json["notes"]
        found = {}
        with zipfile.ZipFile(self.folder / "p.npz") as archive:
            for member in archive.namelist():
                data = archive.read(member)
                size = struct.unpack("<H", data[8:10])[0]
                found[member.removesuffix(".npy")] = struct.unpack(f"<{(len(data) - 10 - size) // 4}f", data[10 + size:])
        return found

    @staticmethod
    def missing(values):
        return [i for i, value in enumerate(values) if value != value]

    @staticmethod
    def by_hand(text, tensors):
        """Two valid convolutions of letters, in plain loops: the value of base i is that of the window [i - 5, i + 6)."""
        (_, first), (_, bias), (_, second), (_, last) = (tensors[name] for name in ("first.weight", "first.bias", "second.weight", "second.bias"))
        hidden = [[bias[f] + sum(first[f * 20 + "ACGT".index(text[i + k]) * 5 + k] for k in range(5)) for f in range(3)] for i in range(len(text) - 4)]
        return [last[0] + sum(second[f * 7 + k] * hidden[i + k][f] for f in range(3) for k in range(7)) for i in range(len(hidden) - 6)]

    def test_a_network_without_padding_has_no_value_at_the_ends(self):
        texts = self.genome({"a": 300, "b": 17, "c": 11, "d": 10})
        tensors = self.per_base("valid")
        found = self.track()
        for name, text in texts.items():
            expected = self.by_hand(text, tensors) if len(text) > 10 else []
            self.assertEqual(self.missing(found[name]), [i for i in range(len(text)) if i < 5 or i >= len(text) - 5])
            for i, value in enumerate(expected):
                self.assertAlmostEqual(found[name][i + 5], value, places=4)
        self.assertEqual(len(self.notes), 1)
        self.assertIn("40 positions at the ends of chromosomes have no value", self.notes[0])

    def test_padding_on_request_gives_every_value(self):
        texts = self.genome({"a": 300, "b": 17})
        self.per_base("valid")
        plain, padded = self.track(), self.track("--edges", "pad")
        self.assertEqual(self.notes, [])
        for name, text in texts.items():
            self.assertEqual(self.missing(padded[name]), [])
            self.assertEqual(padded[name][5:len(text) - 5], plain[name][5:len(text) - 5])

    def test_a_network_that_pads_knows_zeros_at_its_edges(self):
        self.genome({"a": 300})
        self.per_base("same")
        self.assertEqual(self.missing(self.track()["a"]), [])
        self.assertEqual(self.track(), self.track("--edges", "pad"))

    def test_a_circle_has_no_ends(self):
        self.genome({"a": 300, "b": 120})
        self.per_base("valid")
        found = self.track("--circular", "b")
        self.assertEqual(self.missing(found["b"]), [])
        self.assertEqual(len(self.missing(found["a"])), 10)

    def test_a_bigwig_leaves_them_out(self):
        self.genome({"a": 300})
        self.per_base("valid")
        self.succeeds("predict", "run", "--genome", "genome.fa", "--out", "p", "--quiet", "--threads", 1)
        data = (self.folder / "p.logits.bw").read_bytes()
        summary = struct.unpack("<Q", data[44:52])[0]
        self.assertEqual(struct.unpack("<Q", data[summary:summary + 8])[0], 290)  # bases that have a value

    def test_both_strands_lose_the_same_ends(self):
        self.genome({"a": 300})
        self.per_base("valid")
        found = self.track("--strand-strategy", "mean")
        self.assertEqual(self.missing(found["a"]), [0, 1, 2, 3, 4, 295, 296, 297, 298, 299])

    def test_intervals_at_the_end_have_what_the_whole_has(self):
        self.genome({"a": 300})
        self.per_base("valid")
        whole = self.track()["a"]
        part = self.track("--regions", "a:1-20,a:290-300")
        self.assertEqual(self.missing(part["a:0-20"]), [0, 1, 2, 3, 4])
        self.assertEqual(self.missing(part["a:289-300"]), [6, 7, 8, 9, 10])
        for i in range(5, 20):
            self.assertAlmostEqual(part["a:0-20"][i], whole[i], places=5)

    def test_a_window_that_leaves_its_chromosome_has_no_value(self):
        self.genome({"a": 300})
        self.per_window()
        # Windows of 40 bases around 19, 20, 280 and 281: the first and the last leave [0, 300).
        self.write("q.bed", "".join(f"a\t{middle}\t{middle + 1}\n" for middle in (19, 20, 280, 281)))
        for edges, missing in (("nan", [True, False, False, True]), ("pad", [False] * 4)):
            self.succeeds("predict", "run", "--genome", "genome.fa", "--bed", "q.bed", "--out", "p", "--edges", edges, "--quiet", "--threads", 1)
            rows = [line.split("\t")[-1] for line in self.text("p.tsv").splitlines()[1:]]
            self.assertEqual([value == "nan" for value in rows], missing)


if __name__ == "__main__":
    inputs.main()
