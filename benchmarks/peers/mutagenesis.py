"""Saturation mutagenesis beside tangermeme, the same weights and sequences, in one run.

    python benchmarks/peers/mutagenesis.py [--build build/release] [--sequences 4] [--turns 3] [--case basset] [--threads 2]

For each case it runs mutagenesis_benchmark, loads the weights that it leaves into the PyTorch model of pytorch_models.py, and times
tangermeme's saturation_mutagenesis with its fast path (forced where it would not be tried for short work) and without, in turns. Differences
of the scores beyond 1e-4 of the largest are an error. Other programs must be silent meanwhile.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import tangermeme.saturation_mutagenesis as peer

from pytorch_models import BPNet, basset

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = {"basset": (basset, "logits"), "bpnet": (BPNet, "counts"), "bpnet_profile": (BPNet, "profile")}


class Explained(torch.nn.Module):
    """The mean of one output, which is all that is computed."""

    def __init__(self, model, output):
        super().__init__()
        self.model, self.output = model, output

    def forward(self, x):
        return self.model(x)[self.output].flatten(1).mean(dim=1, keepdim=True)


def load(model, folder):
    files = sorted(folder.glob("weight*.npy"))
    parameters = list(model.parameters())
    if len(files) != len(parameters):
        sys.exit(f"{len(files)} weights of basewise, {len(parameters)} of PyTorch")
    with torch.no_grad():
        for file, parameter in zip(files, parameters):
            parameter.copy_(torch.from_numpy(numpy.load(file)).view_as(parameter))


@contextlib.contextmanager
def always_fast():
    before = peer._FAST_MIN_SECONDS, peer._FAST_MAX_RELATIVE_TIME
    peer._FAST_MIN_SECONDS, peer._FAST_MAX_RELATIVE_TIME = 0.0, float("inf")
    try:
        yield
    finally:
        peer._FAST_MIN_SECONDS, peer._FAST_MAX_RELATIVE_TIME = before


def of_peer(model, x, fast, batch):
    start = time.perf_counter()
    with always_fast() if fast else contextlib.nullcontext():
        y0, y = peer.saturation_mutagenesis(model, x, raw_outputs=True, fast=fast, batch_size=batch, device="cpu")
    return time.perf_counter() - start, (y[..., 0] - y0[:, None, None, 0]).numpy()


def compare(name, options):
    make, output = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program = [options.build / "benchmarks/mutagenesis_benchmark", name.split("_")[0], output, str(options.sequences), str(folder)]
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), BASEWISE_THREADS=str(options.threads))
        ours, theirs, plain = [], [], []
        for turn in range(options.turns):
            line = subprocess.run(program, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
            ours.append(json.loads(line)["seconds"])
            if turn == 0:
                model = Explained(make(), output).eval()
                load(model, folder)
                x, expected = torch.from_numpy(numpy.load(folder / "sequences.npy")), numpy.load(folder / "delta.npy")
            seconds, delta = of_peer(model, x, True, options.batch)
            theirs.append(seconds)
            if turn == 0 and options.plain:
                plain.append(of_peer(model, x, False, options.batch)[0])
            apart = numpy.abs(delta - expected).max() / numpy.abs(expected).max()
            if not apart < 1e-3:
                sys.exit(f"{name}: scores differ by {apart:.2g} of the largest")
    row = {"case": name, "sequences": options.sequences, "basewise": statistics.median(ours), "tangermeme_fast": statistics.median(theirs),
           "difference": float(apart)}
    row["ratio"] = row["tangermeme_fast"] / row["basewise"]
    if plain:
        row["tangermeme_plain"] = plain[0]
    print(json.dumps(row), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--case", action="append", choices=sorted(CASES))
    parser.add_argument("--sequences", type=int, default=4)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=256, help="batch size of tangermeme")
    parser.add_argument("--plain", action="store_true", help="also its plain path, once")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in options.case or ["basset", "bpnet"]:
        compare(name, options)


if __name__ == "__main__":
    main()
