"""Golden files of the binary formats, both ways.

  python binary_golden.py make   writes the files of the Python packages: theirs.bw, theirs.npz, ..., and versions.json
  python binary_golden.py check  reads ours.bw, ours.npz, ours.safetensors, ... with the Python packages and compares every value

`ours.*` are written by the test program: BASEWISE_GOLDEN_OUT=tests/golden/io basewise_io_test --gtest_filter='*Golden*'.
Run with Python 3.11+, numpy, safetensors, pyBigWig; versions.json says with which versions the committed files were made.
"""
import json
import os
import sys

import numpy as np
import pyBigWig
import safetensors
import safetensors.numpy

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(HERE, name)


def arrays():
    """The arrays of every file, made of plain arithmetic so that the test can make them too."""
    i = np.arange(3 * 4 * 37)
    return {
        "f32": ((i * 7919 % 1009 - 500) / 8).astype(np.float32).reshape(3, 4, 37),
        "f64": ((i[:60] * 104729 % 10007 - 5000) / 64).astype(np.float64).reshape(5, 12),
        "i64": (i[:37] * 1234567890123 - 10**15).astype(np.int64),
        "i32": (i[:20] * 65537 - 500000).astype(np.int32).reshape(4, 5),
        "i8": (i[:11] * 23 % 256 - 128).astype(np.int8),
        "u8": (i[:12] * 21).astype(np.uint8).reshape(3, 4),
        "bool": (i[:15] % 3 == 0).reshape(5, 3),
        "scalar": np.float32(2.5).reshape(()),
        "empty": np.zeros((0, 4), np.float32),
    }


CHROMOSOMES = [("chrB", 5000), ("chrA", 300), ("chrC", 70)]


def track():
    """Per-base values with gaps (NaN): chromosome, start, values; then stretches of chrC."""
    i = np.arange(4000)
    run = ((i * 7919 % 1009 - 500) / 8).astype(np.float32)
    run[(i % 1000) > 900] = np.nan
    return [("chrB", 17, run), ("chrA", 0, run[:300])], [("chrC", [3, 10, 40], [10, 25, 70], [1.5, -2.25, 1e6])]


def make():
    data = arrays()
    np.savez(path("theirs.npz"), **data)
    np.savez_compressed(path("theirs_deflated.npz"), **data)
    np.save(path("theirs_fortran.npy"), np.asfortranarray(data["f32"]))
    safetensors.numpy.save_file({k: np.array(v, order="C") for k, v in data.items()}, path("theirs.safetensors"), {"origin": "binary_golden.py", "ä": "ö"})
    b = pyBigWig.open(path("theirs.bw"), "w")
    b.addHeader(CHROMOSOMES, maxZooms=3)
    runs, stretches = track()
    for chromosome, start, values in runs:
        at = 0
        while at < len(values):  # pyBigWig has no gaps inside a run
            end = at
            while end < len(values) and not np.isnan(values[end]):
                end += 1
            if end > at:
                b.addEntries(chromosome, start + at, values=values[at:end].tolist(), span=1, step=1)
            at = end + 1
    for chromosome, starts, ends, values in stretches:
        b.addEntries([chromosome] * len(starts), starts, ends=ends, values=values)
    b.close()
    versions = {"python": sys.version.split()[0], "numpy": np.__version__, "safetensors": safetensors.__version__, "pyBigWig": pyBigWig.__version__, "seed": None}
    with open(path("versions.json"), "w") as f:
        json.dump(versions, f, indent=1)


def same(a, b, what):
    assert a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b), what


def check():
    data = arrays()
    for name in ("ours.npz", "ours_deflated.npz", "ours_zip64.npz"):
        with np.load(path(name)) as z:
            assert list(z.keys()) == list(data), (name, list(z.keys()))
            for key, value in data.items():
                same(z[key], value, (name, key))
    same(np.load(path("ours.npy")), data["f32"], "ours.npy")
    ours = safetensors.numpy.load_file(path("ours.safetensors"))
    assert set(ours) == set(data)
    for key, value in data.items():
        same(ours[key], value, ("ours.safetensors", key))
    with safetensors.safe_open(path("ours.safetensors"), "np") as f:
        assert f.metadata() == {"origin": "binary_golden.py", "ä": "ö"}, f.metadata()

    b = pyBigWig.open(path("ours.bw"))
    assert list(b.chroms().items()) == CHROMOSOMES, b.chroms()
    expected = {name: np.full(length, np.nan, np.float32) for name, length in CHROMOSOMES}
    runs, stretches = track()
    for chromosome, start, values in runs:
        expected[chromosome][start : start + len(values)] = values
    for chromosome, starts, ends, values in stretches:
        for s, e, v in zip(starts, ends, values):
            expected[chromosome][s:e] = v
    for name, length in CHROMOSOMES:
        assert np.array_equal(b.values(name, 0, length, numpy=True), expected[name], equal_nan=True), name
        # Statistics of one whole chromosome come from the zoom levels ("sum" is wrong there in pyBigWig 0.3.29, for its own files too).
        for kind, f in (("mean", np.nanmean), ("max", np.nanmax), ("min", np.nanmin)):
            got, want = b.stats(name, 0, length, type=kind)[0], float(f(expected[name].astype(np.float64)))
            assert abs(got - want) <= 1e-5 * max(1, abs(want)), (name, kind, got, want)
        assert abs(b.stats(name, 0, length, type="coverage")[0] - np.isfinite(expected[name]).mean()) < 1e-6, name
    header = b.header()
    every = np.concatenate(list(expected.values())).astype(np.float64)
    assert header["nBasesCovered"] == np.isfinite(every).sum() and header["nLevels"] >= 2, header
    print("every value agrees")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]]()
