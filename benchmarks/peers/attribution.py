"""Seconds of tangermeme's DeepSHAP on a network of benchmarks/models, as attribution_benchmark measures basewise.

    python benchmarks/peers/attribution.py bpnet|basset [EXAMPLES] [REFERENCES] [REPEATS]

Functions are modules here: tangermeme's rules hang on modules.
"""

import importlib.metadata
import json
import os
import statistics
import sys
import time
import warnings

import torch
from tangermeme.deep_lift_shap import deep_lift_shap
from torch import nn


class BPNetCounts(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.act = nn.Conv1d(4, 64, 21, padding=10), nn.ReLU()
        self.body = nn.ModuleList(nn.Sequential(nn.Conv1d(64, 64, 3, dilation=2**i, padding=2**i), nn.ReLU()) for i in range(1, 9))
        self.counts = nn.Linear(64, 1)

    def forward(self, x):
        x = self.act(self.stem(x))
        for block in self.body:
            x = x + block(x)
        return self.counts(x[..., 520:-520].mean(-1))


def basset():
    layers = []
    for channels, filters, width, pool in ((4, 300, 19, 3), (300, 200, 11, 4), (200, 200, 7, 4)):
        layers += [nn.Conv1d(channels, filters, width), nn.BatchNorm1d(filters), nn.ReLU(), nn.MaxPool1d(pool)]
    layers.append(nn.Flatten())
    for features in (2000, 1000):
        layers += [nn.Linear(features, 1000), nn.BatchNorm1d(1000), nn.ReLU(), nn.Dropout(0.3)]
    return nn.Sequential(*layers, nn.Linear(1000, 164))


def main():
    name = sys.argv[1]
    examples, references, repeats = (int(sys.argv[i]) if len(sys.argv) > i else usual for i, usual in ((2, 4), (3, 20), (4, 3)))
    torch.set_num_threads(int(os.environ.get("BASEWISE_THREADS", len(os.sched_getaffinity(0)))))
    torch.manual_seed(1)
    model, length = (BPNetCounts(), 2114) if name == "bpnet" else (basset(), 600)
    x = nn.functional.one_hot(torch.randint(0, 4, (examples, length)), 4).transpose(1, 2).float()
    warnings.simplefilter("ignore")
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        deep_lift_shap(model, x, n_shuffles=references, device="cpu", batch_size=32, random_state=0)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"deeplift": statistics.median(seconds[1:]), "threads": torch.get_num_threads(),
                      "tangermeme": importlib.metadata.version("tangermeme"), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
