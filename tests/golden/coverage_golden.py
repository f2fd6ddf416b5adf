"""Golden values of the evaluation of coverage from scipy, statsmodels, scikit-learn and numpy:
python tests/golden/coverage_golden.py > tests/golden/coverage.json"""

import json

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics as m
from statsmodels.stats.multitest import multipletests

SEED = 20261130


def floats(values):
    return [[float(x) for x in row] if np.ndim(row) else float(row) for row in np.asarray(values)]


def single(values):
    return np.float32(values).astype(np.float64)


def tails(rng):
    cases = []
    for mean in [0.02, 0.7, 3.25, 41.5, 900.0]:
        for count in sorted({0, 1, 2, int(mean), int(mean) + 1, int(mean + 4 * mean**0.5), int(3 * mean + 20)}):
            cases.append({"count": count, "mean": mean, "tail": float(stats.poisson.sf(count - 1, mean))})
    return cases


def peaks(rng, n, rate):
    measured = single(np.round(rng.gamma(0.4, rate, n), 2))
    predicted = single(np.sqrt(measured) + rng.normal(size=n))
    mean = measured.mean()
    p = stats.poisson.sf(np.round(measured) - 1, mean)
    q = multipletests(p, method="fdr_bh")[1]
    order = sorted(range(n), key=lambda i: (p[i], i))
    floored = np.empty(n)
    for rank, i in enumerate(order):
        floored[i] = p[i] * n // (rank + 1)
    labels = q < 0.01
    fpr, tpr, _ = m.roc_curve(labels, predicted, drop_intermediate=False)
    return {
        "measured": floats(measured),
        "predicted": floats(predicted),
        "q": floats(q),
        "floored": floats(floored),
        "peaks": int(labels.sum()),
        "peaks_floored": int((floored < 0.01).sum()),
        "auroc": m.roc_auc_score(labels, predicted),
        "average_precision": m.average_precision_score(labels, predicted),
        "recall_at_fpr_0.1": float(tpr[fpr <= 0.1].max()),
        "pearson_log": float(stats.pearsonr(np.log2(np.abs(predicted) + 1), np.log2(measured + 1))[0]),
        "r2_log": m.r2_score(np.log2(measured + 1), np.log2(np.abs(predicted) + 1)),
    }


def normalised(table, statistic):
    """Columns with the statistic of each rank; ties get the mean of what their ranks get."""
    reference = getattr(np, statistic)(np.sort(table, axis=0), axis=1)
    found = np.empty_like(table)
    for c in range(table.shape[1]):
        ranks = stats.rankdata(table[:, c], method="ordinal") - 1
        values = reference[ranks]
        for value in np.unique(table[:, c]):
            tied = table[:, c] == value
            found[tied, c] = values[tied].mean()
    return found


def correlations(a, b):
    with np.errstate(invalid="ignore"):
        return [None if x.std() == 0 or y.std() == 0 else float(np.corrcoef(x, y)[0, 1]) for x, y in zip(a, b)]


def genes(rng, rows, columns):
    level = rng.gamma(0.5, 3, (rows, 1)) * (rng.random((rows, 1)) > 0.1)
    measured = single(np.log2(np.round(level * rng.gamma(2, 0.5, (rows, columns)), 1) + 1))
    predicted = single(0.6 * measured + np.abs(rng.normal(0, 0.7, (rows, columns))))
    p, y = normalised(predicted, "mean"), normalised(measured, "mean")
    variances = y.var(axis=1)
    across = correlations(p, y)
    specific_p, specific_y = p - p.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    order = np.argsort(variances, kind="stable")
    quarters = []
    for q in range(4):
        which = order[q * rows // 4 : (q + 1) * rows // 4]
        quarters.append(
            {
                "across": float(np.mean([across[i] for i in which if across[i] is not None])),
                "specific": float(np.mean(correlations(specific_p[which].T, specific_y[which].T))),
            }
        )
    return {
        "predicted": floats(predicted),
        "measured": floats(measured),
        "normalised": floats(y),
        "normalised_median": floats(normalised(measured, "median")),
        "pearson": correlations(predicted.T, measured.T),
        "spearman": [float(stats.spearmanr(a, b)[0]) for a, b in zip(predicted.T, measured.T)],
        "pearson_nonzero": [float(stats.pearsonr(a[b > 0], b[b > 0])[0]) for a, b in zip(predicted.T, measured.T)],
        "spearman_nonzero": [float(stats.spearmanr(a[b > 0], b[b > 0])[0]) for a, b in zip(predicted.T, measured.T)],
        "pearson_normalised": correlations(p.T, y.T),
        "pearson_specific": correlations(specific_p.T, specific_y.T),
        "across": across,
        "variances": floats(variances),
        "quarters": quarters,
    }


def specificity(table, share):
    """As the genes, of the most variable rows as measured."""
    predicted, measured = np.array(table["predicted"]), np.array(table["measured"])
    keep = int(np.ceil(share * len(measured)))
    rows = np.sort(np.argsort(-measured.var(axis=1), kind="stable")[:keep])
    p, y = normalised(predicted[rows], "mean"), normalised(measured[rows], "mean")
    return correlations((p - p.mean(axis=1, keepdims=True)).T, (y - y.mean(axis=1, keepdims=True)).T)


rng = np.random.default_rng(SEED)
golden = {
    "script": "tests/golden/coverage_golden.py",
    "versions": {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "statsmodels": statsmodels.__version__,
    },
    "seed": SEED,
    "tails": tails(rng),
    "peaks": [peaks(rng, 211, 3.0), peaks(rng, 97, 30.0)],
    "genes": genes(rng, 41, 5),
}
golden["specificity"] = {"all": specificity(golden["genes"], 1.0), "half": specificity(golden["genes"], 0.5)}
print(json.dumps(golden))
