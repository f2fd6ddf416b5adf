"""Contigs, splits, windows and bins of binned training sets by plain NumPy and Python, for prepare/*_test.cpp.

    python3 tests/golden/bins_golden.py tests/golden/bins.json

Nothing here is of basewise: rules are those of Basenji's and Borzoi's data programs (calico/basenji 74b86710, calico/baskerville
544073b8), written down anew; draws are NumPy's RandomState and Python's random themselves. Seed 44 where none is named; the versions
that made the file are in it.
"""

import heapq
import json
import math
import pathlib
import platform
import random
import sys

import numpy as np

CHROMS = [["chr1", 5310], ["chr10", 2704], ["chr2", 3999], ["chrX", 911]]
GAPS = [["chr1", 0, 100], ["chr1", 2000, 2050], ["chr2", 3000, 3999]]


def contigs():
    result = []
    for name, length in CHROMS:
        start = 0
        for chrom, gap_start, gap_end in GAPS:
            if chrom != name:
                continue
            if gap_start > start:
                result.append((0, name, start, gap_start))
            start = gap_end
        if length > start:
            result.append((0, name, start, length))
    return result


def broken(items, longest, lose):
    heap = []
    for c in items:
        heapq.heappush(heap, (c[2] - c[3], c))
    while heap:
        if -heap[0][0] <= longest:
            if lose:
                heapq.heappop(heap)
            break
        _, (genome, chrom, start, end) = heapq.heappop(heap)
        middle = start + (end - start) // 2
        heapq.heappush(heap, (start - middle, (genome, chrom, start, middle)))
        heapq.heappush(heap, (middle - end, (genome, chrom, middle, end)))
    return [c for _, c in heap]


def by_fraction(items, valid, test, rng, largest=0.2):
    order = sorted(((c[3] - c[2], c) for c in items), reverse=True)
    total = sum(length for length, _ in order)
    wanted = [total - valid * total - test * total, valid * total, test * total]
    has, sets = [0, 0, 0], [[], [], []]
    for length, c in order:
        lacks = [max(1, wanted[0] - has[0])] + [max(0, wanted[i] - has[i]) for i in (1, 2)]
        lacks = [lacks[0]] + [0 if length > largest * lack else lack for lack in lacks[1:]]
        whole = sum(lacks)
        i = rng.choice(3, p=[lack / whole for lack in lacks])
        sets[i].append(c)
        has[i] += length
    return sets


def to_folds(items, folds, rng):
    order = sorted(((c[3] - c[2], c) for c in items), reverse=True)
    share = math.ceil(sum(length for length, _ in order) / folds)
    has, sets = np.zeros(folds), [[] for _ in range(folds)]
    for length, c in order:
        lacks = np.clip(share - has, 0, np.inf)
        i = rng.choice(folds, p=lacks / lacks.sum())
        sets[i].append(c)
        has[i] += length
    return sets


def rejoined(items):
    of = {}
    for c in items:
        of.setdefault(c[1], []).append(c)
    result = []
    for chrom in of.values():
        chrom.sort(key=lambda c: c[2])
        run = chrom[0]
        for c in chrom[1:]:
            if c[2] == run[3]:
                run = (run[0], run[1], run[2], c[3])
            else:
                result.append(run)
                run = c
        result.append(run)
    return result


