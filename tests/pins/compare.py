"""The pinned runs by two programs on this machine, compared bit for bit: what a change of the code changes, whatever the processor.

    python3 tests/pins/compare.py BASE_PROGRAM NEW_PROGRAM [--isa native] [--isa portable] [--only RUN ...] [--keep FOLDER]

Without --isa it runs with the portable kernels and with the best of this processor. Ends with 1 if anything differs.
"""

import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import pins  # noqa: E402
import runs  # noqa: E402

TEXTS = ("model.toml", "model.json", "data.json", "curves.json", "tracks.json")


def text_of(run, name):
    """Without the place of the run; None if there is no such file."""
    return (run / name).read_text().replace(str(run.parent), "") if (run / name).exists() else None


def differences(base, new):
    """Lines that say in what two run folders differ, but for times."""
    a, b = runs.facts(base), runs.facts(new)
    lines = []
    for kind in ("config", "model", "log", "metrics"):
        lines += pins.value_differences(kind, a[kind], b[kind])
        lines += pins.new_values(kind, a[kind], b[kind])
    lines += pins.weight_differences(a["weights"], b["weights"])
    return lines + [f"{name}: not the same text" for name in TEXTS if text_of(base, name) != text_of(new, name)]


def compare(programs, folder, names, steady):
    """How many runs differ; says in what."""
    base, new = (runs.run_all(program, folder / side, names, steady) for program, side in zip(programs, ("base", "new"), strict=True))
    different = 0
    for name in names:
        lines = differences(base[name], new[name])
        print(f"{name}: {'the same' if not lines else ''}")
        for line in lines:
            print(f"  {line}")
        different += bool(lines)
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--isa", action="append", choices=["portable", "native"])
    parser.add_argument("--only", nargs="+", choices=list(runs.CASES), default=list(runs.CASES))
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the runs, which then stay")
    given = parser.parse_args()
    different = 0
    with tempfile.TemporaryDirectory(prefix="basewise-compare-") as temporary:
        for isa in given.isa or ["portable", "native"]:
            print(f"== {isa} kernels")
            different += compare([given.base.resolve(), given.new.resolve()], (given.keep or pathlib.Path(temporary)).resolve() / isa, given.only,
                                 isa == "portable")
    print(f"{different} runs differ" if different else "all runs are the same, bit for bit")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
