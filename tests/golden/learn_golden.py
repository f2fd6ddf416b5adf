"""Golden values of basewise learn from scikit-learn: python tests/golden/learn_golden.py > tests/golden/learn.json"""

import json

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SEED = 20261201
FOREST_SEEDS = 20


def columns(x):
    return [[None if np.isnan(v) else float(v) for v in column] for column in np.asarray(x, dtype=float).T]


def logistic_case(rng, n, p, classes, c, weighted, balanced):
    x = np.round(rng.normal(size=(n, p)) * rng.uniform(0.5, 3, p) + rng.normal(size=p), 3)
    scores = x @ rng.normal(size=(p, classes)) * 0.5 + rng.gumbel(size=(n, classes))
    y = scores.argmax(1)
    weights = rng.integers(1, 5, n) / 2 if weighted else None
    fit = LogisticRegression(C=c, tol=1e-13, max_iter=10000, solver="newton-cholesky", class_weight="balanced" if balanced else None)
    fit.fit(x, y, sample_weight=weights)
    return {"x": columns(x), "y": y.tolist(), "classes": classes, "l2": 1 / c, "weights": None if weights is None else weights.tolist(),
            "balanced": balanced, "coefficients": fit.coef_.tolist(), "intercepts": fit.intercept_.tolist(),
            "probabilities": (fit.predict_proba(x)[:, 1:] if classes == 2 else fit.predict_proba(x)).tolist()}


def pca_case(rng, n, p, k):
    x = np.round(rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + rng.normal(size=p), 3)
    fit = PCA(n_components=k, svd_solver="full").fit(x)
    components = fit.components_
    signs = np.sign(components[np.arange(k), np.abs(components).argmax(1)])
    return {"x": columns(x), "components": (components * signs[:, None]).tolist(), "variances": fit.explained_variance_.tolist(),
            "explained": fit.explained_variance_ratio_.tolist(), "scores": (fit.transform(x) * signs).tolist(),
            "inverse": fit.inverse_transform(fit.transform(x)).tolist()}


def tree_case(rng, n, p, kind, missing, **limits):
    """One tree with all columns at each node. It must not depend on the order in which columns are looked at: no two splits are as good."""
    while True:
        x = rng.integers(0, 40, (n, p)).astype(float)
        if missing:
            x[rng.random((n, p)) < 0.1] = np.nan
        filled = np.nan_to_num(x, nan=55.0)
        signal = np.sin(filled[:, 0] / 9) + (filled[:, 1] > 17) * filled[:, 2] / 20 - filled[:, 3] / 30
        if kind == "classes":
            y = np.digitize(signal + rng.normal(size=n) * 0.3, [-0.7, 0.3])
            make = DecisionTreeClassifier
        else:
            y = np.round(np.stack([signal + rng.normal(size=n) * 0.2] + [rng.normal(size=n) + filled[:, 4] / 25] * (kind == "several"), 1), 3)
            y = y if kind == "several" else y[:, 0]
            make = DecisionTreeRegressor
        fits = [make(random_state=s, **limits).fit(x, y) for s in range(12)]

        def splits(fit):
            t = fit.tree_
            inner = t.children_left >= 0
            return sorted(zip(t.feature[inner].tolist(), t.threshold[inner].tolist()))

        if all(splits(fit) == splits(fits[0]) for fit in fits):
            break
    fit = fits[0]
    fresh = rng.integers(0, 40, (50, p)).astype(float)
    predict = fit.predict_proba if kind == "classes" else lambda z: fit.predict(z).reshape(len(z), -1)
    told = [(feature, None if np.isinf(threshold) else threshold) for feature, threshold in splits(fit)]  # None: all measured rows go left
    return {"x": columns(x), "y": y.tolist(), "kind": kind, "limits": limits, "splits": told, "nodes": int(fit.tree_.node_count),
            "importances": fit.feature_importances_.tolist(), "predicted": predict(x).tolist(), "fresh": columns(fresh),
            "predicted_fresh": predict(fresh).tolist()}


def forest_case(rng, n, p, kind, folds, **limits):
    x = np.round(rng.normal(size=(n, p)), 3)
    signal = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) + 0.5 * x[:, 3]
    if kind == "classes":
        y = (signal + rng.normal(size=n) > 1.4).astype(int)
    else:
        y = np.round(np.stack([signal + rng.normal(size=n) * 0.5, x[:, 4] ** 2 + 0.3 * x[:, 0] + rng.normal(size=n) * 0.5], 1), 3)
    fold = rng.permutation(np.arange(n) % folds)
    values = []
    for seed in range(FOREST_SEEDS):
        predicted = np.zeros((n,) if kind == "classes" else (n, 2))
        for f in range(folds):
            seen = fold != f
            if kind == "classes":
                fit = RandomForestClassifier(n_estimators=100, max_features="sqrt", random_state=seed, **limits).fit(x[seen], y[seen])
                predicted[~seen] = fit.predict_proba(x[~seen])[:, 1]
            else:
                fit = RandomForestRegressor(n_estimators=100, max_features=1 / 3, random_state=seed, **limits).fit(x[seen], y[seen])
                predicted[~seen] = fit.predict(x[~seen])
        values.append(roc_auc_score(y, predicted) if kind == "classes" else [r2_score(y[:, k], predicted[:, k]) for k in range(2)])
    values = np.array(values).reshape(FOREST_SEEDS, -1)
    return {"x": columns(x), "y": y.tolist(), "kind": kind, "folds": folds, "fold": fold.tolist(), "limits": limits,
            "mean": values.mean(0).tolist(), "deviation": values.std(0, ddof=1).tolist(), "low": values.min(0).tolist(), "high": values.max(0).tolist()}


rng = np.random.default_rng(SEED)
print(json.dumps({
    "script": "tests/golden/learn_golden.py",
    "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "seed": SEED,
    "logistic": [
        logistic_case(rng, 90, 7, 2, 0.7, False, False),
        logistic_case(rng, 75, 4, 2, 5.0, True, True),
        logistic_case(rng, 110, 5, 4, 1.3, True, False),
    ],
    "pca": [pca_case(rng, 41, 9, 4), pca_case(rng, 8, 13, 5)],
    "trees": [
        tree_case(rng, 150, 6, "number", False, min_samples_leaf=5),
        tree_case(rng, 160, 6, "number", True, min_samples_leaf=6),
        tree_case(rng, 150, 6, "several", False, min_samples_leaf=5),
        tree_case(rng, 300, 6, "classes", False, min_samples_leaf=12, max_depth=4),
    ],
    "forests": [
        forest_case(rng, 300, 9, "classes", 4, min_samples_leaf=3),
        forest_case(rng, 260, 8, "several", 3, min_samples_leaf=2),
    ],
}))
