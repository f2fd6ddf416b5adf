"""First 64 bits of streams of basewise/core/random.h, from a second implementation of Philox4x32-10 (plain integers, no library).

Made the numbers in basewise/core/random_test.cpp (Python 3.11): python3 tests/golden/core_stream.py
"""

M = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & M, (p0 >> 32) ^ c[3] ^ k[1], p0 & M]
        k = [(k[0] + 0x9E3779B9) & M, (k[1] + 0xBB67AE85) & M]
    return c


class Stream:
    def __init__(self, *words):
        self.key, self.domain = [0, 0], [0, 0]
        for word in words:
            self.absorb(word)

    def absorb(self, word):
        block = philox([word & M, word >> 32, *self.domain], self.key)
        self.key, self.domain = block[:2], block[2:]

    def first64(self):
        block = philox([0, 0, *self.domain], self.key)
        return block[0] << 32 | block[1]


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
print(hex(Stream(7, 1, 2, 3).first64()))
fork = Stream(7, 0, 0, 0)
fork.absorb(0x9E3779B97F4A7C15)
fork.absorb(5)
print(hex(fork.first64()))
