"""Golden values of profile metrics from numpy and scipy: python tests/golden/profile_golden.py > tests/golden/profile.json"""

import json

import numpy as np
import scipy
import scipy.ndimage
import scipy.special
import scipy.stats

SEED = 20261121
BINS = (1, 5, 10)


def number(x):
    return None if np.isnan(x) else float(x)


def correlations(correlate, pairs):
    """Mean over those that are defined."""
    values = [correlate(x, y)[0] for x, y in pairs if np.ptp(x) > 0 and np.ptp(y) > 0]
    return np.mean(values) if values else np.nan


def jsd(p, n):
    values = []
    for strand in range(p.shape[0]):
        if n[strand].sum() == 0:
            continue
        a, b = (scipy.ndimage.gaussian_filter1d(x[strand], 3, truncate=1) for x in (p, n))
        a, b = a / a.sum(), b / b.sum()
        m = (a + b) / 2
        # rel_entr is p log(p / m), and 0 where p is 0
        values.append((scipy.special.rel_entr(a, m).sum() + scipy.special.rel_entr(b, m).sum()) / 2)
    return np.mean(values) if values else np.nan


def averaged(x, size):
    return np.array([x[i : i + size].mean() for i in range(0, len(x), size)])


def published_bins(x, size):
    """(length, strands) flattened, filled up with zeros, the maximum of each bin."""
    flat = x.reshape(-1)
    flat = np.concatenate([flat, np.zeros(-len(flat) % size)])
    return flat.reshape(-1, size).max(axis=1)


def example(logits, counts, as_counts):
    x = logits.astype(np.float64)
    p = x / x.sum(axis=1, keepdims=True) if as_counts else scipy.special.softmax(x, axis=1)
    unscaled = x if as_counts else p  # counts tie where their quotients differ by rounding
    n = counts.astype(np.float64)
    values = {"jsd": jsd(p, n)}
    for name, correlate in (("pearson", scipy.stats.pearsonr), ("spearman", scipy.stats.spearmanr)):
        strands = [[(averaged(unscaled[s], b), averaged(n[s], b)) for s in range(len(p))] for b in BINS]
        pooled = [(published_bins(unscaled.T.copy(), b), published_bins(n.T.copy(), b)) for b in BINS]
        values[f"profile_{name}"] = correlations(correlate, [pair for of_bin in strands for pair in of_bin])
        values[f"profile_{name}:5"] = correlations(correlate, strands[1])
        values[f"profile_{name}_as_published"] = correlations(correlate, pooled)
        values[f"profile_{name}_as_published:10"] = correlations(correlate, pooled[2:])
    if not as_counts:
        values["multinomial_nll"] = -sum(scipy.stats.multinomial.logpmf(n[s], n[s].sum(), p[s]) for s in range(len(p)))
        log_p = scipy.special.log_softmax(x, axis=1)
        values["cross_entropy_per_read"] = -(n * log_p).sum() / n.sum() if n.sum() else np.nan
    return {name: number(value) for name, value in values.items()}


def case(rng, examples, strands, length, reads, as_counts):
    rates = rng.gamma(0.3, 1.0, (examples, strands, length)) + 1e-3
    rates /= rates.sum(axis=2, keepdims=True)
    counts = np.float32([[rng.multinomial(reads, r) for r in e] for e in rates])
    counts[1, 0] = 0  # a strand without reads
    counts[2] = 0  # an example without reads
    predictions = np.float32(0.5 * np.log(rates) + rng.normal(size=rates.shape)) if not as_counts else np.float32(
        [[rng.multinomial(3 * reads, r) for r in e] for e in rates])
    return {
        "scale": "counts" if as_counts else "logit",
        "examples": examples,
        "strands": strands,
        "length": length,
        "predictions": predictions.ravel().tolist(),
        "counts": counts.ravel().tolist(),
        "values": [example(predictions[i], counts[i], as_counts) for i in range(examples)],
    }


rng = np.random.default_rng(SEED)
smooth = np.float32(rng.gamma(1.0, 2.0, 11)).astype(np.float64)
golden = {
    "script": "tests/golden/profile_golden.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    "seed": SEED,
    "smooth": {"values": smooth.tolist(), "smoothed": scipy.ndimage.gaussian_filter1d(smooth, 3, truncate=1).tolist()},
    "cases": [case(rng, 5, 2, 100, 40, False), case(rng, 4, 3, 37, 12, False), case(rng, 4, 2, 63, 25, True)],
}
print(json.dumps(golden))
