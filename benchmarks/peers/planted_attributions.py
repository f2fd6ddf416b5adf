"""Simulated attributions with many planted motifs, for discovery at the size of a large data set.

PYTHON benchmarks/peers/planted_attributions.py MATRICES FOLDER [--examples 42000] [--length 200] [--motifs 40] [--seed 7]

MATRICES is pfm_vertebrates.txt of JASPAR 2016 (data set jaspar2016_vertebrates). FOLDER gets sequences.npz, one-hot (N, 4, L), and
attributions.npz, hypothetical contributions of the same shape: three sites in each sequence, letters drawn from the matrix, contributions of a
site its log odds times a normal number (0.3, sd 0.06), and normal noise (sd 0.05) everywhere.
"""

import argparse
import pathlib

import numpy as np

SITES = 3


def matrices(path):
    """Probabilities (4, W) of the motifs of 8 to 15 columns that hold more than 10 bits."""
    lines = path.read_text().splitlines()
    found = []
    for at, line in enumerate(lines):
        if not line.startswith(">"):
            continue
        counts = np.array([[float(x) for x in row.translate(str.maketrans("", "", "ACGT[]")).split()] for row in lines[at + 1:at + 5]])
        p = counts / counts.sum(0)
        if 8 <= p.shape[1] <= 15 and (2 + (p * np.log2(p + 1e-9)).sum(0)).sum() > 10:
            found.append(p)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("matrices", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    for name, value in (("examples", 42000), ("length", 200), ("motifs", 40), ("seed", 7)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    random = np.random.default_rng(args.seed)
    pool = matrices(args.matrices)
    pool = [pool[i] for i in random.permutation(len(pool))[:args.motifs]]
    tokens = random.integers(0, 4, (args.examples, args.length))
    scores = (random.normal(size=(args.examples, 4, args.length)) * 0.05).astype("float32")
    room = args.length // SITES
    for n in range(args.examples):
        for slot in range(SITES):
            p = pool[random.integers(len(pool))]
            if random.random() < 0.5:
                p = p[::-1, ::-1]
            width = p.shape[1]
            at = random.integers(slot * room, (slot + 1) * room - width)
            tokens[n, at:at + width] = (random.random(width)[None] > p.cumsum(0)).sum(0).clip(0, 3)
            scores[n, :, at:at + width] += np.log2((p + 0.01) / 0.26) * random.normal(0.3, 0.06)
    args.folder.mkdir(parents=True, exist_ok=True)
    np.savez(args.folder / "sequences.npz", np.eye(4, dtype="int8")[tokens].transpose(0, 2, 1))
    np.savez(args.folder / "attributions.npz", scores)


if __name__ == "__main__":
    main()
