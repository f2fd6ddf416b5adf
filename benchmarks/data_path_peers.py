"""The data path of basewise beside tangermeme, figwig, pyfaidx and pyBigWig, in turn in one run: A B A B.

benchmarks/peers/setup
build/peers/bin/python benchmarks/data_path_peers.py build/release/benchmarks/data_path_benchmark [--rounds 5] [--json FILE] [--only loci]

Ratios above 1 mean that basewise is faster. Every round times both, one after the other; the table has the median of the rounds and, in
brackets, the smallest and largest ratio of a round. Both sides use --threads threads.
"""

import argparse
import bisect
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

N = 10_000
WINDOW = 2114


def places(low, high):
    """As in data_path_benchmark.cpp."""
    state, found = 12345, []
    while len(found) < N:
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        found.append(low + (state >> 33) % (high - low))
    return found


def timed(function, seconds=0.6):
    """Mean seconds of a call, after one that does not count."""
    function()
    times = []
    while sum(times) < seconds or len(times) < 2:
        begin = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - begin)
        del result
    return statistics.mean(times)


class Peers:
    def __init__(self, data, bench, threads):
        import figwig
        import numpy
        import pandas
        import pyBigWig
        import pyfaidx
        import torch
        from tangermeme.ersatz import dinucleotide_shuffle
        from tangermeme.io import extract_loci

        torch.set_num_threads(threads)
        self.versions = {m: __import__("importlib.metadata").metadata.version(m)
                         for m in ("tangermeme", "figwig", "pyfaidx", "pyBigWig", "numpy", "torch")}
        self.threads = threads
        self.figwig, self.pybigwig, self.pyfaidx = figwig, pyBigWig, pyfaidx
        self.extract_loci, self.shuffle = extract_loci, dinucleotide_shuffle
        self.fasta_path = str(bench / "chr21.fa")
        self.tracks = [str(data / f"hg19_chr21/proseq_k562/K562.chr21.{s}.bw") for s in ("plus", "minus")]
        starts = places(10_000_000, 48_000_000)
        self.loci_table = pandas.DataFrame({"chrom": "chr21", "start": starts, "end": [s + 200 for s in starts]})
        self.yeast = str(data / "yeast_stripeseq/S288C_WT_1.plus.bw")
        sizes = figwig.BigWigReader(self.yeast).chrom_sizes
        names, ends, total = list(sizes), [], 0
        for length in sizes.values():
            total += max(0, length - WINDOW)
            ends.append(total)
        found = [(bisect.bisect_right(ends, p), p) for p in places(0, total)]
        self.chroms = numpy.array([names[c] for c, _ in found])
        self.starts = numpy.array([p - (ends[c - 1] if c else 0) for c, p in found])
        self.out = numpy.empty((N, WINDOW), dtype=numpy.float32)
        letters = torch.randint(4, (1000, WINDOW), generator=torch.Generator().manual_seed(1))
        self.one_hot = torch.nn.functional.one_hot(letters, 4).transpose(1, 2).to(torch.int8).contiguous()

    def loci(self):
        return self.extract_loci(self.loci_table, self.fasta_path, self.tracks, n_jobs=self.threads)

    def fasta(self):
        return str(self.pyfaidx.Fasta(self.fasta_path)["chr21"])

    def shuffles(self):
        return self.shuffle(self.one_hot, n=20, random_state=0)

    def windows(self):
        return self.figwig.BigWigReader(self.yeast).read(self.chroms, self.starts, WINDOW, n_jobs=self.threads)

    def windows_reused(self):
        return self.figwig.BigWigReader(self.yeast).read(self.chroms, self.starts, WINDOW, out=self.out, n_jobs=self.threads)

    def windows_one_by_one(self):
        track = self.pybigwig.open(self.yeast)
        for chrom, start in zip(self.chroms[:1000], self.starts[:1000].tolist()):
            track.values(str(chrom), start, start + WINDOW, numpy=True)


