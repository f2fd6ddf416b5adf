"""Small work for the tests of this folder: a training of four steps, a study of one run."""

TINY = ["--set", "data.simulation.sequences=300", "--set", "train.epochs=1", "--set", "train.loader.batch_size=64", "--set",
        "train.loader.workers=0", "--threads", "1", "--quiet"]
TRAIN = ["train", "demo", "--out", "run", *TINY]

STUDY = """
title = "One run"
recipe = "demo"
keep = "weights"
set = ["data.simulation.sequences=300", "train.epochs=1", "train.loader.batch_size=64", "train.loader.workers=0"]

[[axes]]
name = "seed"
key = "seed"
numbers = [7]

[[evaluations]]
name = "single"
splits = ["test"]
"""
RUN = ["study", "run", "one.study.toml", "--threads", "1", "--quiet"]
