"""Golden files of binned training sets, and a check of ours, with nothing of TensorFlow: framing, checksums and messages are written here
by hand from their descriptions.

  python binned_golden.py make            writes binned/: statistics.json, targets.txt, sequences.bed and tfrecords/, of today's form;
                                          older.tfr, of the older form (one-hot bytes, a list of numbers), without compression
  python binned_golden.py check FILE.tfr  reads a file that the test program wrote, proves checksums, and prints its records as JSON

Run with Python 3.8+ and its standard library; made with Python 3.11.7, zlib 1.2.13, no seed: all numbers are arithmetic that the test
repeats. `check` belongs to BASEWISE_GOLDEN_OUT=FOLDER basewise_io_test --gtest_filter='BinnedGolden*', which writes ours.tfr there.
"""
import json
import os
import struct
import sys
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "binned")
LENGTH, BIN, CROP, BINS, TARGETS = 40, 4, 10, 5, 3


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def example(features):
    """Features by name: bytes, or a list of floats (packed), or ("unpacked", floats)."""
    entries = b""
    for name, value in features.items():
        if isinstance(value, bytes):
            feature = message(1, message(1, value))
        elif isinstance(value, tuple):
            feature = message(2, b"".join(b"\x0d" + struct.pack("<f", x) for x in value[1]))
        else:
            feature = message(2, message(1, struct.pack("<%df" % len(value), *value)))
        entries += message(1, message(1, name.encode()) + message(2, feature))
    return message(1, entries)


def token(n, i):
    return (n * 7 + i * i * 3 + i) % 5


def value(n, b, t):
    """Exact in float16."""
    return ((n * 31 + b * 7 + t * 3) % 64 - 8) / 4


def unmappable(n, b):
    return (n + b) % 4 == 0


def today(n):
    halves = struct.pack("<%de" % (BINS * TARGETS), *[value(n, b, t) for b in range(BINS) for t in range(TARGETS)])
    return example({"sequence": bytes(token(n, i) for i in range(LENGTH)), "target": halves,
                    "umap": bytes(unmappable(n, b) for b in range(BINS))})


def older(n):
    rows = b"".join(bytes(token(n, i) == letter for letter in range(4)) for i in range(LENGTH))
    numbers = [value(n, b, t) / 3 for b in range(BINS) for t in range(TARGETS)]
    return example({"target": numbers if n % 2 == 0 else ("unpacked", numbers), "sequence": rows})


def write(name, data):
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


def make():
    # Not in the order of the alphabet: train-2 before train-10. Those in between are empty.
    sets = {"train": [[0, 1, 2], [], [3]] + 7 * [[]] + [[4]], "valid": [[5, 6]], "test": [[7]]}
    for name, files in sets.items():
        for number, records in enumerate(files):
            write("tfrecords/%s-%d.tfr" % (name, number), zlib.compress(b"".join(record(today(n)) for n in records)))
    write("older.tfr", b"".join(record(older(n)) for n in range(3)))
    statistics = {"num_targets": TARGETS, "seq_length": LENGTH, "seq_1hot": True, "pool_width": BIN, "crop_bp": CROP, "target_length": BINS}
    statistics.update({name + "_seqs": sum(map(len, files)) for name, files in sets.items()})
    write("statistics.json", json.dumps(statistics, indent=1).encode() + b"\n")
    rows = ["\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription"]
    for t, (name, pair) in enumerate([("CAGE+", 2), ("DNASE", 1), ("CAGE-", 0)]):
        rows.append("%d\t%s\t/data/%s.w5\t384\t64\t1.0\tsum_sqrt\t%d\tmade: of # arithmetic" % (t, name, name, pair))
    write("targets.txt", ("\n".join(rows) + "\n").encode())
    places = [(name, n) for name, files in sets.items() for n in sum(files, [])]
    write("sequences.bed", "".join("chr%d\t%d\t%d\t%s\n" % (n + 1, 100 * n, 100 * n + BINS * BIN, name) for name, n in places).encode())


def read_varint(data, at):
    n = shift = 0
    while True:
        n |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return n, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        assert key & 7 == 2, "only messages and bytes are expected here"
        size, at = read_varint(data, at)
        yield key >> 3, data[at:at + size]
        at += size


def check(path):
    with open(path, "rb") as opened:
        data = zlib.decompress(opened.read())
    records, at = [], 0
    while at < len(data):
        size, = struct.unpack_from("<Q", data, at)
        assert struct.unpack_from("<I", data, at + 8)[0] == masked(data[at:at + 8]), "checksum of a length"
        body = data[at + 12:at + 12 + size]
        assert struct.unpack_from("<I", data, at + 12 + size)[0] == masked(body), "checksum of a record"
        at += size + 16
        one = {}
        for _, features in fields(body):
            for _, entry in fields(features):
                parts = dict(fields(entry))
                (kind, listed), = fields(parts[2])
                values = [v for _, v in fields(listed)]
                if kind == 2:
                    values = [list(struct.unpack("<%df" % (len(v) // 4), v)) for v in values]
                one[parts[1].decode()] = [v.hex() if isinstance(v, bytes) else v for v in values]
        records.append(one)
    print(json.dumps(records))


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make()
    elif len(sys.argv) == 3 and sys.argv[1] == "check":
        check(sys.argv[2])
    else:
        sys.exit(__doc__)
