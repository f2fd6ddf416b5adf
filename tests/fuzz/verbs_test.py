"""Damaged inputs of every verb through the program: a crash, more than 20 seconds of a processor (or ten times as long by the clock, which
counts what others do on a busy machine), or a second line of error is a failure.

A few for each verb; BASEWISE_FUZZ_MUTANTS says how many, BASEWISE_FUZZ_KEEP where the inputs of a failure are kept. Mutant i of a verb
follows from its name and i alone.
"""

import gzip
import os
import pathlib
import random
import resource
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "cli"), str(HERE.parent / "support")]
sys.path.append(str(HERE.parent / "pins"))
sys.dont_write_bytecode = True

import arrays  # noqa: E402
import gtest_xml  # noqa: E402
import runs  # noqa: E402
from program import ROOT, ProgramTest  # noqa: E402

if "--program" in sys.argv:
    at = sys.argv.index("--program")
    ProgramTest.program = pathlib.Path(sys.argv[at + 1]).resolve()
    del sys.argv[at:at + 2]

MUTANTS = int(os.environ.get("BASEWISE_FUZZ_MUTANTS", "0"))
SECONDS = 20
CLOCK = 10 * SECONDS
MEMORY = 8 << 30
NUMBERS = [b"0", b"-1", b"1", b"", b"2147483648", b"9223372036854775807", b"18446744073709551616", b"1e308", b"1e999", b"nan", b"-inf"]
PIECES = [b"\n", b"\r\n", b"\t", b"\"", b"'", b"[", b"{", b"]", b"}", b"=", b",", b"\0", b"\xff\xfe", b"\x1b[31m", b"\nbasewise: error: forged", b"[" * 3000]
QUIET = ["--quiet", "--threads", "1"]
SHORT = ["--set", "train.epochs=1", "--set", "train.max_seconds=2", "--set", "evaluate.bootstrap.replicates=5"]

STUDY = """
title = "A study"
recipe = "simulation.toml"
set = ["train.epochs=1"]

[[axes]]
name = "seed"
key = "seed"
numbers = [7, 11]

[[evaluations]]
name = "single"
splits = ["test"]
"""

ENTRY = f"""
name = "small"
title = "one file"
source = "this test"
licence = "none"

[[file]]
path = "a.bin"
sha256 = "{'0' * 64}"
size = 12
"""

SIMULATION = """
sequences = 20
length = 60
"""


def below(draw, n):
    return int(draw.random() * n) if n else 0


def damaged_once(data, draw):
    at, length = below(draw, len(data)), 1 + below(draw, 40)
    kind = below(draw, 8)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ (1 << below(draw, 8))]) + data[at + 1:]
    if kind == 1:
        return data[:at] + bytes([below(draw, 256)]) + data[at + 1:]
    if kind == 2:
        return data[:at] + data[at + length:]
    if kind == 3:
        to = below(draw, len(data))
        return data[:to] + data[at:at + length] + data[to:]
    if kind == 4:
        return data[:at]
    if kind == 5:
        begin = next((i for i in range(at, len(data)) if 48 <= data[i] < 58), len(data))
        end = next((i for i in range(begin, len(data)) if not 48 <= data[i] < 58), len(data))
        return data[:begin] + NUMBERS[below(draw, len(NUMBERS))] + data[end:]
    if kind == 6:
        word = [0, 1, 0x7FFFFFFF, 0xFFFFFFFF][below(draw, 4)].to_bytes(4, "little")
        return data[:at] + word + data[at + 4:]
    return data[:at] + PIECES[below(draw, len(PIECES))] + data[at:]


def damaged(data, draw):
    for _ in range(1 + below(draw, 3)):
        if data:
            data = damaged_once(data, draw)
    return data


SAM = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n" + "".join(
    f"r{i}\t{16 * (i % 2)}\tchr{1 + i % 2}\t{1 + 7 * i}\t{i}\t20M\t*\t0\t0\t*\t*" + ("\tXA:Z:chr2,-101,20M,0;" if i % 5 == 0 else "") + "\n" for i in range(40))


