"""Perturbations of two small networks by tangermeme, for basewise/interpret: tests/golden/attribution/perturb.*.

    python tests/golden/perturb_golden.py tests/golden/attribution

Reads the weights (NAME.safetensors) and sequences that attribution_golden.py has written. Writes perturb.safetensors, for each network
of channels 0 and 1 in double precision stored as float32: NAME.before (3, 2); NAME.marginalize (2, 3, 2), each of MOTIFS in the middle,
and NAME.marginalize_at at POSITION; NAME.space (12, 3, 2), both motifs with each of DISTANCES between them in the orientations
++, +-, -+, --; NAME.ablate (3, 2) and NAME.ablate_sd, mean and standard deviation over all orders of the letters of SPAN (shuffle_fn gives
every order once; what tangermeme's own shuffle draws from them has this mean). perturb.json has versions, the words, and how far the mean of
tangermeme's own shuffles is from that of all orders, in standard errors (seed and number beside it).
"""

import importlib.metadata
import itertools
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from tangermeme.ablate import ablate
from tangermeme.marginalize import marginalize
from tangermeme.space import space

from attribution_golden import networks
from mutagenesis_golden import restored

NETWORKS = ("conv", "max_pool")
MOTIFS = ("TGACTCA", "GATAAG")
POSITION = 11
DISTANCES = (0, 3, 8)
SPAN = (20, 24)
SHUFFLES, SEED = 2000, 7
CPU = {"device": "cpu", "batch_size": 512, "dtype": torch.float64}


def turned(word: str) -> str:
    return word[::-1].translate(str.maketrans("ACGT", "TGCA"))


def every_order(x, start=0, end=-1, n=1, random_state=None):
    orders = list(itertools.permutations(range(start, end)))
    assert n == len(orders)
    shuffled = x.unsqueeze(1).repeat(1, n, 1, 1)
    for k, order in enumerate(orders):
        shuffled[:, k, :, start:end] = x[:, :, list(order)]
    return shuffled


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    x = load_file(folder / "attribution.safetensors")["sequences"].double()
    values, off = {}, {}
    orders = len(list(itertools.permutations(range(*SPAN))))
    for name in NETWORKS:
        model = restored(networks()[name][1], load_file(folder / f"{name}.safetensors"))
        middle = [marginalize(model, x, motif, **CPU) for motif in MOTIFS]
        at = [marginalize(model, x, motif, start=POSITION, **CPU)[1] for motif in MOTIFS]
        pairs = {}
        for word, first, second in (("++", 0, 0), ("+-", 0, 1), ("-+", 1, 0), ("--", 1, 1)):
            motifs = [turned(motif) if turn else motif for motif, turn in zip(MOTIFS, (first, second))]
            _, after = space(model, x, motifs, [[distance] for distance in DISTANCES], **CPU)
            for d, distance in enumerate(DISTANCES):
                pairs[distance, word] = after[:, d]
        _, all_orders = ablate(model, x, *SPAN, n=orders, shuffle_fn=every_order, **CPU)
        _, own = ablate(model, x, *SPAN, n=SHUFFLES, random_state=SEED, **CPU)
        sd = all_orders.std(1, unbiased=False)
        off[name] = ((own.mean(1) - all_orders.mean(1)).abs() / (sd / SHUFFLES**0.5)).max().item()
        values |= {f"{name}.before": middle[0][0], f"{name}.marginalize": torch.stack([after for _, after in middle]),
                   f"{name}.marginalize_at": torch.stack(at),
                   f"{name}.space": torch.stack([pairs[distance, word] for distance in DISTANCES for word in ("++", "+-", "-+", "--")]),
                   f"{name}.ablate": all_orders.mean(1), f"{name}.ablate_sd": sd}
    save_file({key: value.float().contiguous() for key, value in values.items()}, folder / "perturb.safetensors")
    notes = {"versions": {name: importlib.metadata.version(name) for name in ("torch", "tangermeme")}, "motifs": MOTIFS, "position": POSITION,
             "distances": DISTANCES, "span": SPAN, "shuffles": SHUFFLES, "seed": SEED, "standard_errors_of_own_shuffles": off}
    (folder / "perturb.json").write_text(json.dumps(notes, indent=2) + "\n")


if __name__ == "__main__":
    main()
