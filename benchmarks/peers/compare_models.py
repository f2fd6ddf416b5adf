"""Published models: our program against the same models in PyTorch, each in a process of its own, in turn (A B C A B C ...).

python3 benchmarks/peers/compare_models.py [--build build/release] [--only MODEL] [--python PYTHON] [--turns 5] [--out FILE]

PYTHON has torch (and, for one more row, bpnet-lite); default: $BASEWISE_PEERS_PYTHON, else build/peers/bin/python.
A ratio is PyTorch's time over ours, the median over turns, with the smallest and largest of a turn: once for the fastest form that computes
with (N, C, L) as users write it, once for the fastest of all, which may be the same model rewritten for (N, C, 1, L) in channels-last memory.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
from bench import table  # noqa: E402

# glibc gives freed pages back to the system and takes them again, cleared, in every step, unless told otherwise.
TUNED = {"MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TOP_PAD_": str(64 << 20)}
VARIANTS = {
    "eager": ([], {}),
    "eager, tuned malloc": ([], TUNED),
    "channels last, tuned malloc": (["--wide"], TUNED),
    "compiled, tuned malloc": (["--compile"], TUNED),
    "bpnet-lite 1.1, tuned malloc": (["--bpnetlite"], TUNED),
}


class Program:
    """A process that answers commands."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ, **environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL)

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def others_meanwhile(before, after, own):
    """Share of the machine that programs other than ours took."""
    return max(0.0, (after[0] - before[0]) - own) / max(1e-9, after[1] - before[1])


def processor_times():
    values = [int(v) for v in open("/proc/stat").readline().split()[1:9]]
    tick = os.sysconf("SC_CLK_TCK")
    return (sum(values) - values[3] - values[4]) / tick, sum(values) / tick


def own_times(programs):
    total = 0
    for program in programs:
        fields = open(f"/proc/{program.process.pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(programs, what, turns):
    """Median seconds of one step per turn and program, all programs in turn."""
    seconds = {name: [] for name in programs}
    repeats = {}
    for name, program in list(programs.items()):
        answer = program.ask(f"{what} 2")  # the first compiles and warms up
        if answer is None:
            del programs[name], seconds[name]
            continue
        repeats[name] = max(1, min(20, round(0.5 / answer["seconds"][-1])))
    before, own = processor_times(), own_times(programs.values())
    for _ in range(turns):
        for name, program in programs.items():
            seconds[name].append(statistics.median(program.ask(f"{what} {repeats[name]}")["seconds"]))
    others = others_meanwhile(before, processor_times(), own_times(programs.values()) - own)
    return seconds, others


def compare(case, options):
    ours = Program([options.build / "benchmarks/model_runner", case["name"]], {})
    programs = {"basewise": ours}
    for name, (flags, environment) in VARIANTS.items():
        if ("--bpnetlite" in flags and "bpnet" not in case["name"]) or (options.variant and not any(v in name for v in options.variant)):
            continue
        environment = dict(environment, TORCHINDUCTOR_CACHE_DIR=str(ROOT / "build/bench/inductor"))
        programs[name] = Program([options.python, "benchmarks/peers/pytorch_model.py", case["name"], *flags], environment)
    result = {"model": case["name"], "batch": case["batch"]}
    for what in ("train", "predict"):
        seconds, others = measure(programs, what, options.turns)
        medians = {name: statistics.median(values) for name, values in seconds.items()}
        result[what] = {"sequences_per_second": {name: case["batch"] / value for name, value in medians.items()}, "others": others, "seconds": seconds}
        for key, names in (("usual", [n for n in medians if "channels" not in n]), ("any", list(medians))):
            fastest = min((name for name in names if name != "basewise"), key=medians.get)
            ratios = [theirs / ours for ours, theirs in zip(seconds["basewise"], seconds[fastest])]
            result[what][key] = {"fastest": fastest, "ratio": statistics.median(ratios), "ratio_low": min(ratios), "ratio_high": max(ratios)}
    result["peak_bytes"] = {name: program.ask("memory")["peak_bytes"] for name, program in programs.items()}
    for program in programs.values():
        program.end()
    return result


def show(results):
    rows = []
    for r in results:
        for what in ("train", "predict"):
            part = r[what]
            rate = lambda name: f"{part['sequences_per_second'][name]:.4g}" if name in part["sequences_per_second"] else ""
            noisy = " *" if part["others"] > 0.1 else ""
            rows.append([r["model"], what, rate("basewise")] + [rate(name) for name in VARIANTS]
                        + [cell for key in ("usual", "any") for cell in
                           (f"{part[key]['ratio']:.2f}{noisy} ({part[key]['ratio_low']:.2f} to {part[key]['ratio_high']:.2f})", part[key]["fastest"].split(",")[0])])
    print("\n## Sequences per second; ratios are PyTorch's time over ours\n")
    print(table(["model", "what", "basewise", *VARIANTS, "ratio to usual forms", "fastest", "ratio to any form", "fastest"], rows))
    for what in ("train", "predict"):
        means = [statistics.geometric_mean(r[what][key]["ratio"] for r in results) for key in ("usual", "any")]
        print(f"\nGeometric mean of the ratios, {what}: {means[0]:.2f} to the usual forms, {means[1]:.2f} to any")
    gib = lambda r, name: f"{r['peak_bytes'][name] / 2**30:.2f}" if name in r["peak_bytes"] else ""
    print("\n## Largest memory of the process, GiB\n")
    print(table(["model", "basewise", *VARIANTS], [[r["model"], gib(r, "basewise")] + [gib(r, name) for name in VARIANTS] for r in results]))
    if any(r[what]["others"] > 0.1 for r in results for what in ("train", "predict")):
        print("\n* other programs took more than a tenth of the machine meanwhile: take these rows as nothing")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--only", default="", help="name of one model")
    parser.add_argument("--variant", action="append", help="only forms of PyTorch whose name contains this; may be repeated")
    parser.add_argument("--python", default=os.environ.get("BASEWISE_PEERS_PYTHON", ROOT / "build/peers/bin/python"))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench/peers_models.json")
    parser.add_argument("--show", type=pathlib.Path, nargs="+", help="print the tables of these files and measure nothing")
    options = parser.parse_args()
    if options.show:
        return show([result for file in options.show for result in json.loads(file.read_text())["results"]])
    options.build = options.build.resolve()
    cases = [case for case in json.loads((ROOT / "benchmarks/models/cases.json").read_text()) if options.only in ("", case["name"])]
    results = []
    for case in cases:
        print(f"  {case['title']}", file=sys.stderr, flush=True)
        results.append(compare(case, options))
    show(results)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
