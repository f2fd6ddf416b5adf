"""Golden values of the optimisers that TensorFlow and Keras have, for basewise/train.

The update rules are written down here from TensorFlow's documentation (tf.compat.v1.train
RMSPropOptimizer and AdamOptimizer, tf.keras.optimizers.SGD) in plain numpy, in double precision, so
that neither TensorFlow nor basewise is needed. The learning rate changes at step 6: there the places
of the rate differ between the rules. Nothing is drawn at random.

Usage: python tests/golden/optim_tensorflow_golden.py > tests/golden/optim_tensorflow.json
"""
import json

import numpy as np

SHAPES = {"weight": (3, 4), "bias": (5,)}
RATES = [0.05] * 5 + [0.02] * 5


def start(name):
    return np.sin(np.arange(np.prod(SHAPES[name])) * 0.37 + (0.1 if name == "weight" else 0.6))


def gradient(name, step):
    return np.cos(np.arange(np.prod(SHAPES[name])) * 0.71 + 1.3 * step + (0 if name == "weight" else 2))


class RmsProp:
    def __init__(self, size, decay=0.9, momentum=0.0, epsilon=1e-10, centered=False):
        self.decay, self.momentum, self.epsilon, self.centered = decay, momentum, epsilon, centered
        self.ms, self.mg, self.mom = np.ones(size), np.zeros(size), np.zeros(size)

    def step(self, p, g, lr):
        self.ms = self.decay * self.ms + (1 - self.decay) * g * g
        inside = self.ms + self.epsilon
        if self.centered:
            self.mg = self.decay * self.mg + (1 - self.decay) * g
            inside = inside - self.mg ** 2
        self.mom = self.momentum * self.mom + lr * g / np.sqrt(inside)
        return p - self.mom


class Adam:
    def __init__(self, size, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.m, self.v, self.t = np.zeros(size), np.zeros(size), 0

    def step(self, p, g, lr):
        self.t += 1
        rate = lr * np.sqrt(1 - self.beta2 ** self.t) / (1 - self.beta1 ** self.t)
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g * g
        return p - rate * self.m / (np.sqrt(self.v) + self.epsilon)


class Sgd:
    def __init__(self, size, momentum=0.0, nesterov=False):
        self.momentum, self.nesterov, self.velocity = momentum, nesterov, np.zeros(size)

    def step(self, p, g, lr):
        self.velocity = self.momentum * self.velocity - lr * g
        return p + self.momentum * self.velocity - lr * g if self.nesterov else p + self.velocity


CASES = [
    ("rmsprop_tensorflow", {"smoothing": 0.9, "epsilon": 1e-10}, RmsProp, {}),
    ("rmsprop_tensorflow", {"smoothing": 0.98, "momentum": 0.7, "epsilon": 1e-3}, RmsProp, {"decay": 0.98, "momentum": 0.7, "epsilon": 1e-3}),
    ("rmsprop_tensorflow", {"smoothing": 0.95, "momentum": 0.5, "epsilon": 0.01, "centered": True}, RmsProp,
     {"decay": 0.95, "momentum": 0.5, "epsilon": 0.01, "centered": True}),
    ("adam_tensorflow", {"beta1": 0.97, "beta2": 0.98}, Adam, {"beta1": 0.97, "beta2": 0.98}),
    ("adam_tensorflow", {"epsilon": 0.1}, Adam, {"epsilon": 0.1}),
    ("sgd_keras", {"momentum": 0.98}, Sgd, {"momentum": 0.98}),
    ("sgd_keras", {"momentum": 0.9, "nesterov": True}, Sgd, {"momentum": 0.9, "nesterov": True}),
]


def run(cls, options):
    values = {n: start(n) for n in SHAPES}
    rules = {n: cls(values[n].size, **options) for n in SHAPES}
    trace = []
    for step, rate in enumerate(RATES):
        for n in SHAPES:
            # The bias has no gradient in step 2: its state must stand still.
            if n == "weight" or step != 2:
                values[n] = rules[n].step(values[n], gradient(n, step), rate)
        trace.append({n: [round(float(x), 9) for x in values[n]] for n in SHAPES})
    return trace


print(json.dumps({"made_by": "tests/golden/optim_tensorflow_golden.py", "numpy": np.__version__, "rates": RATES,
                  "optimizers": [{"name": n, "options": o, "trace": run(c, p)} for n, o, c, p in CASES]}))
