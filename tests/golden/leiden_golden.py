"""Qualities of partitions that leidenalg finds: python tests/golden/leiden_golden.py > tests/golden/leiden.json

leidenalg and igraph are run as programs for these numbers only.
"""

import importlib.metadata
import json

import igraph
import leidenalg

SEED = 1
RUNS = 20
MASK = (1 << 64) - 1


def splitmix(state):
    """SplitMix64, which the test repeats."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def random_graph(nodes, edges, groups, inside, seed):
    """Edges between random nodes; of 256, `inside` stay within one of the groups. Weights are eighths."""
    draw = splitmix(seed)
    graph = {}
    for _ in range(edges):
        a, b = next(draw) % nodes, next(draw) % nodes
        if next(draw) % 256 < inside:
            b = b - b % groups + a % groups
        weight = (1 + next(draw) % 8) / 8
        if b < nodes and a != b:
            key = (min(a, b), max(a, b))
            graph[key] = graph.get(key, 0) + weight
    return graph


def best(nodes, edges, resolution):
    graph = igraph.Graph(n=nodes, edges=list(edges))
    weights = list(edges.values())
    total = 2 * sum(weights)
    qualities = []
    for seed in range(1, RUNS + 1):
        found = leidenalg.find_partition(graph, leidenalg.RBConfigurationVertexPartition, weights=weights, n_iterations=-1, seed=seed,
                                         resolution_parameter=resolution)
        qualities.append(found.quality() / total)
    return {"best": max(qualities), "mean": sum(qualities) / RUNS}


CASES = [(300, 2400, 7, 200, 11, 1.0), (300, 2400, 7, 120, 12, 1.0), (211, 700, 5, 180, 13, 0.6), (500, 4000, 20, 190, 14, 2.0), (400, 1200, 1, 0, 15, 1.0)]
print(json.dumps({
    "script": "tests/golden/leiden_golden.py",
    "versions": {p: importlib.metadata.version(p) for p in ("leidenalg", "igraph")},
    "runs": RUNS,
    "cases": [{"nodes": n, "edges": e, "groups": g, "inside": i, "seed": s, "resolution": r, **best(n, random_graph(n, e, g, i, s), r)}
              for n, e, g, i, s, r in CASES],
}, indent=1))