def windows(sets, names, length, strides, snap, lose, sample, seed):
    rng = random.Random(seed)
    result = []
    for i, items in enumerate(sets):
        stride = strides[1] if names[i] in ("valid", "test") else strides[0]
        of_set = []
        for _, chrom, start, end in items:
            at = -(-start // snap) * snap
            while at + length < end or (at + length == end and not lose):
                of_set.append([chrom, at, at + length, names[i]])
                at += stride
        rng.shuffle(of_set)
        if sample < 1:
            of_set = rng.sample(of_set, int(sample * len(of_set)))
        result += of_set
    return result


def plan_case(longest, lose, seed, length, strides, snap, sample, folds=None):
    pieces = broken(contigs(), longest, lose)
    rng = np.random.RandomState(seed)
    names = [f"fold{i}" for i in range(folds)] if folds else ["train", "valid", "test"]
    sets = to_folds(pieces, folds, rng) if folds else by_fraction(pieces, 0.15, 0.2, rng)
    sets = [rejoined(s) for s in sets]
    return {"longest": longest, "repeated": lose, "seed": seed, "length": length, "stride_train": strides[0], "stride_test": strides[1],
            "snap": snap, "sample": sample, "folds": folds or 0, "validation": 0.15, "test": 0.2,
            "broken": [list(c[1:]) for c in pieces], "sets": [[list(c[1:]) for c in s] for s in sets],
            "windows": windows(sets, names, length, strides, snap, lose, sample, seed)}


def interpolated(x):
    padded = np.concatenate([[0.0], x, [0.0]])
    known = ~np.isnan(padded)
    at = np.arange(len(padded))
    return np.interp(at, at[known], padded[known])[1:-1]


def mended(x, start, black, interpolate, percentile, width):
    x = x.astype(np.float64)
    if interpolate:
        x = interpolated(x)
    baseline = np.nan_to_num(np.percentile(x, 100 * percentile)) if len(x) // width >= 8 else 0.0
    for low, high in black:
        low, high = max(0, low - 20 - start), min(len(x), high + 20 - start)
        if low < high:
            x[low:high] = np.clip(x[low:high], -baseline, baseline)
    return np.where(np.isnan(x), baseline, x)


def binned(x, width, statistic, form, scale, clip_soft, clip):
    rows = x.reshape(-1, width) * (scale if form == "current" else 1)
    s, m = rows.sum(axis=1), rows.mean(axis=1)
    if form == "current":
        curved = {"sum": s, "sum_sqrt": np.sqrt(1 + s) - 1, "sum_exp75": (1 + s) ** 0.75 - 1, "mean": m, "mean_sqrt": np.sqrt(1 + m) - 1}
    else:
        curved = {"sum": s, "sum_sqrt": s**0.75, "mean": m, "mean_sqrt": m**0.75}
    curved |= {"max": rows.max(axis=1), "median": np.median(rows, axis=1), "peak": np.clip(np.sqrt(4 * m), 0, 1)}
    v = curved[statistic]
    if clip_soft is not None:
        over = np.maximum(v - clip_soft, 0)
        v = np.where(v > clip_soft, clip_soft - 1 + np.sqrt(over + 1) if form == "current" else clip_soft + np.sqrt(over), v)
    if clip is not None:
        v = np.clip(v, -clip, clip)
    return v * (1 if form == "current" else scale)


def coverage_cases():
    rng = np.random.RandomState(7)
    bases = np.round(rng.gamma(0.7, 3.0, size=88), 3)
    bases[10:17] = np.nan
    bases[:2] = np.nan
    whole = np.round(rng.gamma(0.7, 3.0, size=88), 3)
    cases = []
    for values, interpolate in ((bases, False), (bases, True), (whole, False), (bases[:56], True)):
        cases.append({"bases": [None if np.isnan(v) else float(v) for v in values], "start": 1000, "black": [[1045, 1050], [1085, 1200]],
                      "interpolate": interpolate, "percentile": 0.4, "width": 8,
                      "mended": mended(values, 1000, [[1045, 1050], [1085, 1200]], interpolate, 0.4, 8).tolist()})
    return whole, cases


def transform_cases(bases):
    cases = []
    for form in ("current", "old"):
        for statistic in ("sum", "sum_sqrt", "sum_exp75", "mean", "mean_sqrt", "max", "median", "peak"):
            if form == "old" and statistic == "sum_exp75":
                continue
            for scale, clip_soft, clip in ((1, None, None), (0.5, 4.0, 6.0), (2, 1.5, None)):
                cases.append({"form": form, "sum_stat": statistic, "scale": scale, "clip_soft": clip_soft, "clip": clip, "width": 11,
                              "bins": binned(bases, 11, statistic, form, scale, clip_soft, clip).tolist()})
    return cases


def unmapped(start, end, width, stretches):
    marked = np.zeros((end - start) // width, bool)
    for low, high in stretches:
        low, high = max(low, start), min(high, end)
        if low >= high:
            continue
        first, behind = math.floor((low - start) / width), math.ceil((high - start) / width)
        if start + (first + 1) * width - low < 0.1 * width:
            first += 1
        if high - (start + (behind - 1) * width) < 0.1 * width:
            behind -= 1
        marked[first:max(first, behind)] = True
    return marked.astype(int).tolist()


def unmappable_cases():
    cases = []
    for stretches in ([[995, 1003], [1058, 1063], [1199, 1500]], [[1002, 1003]], [[1019, 1021]], [[1018, 1022]], [[900, 1100]],
                      [[1038, 1042], [1070, 1101], [1130, 1131]]):
        cases.append({"start": 1000, "end": 1200, "width": 20, "stretches": stretches, "marked": unmapped(1000, 1200, 20, stretches)})
    return cases


def main():
    whole, mending = coverage_cases()
    golden = {"made_by": "tests/golden/bins_golden.py", "numpy": np.__version__, "python": platform.python_version(),
              "chroms": CHROMS, "gaps": GAPS,
              "plans": [plan_case(1000, False, 44, 120, (120, 60), 1, 1.0), plan_case(1000, True, 44, 120, (60, 120), 10, 1.0),
                        plan_case(640, False, 7, 97, (33, 97), 1, 0.4), plan_case(300, False, 3, 64, (64, 64), 32, 0.05),
                        plan_case(500, False, 44, 100, (100, 50), 1, 1.0, folds=4)],
              "mending": mending, "bases": whole.tolist(), "transforms": transform_cases(whole), "unmappable": unmappable_cases(),
              "random": {"seed": 4294967301, "below_1000": [random.Random(4294967301)._randbelow(1000)],
                         "shuffle_9": (lambda r: [x := list(range(9)), r.shuffle(x)][0])(random.Random(4294967301))}}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
