"""Motif discovery: the same attributions through modisco-lite and through us, one after the other in one run.

python3 benchmarks/peers/discover_motifs.py [--program build/release/apps/basewise/basewise] [--python PYTHON] [--sequences FILE --attributions FILE]
        [--examples 1000] [--max-seqlets 20000] [--window 400] [--threads 2] [--out FOLDER]

PYTHON has modisco-lite 2 or later (default: $BASEWISE_PEERS_PYTHON, else build/peers/bin/python). Without files, attributions with four planted
motifs are simulated. Each side runs in a process of its own, with the defaults of `modisco motifs`; its time and peak memory are those of that
process, reading and writing included. Patterns are matched by the correlation of their contributions over all offsets and both strands.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOTIFS = (("TGACTCAGCA", 1.0, 0.6, 0.5), ("CCACGTGACC", 0.8, 0.5, 0.0), ("GGGGCGGGGC", 0.6, 0.4, 0.5), ("GATAAGGCTT", -1.0, 0.5, 0.3))


def simulate(examples, length, seed):
    """One-hot (N, 4, L) and hypothetical attributions of the same shape."""
    import numpy as np

    random = np.random.default_rng(seed)
    tokens = random.integers(0, 4, (examples, length))
    scores = random.normal(size=(examples, 4, length)).astype("float32") * 0.05
    for slot, (letters, effect, share, turned) in enumerate(MOTIFS):
        motif = np.array(["ACGT".index(letter) for letter in letters])
        for example in np.flatnonzero(random.random(examples) < share):
            site = 3 - motif[::-1] if random.random() < turned else motif
            at = random.integers(length * slot // len(MOTIFS), length * (slot + 1) // len(MOTIFS) - len(site))
            tokens[example, at:at + len(site)] = site
            scores[example, :, at:at + len(site)] -= effect / 3
            scores[example, site, np.arange(at, at + len(site))] += effect * 4 / 3
    return np.eye(4, dtype="int8")[tokens].transpose(0, 2, 1), scores


def modisco(arguments):
    """In a process of its own: what `modisco motifs` does, through the function that it calls."""
    import numpy as np
    from modiscolite.io import save_hdf5
    from modiscolite.tfmodisco import TFMoDISco

    sequences, attributions = (np.load(arguments[name])["arr_0"] for name in ("sequences", "attributions"))
    start = (sequences.shape[2] - arguments["window"]) // 2
    cut = slice(max(0, start), max(0, start) + arguments["window"])
    tracks = [x[:, :, cut].transpose(0, 2, 1).astype("float32") for x in (sequences, attributions)]
    patterns = TFMoDISco(one_hot=tracks[0], hypothetical_contribs=tracks[1], max_seqlets_per_metacluster=arguments["max_seqlets"],
                         sliding_window_size=20, flank_size=5, target_seqlet_fdr=0.05, n_leiden_runs=2, trim_to_window_size=30,
                         initial_flank_to_add=10)
    save_hdf5(arguments["out"], *patterns, arguments["window"])


def measured(command, environment):
    """Seconds on the clock, seconds of processors (the measure on a machine that others use), peak memory in MB, of a process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, env=dict(os.environ, **environment), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return round(time.monotonic() - begin, 1), round(usage.ru_utime + usage.ru_stime, 1), round(usage.ru_maxrss / 1024)


def patterns_of(path):
    """[(name, number of seqlets, contributions (W, 4))] of a file in the layout of TF-MoDISco."""
    import h5py

    found = []
    with h5py.File(path) as file:
        for group in ("pos_patterns", "neg_patterns"):
            names = sorted(file[group], key=lambda name: int(name.split("_")[1])) if group in file else []
            for name in names:
                pattern = file[group][name]
                found.append((f"{group}.{name}", int(pattern["seqlets"]["n_seqlets"][0]), pattern["contrib_scores"][:]))
    return found


def similarity(x, y):
    """Largest correlation over all offsets at which half of the shorter one overlaps, on both strands."""
    import numpy as np

    best = -1
    for other in (y, y[::-1, ::-1]):
        least = min(len(x), len(other)) // 2
        for offset in range(least - len(other), len(x) - least + 1):
            a = np.zeros((len(x) + 2 * len(other), 4))
            b = a.copy()
            a[len(other):len(other) + len(x)] = x
            b[len(other) + offset:2 * len(other) + offset] = other
            best = max(best, (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    return float(best)


def compare(theirs, ours):
    """For each of their patterns the most alike of ours."""
    rows = []
    for name, seqlets, contributions in theirs:
        best = max(((similarity(contributions, mine), *rest) for *rest, mine in ours), default=(0, "-", 0))
        rows.append({"modisco": name, "seqlets": seqlets, "basewise": best[1], "its_seqlets": best[2], "similarity": round(best[0], 4)})
    return rows


def main():
    if sys.argv[1:2] == ["--modisco"]:
        return modisco(json.loads(sys.argv[2]))
    if sys.argv[1:2] == ["--compare"]:
        return print(json.dumps(compare(patterns_of(sys.argv[2]), patterns_of(sys.argv[3]))))
    if sys.argv[1:2] == ["--simulate"]:
        import numpy as np

        folder, examples, length = pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
        for name, array in zip(("sequences", "attributions"), simulate(examples, length, 1)):
            np.savez(folder / f"{name}.npz", array)
        return None
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/apps/basewise/basewise")
    parser.add_argument("--python", default=os.environ.get("BASEWISE_PEERS_PYTHON", ROOT / "build/peers/bin/python"))
    parser.add_argument("--sequences")
    parser.add_argument("--attributions")
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--max-seqlets", type=int, default=20000)
    parser.add_argument("--window", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", help="folder that keeps the patterns of both")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(given.out or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        this, python = __file__, str(given.python)
        files = {"sequences": given.sequences, "attributions": given.attributions}
        if not given.attributions:
            subprocess.run([python, this, "--simulate", folder, str(given.examples), str(given.window)], check=True)
            files = {name: str(folder / f"{name}.npz") for name in files}
        threads = {"NUMBA_NUM_THREADS": str(given.threads), "OMP_NUM_THREADS": str(given.threads), "BASEWISE_THREADS": str(given.threads)}
        theirs = dict(files, window=given.window, max_seqlets=given.max_seqlets, out=str(folder / "modisco.h5"))
        report = {"examples": given.examples, "threads": given.threads}
        report["modisco"] = dict(zip(("seconds", "processor_seconds", "megabytes"), measured([python, this, "--modisco", json.dumps(theirs)], threads)))
        ours = [str(given.program), "motifs", "discover", files["attributions"], "--sequences", files["sequences"], "--window", str(given.window),
                "--max-seqlets", str(given.max_seqlets), "--out", str(folder / "basewise"), "--overwrite", "--quiet"]
        report["basewise"] = dict(zip(("seconds", "processor_seconds", "megabytes"), measured(ours, threads)))
        compared = subprocess.run([python, this, "--compare", folder / "modisco.h5", folder / "basewise/patterns.h5"], check=True, stdout=subprocess.PIPE)
        report["patterns"] = json.loads(compared.stdout)
    print(json.dumps(report, indent=1))
    return None


if __name__ == "__main__":
    main()