def bam(sam):
    """The lines of `SAM` as BAM."""
    header = "".join(line + "\n" for line in sam.splitlines() if line.startswith("@")).encode()
    data = b"BAM\1" + struct.pack("<i", len(header)) + header + struct.pack("<i", 2)
    for name, length in ((b"chr1\0", 1000), (b"chr2\0", 500)):
        data += struct.pack("<i", len(name)) + name + struct.pack("<i", length)
    for line in sam.splitlines():
        if line.startswith("@"):
            continue
        fields = line.split("\t")
        name = fields[0].encode() + b"\0"
        record = struct.pack("<iiBBHHHiiii", int(fields[2][3:]) - 1, int(fields[3]) - 1, len(name), int(fields[4]), 4680, 1, int(fields[1]), 0, -1, -1, 0)
        record += name + struct.pack("<I", 20 << 4) + b"".join(b"XAZ" + tag[5:].encode() + b"\0" for tag in fields[11:])
        data += struct.pack("<i", len(record)) + record
    return data


GENES = "".join(f'chr3\tx\tgene\t{at}\t{at + 60}\t.\t{"+-"[at % 2]}\t.\tgene_id "g{at}"; gene_type "protein_coding";\n'
                f'chr3\tx\texon\t{at}\t{at + 20}\t.\t{"+-"[at % 2]}\t.\tgene_id "g{at}"; transcript_id "t{at}";\n' for at in range(20, 600, 33))
PARAMETERS = "conv_filters 8\nconv_filters 6\nconv_filter_sizes 9\nconv_filter_sizes 5\npool_width 3\npool_width 4\nhidden_units 5\nmomentum 0.9\n"
TABLE = "num_targets 3\nseq_length 512\nbatch_buffer 64\nlink exp_linear\noptimizer rmsprop\ntarget_clip 9\n" + "".join(
    f"cnn_filter_sizes {w}\ncnn_filters 6\ncnn_pool {p}\ncnn_dilation {d}\ncnn_dense {int(d > 1)}\n" for w, p, d in ((9, 8, 1), (3, 1, 2), (3, 1, 4)))
