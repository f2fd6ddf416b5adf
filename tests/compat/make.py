"""Makes the folder of a release, once: runs as this release leaves them, and what it predicts with them. Released folders are never made anew.

    python3 tests/compat/make.py PROGRAM        writes tests/compat/<version>/
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "pins")]
sys.dont_write_bytecode = True

import inputs  # noqa: E402
import runs  # noqa: E402

# Name of the run: recipe and options of tests/pins/runs. All are measured on the test set.
RUNS = {
    "values": ("simulation", ["train.select.also=[\"loss\"]", "train.checkpoint.every_steps=9", "strand.predict=conjoined"]),
    "per_base": ("sites", []),
    "profile": ("profile", []),
}
# Slow enough to be interrupted, fast enough to be finished by a test.
UNFINISHED = ("simulation", ["data.simulation.sequences=6000", "train.epochs=3", "train.checkpoint.every_steps=20"])


def assignments(options):
    return [word for option in options for word in ("--set", option)]


def interrupted(program, folder):
    """A run that was told to end in the middle."""
    recipe, options = UNFINISHED
    arguments = [program, "train", f"{recipe}.toml", "--out", "unfinished", "--no-report", "--threads", "1", "--quiet", *assignments(options)]
    process = subprocess.Popen(arguments, cwd=folder, env=runs.environment(folder, True), stderr=subprocess.PIPE)
    while not list((folder / "unfinished/checkpoints").glob("step-*")):
        if process.poll() is not None:
            raise RuntimeError(f"it ended before it was interrupted: {process.stderr.read().decode()}")
        time.sleep(0.001)
    process.terminate()
    if process.wait() != 130:
        raise RuntimeError(f"exit code {process.returncode} in place of 130: {process.stderr.read().decode()}")


def neutral(folder, here):
    """No place of this machine stays in texts; checkpoints, which name none, keep their bytes and so their hashes."""
    for file in folder.iterdir():
        if file.suffix in (".json", ".toml", ".tsv"):
            text = file.read_text().replace(f"{here}/", "../").replace(str(here), "..")  # inputs lie beside the run folders
            file.write_text(re.sub('"torch library": "[^"]*/', '"torch library": "', text))


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    version = json.loads(subprocess.run([program, "doctor", "--json"], capture_output=True, text=True, check=True).stdout)["build"]["version"]
    target = HERE / version
    if target.exists():
        sys.exit(f"{target} is there already")
    with tempfile.TemporaryDirectory(prefix="basewise-compat-") as temporary:
        folder = pathlib.Path(temporary)
        runs.prepare(folder)
        for name, (recipe, options) in RUNS.items():
            runs.call(program, folder, True, "train", f"{recipe}.toml", "--out", name, "--no-report", *assignments(options))
            runs.call(program, folder, True, "evaluate", name, "--no-report")
        runs.call(program, folder, True, "predict", "values", "--fasta", "peaks.fa", "--out", "values/predicted")
        interrupted(program, folder)
        for name in (*RUNS, "unfinished"):
            shutil.rmtree(folder / name / "events", ignore_errors=True)
            neutral(folder / name, folder)
            shutil.copytree(folder / name, target / name, ignore=shutil.ignore_patterns(".lock"))
    print(f"{target}: {sum(f.stat().st_size for f in target.rglob('*') if f.is_file())} bytes, seed of the inputs {inputs.SEED}")


if __name__ == "__main__":
    main()
