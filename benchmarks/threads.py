"""What training costs on an idle and on a busy machine (another program on each core), by number of threads and by how threads wait.

python3 benchmarks/threads.py PROGRAM [--beside OTHER] [--brief] [--repeats 3] [--busy-repeats 3] [--epochs 12] [--json FILE]

`train demo` as a user calls it, start included; the cases are measured by turns in one run, the best of the repeats counts for the idle machine
and the median for the busy one. "spin" is what libgomp does when nobody says anything (GOMP_SPINCOUNT as it would choose it).
OTHER is a program built from another commit (an earlier release, say), measured by turns with PROGRAM as the case "other".
--brief leaves out "spin" and "passive", which take most of the time.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

WAITING = {"ours": {}, "spin": {"GOMP_SPINCOUNT": "300000"}, "passive": {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}}


def environment(more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_", "BASEWISE_LOG"))}
    return {**kept, **more}


def seconds(program, threads, waiting, folder, epochs):
    command = [program, "train", "demo", "--out", "run", "--overwrite", "--threads", str(threads), "--set", f"train.epochs={epochs}",
               "--set", "evaluate.bootstrap.replicates=20"]
    start = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment(WAITING.get(waiting, {})), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


class Busy:
    """A program that computes on every core, at the same priority."""

    def __enter__(self):
        self.programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]

    def __exit__(self, *_):
        for program in self.programs:
            program.kill()
            program.wait()


def cases_of(options):
    waiting = ["ours"] if options.brief else list(WAITING)
    cases = [(options.program.resolve(), 1, "ours"), *((options.program.resolve(), 2, name) for name in waiting)]
    return cases + ([(options.beside.resolve(), threads, "other") for threads in (1, 2)] if options.beside else [])


def measure(options):
    cases = cases_of(options)
    idle, busy = ({case: [] for case in cases} for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(max(options.repeats, options.busy_repeats)):
            if turn < options.repeats:
                for case in cases:
                    idle[case].append(seconds(*case, folder, options.epochs))
            if turn < options.busy_repeats:
                with Busy():
                    for case in cases:
                        busy[case].append(seconds(*case, folder, options.epochs))
            print(f"turn {turn + 1} is done", file=sys.stderr)
    return [{"threads": case[1], "waiting": case[2], "idle": min(idle[case]), "idle_median": statistics.median(idle[case]),
             "busy": statistics.median(busy[case]), "ratio": statistics.median(busy[case]) / min(idle[case])} for case in cases]


def show(rows):
    print("| threads | waiting | idle (best), s | idle (median), s | busy, s | busy / idle |\n|---|---|--:|--:|--:|--:|")
    for row in rows:
        print(f"| {row['threads']} | {row['waiting']} | {row['idle']:.2f} | {row['idle_median']:.2f} | {row['busy']:.2f} | {row['ratio']:.2f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--beside", type=pathlib.Path, metavar="OTHER")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--busy-repeats", type=int, default=3)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    rows = measure(options)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps({"benchmarks": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
