#include "basewise/seq/genome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/core/random.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::seq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Genome small() {
  Genome genome("small.fa");
  genome.add("lin", encode("ACGTTGCAAN"));
  genome.add("circ", encode("AACCGGT"), true);
  return genome;
}

TEST(Genome, FetchesBothStrands) {
  EXPECT_EQ(small().letters({"lin", 2, 6, Strand::none}), "GTTG");
  EXPECT_EQ(small().letters({"lin", 2, 6, Strand::reverse}), "CAAC");
  EXPECT_EQ(small().letters({"lin", 4, 4, Strand::none}), "");
  EXPECT_TRUE(small().fetch({"lin", 2, 6, Strand::none}).inside.empty());
}

TEST(Genome, OutOfRangeIsAnErrorOrIsPadded) {
  EXPECT_THAT(
      error_text([] {
        small().fetch({"lin", 8, 11, Strand::none});
      }),
      HasSubstr(
          "interval lin [8, 11) (0-based) does not lie inside 'lin', which has 10 bases in small.fa; leave it out, or ask for padding"));
  EXPECT_THAT(error_text([] { small().fetch({"lin", -1, 3, Strand::none}); }), HasSubstr("does not lie inside"));
  const Piece left = small().fetch({"lin", -2, 3, Strand::none}, Edges::pad);
  EXPECT_EQ(decode(left.tokens), "NNACG");
  EXPECT_THAT(left.inside, ElementsAre(0, 0, 1, 1, 1));
  const Piece right = small().fetch({"lin", 7, 13, Strand::reverse}, Edges::pad);
  EXPECT_EQ(decode(right.tokens), "NNNNTT");
  EXPECT_THAT(right.inside, ElementsAre(0, 0, 0, 1, 1, 1));  // an N of the genome is inside
  const Piece beyond = small().fetch({"lin", 20, 23, Strand::none}, Edges::pad);
  EXPECT_THAT(beyond.inside, ElementsAre(0, 0, 0));
  const Piece before = small().fetch({"lin", -9, -4, Strand::none}, Edges::pad);
  EXPECT_THAT(before.inside, ElementsAre(0, 0, 0, 0, 0));
}

TEST(Genome, CircularWraps) {
  EXPECT_EQ(small().letters({"circ", 5, 9, Strand::none}), "GTAA");
  EXPECT_EQ(small().letters({"circ", -2, 2, Strand::none}), "GTAA");
  EXPECT_EQ(small().letters({"circ", -2, 2, Strand::reverse}), "TTAC");
  EXPECT_EQ(small().letters({"circ", 3, 10, Strand::none}), "CGGTAAC");
  EXPECT_THAT(error_text([] { small().fetch({"circ", 3, 11, Strand::none}); }), HasSubstr("and is circular: at most 7 bases"));
  EXPECT_THAT(error_text([] { small().fetch({"circ", 7, 8, Strand::none}); }), HasSubstr("is circular"));
}

TEST(Genome, NamesAreResolved) {
  Genome genome("g.fa");
  genome.add("IV", encode("ACG"));
  EXPECT_EQ(genome.letters({"chrIV", 0, 3, Strand::none}), "ACG");
  EXPECT_THAT(error_text([&] { genome.fetch({"q", 0, 1, Strand::none}); }), HasSubstr("uses 'q', g.fa has 'IV'"));
  EXPECT_THAT(error_text([&] { genome.add("IV", {}); }), HasSubstr("'IV' occurs twice"));
  EXPECT_THAT(error_text([&] { genome.add("V", {9}); }), HasSubstr("token 9 at position 1 of 'V'"));
}

TEST(Genome, OneHotOfAnInterval) {
  std::vector<float> values(4 * 3);
  EXPECT_EQ(small().one_hot({"lin", 8, 11, Strand::none}, values, Edges::pad), 1);
  EXPECT_THAT(values, ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(error_text([&] { small().one_hot({"lin", 0, 5, Strand::none}, values); }), HasSubstr("5 bases into an array of 12"));
}

RC_GTEST_PROP(GenomeLaws, CircularFetchEqualsFetchFromTheDoubledSequence, ()) {
  const auto length = *rc::gen::inRange<std::int64_t>(1, 40);
  const auto letters = *rc::gen::container<std::string>(static_cast<std::size_t>(length), rc::gen::element('A', 'C', 'G', 'T', 'N'));
  Genome genome;
  genome.add("c", encode(letters), true);
  const auto start = *rc::gen::inRange<std::int64_t>(-length, length);
  const auto width = *rc::gen::inRange<std::int64_t>(0, length + 1);
  const std::string tripled = letters + letters + letters;
  const std::string expected = tripled.substr(static_cast<std::size_t>(start + length), static_cast<std::size_t>(width));
  RC_ASSERT(genome.letters({"c", start, start + width, Strand::none}) == expected);
  RC_ASSERT(genome.letters({"c", start, start + width, Strand::reverse}) == reverse_complement(expected));
}

// Loaders read by number, without names or allocation:
// the same bases as `fetch`, in both encodings.
RC_GTEST_PROP(GenomeLaws, ReadingByNumberEqualsFetching, ()) {
  Genome genome("random.fa");
  for (const bool circular : {false, true}) {
    const auto length = *rc::gen::inRange<std::size_t>(1, 5000);
    Stream stream(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<Token> tokens(length);
    for (Token& t : tokens) t = static_cast<Token>(stream.below(5));
    if (circular) {
      TokenBuffer buffer;
      std::copy(tokens.begin(), tokens.end(), buffer.grow(length).begin());
      genome.adopt("ring", std::move(buffer), true);
    } else {
      genome.add("line", tokens);
    }
  }
  for (const std::size_t chrom : {0, 1}) {
    const std::int64_t n = genome.sizes()[chrom].length;
    const std::int64_t start = *rc::gen::inRange<std::int64_t>(chrom == 0 ? -n - 50 : -n, chrom == 0 ? 2 * n + 50 : n);
    const std::int64_t length = *rc::gen::inRange<std::int64_t>(0, n + 1);
    const auto strand = *rc::gen::element(Strand::forward, Strand::reverse, Strand::none);
    const Interval interval{genome.sizes()[chrom].name, start, start + length, strand};
    const Piece piece = genome.fetch(interval, Edges::pad);
    std::vector<Token> tokens(length);
    const std::int64_t padded = std::count(piece.inside.begin(), piece.inside.end(), 0);
    RC_ASSERT(genome.read(chrom, start, strand, tokens) == padded);
    RC_ASSERT(tokens == piece.tokens);
    const std::int64_t stride = length + 3;
    std::vector<float> rows(4 * stride, -1);
    std::vector<std::int8_t> bytes(4 * stride, -1);
    RC_ASSERT(genome.read_one_hot(chrom, start, strand, length, rows.data(), stride) == padded);
    RC_ASSERT(genome.read_one_hot(chrom, start, strand, length, bytes.data(), stride) == padded);
    for (std::int64_t c = 0; c < 4; ++c)
      for (std::int64_t i = 0; i < stride; ++i) {
        const int expected = i >= length ? -1 : tokens[i] == c;
        RC_ASSERT(rows[c * stride + i] == expected);
        RC_ASSERT(bytes[c * stride + i] == expected);
      }
    std::vector<float> whole(4 * length);
    RC_ASSERT(genome.one_hot(interval, whole, Edges::pad) == padded);
    std::vector<float> expected(4 * length);
    one_hot(std::span<const Token>(piece.tokens), expected);
    RC_ASSERT(whole == expected);
  }
}

}  // namespace
}  // namespace basewise::seq
