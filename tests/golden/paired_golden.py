"""Golden values of paired tests from scipy: python tests/golden/paired_golden.py > tests/golden/paired.json"""

import json

import numpy as np
import scipy
from scipy import stats

SEED = 20240611


def case(differences, method):
    x = np.array(differences)
    two = stats.wilcoxon(x, zero_method="wilcox", alternative="two-sided", method=method, **({"correction": True} if method == "asymptotic" else {}))
    greater = stats.wilcoxon(x, zero_method="wilcox", alternative="greater", method=method, **({"correction": True} if method == "asymptotic" else {}))
    kept = x[x != 0]
    return {
        "differences": x.tolist(),
        "zeros": int((x == 0).sum()),
        "exact": method != "asymptotic",
        "rank_sum": float(stats.rankdata(np.abs(kept))[kept > 0].sum()),
        "p_two_sided": float(two.pvalue),
        "p_greater": float(greater.pvalue),
    }


rng = np.random.default_rng(SEED)
every = stats.PermutationMethod(n_resamples=np.inf)  # all 2^n signs: exact with ties
cases = []
for n, shift in [(1, 0.0), (5, 1.0), (10, 0.8), (10, 3.0), (23, 0.1), (49, -0.3)]:
    cases.append(case(rng.normal(shift, 1, n).tolist(), "exact"))
for n, digits in [(6, 0), (10, 0), (12, 1)]:  # ties; zeros are dropped by hand, because scipy permutes their signs too
    x = np.round(rng.normal(0.7, 1.5, n), digits)
    one = case(x[x != 0].tolist(), every)
    one["differences"] = x.tolist()
    one["zeros"] = int((x == 0).sum())
    cases.append(one)
for n, digits in [(60, 6), (75, 1)]:  # beyond 50: normal, ties in the second
    x = np.round(rng.normal(0.2, 1, n), digits)
    cases.append(case(x[x != 0].tolist(), "asymptotic"))

values = rng.normal(0.95, 0.01, 10)
summary = {
    "values": values.tolist(),
    "mean": float(values.mean()),
    "sd": float(values.std(ddof=1)),
    "median": float(np.median(values)),
    # of 10,000 means of other draws: equal within their own error
    "interval": [float(v) for v in stats.bootstrap((values,), np.mean, n_resamples=200_000, method="percentile", rng=rng).confidence_interval],
    "standard_error": float(values.std(ddof=0) / np.sqrt(len(values))),
}
golden = {
    "script": "tests/golden/paired_golden.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    "seed": SEED,
    "wilcoxon": cases,
    "summary": summary,
}
print(json.dumps(golden))
