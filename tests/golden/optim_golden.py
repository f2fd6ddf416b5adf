"""Golden values of optimisers and schedules from PyTorch, for basewise/train.

Usage: python tests/golden/optim_golden.py > tests/golden/optim.json
"""
import json

import torch

SHAPES = {"weight": (3, 4), "bias": (5,)}
STEPS = 5


def start(name):
    n = int(torch.tensor(SHAPES[name]).prod())
    return (torch.arange(n, dtype=torch.float32) * 0.37 + (0.1 if name == "weight" else 0.6)).sin().reshape(SHAPES[name])


def gradient(name, step):
    n = int(torch.tensor(SHAPES[name]).prod())
    return (torch.arange(n, dtype=torch.float32) * 0.71 + 1.3 * step + (0 if name == "weight" else 2)).cos().reshape(SHAPES[name])


CASES = [
    ("sgd", {}, torch.optim.SGD, {}),
    ("sgd", {"momentum": 0.9}, torch.optim.SGD, {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}, torch.optim.SGD,
     {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("rmsprop", {}, torch.optim.RMSprop, {}),
    ("rmsprop", {"momentum": 0.8, "centered": True, "smoothing": 0.95, "weight_decay": 0.05}, torch.optim.RMSprop,
     {"momentum": 0.8, "centered": True, "alpha": 0.95, "weight_decay": 0.05}),
    ("adam", {"weight_decay": 0.1}, torch.optim.Adam, {"weight_decay": 0.1}),
    ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}, torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3}),
    ("adamw", {"weight_decay": 0.1}, torch.optim.AdamW, {"weight_decay": 0.1}),
]


def run(cls, options):
    parameters = {n: torch.nn.Parameter(start(n)) for n in SHAPES}
    optimizer = cls(list(parameters.values()), lr=0.05, **options)
    trace = []
    for step in range(STEPS):
        for n, p in parameters.items():
            # The bias has no gradient in step 2: its state must stand still.
            p.grad = None if (n == "bias" and step == 2) else gradient(n, step)
        optimizer.step()
        trace.append({n: p.detach().flatten().tolist() for n, p in parameters.items()})
    return trace


def one_cycle(total, rise):
    p = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([p], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=total, pct_start=rise)
    rates, momenta = [], []
    for step in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["betas"][0])
        optimizer.step()
        if step + 1 < total:
            schedule.step()
    return {"total": total, "rise": rise, "rates": rates, "momenta": momenta}


print(json.dumps({
    "made_by": "tests/golden/optim_golden.py", "torch": torch.__version__, "learning_rate": 0.05,
    "optimizers": [{"name": n, "options": o, "trace": run(c, p)} for n, o, c, p in CASES],
    "one_cycle": [one_cycle(20, 0.3), one_cycle(37, 0.1)],
}, indent=None))
