#!/usr/bin/env python3
"""How many events of each protein hold its motif at all: a bound for what filters can match.

    events_with_motif.py DATA [PROGRAM]        DATA: folder with the registered data sets; PROGRAM: basewise

Windows of 100 bases around the events of yeast.toml, and windows 1000 bases to the left of them, are
scanned with the matrix of SwissRegulon (basewise motifs scan, p of at most 1e-4 on both strands).
"""

import csv
import gzip
import pathlib
import subprocess
import sys
import tempfile

PROTEINS = "Reb1 Abf1 Fkh1 Cin5 Fhl1 Sok2 Mig2 Mcm1 Rap1 Rox1 Ume6 Mig1 Sko1 Phd1".split()
HALF, AWAY = 50, 1000


def chromosomes(data):
    """Names of ChExMix, as the genome has them, with their lengths."""
    with open(data / "sacCer3_genome/chrom_aliases.tsv", encoding="ascii") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {ucsc_number: (ensembl, int(length)) for ensembl, _, ucsc_number, length in rows}


def windows(data, protein, shift, names):
    with gzip.open(data / f"yeast_chexmix_peaks/bed/{protein}_CX.bed.gz", "rt") as file:
        for line in file:
            chromosome, start, end = line.split("\t")[:3]
            if chromosome not in names:
                continue
            name, length = names[chromosome]
            first = (int(start) + int(end)) // 2 + shift - HALF
            if first >= 0 and first + 2 * HALF <= length:
                yield name, first, first + 2 * HALF


def share(data, program, protein, shift, names, folder):
    places = list(windows(data, protein, shift, names))
    bed, sites = folder / "windows.bed", folder / "sites.bed"
    bed.write_text("".join(f"{name}\t{first}\t{end}\n" for name, first, end in places))
    genome = data / "sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
    motifs = data / "motif_databases/yeast_SwissRegulon.meme"
    subprocess.run([program, "motifs", "scan", motifs, "--motif", protein.upper(), "--genome", genome, "--bed", bed, "--out", sites,
                    "--quiet"], check=True, stderr=subprocess.DEVNULL)
    found = {}
    for name, start, end, *_ in csv.reader(open(sites, encoding="ascii"), delimiter="\t"):
        found.setdefault(name, []).append((int(start), int(end)))
    holds = sum(any(first <= start and stop <= end for start, stop in found.get(name, [])) for name, first, end in places)
    return len(places), holds / len(places)


def main():
    data = pathlib.Path(sys.argv[1])
    program = sys.argv[2] if len(sys.argv) > 2 else "basewise"
    names = chromosomes(data)
    print("| protein | events | hold the motif | 1000 bases away |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for protein in PROTEINS:
            count, here = share(data, program, protein, 0, names, pathlib.Path(folder))
            _, away = share(data, program, protein, -AWAY, names, pathlib.Path(folder))
            print(f"| {protein} | {count} | {here:.2f} | {away:.2f} |")


if __name__ == "__main__":
    main()
