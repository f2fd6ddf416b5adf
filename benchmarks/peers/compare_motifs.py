"""JASPAR 2024 against itself: basewise motifs compare beside memelite's tomtom, values and times in one run.

PYTHON benchmarks/peers/compare_motifs.py [--program build/release/apps/basewise/basewise] [--motifs FILE.meme] [--every 6] [--turns 3] [--out FILE]

PYTHON has memelite. Values: every n-th motif as query against all. With memelite's 1,000 bins for the median, pairs that differ by more than
0.05 in log10 p are put into classes; with 200,000 bins there must be none. Times: all against all, two threads, A B C A B C ..., ours as a whole
process (start, reading, q-values, writing), memelite's as a call of a warm function with the motifs in memory.
"""

import argparse
import csv
import gzip
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import memelite
import memelite.io
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FAR = 0.05  # of log10 p


def ours(program, query, target, names, folder):
    """(queries, targets) of p-values, offsets, overlaps, strands, by the names of motifs."""
    table = folder / "all.tsv"
    subprocess.run([program, "motifs", "compare", query, target, "--threshold", "1", "--by", "p", "--out", table, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    place = {name: i for i, name in enumerate(names)}
    queries, values = {}, []
    with open(table) as file:
        for row in csv.DictReader(file, delimiter="\t"):
            i = queries.setdefault(row["Query_ID"], len(queries))
            values.append((i, place[row["Target_ID"]], float(row["p-value"]), int(row["Optimal_offset"]), int(row["Overlap"]), row["Orientation"] == "-"))
    result = np.full((4, len(queries), len(names)), np.nan)
    for i, j, *rest in values:
        result[:, i, j] = rest
    return result


def score_classes(a, b, exact):
    """Why pairs differ: a is ours, b memelite with 1,000 bins for the median, exact memelite with exact ones."""
    far = np.abs(np.log10(a) - np.log10(b)) > FAR
    by_median = far & (np.abs(np.log10(a) - np.log10(exact)) <= FAR)
    return {"differ": int(far.sum()), "median from 1,000 bins": int(by_median.sum()), "without a name": int((far & ~by_median).sum())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / "build/release/apps/basewise/basewise", type=pathlib.Path)
    parser.add_argument("--motifs", type=pathlib.Path, default=ROOT.parent / "shared/data/motif_databases/JASPAR2024_CORE_nonredundant_all.meme.gz")
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    report = {"memelite": memelite.__version__, "motifs": args.motifs.name}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        plain, some = folder / "all.meme", folder / "some.meme"
        data = args.motifs.read_bytes()
        plain.write_bytes(gzip.decompress(data) if args.motifs.suffix == ".gz" else data)
        motifs = memelite.io.read_meme(str(plain))
        names, matrices = [key.split()[0] for key in motifs], list(motifs.values())
        chosen = list(motifs)[:: args.every]
        # The file's own blocks, so that both read the same digits.
        head, *blocks = plain.read_text().split("MOTIF ")
        kept = {key.split()[0] for key in chosen}
        some.write_text(head + "".join("MOTIF " + block for block in blocks if block.split()[0] in kept))
        queries = [motifs[key] for key in chosen]

        mine = ours(args.program, some, plain, names, folder)
        binned = memelite.tomtom(queries, matrices, n_target_bins=None)
        exact = memelite.tomtom(queries, matrices, n_target_bins=None, n_median_bins=200_000)
        report["pairs"] = mine[0].size
        for name, other in (("median from 1,000 bins", binned), ("exact median", exact)):
            difference = np.abs(np.log10(mine[0]) - np.log10(other[0]))
            report[name] = {"correlation of log10 p": float(np.corrcoef(np.log10(mine[0]).ravel(), np.log10(other[0]).ravel())[0, 1]),
                            "largest difference": float(difference.max()), "above 0.05": int((difference > FAR).sum()),
                            "other strand": int((mine[3] != other[4]).sum()), "other offset": int((mine[1] != other[2]).sum()),
                            "other offset on the same strand": int(((mine[1] != other[2]) & (mine[3] == other[4])).sum())}
        report["classes"] = score_classes(mine[0], binned[0], exact[0])

        calls = {
            "basewise": lambda: subprocess.run([args.program, "motifs", "compare", plain, plain, "--best", "1", "--threads", "2", "--quiet", "--out", folder / "best.tsv"],
                                               check=True, stdout=subprocess.DEVNULL),
            "memelite, exact columns": lambda: memelite.tomtom(matrices, matrices, n_target_bins=None, n_jobs=2),
            "memelite, binned columns": lambda: memelite.tomtom(matrices, matrices, n_jobs=2),
        }
        times = {name: [] for name in calls}
        memelite.tomtom(matrices[:20], matrices[:60], n_jobs=2)
        for _ in range(args.turns):
            for name, call in calls.items():
                start = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - start)
        report["seconds"] = {name: statistics.median(values) for name, values in times.items()}
        for name in list(calls)[1:]:
            report[f"ratio to {name}"] = statistics.median(b / a for a, b in zip(times["basewise"], times[name]))
    text = json.dumps(report, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")
    bad = report["exact median"]["above 0.05"] or report["exact median"]["correlation of log10 p"] < 0.9999 or report["classes"]["without a name"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
