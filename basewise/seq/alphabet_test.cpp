#include "basewise/seq/alphabet.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::seq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Encode, TokensOfBothCasesAndU) { EXPECT_THAT(encode("ACGTNacgtnUu"), ElementsAre(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 3, 3)); }

TEST(Encode, RefusesOtherLettersWithTheirPosition) {
  EXPECT_THAT(error_text([] { encode("ACGTX"); }), HasSubstr("letter 'X' at position 5 is no nucleotide"));
  EXPECT_THAT(error_text([] { encode("AC-GT"); }), HasSubstr("letter '-' at position 3"));
  EXPECT_THAT(error_text([] { encode(std::string("A\x01", 2)); }), HasSubstr("byte 0x01 at position 2"));
  std::string late(10000, 'A');
  late[9876] = '*';
  EXPECT_THAT(error_text([&] { encode(late, Ambiguity::as_n); }), HasSubstr("letter '*' at position 9877"));
}

TEST(Encode, IupacByRule) {
  EXPECT_THAT(error_text([] { encode("ACR"); }), HasSubstr("letter 'R' at position 3 is an IUPAC ambiguity code"));
  EXPECT_THAT(error_text([] { encode("ACR", Ambiguity::expand); }), HasSubstr("needs a one-hot array"));
  std::vector<Token> tokens(6);
  const EncodeReport report = encode("ANRyTK", tokens, Ambiguity::as_n);
  EXPECT_THAT(tokens, ElementsAre(0, 4, 4, 4, 3, 4));
  EXPECT_EQ(report.n, 1);
  EXPECT_EQ(report.ambiguous, 3);
  EXPECT_EQ(report.first_ambiguous, 2);
}

TEST(Encode, ChecksTheOutput) {
  std::vector<Token> tokens(3);
  EXPECT_THAT(error_text([&] { encode("ACGT", tokens); }), HasSubstr("holds 3 values, expected 4"));
  EXPECT_EQ(parse_choice<Ambiguity>("n", "ambiguity"), Ambiguity::as_n);
  EXPECT_THROW(parse_choice<Ambiguity>("N", "ambiguity"), ArgumentError);
}

TEST(OneHot, BothLayouts) {
  const auto tokens = encode("GANTC");
  std::vector<float> major(20, -1);
  one_hot(std::span<const Token>(tokens), major);
  EXPECT_THAT(major, ElementsAre(0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0));
  std::vector<std::int8_t> length_major(20, -1);
  one_hot(std::span<const Token>(tokens), length_major, Layout::length_major);
  EXPECT_THAT(length_major, ElementsAre(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0));
}

TEST(OneHot, ExpandsIupacToShares) {
  std::vector<float> values(12);
  const EncodeReport report = one_hot("RNb", std::span<float>(values), Ambiguity::expand, Layout::length_major);
  EXPECT_EQ(report.ambiguous, 2);
  const float third = 1.0f / 3.0f;
  EXPECT_THAT(values, ElementsAre(0.5f, 0, 0.5f, 0, 0, 0, 0, 0, 0, third, third, third));
}

TEST(OneHot, RefusesWhatIsNotOneHot) {
  std::vector<float> values = {0, 1, 0, 0, 0, 0.5f, 0, 0};
  EXPECT_THAT(error_text([&] { tokens_of_one_hot(values); }), HasSubstr("position 2 is not one-hot: channel G holds 0.5"));
  const std::vector<Token> bad = {0, 5};
  EXPECT_THAT(error_text([&] { one_hot(std::span<const Token>(bad), std::span<float>(values)); }), HasSubstr("token 5 at position 2"));
}

std::string letters_of(int length) {
  return *rc::gen::container<std::string>(static_cast<std::size_t>(length),
                                          rc::gen::element('A', 'C', 'G', 'T', 'N', 'a', 'c', 'g', 't', 'n'));
}

RC_GTEST_PROP(OneHotLaws, RoundTripsInEveryLayoutAndType, ()) {
  const auto tokens = encode(letters_of(*rc::gen::inRange(0, 300)));
  for (const Layout layout : {Layout::channel_major, Layout::length_major}) {
    std::vector<float> floats(4 * tokens.size());
    std::vector<std::int8_t> bytes(4 * tokens.size());
    one_hot(std::span<const Token>(tokens), std::span<float>(floats), layout);
    one_hot(std::span<const Token>(tokens), std::span<std::int8_t>(bytes), layout);
    RC_ASSERT(tokens_of_one_hot(floats, layout) == tokens);
    RC_ASSERT(tokens_of_one_hot(bytes, layout) == tokens);
  }
}

