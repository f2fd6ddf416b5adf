#include "basewise/seq/shuffle.h"
#include "tests/support/error_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace basewise::seq {
namespace {

using Pairs = std::array<std::array<int, 5>, 5>;

Pairs pairs_of(std::span<const Token> tokens) {
  Pairs counts{};
  for (std::size_t i = 1; i < tokens.size(); ++i) ++counts[tokens[i - 1]][tokens[i]];
  return counts;
}

std::vector<Token> random_tokens(std::size_t length, std::uint64_t seed, int letters = 4) {
  Stream stream(seed);
  std::vector<Token> tokens(length);
  for (Token& t : tokens) t = static_cast<Token>(stream.below(static_cast<std::uint64_t>(letters)));
  return tokens;
}

RC_GTEST_PROP(DinucleotideShuffleLaws, KeepsEveryCountAndBothEnds, ()) {
  const auto letters = *rc::gen::inRange(1, 6);
  const auto tokens =
      *rc::gen::container<std::vector<Token>>(rc::gen::map(rc::gen::inRange(0, letters), [](int t) { return static_cast<Token>(t); }));
  Stream stream(*rc::gen::arbitrary<std::uint64_t>());
  const auto other = dinucleotide_shuffle(tokens, stream);
  RC_ASSERT(other.size() == tokens.size());
  RC_ASSERT(pairs_of(other) == pairs_of(tokens));
  if (!tokens.empty()) {
    RC_ASSERT(other.front() == tokens.front());
    RC_ASSERT(other.back() == tokens.back());
  }
}

TEST(DinucleotideShuffle, KeepsCountsOfLongAndLopsidedSequences) {
  std::vector<std::vector<Token>> cases = {random_tokens(2114, 1), random_tokens(100000, 2), random_tokens(9000, 3, 5)};
  cases.push_back(encode(std::string(5000, 'A') + "C" + std::string(5000, 'A') + "GT"));
  std::string alternating;
  for (int i = 0; i < 5000; ++i) alternating += "AC";
  cases.push_back(encode(alternating + "GACGT"));  // a walk that is long before it finds its way out
  for (const auto& tokens : cases) {
    Stream stream(7);
    EXPECT_EQ(pairs_of(dinucleotide_shuffle(tokens, stream)), pairs_of(tokens));
  }
}

TEST(DinucleotideShuffle, MovesThings) {
  const auto tokens = random_tokens(500, 4);
  Stream stream(5);
  const auto other = dinucleotide_shuffle(tokens, stream);
  const auto same = std::inner_product(tokens.begin(), tokens.end(), other.begin(), 0, std::plus<>(), std::equal_to<>());
  EXPECT_LT(same, 250);
}

// All sequences with the dinucleotides and ends of a short one are drawn equally often:
// chi-square with its 0.999 quantile.
TEST(DinucleotideShuffle, IsUniformOverAllArrangements) {
  for (const char* text : {"ACAGATACCA", "GATTACAGATC", "AACAAGAATAAC", "ANCANGTNA"}) {
    const auto tokens = encode(text);
    std::vector<Token> sorted = tokens;
    std::sort(sorted.begin() + 1, sorted.end() - 1);
    std::map<std::vector<Token>, int> drawn;
    do {
      if (pairs_of(sorted) == pairs_of(tokens)) drawn[sorted] = 0;
    } while (std::next_permutation(sorted.begin() + 1, sorted.end() - 1));
    ASSERT_GT(drawn.size(), 3u) << text;
    constexpr int kEach = 300;
    const int draws = kEach * static_cast<int>(drawn.size());
    const auto all = dinucleotide_shuffles(tokens, draws, Stream(11));
    for (int k = 0; k < draws; ++k) {
      const std::vector<Token> one(all.begin() + k * std::ssize(tokens), all.begin() + (k + 1) * std::ssize(tokens));
      ASSERT_TRUE(drawn.contains(one));
      ++drawn[one];
    }
    double chi = 0;
    for (const auto& [arrangement, count] : drawn) chi += std::pow(count - kEach, 2) / kEach;
    const double freedom = static_cast<double>(drawn.size()) - 1;
    EXPECT_LT(chi, freedom + 3.09 * std::sqrt(2 * freedom) + 10) << text << " with " << drawn.size() << " arrangements";
  }
}

TEST(DinucleotideShuffle, IsAFunctionOfTheStream) {
  const auto tokens = random_tokens(300, 6);
  const auto few = dinucleotide_shuffles(tokens, 3, Stream(9));
  const auto many = dinucleotide_shuffles(tokens, 5, Stream(9));
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  EXPECT_NE(dinucleotide_shuffles(tokens, 3, Stream(10)), few);
}

// The numbers of the first version, which drew one base after the other:
// who has a seed has a result.
TEST(DinucleotideShuffle, NeverChangesItsNumbers) {
  std::uint64_t hash = 1469598103934665603u;  // FNV-1a of all tokens and of the draw after each round
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 1099511628211u; };
  for (const int length : {3, 5, 37, 500, 2114, 20000, 60000}) {
    for (const int letters : {2, 4, 5}) {
      for (const std::uint64_t seed : {1, 2, 3}) {
        Stream letter(seed, length, letters);
        std::vector<Token> tokens(length);
        for (Token& t : tokens) t = static_cast<Token>(letter.below(letters));
        Stream stream(seed + 100);
        for (int round = 0; round < 3; ++round)
          for (const Token t : dinucleotide_shuffle(tokens, stream)) mix(t);
        mix(stream());
        for (const Token t : dinucleotide_shuffles(tokens, 7, Stream(seed))) mix(t);
      }
    }
  }
  EXPECT_EQ(hash, 0xce756e4733c00483u);
}

TEST(DinucleotideShuffle, SideBySideEqualsOneByOne) {
  for (const int letters : {3, 4, 5}) {
    constexpr std::size_t kLength = 97;
    const auto tokens = random_tokens(6 * kLength, 12, letters);
    std::vector<Token> all(tokens.size() * 5);
    dinucleotide_shuffles(tokens, kLength, 5, Stream(13), all);
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t k = 0; k < 5; ++k) {
        Stream stream = Stream(13).fork(i).fork(k);
        const auto one = dinucleotide_shuffle(std::span(tokens).subspan(i * kLength, kLength), stream);
        ASSERT_TRUE(std::equal(one.begin(), one.end(), all.begin() + (5 * i + k) * kLength)) << i << " " << k;
      }
    }
  }
  EXPECT_THROW(dinucleotide_shuffles(random_tokens(12, 1), 5, 1, Stream(1), std::span<Token>()), ArgumentError);
}

TEST(DinucleotideShuffle, RefusesBadInput) {
  const std::vector<Token> bad = {0, 1, 7, 2};
  Stream stream(1);
  EXPECT_THAT(error_text<ArgumentError>([&] { dinucleotide_shuffle(bad, stream); }), testing::HasSubstr("token 7 at position 3"));
  std::vector<Token> out(5);
  EXPECT_THROW(DinucleotideShuffler(encode("ACGT"))(stream, out), ArgumentError);
}

TEST(Shuffle, KeepsLettersAndIsUniform) {
  const auto tokens = encode("ACGN");
  std::map<std::vector<Token>, int> drawn;
  Stream stream(3);
  for (int k = 0; k < 2400; ++k) ++drawn[shuffle(tokens, stream)];
  EXPECT_EQ(drawn.size(), 24u);
  for (const auto& [order, count] : drawn) {
    EXPECT_NEAR(count, 100, 45);
    EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), tokens.begin()));
  }
}

}  // namespace
}  // namespace basewise::seq
