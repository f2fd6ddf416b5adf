"""Reads event files with the real tensorboard reader and prints the scalars as JSON: [[tag, step, value], ...].

Usage: python tests/golden/tensorboard_events.py FOLDER
"""
import json
import sys

from tensorboard.backend.event_processing import event_accumulator

events = event_accumulator.EventAccumulator(sys.argv[1])
events.Reload()
rows = []
for tag in events.Tags()["scalars"]:
    rows += [[tag, e.step, e.value] for e in events.Scalars(tag)]
# With a recent TensorFlow-free tensorboard, simple values arrive as tensors.
for tag in events.Tags()["tensors"]:
    rows += [[tag, e.step, float(e.tensor_proto.float_val[0])] for e in events.Tensors(tag)]
print(json.dumps(sorted(rows)))
