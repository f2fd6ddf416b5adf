"""Golden files of HDF5, both ways.

  python hdf5_golden.py make   writes the files of h5py and modisco-lite: theirs.h5, theirs_filters.h5, theirs_chrombpnet.h5,
                               theirs_bpnet.h5, theirs_modisco.h5, and hdf5_versions.json
  python hdf5_golden.py check FOLDER  reads ours.h5, ours_chrombpnet.h5 and ours_modisco.h5 there with h5py and modisco-lite, and
                               compares every value

`ours*.h5` are written by the test program: BASEWISE_GOLDEN_OUT=FOLDER basewise_io_test --gtest_filter='Hdf5Golden*'. They are not kept:
their bytes depend on the version of libhdf5.
Run with Python 3.11+, numpy, h5py, hdf5plugin, modisco-lite; hdf5_versions.json says with which versions the committed files were made.
"""
import json
import os
import subprocess
import sys
import tempfile

import h5py
import hdf5plugin
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = "ACGT"


def path(name):
    return os.path.join(HERE, name)


def numbers():
    """Plain arithmetic, so that the test can make the same."""
    i = np.arange(3 * 4 * 37)
    f32 = ((i * 7919 % 1009 - 500) / 8).astype(np.float32).reshape(3, 4, 37)
    return {
        "f16": f32.astype(np.float16), "f32": f32, "f64": f32.astype(np.float64) / 3,
        "i8": (i[:11] * 23 % 256 - 128).astype(np.int8), "i16": (i[:7] * 5000 - 15000).astype(np.int16), "i32": (i[:20] * 65537 - 500000).astype(np.int32).reshape(4, 5),
        "i64": (i[:37] * 1234567890123 - 10**15).astype(np.int64), "u8": (i[:12] * 21).astype(np.uint8).reshape(3, 4),
        "u64": np.array([0, 2**63 + 5], np.uint64), "bool": (i[:15] % 3 == 0).reshape(5, 3),
        "big_endian_f4": f32[0, 0].astype(">f4"), "big_endian_f2": f32[0, 0].astype(">f2"), "big_endian_i4": (i[:20] * 65537 - 500000).astype(">i4"),
    }


def texts():
    return ["chr1", "", "chrUn_KI270302v1", "Ä Ω"]


def examples():
    """One-hot sequences (3, 4, 37) with N, and hypothetical scores."""
    i = np.arange(3 * 37)
    letter = (i * 7 % 5).reshape(3, 37)
    one_hot = np.stack([(letter == c) for c in range(4)], axis=1).astype(np.int8)
    return one_hot, numbers()["f32"] / 64


def make_theirs():
    with h5py.File(path("theirs.h5"), "w") as f:
        for name, value in numbers().items():
            f["numbers/" + name] = value
        f.create_dataset("packed", data=numbers()["f32"], chunks=(2, 3, 16), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("scale", data=numbers()["i32"], chunks=(2, 5), scaleoffset=0)
        f["text/variable"] = np.array(texts(), dtype=object)
        f["text/fixed"] = np.array([t.encode() for t in texts()])
        f["text/ascii"] = np.array(["a", "bc"], dtype=h5py.string_dtype("ascii"))
        f["scalar"] = np.float32(2.5)
        f["word"] = "one"
        f["empty"] = np.zeros((0, 4), np.float32)
        f["null"] = h5py.Empty("f4")
        f["compound"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])
        f["named_type"] = np.dtype("i1")
        f["hard"] = f["numbers/f32"]
        f["numbers/up"] = f["numbers"]
        f["soft"] = h5py.SoftLink("/numbers/f32")
        f["soft_group"] = h5py.SoftLink("text")
        f["soft_broken"] = h5py.SoftLink("/nothing")
        f["soft_circle"] = h5py.SoftLink("/soft_circle/x")
        f["external"] = h5py.ExternalLink("other.h5", "/x")
        f["numbers"].attrs.update({"count": 13, "scale": 0.5, "word": "three", "words": texts(), "truth": True, "half": np.float16(1.5), "list": np.arange(5)})
        f["numbers"].attrs["bytes"] = np.bytes_("fixed")
        layout = h5py.VirtualLayout(shape=(4,), dtype="i4")
        layout[:] = h5py.VirtualSource("other.h5", "x", shape=(4,))
        f.create_virtual_dataset("virtual", layout)
        f.create_dataset("elsewhere", shape=(4,), dtype="i4", external=[("other.bin", 0, 16)])


def make_filters():
    data = numbers()["f32"]
    with h5py.File(path("theirs_filters.h5"), "w") as f:
        f.create_dataset("blosc", data=data, chunks=data.shape, **hdf5plugin.Blosc())
        f.create_dataset("zstd", data=data, chunks=data.shape, **hdf5plugin.Zstd())
        f.create_dataset("lzf", data=data, chunks=data.shape, compression="lzf")