RC_GTEST_PROP(ReverseComplementLaws, SameOnLettersTokensAndOneHot, ()) {
  const std::string letters = letters_of(*rc::gen::inRange(1, 90));
  const auto tokens = encode(letters);
  const auto other = reverse_complement(std::span<const Token>(tokens));
  RC_ASSERT(encode(reverse_complement(letters)) == other);
  RC_ASSERT(reverse_complement(std::span<const Token>(other)) == tokens);
  RC_ASSERT(reverse_complement(reverse_complement(letters)) == letters);
  std::vector<float> values(4 * tokens.size());
  one_hot(std::span<const Token>(tokens), std::span<float>(values));
  reverse_complement_one_hot(std::span<float>(values));
  RC_ASSERT(tokens_of_one_hot(values) == other);
}

TEST(ReverseComplement, KeepsCaseAndIupacSets) {
  EXPECT_EQ(reverse_complement("AacRKBDN"), "NHVMYgtT");
  EXPECT_EQ(complement('U'), 'A');
  EXPECT_THAT(error_text([] { reverse_complement("AC!"); }), HasSubstr("letter '!' at position 3"));
  // The complement of a set of bases is the set of their complements:
  // checked on the fractional one-hot.
  for (const char code : std::string("RYSWKMBDHV")) {
    std::vector<float> a(4), b(4);
    one_hot(std::string(1, code), std::span<float>(a), Ambiguity::expand);
    one_hot(std::string(1, complement(code)), std::span<float>(b), Ambiguity::expand);
    reverse_complement_one_hot(std::span<float>(b));
    EXPECT_EQ(a, b) << code;
  }
}

TEST(ReverseComplementProfile, SwapsStrandsAndReversesPositions) {
  const std::vector<float> profile = {1, 2, 3, 10, 20, 30};
  EXPECT_THAT(reverse_complement_profile(profile, 2), ElementsAre(30, 20, 10, 3, 2, 1));
  EXPECT_THAT(reverse_complement_profile(profile, 1), ElementsAre(30, 20, 10, 3, 2, 1));
}

TEST(ReverseComplementProfile, TakesAnyPermutationOfChannels) {
  constexpr std::size_t kTracks = 5, kLength = 7;
  std::vector<float> profile(kTracks * kLength), out(profile.size());
  std::iota(profile.begin(), profile.end(), 0.0f);
  const std::vector<std::int64_t> order = {3, 0, 4, 1, 2};
  reverse_complement_profile(profile, order, out);
  for (std::size_t c = 0; c < kTracks; ++c) {
    for (std::size_t i = 0; i < kLength; ++i) {
      EXPECT_EQ(out[c * kLength + i], profile[static_cast<std::size_t>(order[c]) * kLength + kLength - 1 - i]);
    }
  }
  const std::vector<std::int64_t> twice = {0, 0, 1, 2, 3};
  EXPECT_THAT(error_text([&] { reverse_complement_profile(profile, twice, out); }),
              HasSubstr("[0, 0, 1, 2, 3] is no permutation of 0 to 4"));
  EXPECT_THAT(error_text([&] { reverse_complement_profile(profile, 5); }), HasSubstr("5 channels do not pair"));
}

TEST(GcFraction, LeavesNOut) {
  EXPECT_DOUBLE_EQ(gc_fraction(encode("GCAN")), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(gc_fraction(encode("NN")), 0.0);
}

// Whole vectors, their remains and the table of letters give the same tokens,
// at any length and place of an odd letter.
RC_GTEST_PROP(EncodeLaws, EveryLetterByItself, ()) {
  const auto text = *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 5000),
                                                     rc::gen::elementOf(std::string("ACGTNacgtnACGTACGTRu")));
  std::vector<Token> tokens(text.size());
  const EncodeReport report = encode(text, tokens, Ambiguity::as_n);
  const std::vector<Token> expected = {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 3};
  std::int64_t n = 0, ambiguous = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto place = std::string("ACGTNacgtnRu").find(text[i]);
    RC_ASSERT(tokens[i] == expected[place]);
    n += place == 4 || place == 9;
    ambiguous += place == 10;
  }
  RC_ASSERT(report.n == n);
  RC_ASSERT(report.ambiguous == ambiguous);
  const auto first = text.find('R');
  RC_ASSERT(report.first_ambiguous == (first == std::string::npos ? -1 : static_cast<std::int64_t>(first)));
  RC_ASSERT(find_invalid(text) == report.first_ambiguous);
}

TEST(Encode, EveryByteIsALetterOrRefused) {
  const std::string allowed = "ACGTNUacgtnu";
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t place : {0, 7, 15, 16, 33, 36}) {
      std::string text(37, 'A');
      text[place] = static_cast<char>(byte);
      const bool good = allowed.find(static_cast<char>(byte)) != std::string::npos;
      EXPECT_EQ(find_invalid(text), good ? -1 : static_cast<std::int64_t>(place)) << byte;
      if (good)
        EXPECT_EQ(encode(text)[place], encode(text.substr(place, 1))[0]) << byte;
      else
        EXPECT_THROW(encode(text), DataError) << byte;
    }
  }
}

}  // namespace
}  // namespace basewise::seq
