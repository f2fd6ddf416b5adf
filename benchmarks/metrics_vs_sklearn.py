"""Times AUROC and average precision of basewise against scikit-learn, in turn in one run.

python benchmarks/metrics_vs_sklearn.py build/dev/benchmarks/metrics_benchmark [--n 10000000] [--repeats 3] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score


def timed(function, *arguments):
    start = time.perf_counter()
    value = function(*arguments)
    return value, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--n", type=int, default=10_000_000)
    parser.add_argument("--prevalence", type=float, default=0.05)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json")
    options = parser.parse_args()

    rng = np.random.default_rng(1)
    labels = (rng.random(options.n) < options.prevalence).astype(np.uint8)
    scores = (rng.normal(size=options.n) + labels).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("scores.npy", "labels.npy")]
        np.save(files[0], scores)
        np.save(files[1], labels)
        theirs, ours = [], {1: [], 0: []}
        for _ in range(options.repeats):  # in turn, so that both see the same noise
            auroc, a = timed(roc_auc_score, labels, scores)
            ap, b = timed(average_precision_score, labels, scores)
            theirs.append((a, b))
            for threads in ours:
                environment = dict(os.environ, **({"BASEWISE_THREADS": str(threads)} if threads else {}))
                found = json.loads(subprocess.check_output([options.program, *files, "1"], env=environment))
                assert abs(found["auroc"] - auroc) < 1e-9 and abs(found["average_precision"] - ap) < 1e-9, (found, auroc, ap)
                ours[threads].append(found["seconds"][0])
                all_threads = found["threads"]

    best = min(a + b for a, b in theirs)
    print(f"{options.n} float32 scores, {options.prevalence:.0%} positive; scikit-learn {sklearn.__version__}; best of {options.repeats}")
    print(f"scikit-learn: AUROC {min(a for a, _ in theirs):.2f} s + AP {min(b for _, b in theirs):.2f} s, both {best:.2f} s")
    print(f"basewise, 1 thread: both {min(ours[1]):.3f} s, ratio {min(ours[1]) / best:.3f}")
    print(f"basewise, {all_threads} threads: both {min(ours[0]):.3f} s, ratio {min(ours[0]) / best:.3f}")
    if options.json:
        result = {"n": options.n, "scikit_learn": sklearn.__version__, "seconds_scikit_learn": best, "seconds_one_thread": min(ours[1]),
                  "seconds": min(ours[0]), "threads": all_threads}
        with open(options.json, "w") as file:
            json.dump(result, file)


if __name__ == "__main__":
    main()
