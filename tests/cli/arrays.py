"""One-hot sequences with attributions as .npz files, without NumPy."""

import io
import struct
import zipfile


def npz(path, kind, shape, values):
    """Writes arr_0 of `kind` ("|i1" or "<f4"), its values in C order."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    code = {"|i1": "b", "<f4": "f"}[kind]
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}{code}", *values)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("arr_0.npy", data)
    path.write_bytes(packed.getvalue())


def pair(folder, words, scores):
    """sequences.npz and scores.npz (examples, 4, length); `scores`: of the letters that are there."""
    examples, length = len(words), len(words[0])
    one_hot, all_scores = [0] * (examples * 4 * length), [0.0] * (examples * 4 * length)
    for i, word in enumerate(words):
        for p, letter in enumerate(word):
            cell = (i * 4 + "ACGT".index(letter)) * length + p
            one_hot[cell] = 1
            all_scores[cell] = scores[i][p]
    npz(folder / "sequences.npz", "|i1", (examples, 4, length), one_hot)
    npz(folder / "scores.npz", "<f4", (examples, 4, length), all_scores)


def planted(draw, examples, length, sites):
    """(words, scores): random letters and small scores; each example holds each of `sites` ({word: score of its letters}) once, at a
    random place. `draw`: a random.Random."""
    words, scores = [], []
    for _ in range(examples):
        word = [draw.choice("ACGT") for _ in range(length)]
        score = [draw.uniform(-0.05, 0.05) for _ in range(length)]
        part = length // len(sites)
        for k, (site, value) in enumerate(sites.items()):
            at = k * part + draw.randrange(part - len(site))
            word[at:at + len(site)] = site
            score[at:at + len(site)] = [value * draw.uniform(0.8, 1.2) for _ in site]
        words.append("".join(word))
        scores.append(score)
    return words, scores
