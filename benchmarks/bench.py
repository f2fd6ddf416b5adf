"""Runs the benchmarks of a built tree, prints one table and writes JSON. Needs nothing but Python's own library.

python3 benchmarks/bench.py [--build build/release] [--only NAME] [--out build/bench/bench.json]
python3 benchmarks/bench.py --show build/bench/bench.json     prints the table of an earlier run

--only takes a section (kernels, recurrent, models, strands, data, metrics, threads) or a part of a row's name: a model (bpnet), a shape (16,64,2114), a data path.
Everything takes about five minutes on two cores. What is compared is measured in turn in one run; numbers of two runs are not comparable.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

import threads

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECTIONS = {"kernels": "kernel_benchmark", "recurrent": "recurrent_benchmark", "models": "model_benchmark", "strands": "strand_benchmark", "data": "data_path_benchmark", "metrics": "metrics_benchmark",
            "threads": "../apps/basewise/basewise"}
NOISY = 0.1  # share of the machine taken by other programs from which a row is marked


def run_google_benchmark(program, pattern, out):
    """Runs a Google Benchmark program, passing its progress on to standard error; returns its JSON."""
    command = [program, f"--benchmark_out={out}", "--benchmark_out_format=json"] + ([f"--benchmark_filter={pattern}"] if pattern else [])
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if match := re.match(r"([\w,.]+/\w+)/", line):
            print(f"\r  {match.group(1):60s}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 64 + "\r", end="", file=sys.stderr, flush=True)
    if process.wait() != 0:
        raise SystemExit(f"{program} failed ({process.returncode})")
    text = out.read_text() if out.exists() else ""
    return json.loads(text) if text.strip() else {"context": {}, "benchmarks": []}


def table(head, rows):
    """A Markdown table; all but the first column are aligned to the right."""
    widths = [max(len(str(row[i])) for row in [head] + rows) for i in range(len(head))]
    line = lambda cells: "| " + " | ".join(str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(cells, widths))) + " |"
    rule = "|" + "|".join(("-" * (w + 2)) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule] + [line(row) for row in rows])


def marked(text, row):
    return text + (" *" if row.get("others", 0) > NOISY else "")


def kernels(report):
    good = [row for row in report["benchmarks"] if "error_message" not in row]
    matrix = max([row["matrix_rate"] for row in good], default=0)
    rows = []
    for row in good:
        row["percent"], row["torch_percent"] = 100 * row["median"] / matrix, 100 * row["torch_median"] / matrix
        shape, direction = row["name"].split("/")[:2]
        # Below the ratio of the machine's rates to each other memory is the limit; there bytes are what counts.
        bound = f"{row['gbytes']:.1f}" if row["flops_per_byte"] < 4 else ""
        rows.append([shape, direction, f"{row['best']:.0f}", f"{row['median']:.0f}", f"{row['percent']:.0f}", f"{row['torch_median']:.0f}",
                     f"{row['torch_percent']:.0f}", marked(f"{row['ratio']:.2f}", row), f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}", bound])
    print(f"\n## Convolutions: GFLOP/s; matrix rate of this run {matrix:.0f}, multiply-adds in registers "
          f"{report['context'].get('multiply_add_gflops', '?')}, memory {report['context'].get('memory_gbytes', '?')} GB/s\n")
    print(table(["batch, in, length, out, width, dilation", "pass", "best", "median", "% of matrix rate", "torch", "% of matrix rate", "torch / ours, time",
                 "range", "GB/s"], rows))


def recurrent(report):
    rows = []
    for row in report["benchmarks"]:
        layer, what = row["name"].split("/")[:2]
        if "error_message" in row:
            rows.append([layer, what, row["error_message"], "", "", ""])
            continue
        rows.append([layer, what, f"{row['median']:.0f}", f"{row['torch_median']:.0f}", marked(f"{row['ratio']:.2f}", row),
                     f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}"])
    print("\n## Recurrent layers in both directions: GFLOP/s, our kernels against torch's in the same process\n")
    print(table(["cell, batch, positions, channels, units", "pass", "basewise", "torch", "torch / ours, time", "range"], rows))


def models(report):
    rows = []
    for row in report["benchmarks"]:
        name, what = row["name"].split("/")[:2]
        if "error_message" in row:
            rows.append([name, what, row["error_message"], "", "", "", ""])
            continue
        rows.append([name, what, f"{row['sequences_per_second']:.4g}", f"{row['torch_sequences_per_second']:.4g}", marked(f"{row['ratio']:.2f}", row),
                     f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}", f"{row['by_torch']:.0f}"])
    print("\n## Models: sequences per second, our kernels against torch's in the same process\n")
    print(table(["model", "what", "basewise", "torch", "ratio", "range", "convolutions by torch"], rows))


def strands(report):
    rows = []
    for row in report["benchmarks"]:
        name, what = row["name"].split("/")[:2]
        if "error_message" in row:
            rows.append([name, what, row["error_message"], "", "", ""])
            continue
        rows.append([name, what.replace("_", ", "), f"{row['sequences_per_second']:.4g}", f"{row['plain_sequences_per_second']:.4g}",
                     marked(f"{row['ratio']:.2f}", row), f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}"])
    print("\n## Both strands: sequences per second; conjoined against the same net on one strand, sharing against a plain net of as many channels\n")
    print(table(["net", "what", "both strands", "plain", "time / plain", "range"], rows))


def data(report):
    rows = []
    for row in report["benchmarks"]:
        rates = [f"{value:.4g} {key}/s" for key, value in row.items() if isinstance(value, float) and key not in ("real_time", "cpu_time", "others")]
        rows.append([row["name"].split("/")[0], f"{row['real_time']:.4g} {row['time_unit']}", "; ".join(rates)])
    print("\n## Data path\n")
    print(table(["what", "time", "rates"], rows))


def metrics(program, out):
    python = ROOT / "build/py/bin/python"
    if not python.exists() or subprocess.run([python, "-c", "import sklearn"], capture_output=True).returncode != 0:
        print("\n(no scikit-learn in build/py, scripts/setup --bench fetches it: metrics are not compared)")
        return None
    command = [python, "benchmarks/metrics_vs_sklearn.py", program, "--repeats", "2", "--json", out]
    print("\n## Metrics\n\n" + subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip())
    return json.loads(out.read_text())


def busy(program):
    """Training on an idle and on a busy machine; the program itself is measured."""
    rows = threads.measure(program.resolve(), 3, 12)
    print("\n## Threads: `train demo` alone and beside another program on each core\n")
    threads.show(rows)
    return {"benchmarks": rows}


PRINT = {"kernels": kernels, "recurrent": recurrent, "models": models, "strands": strands, "data": data}


def footer(result):
    rows = [row for section in PRINT if section in result for row in result[section]["benchmarks"]]
    if any(row.get("others", 0) > NOISY for row in rows):
        print("\n* other programs took more than a tenth of the machine meanwhile: take these rows as nothing")
    machine = result.get("machine", {})
    print(f"\n{machine.get('processor', '?')}, {machine.get('threads', '?')} threads, {machine.get('instruction_set', '?')}, {result['date']}")


def show(result):
    for section, printer in PRINT.items():
        if section in result:
            printer(result[section])
    footer(result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bench/bench.json")
    parser.add_argument("--show", type=pathlib.Path, help="print the table of this file and measure nothing")
    options = parser.parse_args()
    if options.show:
        return show(json.loads(options.show.read_text()))
    options.build, options.out = options.build.resolve(), options.out.resolve()

    wanted = [options.only] if options.only in SECTIONS else list(SECTIONS)
    pattern = "" if options.only in SECTIONS or not options.only else re.escape(options.only)
    if pattern:
        wanted = [section for section in wanted if section in PRINT]
    result = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "load_before": os.getloadavg()[0]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for section in wanted:
        program = options.build / "benchmarks" / SECTIONS[section]
        if not program.exists():
            print(f"\n({program} is not built: {section} are not measured; scripts/setup --bench and scripts/build {SECTIONS[section]})")
            continue
        part = options.out.with_name(f"{section}.json")
        if section == "metrics":
            result[section] = metrics(program, part)
            continue
        if section == "threads":
            result[section] = busy(program)
            continue
        report = run_google_benchmark(program, pattern, part)
        if not report["benchmarks"]:
            continue
        result.setdefault("machine", {}).update(report["context"])
        result[section] = {"context": report["context"], "benchmarks": report["benchmarks"]}
        PRINT[section](result[section])
    footer(result)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
