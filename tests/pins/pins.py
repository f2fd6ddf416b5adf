"""The pins: what each run of runs.py left behind when it was pinned, and where that is not what it leaves behind now.

    python3 tests/pins/pins.py --write PROGRAM      writes tests/golden/pins.json and pins.safetensors anew
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
from array import array

import inputs
import runs

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VALUES = ROOT / "tests/golden/pins.json"
WEIGHTS = ROOT / "tests/golden/pins.safetensors"

# On another processor or with another torch, the last digit of an exponential may be another one; after a few steps of training the measures of
# these runs then differ by less than this. It is absolute for values up to 1, relative above.
TOLERANCE = 1e-4
SHOWN = 30


def certificate(program):
    """What made the pins, and on what."""
    told = json.loads(subprocess.run([program, "doctor", "--json"], capture_output=True, text=True, check=True).stdout)
    build, machine = told["build"], told["machine"]
    return {
        "script": "python3 tests/pins/pins.py --write PROGRAM",
        "seed": inputs.SEED,
        "environment": runs.STEADY,
        "version": build["version"],
        "compiler": build["compiler"],
        "build_type": build["build type"],
        "torch": told["torch"].get("torch", ""),
        "processor": machine["processor"],
        "instruction_sets": machine["instruction sets"],
    }


def same_kind(pinned, now):
    """Whether every bit must be the same."""
    return all(pinned[key] == now[key] for key in ("compiler", "build_type", "torch", "processor", "instruction_sets"))


def digest(tensors):
    """SHA-256 of names, types, shapes and values."""
    sha = hashlib.sha256()
    for name, (kind, shape, data) in sorted(tensors.items()):
        sha.update(f"{name} {kind} {list(shape)}\n".encode() + data)
    return sha.hexdigest()


def numbers(tensor):
    kind, _, data = tensor
    codes = {"F32": "f", "F64": "d", "I64": "q", "I32": "i", "U8": "B", "BOOL": "B"}
    return array(codes[kind], data)


def weight_differences(pinned, now):
    """A line for each tensor that is not the same to the last bit."""
    lines = [f"weights {name}: no longer there" for name in pinned if name not in now] + [f"weights {name}: new" for name in now if name not in pinned]
    for name in sorted(pinned.keys() & now.keys()):
        if pinned[name] == now[name]:
            continue
        if pinned[name][:2] != now[name][:2]:
            lines.append(f"weights {name}: was {pinned[name][:2]}, is {now[name][:2]}")
            continue
        a, b = numbers(pinned[name]), numbers(now[name])
        worst = max(range(len(a)), key=lambda i: abs(a[i] - b[i]))
        differ = sum(x != y for x, y in zip(a, b, strict=True))
        lines.append(f"weights {name}: {differ} of {len(a)} values differ, most at {worst}: was {a[worst]!r}, is {b[worst]!r} ({b[worst] - a[worst]:+.3g})")
    return lines


def is_close(a, b, tolerance):
    numeric = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (a, b))
    return a == b or (numeric and abs(a - b) <= tolerance * max(1.0, abs(a)))


def value_differences(kind, pinned, now, tolerance=0.0):
    """A line for each value that is gone or another one. Values that were not there before change nothing that was promised."""
    pinned, now = runs.flat(pinned), runs.flat(now)
    lines = [f"{kind} {path}: was {value!r}, is no longer there" for path, value in pinned.items() if path not in now]
    lines += [f"{kind} {path}: was {value!r}, is {now[path]!r}" for path, value in pinned.items()
              if path in now and not is_close(value, now[path], tolerance)]
    return lines


def new_values(kind, pinned, now):
    """A line for each value that was not there before."""
    pinned = runs.flat(pinned)
    return [f"{kind} {path}: new, {value!r}" for path, value in runs.flat(now).items() if path not in pinned]


class Pins:
    """Both files. Configurations are kept as what differs from the first run's, since most options are the same in all."""

    def __init__(self, document, tensors):
        self.certificate, self.common, self.runs = document["certificate"], document["configuration"], document["runs"]
        self.tensors = {name: {} for name in self.runs}
        for path, tensor in tensors.items():
            run, _, name = path.partition("/")
            self.tensors[run][name] = tensor

    @classmethod
    def read(cls):
        return cls(json.loads(VALUES.read_text()), runs.read_safetensors(WEIGHTS))

    def configuration(self, name):
        mine = self.runs[name]["configuration"]
        return {**{k: v for k, v in self.common.items() if k not in mine["without"]}, **mine["with"]}

    def differences(self, name, facts, exact):
        """Lines that say what is not as pinned. `exact`: to the last bit, else measures and losses within TOLERANCE."""
        pinned, tolerance = self.runs[name], 0.0 if exact else TOLERANCE
        lines = value_differences("config.toml", self.configuration(name), facts["config"])
        lines += value_differences("model.toml", pinned["model"], facts["model"])
        lines += new_values("model.toml", pinned["model"], facts["model"])
        if exact and digest(facts["weights"]) != pinned["weights_sha256"]:
            lines += weight_differences(self.tensors[name], facts["weights"])
        lines += value_differences("log.tsv", pinned["log"], facts["log"], tolerance)
        lines += value_differences("measure", pinned["metrics"], facts["metrics"], tolerance)
        return lines


def written(value, depth):
    """JSON with a line for each member down to `depth`."""
    if depth == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "{\n" + ",\n".join(f"{json.dumps(k)}: {written(v, depth - 1)}" for k, v in value.items()) + "\n}"


def write(program):
    with tempfile.TemporaryDirectory(prefix="basewise-pins-") as folder:
        made = {name: runs.facts(run) for name, run in runs.run_all(program, pathlib.Path(folder), list(runs.CASES)).items()}
    common = next(iter(made.values()))["config"]
    document = {"certificate": certificate(program), "configuration": common, "runs": {}}
    for name, facts in made.items():
        config = facts["config"]
        document["runs"][name] = {
            "weights_sha256": digest(facts["weights"]), "metrics": facts["metrics"], "log": facts["log"], "model": facts["model"],
            "configuration": {"without": [k for k in common if k not in config], "with": {k: v for k, v in config.items() if common.get(k) != v}}}
    VALUES.write_text(written(document, 3) + "\n")
    runs.write_safetensors(WEIGHTS, {f"{name}/{path}": tensor for name, facts in made.items() for path, tensor in facts["weights"].items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", metavar="PROGRAM", type=pathlib.Path, required=True)
    write(parser.parse_args().write.resolve())
    sys.exit(0)
