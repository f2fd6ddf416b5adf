"""One PyTorch model in a process of its own, driven through standard input like benchmarks/model_runner.cpp.

python benchmarks/peers/pytorch_model.py CASE [--wide] [--compile] [--threads N] [--bpnetlite]

Commands, one per line: `train N`, `predict N`, `memory`, `check DIR` (same weights, outputs and loss as model_runner's `dump DIR`).
"""

import argparse
import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch

from pytorch_models import MODELS, loss_of

CASES = pathlib.Path(__file__).parent.parent / "models/cases.json"


class BpnetLite(torch.nn.Module):
    """The network of the package itself."""

    def __init__(self, filters, strands):
        super().__init__()
        from bpnetlite import BPNet

        self.net = BPNet(n_filters=filters, n_layers=8, n_outputs=strands, n_control_tracks=0, trimming=557, verbose=False)

    def forward(self, x):
        profile, counts = self.net(x)
        return {"profile": profile, "counts": counts}


def random_target(loss, output):
    if loss["type"] == "binary_cross_entropy":
        return (torch.rand_like(output) < 0.1).float()
    if loss["type"] == "mse":
        return torch.randn_like(output)
    return torch.poisson(torch.full_like(output, 0.2))


class Trainee:
    def __init__(self, case, wide, compiled, bpnetlite):
        torch.manual_seed(1)
        self.case = case
        if bpnetlite:
            self.model = BpnetLite(64, 2) if case["name"] == "bpnet" else BpnetLite(512, 1)
        else:
            self.model = MODELS[case["name"]](wide)
        if wide:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.x = torch.nn.functional.one_hot(torch.randint(4, (case["batch"], case["length"])), 4).float().transpose(1, 2).contiguous()
        self.model.eval()
        with torch.no_grad():
            outputs = self.model(self.x)
        self.targets = {loss["target"]: random_target(loss, outputs[loss["output"]].contiguous()) for loss in case["losses"]}
        # foreach and fused are what PyTorch has to offer; fused is the fastest on a CPU.
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
        self.run = torch.compile(self.model) if compiled else self.model

    def train(self):
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        loss = loss_of(self.case, self.run(self.x), self.targets)
        value = loss.item()
        loss.backward()
        self.optimizer.step()
        return value

    def predict(self):
        self.model.eval()
        with torch.inference_mode():
            return next(iter(self.run(self.x).values())).mean().item()

    def check(self, folder):
        """Largest difference of the outputs, relative to the largest output, and both losses."""
        folder = pathlib.Path(folder)
        with torch.no_grad():
            files = sorted(folder.glob("weight*.npy"))
            parameters = list(self.model.parameters())
            assert len(files) == len(parameters), (len(files), len(parameters))
            for file, parameter in zip(files, parameters):
                parameter.copy_(torch.from_numpy(np.load(file)).reshape(parameter.shape))
            load = lambda name: torch.from_numpy(np.load(folder / f"{name}.npy"))
            self.model.eval()
            outputs = self.model(load("batch_sequence"))
            targets = {loss["target"]: load("batch_" + loss["target"]) for loss in self.case["losses"]}
            worst = 0
            for name, output in outputs.items():
                ours = load("output_" + name)
                worst = max(worst, float((ours - output).abs().max() / ours.abs().max()))
            return {"difference": worst, "loss": float(loss_of(self.case, outputs, targets))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--bpnetlite", action="store_true", help="the network as the package bpnet-lite has it")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    case = next(case for case in json.loads(CASES.read_text()) if case["name"] == options.case)
    trainee = Trainee(case, options.wide, options.compile, options.bpnetlite)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command in ("train", "predict"):
            work = getattr(trainee, command)
            seconds = []
            for _ in range(int(argument)):
                start = time.perf_counter()
                work()
                seconds.append(time.perf_counter() - start)
            answer = {"seconds": seconds}
        elif command == "memory":
            answer = {"peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "torch": torch.__version__}
        elif command == "check":
            answer = trainee.check(argument)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
