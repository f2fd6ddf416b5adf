"""Scanning for motifs: basewise motifs scan against memelite's fimo, in turn, on the same random sequence without N.

python3 benchmarks/peers/scan_motifs.py [--program PROGRAM] [--python PYTHON] [--motifs FILE.meme] [--length 5000000] [--turns 3]

PYTHON has memelite (default: $BASEWISE_PEERS_PYTHON, else build/peers/bin/python). memelite reads the same FASTA file, is called once before
the first turn so that it is compiled, and its time is that of the call alone, which ends with tables in memory. Ours is that of the whole
program, from its start to the table on the disk; in brackets what the program itself measures. A ratio is memelite's time over ours.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MOTIFS = ROOT / "../shared/data/motif_databases/JASPAR2018_CORE_vertebrates_non-redundant_pfms_meme.txt"

PEER = """
import importlib.metadata, json, sys, time
import memelite
motifs, fasta = sys.argv[1:]
def scan():
    begin = time.perf_counter()
    tables = memelite.fimo(motifs, fasta, threshold=1e-4)
    return {"seconds": time.perf_counter() - begin, "sites": sum(len(t) for t in tables), "version": importlib.metadata.version("memelite")}
scan()
for line in sys.stdin:
    print(json.dumps(scan()), flush=True)
"""


def ours(program, motifs, fasta, folder):
    begin = time.perf_counter()
    done = subprocess.run([program, "motifs", "scan", motifs, "--fasta", fasta, "--out", folder / "sites.tsv", "--json"], check=True, capture_output=True)
    report = json.loads(done.stdout)
    return {"seconds": time.perf_counter() - begin, "inside": report["seconds"], "sites": report["sites"], "motifs": len(report["motifs"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/apps/basewise/basewise")
    parser.add_argument("--python", default=os.environ.get("BASEWISE_PEERS_PYTHON", ROOT / "build/peers/bin/python"))
    parser.add_argument("--motifs", default=MOTIFS)
    parser.add_argument("--length", type=int, default=5_000_000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        letters = "".join(random.Random(1).choices("ACGT", k=options.length))
        (folder / "x.fa").write_text(">x\n" + letters + "\n")
        peer = subprocess.Popen([options.python, "-c", PEER, options.motifs, folder / "x.fa"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ratios = []
        for _ in range(options.turns):
            peer.stdin.write("scan\n")
            peer.stdin.flush()
            theirs = json.loads(peer.stdout.readline() or sys.exit("memelite failed"))
            mine = ours(options.program, options.motifs, folder / "x.fa", folder)
            ratios.append(theirs["seconds"] / mine["seconds"])
            print(f"{mine['motifs']} motifs, {options.length} bases: memelite {theirs['version']} {theirs['seconds']:.3f} s, {theirs['sites']} sites; "
                  f"ours {mine['seconds']:.3f} s ({mine['inside']:.3f} s), {mine['sites']} sites; ratio {ratios[-1]:.2f}", flush=True)
        peer.stdin.close()
        peer.wait()
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


main()
