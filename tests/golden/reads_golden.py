"""5' ends of the alignments of a real BAM file and of real fragments, counted by Python alone: tests/golden/reads.json.

python3 tests/golden/reads_golden.py shared/data/yeast_stripeseq/S288C.bam shared/data/yeast_atac_macs3/yeast_500k_SRR1822137.bedpe.gz
"""

import collections
import gzip
import hashlib
import json
import pathlib
import platform
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent


def summary(counts):
    return {"sum": sum(counts.values()), "bases": len(counts), "highest": max(counts.values(), default=0),
            "moment": sum((p % 10007 + 1) * n for p, n in counts.items())}


def fragments(path):
    """Cuts of Tn5, 4 bases behind the start and 5 before the end, by chromosome; the bases covered by fragments."""
    cuts, covered, lines = collections.defaultdict(collections.Counter), collections.Counter(), 0
    with gzip.open(path, "rt") as file:
        for line in file:
            chrom, start, end = line.split()[:3]
            cuts[chrom][int(start) + 4] += 1
            cuts[chrom][int(end) - 1 - 5] += 1
            covered[chrom] += int(end) - int(start)
            lines += 1
    chromosomes = {chrom: summary(counts) | {"covered": covered[chrom]} for chrom, counts in sorted(cuts.items())}
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "lines": lines, "chromosomes": chromosomes}


def main():
    path = pathlib.Path(sys.argv[1])
    data = gzip.decompress(path.read_bytes())  # a BAM file is gzip members, one after the other
    assert data[:4] == b"BAM\1"
    at = 8 + struct.unpack_from("<i", data, 4)[0]
    names = []
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<i", data, at)
        names.append((data[at + 4:at + 3 + length].decode(), struct.unpack_from("<i", data, at + 4 + length)[0]))
        at += 8 + length
    ends = collections.Counter()
    records = collections.Counter()
    while at < len(data):
        (size,) = struct.unpack_from("<i", data, at)
        chrom, position, name_length, quality, _, operations, flag = struct.unpack_from("<iiBBHHH", data, at + 4)
        cigar = struct.unpack_from(f"<{operations}I", data, at + 36 + name_length)
        at += 4 + size
        records["all"] += 1
        records["reverse"] += bool(flag & 16)
        if flag & (4 | 256 | 2048 | 512 | 1024):
            records["left out"] += 1
            continue
        records["quality below 20"] += quality < 20
        end = position + sum(op >> 4 for op in cigar if op & 15 in (0, 2, 3, 7, 8))
        ends[chrom, "minus" if flag & 16 else "plus", end - 1 if flag & 16 else position] += 1
    tracks = {}
    for i, (name, length) in enumerate(names):
        here = {"length": length}
        for strand in ("plus", "minus"):
            counts = {p: n for (c, s, p), n in ends.items() if c == i and s == strand}
            here[strand] = summary(counts)
        tracks[name] = here
    document = {"made_by": f"tests/golden/reads_golden.py, Python {platform.python_version()}", "file": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "records": dict(records), "chromosomes": tracks,
                "fragments": fragments(pathlib.Path(sys.argv[2]))}
    (HERE / "reads.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
