"""Seqlets of tangermeme and modiscolite, and draws of NumPy:
python tests/golden/seqlets_golden.py > tests/golden/seqlets.json

Attributions are whole numbers over 64, so that the file stays small and floats are exact.
"""

import importlib.metadata
import json

import numpy as np
import pandas
import torch
from modiscolite import extract_seqlets
from tangermeme import annotate, seqlet

SEED = 20260716


def attributions(rng, examples, length, spikes, scale):
    values = rng.laplace(size=(examples, length)) * scale
    for _ in range(spikes):
        i, width = rng.integers(examples), rng.integers(5, min(14, length // 2))
        start = rng.integers(length - width)
        values[i, start:start + width] += rng.choice([-1, 1], p=[0.35, 0.65]) * rng.uniform(6, 20, width) * scale
    return np.round(values * 64) / 64


def recursive(x, **options):
    frame = seqlet.recursive_seqlets(x.astype(np.float32), **options)
    rows = [[int(a), int(b), int(c), float(d), float(e)] for a, b, c, d, e in frame.values.tolist()]
    return sorted(rows, key=lambda r: (r[4], r[0], r[1], r[2]))


def modisco(x, fdr, window, flank):
    """What TFMoDISco does before it clusters: calling, then the sign of each seqlet."""
    found, threshold = extract_seqlets.extract_seqlets(
        attribution_scores=x.copy(), window_size=window, flank=flank, suppress=int(0.5 * window) + flank, target_fdr=fdr,
        min_passing_windows_frac=0.03, max_passing_windows_frac=0.2, weak_threshold_for_counting_sign=0.8)
    rows = []
    for s in found:
        total = float(x[s.example_idx, s.start + flank:s.end - flank].sum())
        if abs(total) > threshold:
            rows.append([int(s.example_idx), int(s.start), int(s.end), total])
    return {"fdr": fdr, "window": window, "flank": flank, "called": len(found), "sign_threshold": float(threshold), "seqlets": rows}


def big():
    """More than a million windows, of which modiscolite draws a million; from a formula that the test repeats."""
    examples, length = 1300, 900
    k = np.arange(examples * length, dtype=np.uint64)
    h = (k * np.uint64(2654435761) + np.uint64(12345)) & np.uint64(0xFFFFFFFF)
    h = ((h ^ (h >> np.uint64(15))) * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    u = ((h ^ (h >> np.uint64(13))) & np.uint64(0xFFF)).astype(np.int64) - 2048
    x = (u * np.abs(u) // 4096 / 64 + np.where((k % np.uint64(997)) < 9, 14, 0)).reshape(examples, length)
    result = modisco(x, 0.05, 21, 10)
    seqlets = result.pop("seqlets")
    return {"examples": examples, "length": length, **result, "kept": len(seqlets), "starts": sum(s[1] for s in seqlets),
            "sum": sum(s[3] for s in seqlets), "last": seqlets[-1]}


def case(rng, name, examples, length, spikes, scale, recursive_options, modisco_options):
    x = attributions(rng, examples, length, spikes, scale)
    return {
        "name": name, "examples": examples, "length": length, "times_64": (x * 64).astype(int).ravel().tolist(),
        "recursive": [{"options": o, "positive": recursive(x, **o), "negative": recursive(-x, **o)} for o in recursive_options],
        "modisco": [modisco(x, *o) for o in modisco_options],
    }


def names(rng):
    """Seqlets named by Tomtom on exact columns; motifs are whole eighths."""
    letters = rng.integers(4, size=(3, 97))
    motifs = {}
    for m, width in enumerate((5, 8, 11, 7, 14, 6, 9, 12, 10)):
        motifs[f"motif_{m}"] = np.array([rng.multinomial(8, rng.dirichlet([0.3] * 4)) for _ in range(width)])
    places = [(0, 3, 11), (0, 40, 52), (1, 7, 13), (1, 60, 85), (2, 11, 15), (2, 30, 47), (2, 80, 90)]
    for i, (example, start, _) in enumerate(places[:4]):
        word = motifs[f"motif_{i}"].argmax(axis=1)
        word = word if i % 2 else 3 - word[::-1]
        letters[example, start:start + len(word)] = word
    x = torch.zeros(3, 4, 97)
    x[torch.arange(3)[:, None], torch.from_numpy(letters), torch.arange(97)[None]] = 1
    frame = pandas.DataFrame(places, columns=["example_idx", "start", "end"])
    pwms = {k: torch.from_numpy(v.T / 8).float() for k, v in motifs.items()}
    idx, p = annotate.annotate_seqlets(x, frame, pwms, n_jobs=1, n_target_bins=None)
    return {"letters": ["".join("ACGT"[c] for c in row) for row in letters], "motifs_times_8": {k: v.tolist() for k, v in motifs.items()},
            "places": places, "motif": idx[:, 0].tolist(), "p": p[:, 0].tolist()}


rng = np.random.default_rng(SEED)
draws = np.random.RandomState(1234)
golden = {
    "script": "tests/golden/seqlets_golden.py",
    "versions": {p: importlib.metadata.version(p) for p in ("tangermeme", "memelite", "modisco-lite", "modisco", "numpy", "scikit-learn", "scipy")},
    "seed": SEED,
    "numpy_random": {"uniform": [draws.uniform() for _ in range(5)],
                     "permutation": np.random.RandomState(1234).permutation(1000)[:12].tolist()},
    "big": big(),
    "names": names(np.random.default_rng(SEED + 1)),
    "cases": [
        case(rng, "many", 23, 197, 60, 0.125,
             [{}, {"threshold": 0.05, "min_seqlet_len": 3, "max_seqlet_len": 11, "additional_flanks": 2, "n_bins": 137}],
             [(0.2, 21, 10), (0.05, 21, 10), (0.2, 8, 3)]),
        case(rng, "few", 7, 131, 3, 1.0, [{"threshold": 0.002}], [(0.05, 15, 5)]),
        case(rng, "short", 5, 13, 3, 0.5, [{"max_seqlet_len": 25, "threshold": 0.1}], [(0.3, 5, 2)]),
    ],
}
print(json.dumps(golden, separators=(",", ":")))
