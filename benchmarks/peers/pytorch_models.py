"""The models of benchmarks/models as PyTorch users write them.

Each takes one-hot sequences (N, 4, L) and returns a dictionary of outputs. `wide = True` computes the same with two-dimensional
convolutions over (N, C, 1, L) in channels-last memory, which oneDNN runs faster for some shapes.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Layers:
    """Makes layers of one or two dimensions."""

    def __init__(self, wide):
        self.wide = wide

    def conv(self, channels, filters, width, dilation=1, padding=0, bias=True):
        if self.wide:
            return nn.Conv2d(channels, filters, (1, width), dilation=(1, dilation), padding=(0, padding), bias=bias)
        return nn.Conv1d(channels, filters, width, dilation=dilation, padding=padding, bias=bias)

    def norm(self, channels, **options):
        return (nn.BatchNorm2d if self.wide else nn.BatchNorm1d)(channels, **options)

    def pool(self, width, **options):
        return nn.MaxPool2d((1, width), **options) if self.wide else nn.MaxPool1d(width, **options)

    def enter(self, x):
        return x.unsqueeze(2).contiguous(memory_format=torch.channels_last) if self.wide else x

    def leave(self, x):
        return x.squeeze(2) if self.wide else x


class Exponential(nn.Module):
    def forward(self, x):
        return torch.exp(x)


class BPNet(nn.Module):
    """As bpnet-lite 1.1 writes it: padded convolutions; the profile head runs over the whole length and is cut afterwards."""

    def __init__(self, wide=False, filters=64, strands=2, layers=8, trimming=557):
        super().__init__()
        self.make = make = Layers(wide)
        self.trimming = trimming
        self.stem = make.conv(4, filters, 21, padding=10)
        self.body = nn.ModuleList([make.conv(filters, filters, 3, dilation=2 ** i, padding=2 ** i) for i in range(1, layers + 1)])
        self.profile = make.conv(filters, strands, 75, padding=37)
        self.counts = nn.Linear(filters, 1)

    def forward(self, x):
        start, end = self.trimming, x.shape[-1] - self.trimming
        x = F.relu(self.stem(self.make.enter(x)))
        for conv in self.body:
            x = x + F.relu(conv(x))
        profile = self.profile(x)[..., start:end]
        counts = self.counts(self.make.leave(x)[..., start - 37:end + 37].mean(dim=2))
        return {"profile": self.make.leave(profile), "counts": counts}


class Ecoli(nn.Module):
    """recipes/ecoli_tss/cnn.model.toml."""

    def __init__(self, wide=False):
        super().__init__()
        self.make = make = Layers(wide)
        self.stem, self.stem_norm = make.conv(4, 48, 19, padding=9), make.norm(48)
        self.body = nn.ModuleList(nn.Sequential(make.conv(48, 48, 3, dilation=d, padding=d), make.norm(48), nn.ReLU()) for d in (2, 4, 8, 16, 32, 64))
        self.logits = make.conv(48, 2, 1)

    def forward(self, x):
        x = F.relu(self.stem_norm(self.stem(self.make.enter(x))))
        for block in self.body:
            x = x + block(x)
        return {"logits": self.make.leave(self.logits(x[..., 160:-160]))}


class Stack(nn.Module):
    """Convolutions, then dense layers."""

    def __init__(self, wide, convolutions, dense):
        super().__init__()
        self.make = Layers(wide)
        self.convolutions = convolutions
        self.dense = dense

    def forward(self, x):
        x = self.make.leave(self.convolutions(self.make.enter(x)))
        return {"logits": self.dense(x.flatten(1))}


def deepcpg(wide=False):
    make = Layers(wide)
    return Stack(wide, nn.Sequential(make.conv(4, 128, 11), nn.ReLU(), make.pool(4), make.conv(128, 256, 3), nn.ReLU(), make.pool(2)),
                 nn.Sequential(nn.Linear(31232, 128), nn.ReLU(), nn.Linear(128, 5)))


def basset(wide=False):
    make = Layers(wide)
    convolutions = []
    for channels, filters, width, pool in ((4, 300, 19, 3), (300, 200, 11, 4), (200, 200, 7, 4)):
        convolutions += [make.conv(channels, filters, width), make.norm(filters), nn.ReLU(), make.pool(pool)]
    dense = []
    for features in (2000, 1000):
        dense += [nn.Linear(features, 1000), nn.BatchNorm1d(1000), nn.ReLU(), nn.Dropout(0.3)]
    return Stack(wide, nn.Sequential(*convolutions), nn.Sequential(*dense, nn.Linear(1000, 164)))


def cnn_deep(wide=False):
    make = Layers(wide)
    keras = {"eps": 1e-3, "momentum": 0.01}
    convolutions = []
    for channels, filters, width, padding, dropout, pool in ((4, 32, 19, 9, 0.1, 1), (32, 48, 7, 3, 0.2, 4), (48, 96, 7, 0, 0.3, 4), (96, 128, 3, 0, 0.4, 3)):
        convolutions += [make.conv(channels, filters, width, padding=padding, bias=False), make.norm(filters, **keras)]
        convolutions += [Exponential() if channels == 4 else nn.ReLU(), nn.Dropout(dropout)]
        if pool > 1:
            convolutions.append(make.pool(pool))
    dense = [nn.Linear(384, 512, bias=False), nn.BatchNorm1d(512, **keras), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, 12)]
    return Stack(wide, nn.Sequential(*convolutions), nn.Sequential(*dense))


class Basenji(nn.Module):
    """The shape of 2018 at a quarter of its width."""

    def __init__(self, wide=False):
        super().__init__()
        self.make = make = Layers(wide)

        def block(channels, filters, width, dilation=1, pool=1, dropout=0.05):
            # Even widths want one zero more at the right, as "same" means.
            pad = (width - 1) * dilation
            zeros = nn.ZeroPad2d((pad // 2, pad - pad // 2, 0, 0)) if wide else nn.ConstantPad1d((pad // 2, pad - pad // 2), 0.0)
            even = [zeros, make.conv(channels, filters, width, dilation=dilation, bias=False)]
            odd = [make.conv(channels, filters, width, dilation=dilation, padding=pad // 2, bias=False)]
            layers = (odd if pad % 2 == 0 else even) + [make.norm(filters), nn.ReLU()]
            return nn.Sequential(*layers, *([make.pool(pool)] if pool > 1 else []), nn.Dropout(dropout))

        widths = ((22, 78, 1), (1, 92, 2), (6, 109, 4), (6, 128, 4), (6, 152, 4), (3, 179, 1))
        channels, trunk = 4, []
        for width, filters, pool in widths:
            trunk.append(block(channels, filters, width, pool=pool))
            channels = filters
        self.trunk = nn.Sequential(*trunk)
        self.dilated = nn.ModuleList(block(channels + 27 * i, 27, 3, dilation=2 ** (i + 1), dropout=0.1) for i in range(6))
        self.last = block(channels + 27 * 6, 341, 1)
        self.coverage = make.conv(341, 4229, 1)

    def forward(self, x):
        x = self.trunk(self.make.enter(x))
        for block in self.dilated:
            x = torch.cat([x, block(x)], dim=1)
        return {"coverage": self.make.leave(F.softplus(self.coverage(self.last(x)[..., 32:-32])))}


MODELS = {
    "ecoli": Ecoli,
    "bpnet": BPNet,
    "chrombpnet": lambda wide=False: BPNet(wide, filters=512, strands=1),
    "deepcpg": deepcpg,
    "cnn_deep": cnn_deep,
    "basset": basset,
    "basenji": Basenji,
}


def loss_of(case, outputs, targets):
    """Sum of the losses of a case of benchmarks/models/cases.json, with the definitions of basewise/nn/loss.h."""
    total = 0
    for loss in case["losses"]:
        x, y = outputs[loss["output"]], targets[loss["target"]]
        if loss["type"] == "binary_cross_entropy":
            total = total + F.binary_cross_entropy_with_logits(x, y)
        elif loss["type"] == "mse":
            total = total + F.mse_loss(x, y)
        elif loss["type"] == "multinomial":
            total = total - (y.flatten(1) * F.log_softmax(x.flatten(1), dim=1)).sum(dim=1).mean()
        elif loss["type"] == "poisson":
            total = total + F.poisson_nll_loss(x, y, log_input=False, eps=1e-8)
    return total
