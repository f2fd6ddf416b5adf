"""Attributions of five small networks by tangermeme, for basewise/interpret: tests/golden/attribution/.

    python tests/golden/attribution_golden.py tests/golden/attribution

Writes NAME.model.toml (the network for basewise), NAME.safetensors (its weights, by the names of basewise), attribution.safetensors
(sequences, references, and for each network predictions, DeepLIFT scores, gradients and mutagenesis, in double precision stored as float32)
and attribution.json (versions, seed, largest convergence difference, what captum 0.9 gives and whether its own sum holds).
Networks are PyTorch twins written out below. Tangermeme's rules are what is compared with; captum is noted only.
"""

import importlib.metadata
import json
import pathlib
import sys
import warnings

import torch
from safetensors.torch import save_file
from tangermeme.deep_lift_shap import deep_lift_shap

SEED = 20261130
LENGTH = 60
EXAMPLES = 3
REFERENCES = 4


class Residual(torch.nn.Module):
    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.conv = torch.nn.Conv1d(6, 6, width, dilation=dilation, padding=dilation * (width - 1) // 2)
        self.act = torch.nn.ReLU()

    def forward(self, x):
        return x + self.act(self.conv(x))


class Mean(torch.nn.Module):
    def forward(self, x):
        return x.mean(-1)


def layer(type_: str, name: str, **options) -> str:
    lines = ["[[layers]]", f'type = "{type_}"', f'name = "{name}"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in options.items()]
    return "\n".join(lines) + "\n"


def residual(name: str, dilation: int) -> str:
    inner = layer("conv", "conv", filters=6, width=3, dilation=dilation) + layer("activation", "act", kind="relu")
    return layer("residual", name) + inner.replace("[[layers]]", "[[layers.layers]]")


def networks() -> dict:
    """Name: (layers of the model file, modules by path)."""
    from torch import nn

    end = layer("flatten", "flatten") + layer("dense", "hidden", units=5) + layer("activation", "act3", kind="relu")
    return {
        "conv": (
            layer("conv", "conv1", filters=6, width=7) + layer("activation", "act1", kind="relu")
            + layer("conv", "conv2", filters=5, width=5, padding="valid") + layer("activation", "act2", kind="relu") + end,
            [("conv1", nn.Conv1d(4, 6, 7, padding=3)), ("", nn.ReLU()), ("conv2", nn.Conv1d(6, 5, 5)), ("", nn.ReLU()), ("", nn.Flatten()),
             ("hidden", nn.Linear(5 * 56, 5)), ("", nn.ReLU()), ("head", nn.Linear(5, 2))],
        ),
        "dilated_residual": (
            layer("conv", "conv1", filters=6, width=9) + layer("activation", "act1", kind="relu") + residual("r1", 2) + residual("r2", 4)
            + layer("pool", "mean", kind="mean", **{"global": True}),
            [("conv1", nn.Conv1d(4, 6, 9, padding=4)), ("", nn.ReLU()), ("r1", Residual(3, 2)), ("r2", Residual(3, 4)), ("", Mean()),
             ("head", nn.Linear(6, 2))],
        ),
        "max_pool": (
            layer("conv", "conv1", filters=6, width=7) + layer("activation", "act1", kind="relu") + layer("pool", "pool1", kind="max", width=3)
            + layer("conv", "conv2", filters=5, width=3) + layer("activation", "act2", kind="relu")
            + layer("pool", "pool2", kind="max", width=4, stride=2) + end,
            [("conv1", nn.Conv1d(4, 6, 7, padding=3)), ("", nn.ReLU()), ("", nn.MaxPool1d(3)), ("conv2", nn.Conv1d(6, 5, 3, padding=1)),
             ("", nn.ReLU()), ("", nn.MaxPool1d(4, 2)), ("", nn.Flatten()), ("hidden", nn.Linear(5 * 9, 5)), ("", nn.ReLU()),
             ("head", nn.Linear(5, 2))],
        ),
        "batch_norm": (
            layer("conv", "conv1", filters=6, width=7) + layer("batch_norm", "norm1") + layer("activation", "act1", kind="relu")
            + layer("pool", "pool1", kind="mean", width=5) + layer("conv", "conv2", filters=5, width=3) + layer("batch_norm", "norm2")
            + layer("activation", "act2", kind="elu") + end,
            [("conv1", nn.Conv1d(4, 6, 7, padding=3)), ("norm1", nn.BatchNorm1d(6)), ("", nn.ReLU()), ("", nn.AvgPool1d(5)),
             ("conv2", nn.Conv1d(6, 5, 3, padding=1)), ("norm2", nn.BatchNorm1d(5)), ("", nn.ELU()), ("", nn.Flatten()),
             ("hidden", nn.Linear(5 * 12, 5)), ("", nn.ReLU()), ("head", nn.Linear(5, 2))],
        ),
        "softplus": (
            layer("conv", "conv1", filters=6, width=7) + layer("activation", "act1", kind="softplus")
            + layer("conv", "conv2", filters=5, width=5) + layer("activation", "act2", kind="gelu")
            + layer("pool", "mean", kind="mean", **{"global": True}),
            [("conv1", nn.Conv1d(4, 6, 7, padding=3)), ("", nn.Softplus()), ("conv2", nn.Conv1d(6, 5, 5, padding=2)), ("", nn.GELU()),
             ("", Mean()), ("head", nn.Linear(5, 2))],
        ),
    }


def sequence_array(count: int, generator: torch.Generator) -> torch.Tensor:
    letters = torch.randint(0, 4, (count, LENGTH), generator=generator)
    return torch.nn.functional.one_hot(letters, 4).transpose(1, 2).contiguous().double()


def weights_of(modules: list) -> dict:
    weights = {}
    for name, module in modules:
        if not name:
            continue
        for key, value in module.state_dict().items():
            path = f"logits.dense.{key}" if name == "head" else f"{name}.{key}"
            weights[path] = value.clone() if key == "num_batches_tracked" else value.float().clone()
    return weights


def mutagenesis(model, x: torch.Tensor) -> torch.Tensor:
    """(N, 4, L): prediction of the mutant minus that of the sequence."""
    with torch.no_grad():
        wild = model(x)[:, 0]
        delta = torch.zeros_like(x)
        for position in range(x.shape[2]):
            for letter in range(4):
                mutant = x.clone()
                mutant[:, :, position] = 0
                mutant[:, letter, position] = 1
                delta[:, letter, position] = model(mutant)[:, 0] - wild
    return delta


def captum_note(model, x, references) -> dict:
    """The largest failure of captum's own sum, in double precision."""
    from captum.attr import DeepLift

    class First(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, z):
            return self.inner(z)[:, :1]

    first, worst = First(model), 0.0
    for k in range(references.shape[1]):
        attributions = DeepLift(first).attribute(x, references[:, k], target=0)
        difference = first(x)[:, 0] - first(references[:, k])[:, 0]
        worst = max(worst, (attributions.sum((1, 2)) - difference).abs().max().item())
    return {"largest_convergence": worst, "holds": worst < 1e-6}


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    x = sequence_array(EXAMPLES, generator)
    # Two references that share a stretch with the sequence: equal inputs of layers must not divide by zero.
    references = sequence_array(EXAMPLES * REFERENCES, generator).view(EXAMPLES, REFERENCES, 4, LENGTH)
    references[:, 0, :, :40] = x[:, :, :40]
    references[:, 1, :, 20:] = x[:, :, 20:]
    values = {"sequences": x.float(), "references": references.float()}
    notes = {"seed": SEED, "versions": {name: importlib.metadata.version(name) for name in ("torch", "tangermeme", "captum")}, "networks": {}}
    for name, (layers, modules) in networks().items():
        with torch.no_grad():
            for _, module in modules:
                for parameter in module.parameters():
                    parameter.mul_(2.0)
                if isinstance(module, torch.nn.BatchNorm1d):
                    module.running_mean.uniform_(-0.5, 0.5)
                    module.running_var.uniform_(0.5, 1.5)
                    module.bias.uniform_(-0.3, 0.3)
                    module.num_batches_tracked.fill_(7)
        text = (f"format = 1\n\n[inputs.sequence]\nchannels = 4\nlength = {LENGTH}\n\n{layers}\n[[heads]]\nname = \"logits\"\n"
                "[[heads.layers]]\ntype = \"dense\"\nname = \"dense\"\nunits = 2\n")
        (out / f"{name}.model.toml").write_text(text)
        save_file(weights_of(modules), out / f"{name}.safetensors")
        model = torch.nn.Sequential(*[module for _, module in modules]).double().eval()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            hypothetical = deep_lift_shap(model, x, references=references, hypothetical=True, device="cpu", batch_size=64, dtype=torch.float64)
        leaf = x.clone().requires_grad_()
        gradient = torch.autograd.grad(model(leaf)[:, 0].sum(), leaf)[0]
        with torch.no_grad():
            prediction = model(x)[:, 0]
            reference = model(references.flatten(0, 1))[:, 0].view(EXAMPLES, REFERENCES)
        sums = (hypothetical * x).sum((1, 2)) - (prediction - reference.mean(1))
        values |= {f"{name}.prediction": prediction.float(), f"{name}.reference": reference.float(), f"{name}.gradient": gradient.float(),
                   f"{name}.deeplift": hypothetical.float(), f"{name}.mutagenesis": mutagenesis(model, x).float()}
        notes["networks"][name] = {"largest_convergence": sums.abs().max().item(), "captum": captum_note(model, x, references)}
    save_file({key: value.contiguous() for key, value in values.items()}, out / "attribution.safetensors")
    (out / "attribution.json").write_text(json.dumps(notes, indent=2) + "\n")


if __name__ == "__main__":
    main()
