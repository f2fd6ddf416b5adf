"""Golden values of metrics from scikit-learn and scipy: python tests/golden/metrics_golden.py > tests/golden/metrics.json"""

import json

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn import metrics as m

SEED = 20240607


def rounded(values):
    return [float(np.float32(x)) for x in values]


def binary_case(rng, n, prevalence, digits, weighted):
    labels = (rng.random(n) < prevalence).astype(int)
    logits = np.float32(np.round(rng.normal(size=n) + 1.5 * labels - 1, digits))
    weights = rng.integers(0, 4, n) / 2 if weighted else None
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    precision, recall, _ = m.precision_recall_curve(labels, logits, sample_weight=weights)
    called = (logits >= 0.25).astype(int)
    return {
        "logits": rounded(logits),
        "labels": labels.tolist(),
        "weights": None if weights is None else rounded(weights),
        "auroc": m.roc_auc_score(labels, logits, sample_weight=weights),
        "average_precision": m.average_precision_score(labels, logits, sample_weight=weights),
        "auprc_trapezoid": m.auc(recall, precision),
        "recall_at_fdr_0.3": float(recall[precision >= 0.7].max()),
        "accuracy_at_0.25": m.accuracy_score(labels, called, sample_weight=weights),
        "f1_at_0.25": m.f1_score(labels, called, sample_weight=weights),
        "matthews_at_0.25": m.matthews_corrcoef(labels, called, sample_weight=weights),
        "log_loss": m.log_loss(labels, p, sample_weight=weights),
        "brier": float(np.average((p - labels) ** 2, weights=weights)),
    }


def numeric_case(rng, n, digits):
    targets = np.float32(np.round(rng.gamma(1.0, 3.0, n), digits))
    predictions = np.float32(np.round(0.5 * targets + rng.normal(size=n) + 1000, digits))
    x, y = predictions.astype(np.float64), targets.astype(np.float64)
    return {
        "predictions": rounded(predictions),
        "targets": rounded(targets),
        "pearson": scipy.stats.pearsonr(x, y)[0],
        "spearman": scipy.stats.spearmanr(x, y)[0],
        "mse": m.mean_squared_error(y, x),
        "mae": m.mean_absolute_error(y, x),
        "r2": m.r2_score(y, x),
        "ranks": scipy.stats.rankdata(x).tolist(),
    }


rng = np.random.default_rng(SEED)
golden = {
    "script": "tests/golden/metrics_golden.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "seed": SEED,
    "binary": [
        binary_case(rng, 61, 0.3, 6, False),
        binary_case(rng, 83, 0.2, 1, False),
        binary_case(rng, 71, 0.4, 0, False),
        binary_case(rng, 67, 0.3, 1, True),
    ],
    "numeric": [numeric_case(rng, 59, 5), numeric_case(rng, 73, 0)],
}
print(json.dumps(golden))
