"""Writes keras_trunk.json: what the layers of a Keras file give in front of its attention, by plain NumPy in double precision.

    python tests/golden/keras_trunk_golden.py ../shared/data/baskerville_tiny/eval/model.h5

The file is a trained model of Baskerville (Keras 2.10): a convolution, six towers of batch norm, GELU (by tanh) and convolution,
each with a pooling of 2 behind it, then a layer norm. Sequences of 1,024 bases: base i of sequence n is (7 i + n i^2 + n) mod 4.
"""

import json
import pathlib
import platform
import sys

import h5py
import numpy as np

LENGTH, SEQUENCES = 1024, 2


def weight(file, layer, name):
    return np.asarray(file[f"model_weights/{layer}/{layer}/{name}:0"], dtype=np.float64)


def numbered(name, number):
    return name if number == 0 else f"{name}_{number}"


def convolution(x, kernel, bias):
    """Padded to the same length; x is (N, L, C), the kernel (width, C, F)."""
    width = kernel.shape[0]
    left = (width - 1) // 2
    padded = np.pad(x, ((0, 0), (left, width - 1 - left), (0, 0)))
    return sum(padded[:, w : w + x.shape[1]] @ kernel[w] for w in range(width)) + bias


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def trunk(file, x):
    for number in range(7):
        if number > 0:
            norm = numbered("batch_normalization", number - 1)
            mean, variance = weight(file, norm, "moving_mean"), weight(file, norm, "moving_variance")
            x = (x - mean) / np.sqrt(variance + 0.001) * weight(file, norm, "gamma") + weight(file, norm, "beta")
            x = gelu(x)
        layer = numbered("conv1d", number)
        x = convolution(x, weight(file, layer, "kernel"), weight(file, layer, "bias"))
        x = x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2]).max(axis=2)
    mean, variance = x.mean(axis=2, keepdims=True), x.var(axis=2, keepdims=True)
    x = (x - mean) / np.sqrt(variance + 0.001)
    return x * weight(file, "layer_normalization", "gamma") + weight(file, "layer_normalization", "beta")


def main():
    i = np.arange(LENGTH)
    bases = np.stack([(7 * i + n * i * i + n) % 4 for n in range(SEQUENCES)])
    with h5py.File(sys.argv[1], "r") as file:
        y = trunk(file, np.eye(4)[bases])
    places = [(n, c, t) for n in range(SEQUENCES) for c in (0, 37, 127) for t in (0, 3, 7)]
    golden = {
        "script": "tests/golden/keras_trunk_golden.py",
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "h5py": h5py.__version__},
        "length": LENGTH,
        "sequences": SEQUENCES,
        "shape": [y.shape[0], y.shape[2], y.shape[1]],
        "sum_of_squares": float((y**2).sum()),
        "values": [[n, c, t, float(y[n, t, c])] for n, c, t in places],
    }
    path = pathlib.Path(__file__).with_name("keras_trunk.json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