# Ours, theirs, what, units per call of ours and of theirs, unit.
TASKS = [
    ("fasta_plain", "fasta", "chr21, plain FASTA to tokens; pyfaidx to a string", 48129895, 48129895, "Mb/s", 1e6),
    ("loci_one_hot", "loci", "loci, int8 one-hot and 2 tracks; tangermeme extract_loci", N, N, "/s", 1),
    ("loci_reused", "loci", "the same, our arrays reused", N, N, "/s", 1),
    ("loci_tokens", "loci", "loci, tokens and 2 tracks; tangermeme extract_loci", N, N, "/s", 1),
    ("shuffles", "shuffles", "dinucleotide shuffles, 1,000 x 20; tangermeme", 20000, 20000, "/s", 1),
    ("windows_from_file", "windows", "bigWig windows, file opened, fresh array; figwig", N, N, "/s", 1),
    ("windows_reused", "windows_reused", "bigWig windows, file opened, array reused; figwig", N, N, "/s", 1),
    ("windows_packed_all", "windows_reused", "windows of a packed track, array reused; figwig", N, N, "/s", 1),
    ("windows_packed", "windows_reused", "windows of a packed track, 1 thread, one window's memory; figwig", N, N, "/s", 1),
    ("windows_packed", "windows_one_by_one", "windows of a packed track, 1 thread; pyBigWig", N, 1000, "/s", 1),
]
ALONE = ["fasta_bgzip", "fasta_gzip", "one_hot_of_chr21", "pack"]


def ours(program, name, threads):
    text = subprocess.run([program, f"--benchmark_filter=^{name}/", "--benchmark_min_time=0.6", "--benchmark_format=json"],
                          env=dict(os.environ, BASEWISE_THREADS=str(threads)), capture_output=True, text=True, check=True).stdout
    found = json.loads(text[text.index("{"):])["benchmarks"][0]
    if "error_message" in found:
        sys.exit(f"{name}: {found['error_message']}")
    return found["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[found["time_unit"]], found


def machine():
    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} processors, {model[0] if model else platform.processor()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", default="", help="tasks whose name holds this")
    parser.add_argument("--json", default="")
    o = parser.parse_args()
    data = pathlib.Path(os.environ.get("BASEWISE_DATA", "../shared/data"))
    bench = pathlib.Path(os.environ.get("BASEWISE_BENCH", "build/bench-data"))
    os.environ.setdefault("NUMBA_NUM_THREADS", str(o.threads))
    ours(o.program, "fasta_plain", o.threads)  # makes the plain file
    peers = Peers(data, bench, o.threads)
    print(machine(), f"{o.threads} threads,", ", ".join(f"{k} {v}" for k, v in peers.versions.items()))
    results = []
    for name, peer, what, mine, theirs, unit, scale in TASKS:
        if o.only not in name:
            continue
        rounds = []
        for _ in range(o.rounds):
            a = mine / ours(o.program, name, o.threads)[0]
            b = theirs / timed(getattr(peers, peer))
            rounds.append((a, b))
        ratios = sorted(a / b for a, b in rounds)
        row = {"task": what, "name": name, "unit": unit, "basewise": statistics.median(a for a, _ in rounds) / scale,
               "peer": statistics.median(b for _, b in rounds) / scale, "ratio": statistics.median(ratios), "low": ratios[0], "high": ratios[-1]}
        results.append(row)
        print(f"{what:70} {row['basewise']:>12,.0f} {row['peer']:>12,.0f} {unit:5} {row['ratio']:6.2f} x [{row['low']:.2f}, {row['high']:.2f}]",
              flush=True)
    alone = []
    for name in ALONE:
        if o.only not in name:
            continue
        seconds, found = ours(o.program, name, o.threads)
        alone.append({"name": name, "seconds": seconds, "bases_per_second": found.get("bases"), "bytes": found.get("bytes")})
        rate = f"{found['bases'] / 1e6:,.0f} Mb/s" if "bases" in found else f"{found.get('bytes', 0) / 1e6:.1f} MB"
        print(f"{name:70} {seconds * 1e3:10.1f} ms {rate}")
    if o.json:
        pathlib.Path(o.json).write_text(json.dumps({"machine": machine(), "threads": o.threads, "versions": peers.versions, "tasks": results,
                                                    "alone": alone}, indent=1) + "\n")


if __name__ == "__main__":
    main()
