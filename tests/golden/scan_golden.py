"""Golden values of motif scans from memelite and MOODS: python tests/golden/scan_golden.py > tests/golden/scan.json

Two kinds of cases. With log-odds that are multiples of the bin all programs must agree on every site and p-value. With motifs as they come,
each rounds in its own way: MOODS finely, memelite to 0.1 bits, where a window within the rounding of the threshold may fall on either side.
"""

import importlib.metadata
import json

import memelite
import MOODS.scan
import MOODS.tools
import numpy as np

SEED = 20261130
LENGTH = 20_000
P = 1e-4
BIN = 0.125
EPS = 1e-4
BACKGROUND = [0.3, 0.2, 0.2, 0.3]
PSEUDOCOUNT = 0.1


def counts(random, width, strength):
    rows = []
    for _ in range(width):
        row = random.multinomial(60, random.dirichlet([strength] * 4))
        rows.append([int(x) for x in row])
    return rows


def memelite_sites(pwms, bases, bin_size, eps):
    one_hot = np.zeros((1, 4, len(bases)), dtype=np.int8)
    one_hot[0, bases, np.arange(len(bases))] = 1
    tables = memelite.fimo({str(i): p for i, p in enumerate(pwms)}, one_hot, bin_size=bin_size, eps=eps, threshold=P)
    rows = []
    for i, t in enumerate(tables):
        for start, strand, score, p in zip(t["start"], t["strand"], t["score"], t["p-value"]):
            rows.append([i, int(start), int(strand == "-"), float(score), float(p)])
    return sorted(rows)


def moods_sites(matrices, letters, background):
    rows = []
    for i, m in enumerate(matrices):
        turned = MOODS.tools.reverse_complement(m)
        threshold = MOODS.tools.threshold_from_p(m, background, P)
        if threshold > MOODS.tools.max_score(m):
            continue
        for strand, hits in enumerate(MOODS.scan.scan_dna(letters, [m, turned], background, [threshold, threshold], 7)):
            rows += [[i, h.pos, strand, h.score] for h in hits]
    return sorted(rows)


def columns(rows):
    return [list(x) for x in zip(*rows)]


def main():
    random = np.random.default_rng(SEED)
    bases = random.integers(0, 4, LENGTH)
    letters = "".join("ACGT"[b] for b in bases)
    matrices = [counts(random, w, s) for w, s in [(7, 0.2), (8, 0.3), (9, 0.2), (10, 0.4), (11, 0.3), (12, 0.5), (14, 0.6), (16, 0.5), (19, 0.8), (22, 0.7)]]

    # Log-odds as multiples of the bin; a hair more for memelite, which takes what exceeds the threshold.
    whole = [[[int(np.clip(round(np.log2((c + 0.25) / 61 * 4) / BIN), -60, 60)) for c in row] for row in m] for m in matrices]
    pwms = [np.array([[2 ** (k * BIN + 1e-9 - 2) - EPS for k in row] for row in m]).T for m in whole]
    exact = memelite_sites(pwms, bases, BIN, EPS)
    uniform = [0.25] * 4
    of_moods = moods_sites([np.array([[k * BIN for k in row] for row in m]).T.tolist() for m in whole], letters, uniform)
    assert [r[:3] for r in exact] == [r[:3] for r in of_moods], "memelite and MOODS differ"

    # As users have them.
    frequencies = [np.array(m, dtype=float).T / 60 for m in matrices]
    loose = memelite_sites(frequencies, bases, 0.1, EPS)
    fine = moods_sites([MOODS.tools.log_odds(np.array(m).T.tolist(), BACKGROUND, PSEUDOCOUNT, 2) for m in matrices], letters, BACKGROUND)
    print(json.dumps({
        "script": "tests/golden/scan_golden.py",
        "versions": {name: importlib.metadata.version(name) for name in ("memelite", "moods-python", "numpy")},
        "seed": SEED,
        "p": P,
        "letters": letters,
        "counts": matrices,
        "whole": {"bin": BIN, "rows": whole, "motif_start_reverse_score_p": columns(exact)},
        "memelite": {"bin": 0.1, "eps": EPS, "motif_start_reverse_score_p": columns(loose)},
        "moods": {"background": BACKGROUND, "pseudocount": PSEUDOCOUNT, "motif_start_reverse_score": columns(fine)},
    }))


main()
