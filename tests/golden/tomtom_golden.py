"""Golden values of the comparison of motifs from memelite: python tests/golden/tomtom_golden.py > tests/golden/tomtom.json

Exact columns, and so many bins for the median that it is that of the columns."""

import json
import warnings

import memelite
import numpy as np

SEED = 20261130
MOTIFS, QUERIES = 60, 4

warnings.simplefilter("ignore")
rng = np.random.default_rng(SEED)
motifs = []
for width in rng.integers(5, 15, MOTIFS):
    rows = rng.dirichlet(np.full(4, 0.4), width).round(4)
    rows[:, 3] = (1 - rows[:, :3].sum(1)).round(4)
    motifs.append(np.abs(rows))
transposed = [np.ascontiguousarray(rows.T) for rows in motifs]
p, scores, offsets, overlaps, strands = memelite.tomtom(transposed[:QUERIES], transposed, n_target_bins=None, n_median_bins=200_000, n_jobs=1)
print(json.dumps({
    "script": "tests/golden/tomtom_golden.py",
    "versions": {"memelite": memelite.__version__, "numpy": np.__version__},
    "seed": SEED,
    "motifs": [rows.tolist() for rows in motifs],
    "p_values": p.tolist(),
    "scores": scores.astype(int).tolist(),
}))
