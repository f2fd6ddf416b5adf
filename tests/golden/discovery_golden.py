"""Golden values of discovery's kernels from modisco-lite: python tests/golden/discovery_golden.py > tests/golden/discovery.json

Needs modisco-lite 2 (or 3, whose results are the same) with numba, scipy and scikit-learn.
"""

import importlib.metadata
import json

import numpy as np
import scipy.stats
from modiscolite import affinitymat, core, tfmodisco, util

SEED = 20261130
EXAMPLES, LENGTH, PERPLEXITY = 12, 30, 4

random = np.random.default_rng(SEED)
tokens = random.integers(0, 4, (EXAMPLES, LENGTH))
tokens[6:, 8:20] = tokens[0, 8:20]  # half share a stretch, so that similarities differ
scores = np.round(random.normal(size=(EXAMPLES, LENGTH, 4)) * 20_000)
scores[6:, 8:20] = np.round(scores[0, 8:20] + 30_000 + random.normal(size=(6, 12, 4)) * 5_000)
one_hot = np.eye(4)[tokens]
hypothetical = scores / 32_768  # fine enough that sums do not tie

tracks = core.TrackSet(one_hot=one_hot, contrib_scores=one_hot * hypothetical, hypothetical_contribs=hypothetical)
seqlets = tracks.create_seqlets([core.Seqlet(i, 0, LENGTH, False) for i in range(EXAMPLES)])


def by_column(similarities, neighbors):
    result = np.empty((EXAMPLES, EXAMPLES))
    for row in range(EXAMPLES):
        result[row, neighbors[row]] = similarities[row]
    return result


def rounded(values):
    return np.round(np.asarray(values, dtype=float), 7).tolist()


cosine = {sign: by_column(*affinitymat.cosine_similarity_from_seqlets(seqlets, EXAMPLES, sign)) for sign in (1, -1)}
everyone = np.tile(np.arange(EXAMPLES), (EXAMPLES, 1))
jaccard = affinitymat.jaccard_from_seqlets(seqlets, 0.7, seqlet_neighbors=everyone)
rows = util.get_2d_data_from_patterns(seqlets)[0].reshape(EXAMPLES, -1)
pairwise = by_column(*affinitymat.pairwise_jaccard(rows, EXAMPLES))
adapted = tfmodisco._density_adaptation(jaccard, everyone, PERPLEXITY).tocsr()
adapted.sort_indices()

print(json.dumps({
    "seed": SEED,
    "versions": {name: importlib.metadata.version(name) for name in ("modisco", "modisco-lite", "numpy", "scipy", "numba")},
    "examples": EXAMPLES,
    "length": LENGTH,
    "perplexity": PERPLEXITY,
    "tokens": tokens.ravel().tolist(),
    "hypothetical": scores.transpose(0, 2, 1).astype(int).ravel().tolist(),
    "cosine_positive": rounded(cosine[1]),
    "cosine_negative": rounded(cosine[-1]),
    "jaccard": rounded(jaccard),
    "pairwise": rounded(pairwise),
    "adapted": rounded(adapted.toarray().ravel()),
    "spearman": rounded([scipy.stats.spearmanr(jaccard[i], cosine[1][i]).correlation for i in range(EXAMPLES)]),
}))
