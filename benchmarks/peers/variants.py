"""Scores of variants, VCF to VCF, beside the Python path of the field (pysam, tangermeme, PyTorch), the same weights and rows, in one run.

    python benchmarks/peers/variants.py GENOME VCF [--build build/release] [--rows 500] [--apart 0] [--turns 3] [--case bpnet] [--threads 2]

The first ROWS substitutions of the file are taken, at least APART bases from each other (0: as they come; 4000: each in its own window).
Three ways are timed by turns, each from reading the rows to the written VCF:

* basewise, which computes of an allele what it changes and shares rows between windows (variants_benchmark);
* the same by a whole pass of every window, two for each variant;
* pysam reads rows and genome, tangermeme's substitution_effect predicts both alleles, pysam writes the rows with their scores.

Predictions that differ by more than 1e-3 of the largest are an error. Other programs must be silent meanwhile. One line of JSON.
"""

import argparse
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import pysam
import torch
from tangermeme.utils import one_hot_encode
from tangermeme.variant_effect import substitution_effect

from mutagenesis import load
from pytorch_models import BPNet, basset

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = {"bpnet": (BPNet, 2114), "basset": (basset, 600)}
CHUNK = 512  # windows that Python holds at a time


class Totals(torch.nn.Module):
    """The sum of each channel of each output: what REF and ALT are."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        outputs = self.model(x)
        return torch.cat([y if y.dim() == 2 else y.sum(dim=2) for y in outputs.values()], dim=1)


def lines_of(path):
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    with (gzip.open if zipped else open)(path, "rt") as lines:
        yield from lines


def chosen_rows(source, genome, target, rows, apart, length):
    """Writes a VCF with a header of ROWS substitutions whose reference allele and window the genome has."""
    kept, last = [], (None, 0)
    for line in lines_of(source):
        if line.startswith("#") or not line.strip():
            continue
        chrom, pos, name, ref, alt = line.rstrip("\n").split("\t")[:5]
        name_in_genome = next((n for n in (chrom, "chr" + chrom, chrom.removeprefix("chr")) if n in genome.references), None)
        if name_in_genome is None or len(ref) != 1 or alt not in {"A", "C", "G", "T"}:
            continue
        at = int(pos) - 1
        start = at - (length // 2 - 1)
        if start < 0 or start + length > genome.get_reference_length(name_in_genome):
            continue
        if (last[0] == name_in_genome and at - last[1] < apart) or genome.fetch(name_in_genome, at, at + 1).upper() != ref:
            continue
        last = name_in_genome, at
        kept.append(f"{name_in_genome}\t{pos}\t{name}\t{ref}\t{alt}\t.\t.\t.\n")
        if len(kept) == rows:
            break
    chroms = sorted({row.split("\t", 1)[0] for row in kept})
    header = ["##fileformat=VCFv4.2\n", *(f"##contig=<ID={c},length={genome.get_reference_length(c)}>\n" for c in chroms),
              "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"]
    target.write_text("".join(header + kept))
    return len(kept)


def by_python(model, genome, vcf, out, length, batch):
    """Sums of the outputs, (rows, channels) for the reference and the alternative allele."""
    before, after = [], []
    with pysam.VariantFile(str(vcf)) as reader:
        reader.header.info.add("PYTHON", "A", "String", "sums of reference and alternative")
        with pysam.VariantFile(str(out), "w", header=reader.header) as writer:
            rows = list(reader)
            for first in range(0, len(rows), CHUNK):
                some = rows[first:first + CHUNK]
                windows = [genome.fetch(r.chrom, r.pos - length // 2, r.pos - length // 2 + length).upper() for r in some]
                x = torch.stack([one_hot_encode(w) for w in windows]).float()
                edits = torch.tensor([[i, length // 2 - 1, "ACGT".index(r.alts[0])] for i, r in enumerate(some)])
                y0, y1 = substitution_effect(model, x, edits, batch_size=batch, device="cpu")
                before.append(y0.numpy())
                after.append(y1.numpy())
                for row, a, b in zip(some, before[-1], after[-1]):
                    row.info["PYTHON"] = ("|".join(f"{v:.6g}" for v in (*a, *b)),)
                    writer.write(row)
    return numpy.concatenate(before), numpy.concatenate(after)


def of_table(path, heading):
    lines = pathlib.Path(path).read_text().splitlines()
    columns = lines[0].split("\t")
    chosen = [i for i, name in enumerate(columns) if name.startswith(heading + ":")]
    return numpy.array([[float(line.split("\t")[i]) for i in chosen] for line in lines[1:]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("genome", type=pathlib.Path)
    parser.add_argument("vcf", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--case", choices=sorted(CASES), default="bpnet")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--apart", type=int, default=0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=64, help="batch size of Python")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    make, length = CASES[options.case]
    genome = pysam.FastaFile(str(options.genome))
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), BASEWISE_THREADS=str(options.threads))
    times = {"changed": [], "whole": [], "python": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rows = chosen_rows(options.vcf, genome, folder / "in.vcf", options.rows, options.apart, length)
        facts, apart = {}, 0.0
        for turn in range(options.turns):
            for passes in ("changed", "whole"):
                program = options.build / "benchmarks/variants_benchmark"
                words = [program, options.case, options.genome.resolve(), folder / "in.vcf", passes, folder / passes]
                done = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
                facts[passes] = json.loads(done.stdout)
                times[passes].append(facts[passes]["seconds"])
            if turn == 0:
                model = make().eval()
                load(model, folder / "changed")
                model = Totals(model)
            start = time.perf_counter()
            before, after = by_python(model, genome, folder / "in.vcf", folder / "python.vcf", length, options.batch)
            times["python"].append(time.perf_counter() - start)
            for passes in ("changed", "whole"):
                for heading, expected in (("REF", before), ("ALT", after)):
                    found = of_table(folder / passes / "scored.tsv", heading)
                    apart = max(apart, float(numpy.abs(found - expected).max() / numpy.abs(expected).max()))
            if not apart < 1e-3:
                sys.exit(f"{options.case}: predictions differ by {apart:.2g} of the largest")
    row = {"case": options.case, "rows": rows, "apart": options.apart, "passes": facts["changed"]["passes"], "difference": apart,
           **{name: statistics.median(each) for name, each in times.items()}}
    row["whole_over_changed"] = row["whole"] / row["changed"]
    row["python_over_changed"] = row["python"] / row["changed"]
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
