"""Saturation mutagenesis of five small networks by tangermeme, for basewise/interpret: tests/golden/attribution/mutagenesis.*.

    python tests/golden/mutagenesis_golden.py tests/golden/attribution

Reads the weights (NAME.safetensors) and sequences that attribution_golden.py has written, puts two N into each sequence, and writes
mutagenesis.safetensors: sequences (3, 4, 60), and for each network NAME.delta (prediction of the mutant minus that of the sequence),
NAME.hypothetical and NAME.projected, (3, 4, 60), of channel 0 of the output, in double precision stored as float32; and mutagenesis.json
(versions). tangermeme's plain path (fast=False) is the reference: every mutant goes through the whole network.
"""

import importlib.metadata
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from tangermeme.saturation_mutagenesis import saturation_mutagenesis

from attribution_golden import networks


def restored(modules: list, weights: dict) -> torch.nn.Module:
    for name, module in modules:
        if name:
            prefix = "logits.dense." if name == "head" else f"{name}."
            module.load_state_dict({key[len(prefix):]: value for key, value in weights.items() if key.startswith(prefix)})
    return torch.nn.Sequential(*[module for _, module in modules]).double().eval()


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    x = load_file(folder / "attribution.safetensors")["sequences"].double()
    x[:, :, 17] = 0
    x[:, :, 42] = 0
    values = {"sequences": x.float()}
    for name, (_, modules) in networks().items():
        model = restored(modules, load_file(folder / f"{name}.safetensors"))
        options = {"device": "cpu", "batch_size": 64, "dtype": torch.float64, "fast": False}
        y0, y = saturation_mutagenesis(model, x, raw_outputs=True, **options)
        values[f"{name}.delta"] = (y[:, :, :, 0] - y0[:, None, None, 0]).float()
        values[f"{name}.hypothetical"] = saturation_mutagenesis(model, x, target=0, hypothetical=True, **options).float()
        values[f"{name}.projected"] = saturation_mutagenesis(model, x, target=0, **options).float()
    save_file({key: value.contiguous() for key, value in values.items()}, folder / "mutagenesis.safetensors")
    versions = {name: importlib.metadata.version(name) for name in ("torch", "tangermeme")}
    (folder / "mutagenesis.json").write_text(json.dumps({"versions": versions}, indent=2) + "\n")


if __name__ == "__main__":
    main()
