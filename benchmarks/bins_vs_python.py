"""Times `basewise data bins` against the same work with pyBigWig, NumPy and h5py, and compares what both wrote.

    python benchmarks/bins_vs_python.py PROGRAM [--megabases 20] [--targets 4] [--repeats 3] [--threads N] [--json FILE] [--tracks A.bw ...]
                                        [--genome FASTA --length L --crop C]

Without --tracks, bigWigs are made: stretches of 1 to 20 bases of one value, as coverage of reads has them. The Python path does what
Basenji's and Borzoi's programs do, in as many processes as basewise has threads: values of each window by pyBigWig, missing ones to 0, sums,
sqrt(1 + S) - 1, soft clip; float16 in one HDF5 file for each target; then sequences and bins into zlib streams of 256 records. Two things
favour Python: the windows are handed to it (sequences.bed), and records get zlib.crc32, which is C, in place of CRC-32C.
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time
import zlib

import h5py
import numpy as np
import pyBigWig

CODES = np.full(256, 4, np.uint8)
for code, letter in enumerate("ACGT"):
    CODES[ord(letter)] = CODES[ord(letter.lower())] = code
CLIP_SOFT, WIDTH = 64.0, 128


def make_inputs(folder, megabases, targets):
    rng = np.random.default_rng(5)
    lengths = {"chr1": megabases * 600_000, "chr2": megabases * 400_000}
    with open(folder / "genome.fa", "w") as out:
        for name, length in lengths.items():
            letters = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, length)].tobytes().decode()
            out.write(f">{name}\n" + "\n".join(letters[i:i + 60] for i in range(0, length, 60)) + "\n")
    tracks = []
    for i in range(targets):
        tracks.append(folder / f"track{i}.bw")
        with pyBigWig.open(str(tracks[-1]), "w") as out:
            out.addHeader(list(lengths.items()))
            for name, length in lengths.items():
                ends = np.cumsum(rng.integers(1, 21, length // 9))
                ends = np.append(ends[ends < length], length)
                starts = np.concatenate([[0], ends[:-1]])
                values = rng.gamma(0.3, 2.0, len(starts)).round(2)
                kept = rng.random(len(starts)) < 0.8
                out.addEntries([name] * int(kept.sum()), starts[kept].tolist(), ends=ends[kept].tolist(), values=values[kept].tolist())
    return folder / "genome.fa", tracks


def read_target(job):
    track, windows, path = job
    with pyBigWig.open(str(track)) as reader:
        rows = []
        for chrom, start, end, _ in windows:
            values = reader.values(chrom, start, end, numpy=True).astype(np.float32)
            values[np.isnan(values)] = 0
            v = np.sqrt(1 + values.reshape(-1, WIDTH).sum(axis=1, dtype=np.float32)) - 1
            over = v > CLIP_SOFT
            v[over] = CLIP_SOFT - 1 + np.sqrt(v[over] - CLIP_SOFT + 1)
            rows.append(np.clip(v, -65504, 65504).astype(np.float16))
    rows = np.array(rows)
    limit = np.percentile(rows, 99.99999)
    with h5py.File(path, "w") as out:
        out.create_dataset("targets", data=np.clip(rows, -limit, limit).astype(np.float16), compression="gzip")


def feature(name, data):
    def field(number, payload):
        size, head = len(payload), bytearray([number << 3 | 2])
        while True:
            head.append((size & 127) | (128 if size > 127 else 0))
            size >>= 7
            if not size:
                return bytes(head) + payload
    return field(1, field(1, name.encode()) + field(2, field(1, field(1, data))))


def write_records(job):
    genome, crop, windows, first, coverage, path = job
    bins = np.stack([h5py.File(file, "r")["targets"][first:first + len(windows)] for file in coverage], axis=2)
    stream = zlib.compressobj()
    with open(path, "wb") as out:
        for (chrom, start, end, _), values in zip(windows, bins):
            sequence = np.full(end - start + 2 * crop, 4, np.uint8)
            low, high = max(0, start - crop), min(len(genome[chrom]), end + crop)
            sequence[low - start + crop:high - start + crop] = CODES[np.frombuffer(genome[chrom][low:high], np.uint8)]
            features = feature("sequence", sequence.tobytes()) + feature("target", values.tobytes())
            size, head = len(features), bytearray([10])
            while True:
                head.append((size & 127) | (128 if size > 127 else 0))
                size >>= 7
                if not size:
                    break
            record = bytes(head) + features
            length = struct.pack("<Q", len(record))
            out.write(stream.compress(length + struct.pack("<I", zlib.crc32(length)) + record + struct.pack("<I", zlib.crc32(record))))
        out.write(stream.flush())


def read_fasta(path):
    import gzip
    genome, name = {}, None
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rb") as lines:
        for line in lines:
            if line.startswith(b">"):
                name = line[1:].split()[0].decode()
                genome[name] = []
            else:
                genome[name].append(line.strip())
    return {name: b"".join(parts) for name, parts in genome.items()}


def python_path(fasta, tracks, windows, crop, folder, processes):
    start = time.perf_counter()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    coverage = [folder / f"{i}.h5" for i in range(len(tracks))]
    with multiprocessing.Pool(processes) as pool:
        pool.map(read_target, [(track, windows, path) for track, path in zip(tracks, coverage)], chunksize=1)
        read = time.perf_counter() - start
        genome, jobs, of_set = read_fasta(fasta), [], collections.Counter(w[3] for w in windows)
        first = 0
        for name, count in of_set.items():
            for i in range(0, count, 256):
                part = windows[first + i:first + min(i + 256, count)]
                jobs.append(({c: genome[c] for c in {w[0] for w in part}}, crop, part, first + i, coverage, folder / f"{name}-{i // 256}.tfr"))
            first += count
        pool.map(write_records, jobs, chunksize=1)
    return read, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--megabases", type=int, default=20)
    parser.add_argument("--targets", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--length", type=int, default=131072)
    parser.add_argument("--crop", type=int, default=8192)
    parser.add_argument("--genome")
    parser.add_argument("--tracks", nargs="*")
    parser.add_argument("--json")
    o = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bins-"))
    fasta, tracks = (o.genome, o.tracks) if o.tracks else make_inputs(folder, o.megabases, o.targets)
    rows = "".join(f"{i}\tt{i}\t{track}\t{CLIP_SOFT}\tsum_sqrt\n" for i, track in enumerate(tracks))
    (folder / "targets.txt").write_text("\tidentifier\tfile\tclip_soft\tsum_stat\n" + rows)
    words = [o.program, "data", "bins", folder / "targets.txt", "--genome", fasta, "--length", o.length, "--crop", o.crop, "--width", WIDTH,
             "--stride-train", "0.5", "--absent", "leave_out", "--validation-fraction", "0.1", "--test-fraction", "0.1", "--longest-contig",
             max(786432, o.length), "--keep-coverage", "--threads", o.threads, "--json", "--out", folder / "ours"]
    ours, theirs, reads = [], [], []
    for _ in range(o.repeats):  # in turn, so that both see the same machine
        shutil.rmtree(folder / "ours", ignore_errors=True)
        start = time.perf_counter()
        done = json.loads(subprocess.check_output(list(map(str, words)), stderr=subprocess.DEVNULL))
        ours.append(time.perf_counter() - start)
        windows = [(c, int(s), int(e), name) for c, s, e, name in (line.split() for line in open(folder / "ours/sequences.bed"))]
        read, whole = python_path(fasta, tracks, windows, o.crop, folder / "theirs", o.threads)
        theirs.append(whole)
        reads.append(read)
    worst = 0.0
    for i in range(len(tracks)):
        with h5py.File(folder / f"ours/seqs_cov/{i}.h5") as a, h5py.File(folder / f"theirs/{i}.h5") as b:
            x, y = a["targets"][:].astype(np.float64), b["targets"][:].astype(np.float64)
            worst = max(worst, float(np.max(np.abs(x - y) / (1e-3 + np.abs(y)))))
    result = {"targets": len(tracks), "windows": len(windows), "bases": len(windows) * (windows[0][2] - windows[0][1]), "length": o.length,
              "threads": o.threads, "sets": {s["name"]: s["windows"] for s in done["sets"]}, "seconds": min(ours), "seconds_python": min(theirs),
              "seconds_python_reading": min(reads), "ratio": min(theirs) / min(ours), "largest_relative_difference": worst}
    print(json.dumps(result, indent=2))
    if o.json:
        pathlib.Path(o.json).write_text(json.dumps(result) + "\n")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
