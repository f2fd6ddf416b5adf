"""basewise data coverage beside bamCoverage of deepTools, in turn in one run, on reads made up here.

python3 -m venv VENV && VENV/bin/pip install deeptools
VENV/bin/python benchmarks/peers/coverage.py [--reads 2000000] [--bases 40000000] [--rounds 3] [--threads 2] [--bam FILE] [--json FILE]

Rows: what is counted and the bases per value. Ratios above 1 mean that basewise is faster: the median of the rounds and, in brackets, the
smallest and the largest. Before anything is timed both tracks are compared base by base: bins of one base must be equal, larger ones (of
which bamCoverage counts reads that touch them, basewise the mean over their bases) are only timed.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROWS = {
    "5' ends, 1 base": (["--count", "ends"], ["--Offset", "1", "--binSize", "1"], True),
    "reads, 1 base": (["--count", "reads"], ["--binSize", "1"], True),
    "reads, 50 bases": (["--count", "reads", "--bin", "50"], ["--binSize", "50"], False),
    "5' ends, 1 base, CPM, quality 20": (["--count", "ends", "--min-quality", "20", "--normalise", "cpm"],
                                         ["--Offset", "1", "--binSize", "1", "--minMappingQuality", "20", "--normalizeUsing", "CPM"], True),
}


def make_bam(path, reads, bases, seed=7):
    """Sorted single reads of 50 bases on four chromosomes, half of them in a thousand peaks; with an index."""
    import pysam

    draw = random.Random(seed)
    length = bases // 4
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": f"chr{i + 1}", "LN": length} for i in range(4)]}
    peaks = [draw.randrange(length - 1000) for _ in range(1000)]
    letters = ["".join(draw.choice("ACGT") for _ in range(50)) for _ in range(997)]
    qualities = pysam.qualitystring_to_array("F" * 40 + "," * 10)
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        number = 0
        for chrom in range(4):
            starts = sorted(draw.choice(peaks) + int(draw.gauss(400, 120)) % 900 if draw.random() < 0.5 else draw.randrange(length - 60)
                            for _ in range(reads // 4))
            for start in starts:
                read = pysam.AlignedSegment(out.header)
                read.query_name = f"run:1:lane:{number}"
                read.query_sequence = letters[number % 997]
                read.flag = 16 * (number % 2)
                read.reference_id, read.reference_start = chrom, start
                read.mapping_quality = 60 if number % 10 else 3
                read.cigarstring = "50M"
                read.query_qualities = qualities
                out.write(read)
                number += 1
    pysam.index(str(path))


def seconds_of(command):
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, "BASEWISE_PROGRESS": "never"})
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return time.perf_counter() - begin


def differences(ours, theirs):
    """Bases whose values differ by more than float32 can tell."""
    import numpy
    import pyBigWig

    count = 0
    with pyBigWig.open(str(ours)) as a, pyBigWig.open(str(theirs)) as b:
        for chrom, length in a.chroms().items():
            x, y = (numpy.nan_to_num(file.values(chrom, 0, length, numpy=True)) for file in (a, b))
            count += int((~numpy.isclose(x, y, rtol=1e-5, atol=1e-6)).sum())
    return count


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("reads", 2_000_000), ("bases", 40_000_000), ("rounds", 3), ("threads", os.cpu_count())):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--program", default=ROOT / "build/release/apps/basewise/basewise")
    parser.add_argument("--bam", type=pathlib.Path, help="sorted and indexed, in place of reads that are made up")
    parser.add_argument("--json", type=pathlib.Path)
    given = parser.parse_args()
    peer = pathlib.Path(sys.executable).parent / "bamCoverage"
    results = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        bam = given.bam or folder / "reads.bam"
        if not given.bam:
            make_bam(bam, given.reads, given.bases)
        print(f"| reads of {bam.name}, {given.threads} threads | basewise, s | bamCoverage, s | ratio |\n|---|--:|--:|--:|")
        for name, (ours, theirs, same) in ROWS.items():
            a, b = folder / "a.bw", folder / "b.bw"
            commands = ([given.program, "data", "coverage", bam, "--out", a, "--threads", str(given.threads), "--quiet", *ours],
                        [peer, "--bam", bam, "--outFileName", b, "--numberOfProcessors", str(given.threads), *theirs])
            times = [[seconds_of(command) for command in commands] for _ in range(given.rounds)]
            differ = differences(a, b) if same else None
            ratios = [y / x for x, y in times]
            row = {"name": name, "basewise": statistics.median(x for x, _ in times), "bamCoverage": statistics.median(y for _, y in times),
                   "ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios), "different_bases": differ}
            results.append(row)
            note = "" if not differ else f" ({differ} bases differ)"
            print(f"| {name}{note} | {row['basewise']:.2f} | {row['bamCoverage']:.2f} | {row['ratio']:.1f} [{row['least']:.1f}, {row['most']:.1f}] |", flush=True)
    if given.json:
        given.json.write_text(json.dumps({"reads": given.reads, "bases": given.bases, "threads": given.threads, "rows": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