def make_attributions():
    one_hot, scores = examples()
    with h5py.File(path("theirs_chrombpnet.h5"), "w") as f:
        for name, value, dtype in (("raw", one_hot, np.int8), ("shap", scores, np.float16), ("projected_shap", scores * one_hot, np.float16)):
            f.create_dataset(name + "/seq", data=value.astype(dtype), compression="gzip")
    with h5py.File(path("theirs_bpnet.h5"), "w") as f:
        f["coords_chrom"] = np.array([b"chr1", b"chr2", b"chr10"])
        f["coords_start"] = np.array([100, 2000, 30000])
        f["coords_end"] = np.array([137, 2037, 30037])
        f.create_dataset("hyp_scores", data=scores.transpose(0, 2, 1).astype(np.float16), compression="gzip")
        f.create_dataset("input_seqs", data=one_hot.transpose(0, 2, 1).astype(np.int8), compression="gzip")


def pattern_of(seqlets):
    """Seqlets: example, start, end, reverse; as modisco-lite cuts and averages them."""
    from modiscolite.core import Seqlet, SeqletSet, TrackSet
    one_hot, scores = examples()
    one_hot, scores = one_hot.transpose(0, 2, 1).astype(np.float32), scores.transpose(0, 2, 1).astype(np.float32)
    tracks = TrackSet(one_hot=one_hot, contrib_scores=scores * one_hot, hypothetical_contribs=scores)
    return SeqletSet(tracks.create_seqlets([Seqlet(*s) for s in seqlets]))


def patterns():
    long = [(0, 2, 10, False), (1, 5, 13, True), (2, 29, 37, False), (1, 0, 8, True)]
    first, second, negative = pattern_of(long), pattern_of([(2, 3, 9, True)]), pattern_of([(0, 20, 25, False), (2, 11, 16, True)])
    first.subclusters = np.array([0, 1, 1, 0])
    first.subcluster_to_subpattern = {0: pattern_of([long[0], long[3]]), 1: pattern_of([long[1], long[2]])}
    return [first, second], [negative]


def make_modisco():
    import modiscolite.io
    modiscolite.io.save_hdf5(path("theirs_modisco.h5"), *patterns(), window_size=37)


def make():
    make_theirs()
    make_filters()
    make_attributions()
    make_modisco()
    import importlib.metadata
    versions = {"python": sys.version.split()[0], "h5py": h5py.__version__, "hdf5": h5py.version.hdf5_version, "numpy": np.__version__,
                "hdf5plugin": hdf5plugin.version, "modisco-lite": importlib.metadata.version("modisco-lite"), "seed": None}
    with open(path("hdf5_versions.json"), "w") as f:
        json.dump(versions, f, indent=1)


def same(a, b, what):
    assert a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b), (what, a.dtype, b.dtype, a.shape, b.shape)


def same_groups(ours, theirs, where, tolerance):
    assert set(ours) == set(theirs), (where, set(ours), set(theirs))
    for name in theirs:
        if isinstance(theirs[name], h5py.Group):
            same_groups(ours[name], theirs[name], f"{where}/{name}", tolerance)
            continue
        a, b = ours[name][()], theirs[name][()]
        assert a.dtype == b.dtype and a.shape == b.shape, (where, name, a.dtype, b.dtype, a.shape, b.shape)
        assert np.array_equal(a, b) if a.dtype.kind in "bi" else np.abs(a - b).max() <= tolerance, (where, name)


def check_numbers(folder):
    with h5py.File(os.path.join(folder, "ours.h5"), "r") as f:
        for name, value in numbers().items():
            if not name.startswith("big_endian") and name not in ("u64", "i16"):
                same(f["numbers"][name][()], value, name)
                same(f["grown"][name][()], value, "grown " + name)
        assert f["grown/f32"].compression == "gzip" and f["grown/f32"].shuffle and f["grown/f32"].chunks[0] == 2
        assert [t.decode() for t in f["text/variable"][()]] == texts() and [t.decode() for t in f["text/fixed"][()]] == texts()
        attributes = dict(f["numbers"].attrs)
        assert attributes == {"count": 13, "scale": 0.5, "word": "three"}, attributes
        assert f["scalar"][()] == np.float32(2.5) and f["scalar"].shape == ()


def check(made):
    check_numbers(made)
    modisco_file = os.path.abspath(os.path.join(made, "ours_modisco.h5"))
    with h5py.File(os.path.join(made, "ours_chrombpnet.h5"), "r") as ours, h5py.File(path("theirs_chrombpnet.h5"), "r") as theirs:
        same_groups(ours, theirs, "", 0)
    with h5py.File(modisco_file, "r") as ours, h5py.File(path("theirs_modisco.h5"), "r") as theirs:
        assert int(ours.attrs["window_size"]) == 37 == int(theirs.attrs["window_size"])
        same_groups(ours, theirs, "", 1e-7)
    with tempfile.TemporaryDirectory() as folder:
        modisco = os.path.join(os.path.dirname(sys.executable), "modisco")
        for words in (["meme", "-i", modisco_file, "-t", "PFM", "-o", "out.meme"], ["report-simple", "-i", modisco_file, "-o", "report", "-s", "./"]):
            done = subprocess.run([sys.executable, modisco, *words], cwd=folder, capture_output=True, text=True, check=False)
            print("modisco", *words, "->", done.returncode, done.stderr[-300:] if done.returncode else "")
            assert done.returncode == 0
        assert open(os.path.join(folder, "out.meme")).read().count("MOTIF") == 3
        assert os.path.exists(os.path.join(folder, "report", "motifs.html")), os.listdir(os.path.join(folder, "report"))
    print("every value agrees")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