JSON = """{"train": {"optimizer": "adam", "loss": "poisson_mn", "clip_norm": 2, "initial_learning_rate": 0.01, "maximal_learning_rate": 0.1,
"final_learning_rate": 0.001, "train_epochs_cycle1": 3}, "model": {"seq_length": 512, "augment_rc": true, "activation": "gelu", "norm_type": "batch",
"trunk": [{"name": "conv_block", "filters": 6, "pool_size": 4}, {"name": "conv_tower", "filters_init": 6, "filters_mult": 1.5, "pool_size": 2, "repeat": 2},
{"name": "dilated_residual", "filters": 4, "rate_mult": 1.5, "round": true, "repeat": 3}, {"name": "Cropping1D", "cropping": 2}],
"head": {"name": "final", "units": 3, "activation": "softplus"}}}"""
MOTIFS = "MEME version 4\nALPHABET= ACGT\nBackground letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\n" + "".join(
    f"MOTIF m{i} name\nletter-probability matrix: alength= 4 w= {w} nsites= 20 E= 1e-3\n" + "0.7 0.1 0.15 0.05\n0 1 0 0\n" * (w // 2) for i, w in enumerate((4, 6, 10)))


class Verbs(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("test_inspect")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        cls.prepared = maker.folder / "prepared"
        runs.prepare(cls.prepared)
        (cls.prepared / "one.study.toml").write_text(STUDY)
        (cls.prepared / "simulation_options.toml").write_text(SIMULATION)
        (cls.prepared / "motifs.meme").write_text(MOTIFS)
        arrays.pair(cls.prepared, *arrays.planted(random.Random(3), 30, 90, {"CCAGGTGGCA": 1.0, "TTGCATAATC": -1.0}))
        (cls.prepared / "loci.bed").write_text("".join(f"chr1\t{100 * i}\t{100 * i + 90}\n" for i in range(30)))
        (cls.prepared / "x.sam").write_text(SAM)
        (cls.prepared / "x.bam").write_bytes(gzip.compress(bam(SAM)))
        (cls.prepared / "fragments.tsv").write_text("chr1\t10\t90\tA-1\t2\nchr1\t40\t95\tB-1\t1\nchr2\t5\t60\tA-1\t1\n")
        (cls.prepared / "x.sizes").write_text("chr1\t1000\nchr2\t500\n")
        (cls.prepared / "peaks.bed").write_text("chr1\t10\t90\nchr1\t40\t95\nchr2\t5\t60\n")
        (cls.prepared / "samples.txt").write_text("A\tpeaks.bed\nB\tpeaks.bed\n")
        (cls.prepared / "starts.tsv").write_text("chrom\tTSS\tway\treads\nchr1\t12\t+\t5\nchr2\t499\treverse\t7\nchr2\t501\t+\t1\n")
        (cls.prepared / "lift.tsv").write_text("old_start\told_end\tadd\n1\t40\t0\n41\t600\t3\n")
        (cls.prepared / "annotation.toml").write_text(
            'name = "x"\nsizes = "x.sizes"\ncircular = ["chr2"]\n[[sources]]\nname = "a"\nfile = "peaks.bed"\n[[sources]]\nname = "b"\n'
            'file = "starts.tsv"\nchromosome = "chrom"\nposition = "TSS"\nstrand = "way"\nscore = "reads"\nliftover = "lift.tsv"\n')
        (cls.prepared / "targets.txt").write_text("\tidentifier\tfile\tsum_stat\tclip\n0\ta\ttarget.plus.bw\tsum_sqrt\t30\n1\tb\tsites.bed\tpeak\t\n")
        shutil.copy(cls.prepared / "genome.fa", cls.prepared / "other.fa")
        (cls.prepared / "aligned.net").write_text("net chr1 4000\n fill 10 200 chr1 + 300 200 id 1\n  gap 20 5 chr1 + 310 5\n")
        (cls.prepared / "genes.gtf").write_text(GENES)
        (cls.prepared / "tracks.tsv").write_text("index\tidentifier\tdescription\tstrand_pair\n" + "".join(
            f"{i}\ttarget.{strand}.bw\tCAGE:a\t{1 - i}\n" for i, strand in enumerate(("plus", "minus"))))
        for name, text in (("params.txt", PARAMETERS), ("table.txt", TABLE), ("params.json", JSON)):
            (cls.prepared / name).write_text(text)
        name, *lines = (cls.prepared / "genome.fa").read_text().split(">")[1].splitlines()
        bases = "".join(lines).upper()
        places = [i + 1 for i in range(len(bases)) if bases[i : i + 2] == "CG"]
        (cls.prepared / "one.cov").write_text("".join(f"{name.split()[0]}\t{at}\t{at}\t50\t1\t1\n" for at in places))
        (cls.prepared / "two.tsv").write_text("".join(f"{name.split()[0]}\t{at}\t{at % 2}\n" for at in places[::2]))
        (cls.prepared / "rows.tsv").write_text("chrom\ta\tb\tc\topen\tstate\trate\n" + "".join(
            f"chr{i % 6}\t{i % 7}\t{i * i % 11}\t{i % 3}.5\t{int(i % 7 > 3)}\t{i % 3}\t{0.25 * (i % 7)}\n" for i in range(48)))
        (cls.prepared / "registry").mkdir()
        (cls.prepared / "registry/small.toml").write_text(ENTRY)
        maker.folder = cls.prepared
        for recipe in ("fasta", "sites", "tracks"):
            maker.succeeds("train", f"{recipe}.toml", "--out", f"{recipe}_run", *SHORT, *QUIET)
            maker.succeeds("evaluate", f"{recipe}_run", *QUIET)
        maker.succeeds("learn", "rows.tsv", "--labels", "open", "--features", "a,b,c", "--pca", "2", "--trees", "3", "--out", "learned", *QUIET)
        maker.succeeds("simulate", "--sequences", "12", "--length", "60", "--out", "new", "--quiet")

    def fuzz(self, few, commands):
        """`commands`: (words, files that may be damaged)."""
        for i in range(MUTANTS or few):
            draw = random.Random(f"{self.id()} {i}")
            words, files = commands[i % len(commands)]
            folder = self.folder / "mutant"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.prepared, folder)
            names = sorted(path for pattern in files for path in folder.glob(pattern) if path.is_file())
            self.assertTrue(names, files)
            path = names[below(draw, len(names))]
            path.write_bytes(damaged(path.read_bytes(), draw))
            fault = self.fault_of(words, folder)
            if fault:
                keep = os.environ.get("BASEWISE_FUZZ_KEEP")
                if keep:
                    place = pathlib.Path(keep) / f"{self.id().rpartition('.')[2]}_{i}"
                    shutil.copytree(folder, place, dirs_exist_ok=True)
                with self.subTest(mutant=i, file=path.name):
                    self.fail(f"{' '.join(words)}: {fault}")

    def fault_of(self, words, folder):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

        environment = self.environment(BASEWISE_CACHE=str(folder / "cache"), BASEWISE_PROGRESS="never", BASEWISE_REGISTRY=str(folder / "registry"),
                                       BASEWISE_DATA=str(folder / "no_mirror"))
        try:
            done = subprocess.run([self.program, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=CLOCK, preexec_fn=limit)
        except subprocess.TimeoutExpired:
            return f"more than {CLOCK} seconds by the clock"
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        if done.returncode not in (0, 2, 3, 4):
            return f"exit code {done.returncode}: {lines[-3:]}"
        errors = [line for line in lines if line.startswith("basewise: error: ")]
        strange = [line for line in lines if not line.startswith(("basewise: error: ", "warning: "))]
        if len(errors) > 1 or strange:
            return f"exit code {done.returncode}, and more than one line of error: {lines}"
        if done.returncode == 0 and errors:
            return f"exit code 0 beside {errors}"
        if "unexpected: " in " ".join(errors):
            return f"nobody foresaw it: {errors}"
        return None

    def test_train(self):
        def train(recipe):
            return ["train", f"{recipe}.toml", "--out", "new_run", "--no-report", *SHORT, *QUIET]

        self.fuzz(7, [
            (train("fasta"), ["fasta.toml", "peaks.fa"]),
            (train("table"), ["table.toml", "table.tsv", "labels.model.toml"]),
            (train("sites"), ["sites.toml", "sites.tsv", "genome.fa"]),
            (train("tracks"), ["tracks.toml", "target.*.bw"]),
            (train("profile"), ["profile.toml", "sites.bed", "control.*.bw", "profile.model.toml"]),
            (train("log_odds"), ["log_odds.toml"]),
            (["train", "--resume", "--out", "fasta_run", *QUIET], ["fasta_run/*"]),
        ])

    def test_evaluate(self):
        self.fuzz(3, [(["evaluate", run, *QUIET], [f"{run}/*.toml", f"{run}/*.json", f"{run}/*.safetensors"]) for run in ("fasta_run", "sites_run")])

    def test_measures(self):
        def measure(name, *options):
            return ["evaluate", "tracks_run", "--measure", name, *(word for one in options for word in ("--option", one)), "--tables", "t", *QUIET]

        tracks = "tracks=tracks.tsv"
        self.fuzz(10, [
            (measure("genes", "genes=genes.gtf", "part=exons", tracks), ["genes.gtf", "tracks.tsv"]),
            (measure("genes", "genes=sites.bed", "around=9", "within=true"), ["sites.bed"]),
            (measure("groups", "annotation=genes.gtf", 'files=["sites.bed"]', tracks), ["genes.gtf", "sites.bed", "tracks.tsv"]),
            (measure("specificity", "least=2", tracks), ["tracks.tsv"]),
            (measure("replicates", tracks), ["tracks.tsv"]),
        ])

    def test_predict(self):
        self.fuzz(4, [
            (["predict", "fasta_run", "--fasta", "new/sequences.fa", "--out", "p", *QUIET], ["new/sequences.fa", "fasta_run/*"]),
            (["predict", "sites_run", "--genome", "genome.fa", "--out", "p", *QUIET], ["genome.fa", "sites_run/*.toml"]),
            (["predict", "fasta_run", "--genome", "genome.fa", "--bed", "sites.bed", "--out", "p", *QUIET], ["sites.bed", "genome.fa"]),
        ])

    def test_attribute(self):
        few = ["--max", "3", "--number-of-references", "2", "--no-report", "--out", "a", *QUIET]
        self.fuzz(3, [
            (["attribute", "fasta_run", "--fasta", "new/sequences.fa", *few], ["new/sequences.fa", "fasta_run/*"]),
            (["attribute", "fasta_run", "--genome", "genome.fa", "--bed", "sites.bed", "--formats", "bigwig", *few], ["sites.bed", "genome.fa"]),
        ])

    def test_motifs_filters_and_perturb(self):
        self.fuzz(3, [
            (["motifs", "filters", "fasta_run", "--fasta", "new/sequences.fa", "--no-report", "--overwrite", "--out", "f", *QUIET], ["new/sequences.fa", "fasta_run/*"]),
            (["perturb", "fasta_run", "--fasta", "new/sequences.fa", "--motifs", "ACGT", "--max", "3", "--out", "p", *QUIET], ["new/sequences.fa"]),
        ])

    def test_variants(self):
        letters = "".join((self.prepared / "genome.fa").read_text().split("\n>")[0].split("\n")[1:])
        name = (self.prepared / "genome.fa").read_text().split()[0].removeprefix(">")
        (self.prepared / "x.vcf").write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "".join(
            f"{name}\t{at}\t.\t{letters[at - 1 : at + 1]}\t{letters[at - 1]},<DEL>,ACGT\t.\t.\tA=1\n" for at in (3, 90, 200)))
        self.fuzz(3, [(["variants", "fasta_run", "--vcf", "x.vcf", "--genome", "genome.fa", "--out", "v.vcf", "--tsv", "v.tsv", *QUIET], ["x.vcf", "genome.fa"])])

    def test_inspect(self):
        self.fuzz(3, [(["inspect", "labels.model.toml", "--quiet"], ["labels.model.toml"]), (["inspect", "fasta_run", "--quiet"], ["fasta_run/*"])])

    def test_report(self):
        self.fuzz(20, [
            (["report", "fasta_run", "--quiet"], ["fasta_run/*.json", "fasta_run/*.toml", "fasta_run/*.tsv"]),
            (["report", "sites_run", "fasta_run", "--out", "both.html", "--quiet"], ["sites_run/*.json", "sites_run/*.tsv"]),
        ])

    def test_new(self):
        def new(*words):
            return ["new", *words, "--out", "made.toml", "--quiet"]

        along = ("--genome", "genome.fa")
        self.fuzz(12, [
            (new(*along, "--sites", "sites.bed"), ["genome.fa", "sites.bed"]),
            (new(*along, "--tracks", "target.plus.bw", "replicate.plus.bw"), ["target.plus.bw", "replicate.plus.bw"]),
            (new(*along, "--sites", "sites.bed", "--profile", "target.plus.bw", "target.minus.bw", "--control", "control.plus.bw", "control.minus.bw"),
             ["sites.bed", "target.*.bw", "control.*.bw"]),
            (new("--fasta", "peaks.fa"), ["peaks.fa"]),
            (new("--table", "table.tsv"), ["table.tsv"]),
        ])

    def test_study(self):
        self.fuzz(4, [
            (["study", "run", "one.study.toml", "--dry-run", "--quiet"], ["one.study.toml", "simulation.toml"]),
            (["study", "table", "one.study.toml", "--quiet"], ["one.study.toml"]),
        ])

    def test_motifs_compare(self):
        self.fuzz(10, [(["motifs", "compare", "motifs.meme", "motifs.meme", "--out", "m.tsv", "--quiet"], ["motifs.meme"])])

    def test_motifs_scan(self):
        self.fuzz(10, [
            (["motifs", "scan", "motifs.meme", "--fasta", "new/sequences.fa", "--counts", "c.tsv", "--out", "s.tsv", *QUIET], ["motifs.meme", "new/sequences.fa"]),
            (["motifs", "scan", "motifs.meme", "--genome", "genome.fa", "--bed", "sites.bed", "--out", "s.bed.gz", *QUIET], ["genome.fa", "sites.bed"]),
        ])

    def test_motifs_in_attributions(self):
        pair = ["scores.npz", "--sequences", "sequences.npz", "--motifs", "motifs.meme", *QUIET]
        self.fuzz(12, [
            (["motifs", "seqlets", *pair, "--out", "s.bed", "--pairs", "p.tsv"], ["scores.npz", "sequences.npz"]),
            (["motifs", "seqlets", *pair, "--method", "modisco", "--loci", "loci.bed", "--out", "s.bed"], ["loci.bed", "scores.npz"]),
            (["motifs", "discover", *pair, "--min-seqlets", "2", "--min-cluster-size", "2", "--out", "d"], ["scores.npz", "sequences.npz"]),
        ])

    def test_simulate(self):
        self.fuzz(10, [(["simulate", "simulation_options.toml", "--out", "s", "--quiet"], ["simulation_options.toml"])])

    def test_data(self):
        self.fuzz(20, [(["data", "ls", "--quiet"], ["registry/small.toml"]), (["data", "check", "--quiet"], ["registry/small.toml"])])

    def test_data_coverage_and_sites(self):
        self.fuzz(20, [
            (["data", "coverage", "x.sam", "--multi", "em", "--shift", "fragment", "--clip", "all", "--out", "c.bw", *QUIET], ["x.sam"]),
            (["data", "coverage", "x.bam", "--multi", "share", "--strands", "apart", "--out", "c.w5", *QUIET], ["x.bam"]),
            (["data", "coverage", "fragments.tsv", "--sizes", "x.sizes", "--shift", "tn5", "--out", "c.bedgraph", *QUIET], ["fragments.tsv", "x.sizes"]),
            (["data", "sites", "samples.txt", "--sizes", "x.sizes", "--size", "60", "--merge-overlap", "20", "--out", "merged", *QUIET],
             ["samples.txt", "x.sizes", "peaks.bed"]),
            (["data", "annotation", "annotation.toml", "--out", "annotation", *QUIET], ["annotation.toml", "starts.tsv", "lift.tsv", "x.sizes", "peaks.bed"]),
        ])

    def test_data_bins(self):
        bins = ["data", "bins", "targets.txt", "--genome", "genome.fa", "--length", "64", "--width", "16", "--absent", "zero", "--out", "bins", *QUIET]
        contigs = ["data", "contigs", "aligned.net", "--genomes", "genome.fa,other.fa", "--length", "20", "--longest-contig", "100", "--least-region",
                   "5", "--least-overlap", "0", "--out", "split", "--quiet"]
        self.fuzz(9, [
            (bins, ["targets.txt", "genome.fa", "target.plus.bw", "sites.bed"]),
            ([*bins, "--blacklist", "sites.bed", "--unmappable", "loci.bed", "--gaps", "sites.bed"], ["sites.bed", "loci.bed"]),
            (contigs, ["aligned.net", "genome.fa", "other.fa"]),
        ])

    def test_methylation(self):
        self.fuzz(12, [
            (["methylation", "stats", "one.cov", "two.tsv", "--genome", "genome.fa", "--baselines", "--out", "m.tsv", *QUIET], ["one.cov", "two.tsv", "genome.fa"]),
            (["methylation", "prepare", "one.cov", "two.tsv", "--annotations", "sites.bed", "--out", "set", *QUIET], ["one.cov", "sites.bed"]),
        ])

    def test_learn(self):
        fit = ["learn", "rows.tsv", "--labels", "open", "--groups", "chrom", "--trees", "5", "--replicates", "20", "--out", "fitted", *QUIET]
        self.fuzz(16, [
            (fit, ["rows.tsv"]),
            (["learn", "rows.tsv", "--labels", "rate,a", "--ignore", "chrom", "--pca", "2", "--trees", "5", "--out", "fitted", *QUIET], ["rows.tsv"]),
            (["learn", "rows.tsv", "--labels", "state", "--ignore", "chrom", "--method", "logistic", "--out", "fitted", *QUIET], ["rows.tsv"]),
            (["learn", "rows.tsv", "--apply", "learned/model.safetensors", "--out", "applied", *QUIET], ["learned/model.safetensors", "rows.tsv"]),
        ])

    def test_convert(self):
        self.fuzz(15, [(["convert", name, "--out", "made", "--quiet"], [name]) for name in ("params.txt", "table.txt", "params.json")])

    def test_data_export(self):
        def export(source):
            return ["data", "export", source, "--out", "exported", *QUIET]

        self.fuzz(3, [
            (export("table.toml"), ["table.toml", "table.tsv"]),
            (export("profile.toml"), ["profile.toml", "sites.bed", "genome.fa", "target.*.bw"]),
            (export("fasta_run"), ["fasta_run/*.toml", "fasta_run/*.json", "peaks.fa"]),
        ])


if __name__ == "__main__":
    gtest_xml.main()
