"""The pinned runs: a recipe of runs/ each, with what is set on top of it, and what a run left behind as values that can be compared."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tomllib

import inputs

HERE = pathlib.Path(__file__).resolve().parent
RECIPES = HERE / "runs"

BOTH = "strand.predict=conjoined"
# Name: (recipe, options on top, flags of train and evaluate, further calls of evaluate).
CASES = {
    # A kind of data each.
    "simulation": ("simulation", [], [], []),
    "table": ("table", [], [], [["--split", "validation"]]),
    "values": ("values", [], [], []),
    "fasta": ("fasta", [], [], []),
    "windows": ("windows", [], [], [["--split", "train"]]),
    "sites": ("sites", [], [], []),
    "tracks": ("tracks", [], [], []),
    "profile": ("profile", [], [], [["--weights", "jsd"]]),
    "log_odds": ("log_odds", [], [], []),
    "classes": ("classes", [], [], []),
    # A strategy for the two strands each.
    "augmented": ("simulation", ["strand.train=augmented"], [], []),
    "posthoc_probability": ("simulation", ["strand.train=augmented", BOTH, "strand.merge=probability"], [], []),
    "posthoc_max": ("simulation", ["data.encoding=tokens", BOTH, "strand.merge=max"], [], []),
    "conjoined": ("simulation", ["strand.train=conjoined"], [], []),
    "conjoined_probability": ("simulation", ["strand.train=conjoined", "strand.merge=probability"], [], []),
    "shared": ("simulation", ["strand.layers=shared", "strand.pool=sum"], [], []),
    "shared_half": ("simulation", ["strand.layers=shared", "strand.filters=0.5", "strand.pool=weighted", "strand.legacy_double_scale=true"], [], []),
    "wrapped_early": ("simulation", ["strand.layers=wrapped", "strand.wrap=early"], [], []),
    "wrapped_all": ("simulation", ["strand.layers=wrapped", "strand.wrap=all", "strand.pool=mean"], [], []),
    "irreducible": ("simulation", ["model_file=irreducible.model.toml"], [], []),
    "profile_shared": ("profile", ["strand.layers=shared", "data.encoding=tokens"], [], []),
    "profile_conjoined": ("profile", ["strand.train=conjoined", "strand.merge=probability", "seed=23"], [], []),
    # Ways of training.
    "layers": ("simulation", ["model_file=layers.model.toml", "train.optimizer.name=sgd", "train.optimizer.momentum=0.9", "train.optimizer.nesterov=true",
                              "train.schedule.name=cosine", "train.schedule.warmup_steps=3", "train.clip.norm=1", "train.accumulate=2"], [], []),
    "stopping": ("simulation", ["train.epochs=12", "train.optimizer.learning_rate=0.2", "train.select.stop_metric=loss", "train.select.patience=2",
                                "train.select.also=[\"loss\", \"mean.average_precision\"]", "train.schedule.name=plateau", "train.schedule.patience=0"],
                 [], [["--weights", "loss"]]),
    "averaging": ("simulation", ["train.average.decay=0.95", "train.select.keep_best=false", "train.validate_every=2", "train.schedule.name=step",
                                 "train.schedule.every=1"], [], []),
    "torch_kernels": ("simulation", ["strand.train=conjoined"], ["--kernels", "torch"], []),
}

# One thread, and code that is chosen by no processor: sums are taken in one order on all of them.
STEADY = {"BASEWISE_ISA": "portable", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE", "DNNL_MAX_CPU_ISA": "SSE41", "OMP_NUM_THREADS": "1",
          "MKL_NUM_THREADS": "1"}


def environment(folder, steady):
    """Nothing that steers basewise but this."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BASEWISE_") and k not in (*STEADY, "CI")}
    return {**kept, "BASEWISE_CACHE": str(folder / "cache"), **(STEADY if steady else {})}


def call(program, folder, steady, *arguments):
    done = subprocess.run([program, *arguments, "--threads", "1", "--quiet"], cwd=folder, env=environment(folder, steady), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: exit code {done.returncode}: {done.stderr.strip()}")


def prepare(folder):
    """Recipes, models and inputs, all in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in RECIPES.glob("*.toml"):
        shutil.copy(file, folder)
    inputs.write(folder)


def run_case(program, folder, name, steady=True):
    """Trains and measures; returns the run folder."""
    recipe, options, flags, evaluations = CASES[name]
    assignments = [word for option in options for word in ("--set", option)]
    call(program, folder, steady, "train", f"{recipe}.toml", "--out", name, "--no-report", *assignments, *flags)
    for more in ([], *evaluations):
        call(program, folder, steady, "evaluate", name, "--no-report", *flags, *more)
    return folder / name


def run_all(program, folder, names, steady=True, jobs=2):
    """Run folders by name. Errors: RuntimeError with what the program said."""
    prepare(folder)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return dict(zip(names, pool.map(lambda name: run_case(program, folder, name, steady), names), strict=True))


def read_safetensors(path):
    """Tensors as (type, shape, bytes) by name."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (t["dtype"], tuple(t["shape"]), data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]])
            for name, t in sorted(header.items())}


def write_safetensors(path, tensors):
    header, body = {}, b""
    for name, (kind, shape, data) in sorted(tensors.items()):
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def flat(value, path=""):
    """{"a.b.0.c": value} of nested tables and lists; empty ones are values."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, inside in items for k, v in flat(inside, f"{path}.{key}" if path else str(key)).items()}
    return {path: value}


def read_log(path):
    """Columns of log.tsv but for times, from the first epoch to the last."""
    head, *rows = (line.split("\t") for line in path.read_text().splitlines())
    return {column: [row[i] if row[i] == "nan" else float(row[i]) for row in rows] for i, column in enumerate(head) if "seconds" not in column}


def facts(run):
    """What a run left behind, without times and places: tensors, documents, and values by path."""
    metrics = {}
    for file in sorted(run.glob("metrics*.json")):
        metrics[file.name] = json.loads(file.read_text())
        metrics[file.name].pop("seconds", None)
    here = str(run.parent)
    config = flat(tomllib.loads((run / "config.toml").read_text()))
    return {
        "weights": {f"{file.stem}/{name}": tensor for file in sorted(run.glob("weights*.safetensors"))
                    for name, tensor in read_safetensors(file).items()},
        "metrics": metrics,
        "log": read_log(run / "log.tsv") if (run / "log.tsv").exists() else {},
        "model": tomllib.loads((run / "model.toml").read_text()),
        "config": {k: v.replace(here + "/", "").replace(here, "") if isinstance(v, str) else v for k, v in config.items()},
    }
