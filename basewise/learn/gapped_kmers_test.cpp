#include "basewise/learn/gapped_kmers.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "basewise/learn/kmer_columns.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::learn {
namespace {

using testing::HasSubstr;

/// Every word at every place.
std::vector<std::uint32_t> by_search(const std::string& sequence, const GappedKmers& words) {
  std::vector<std::uint32_t> counts;
  const auto k = static_cast<std::size_t>(words.k());
  for (std::int64_t word = 0; word < words.words(); ++word) {
    const std::string name = words.name(word);
    std::uint32_t found = 0;
    for (std::size_t at = 0; at + k <= sequence.size(); ++at) {
      bool fits = true;
      for (std::size_t i = 0; i < k; ++i) fits = fits && (name[i] == 'N' || name[i] == sequence[at + i]);
      found += fits ? 1 : 0;
    }
    counts.push_back(found);
  }
  return counts;
}

TEST(GappedKmers, EqualASearchForEachWord) {
  Stream random(9);
  for (const std::int64_t k : {1, 2, 3, 5})
    for (const std::size_t length : {0, 1, 2, 4, 5, 37, 200}) {
      const GappedKmers words(k);
      std::string sequence;
      for (std::size_t i = 0; i < length; ++i) sequence += "ACGTN"[random.below(random.bernoulli(0.2) ? 5 : 4)];
      std::vector<std::uint32_t> counts(static_cast<std::size_t>(words.words()), 7u);
      words.count(seq::encode(sequence), counts);
      EXPECT_EQ(counts, by_search(sequence, words)) << k << ' ' << sequence;
    }
}

TEST(GappedKmers, SixLettersAre15625Words) {
  const GappedKmers words;
  EXPECT_EQ(words.words(), 15'625);
  EXPECT_EQ(words.name(0), "AAAAAA");
  EXPECT_EQ(words.name(1), "AAAAAC");
  EXPECT_EQ(words.name(15'624), "NNNNNN");
  std::vector<std::uint32_t> counts(15'625);
  words.count(seq::encode("ACGTACGTNA"), counts);
  EXPECT_EQ(counts[15'624], 5u);  // every place
  const auto of = [&](std::string_view name) {
    for (std::int64_t word = 0; word < words.words(); ++word)
      if (words.name(word) == name) return counts[static_cast<std::size_t>(word)];
    return 0u;
  };
  EXPECT_EQ(of("ACGTAC"), 1u);
  EXPECT_EQ(of("ANNNAN"), 1u);  // ACGTAC; the fifth letter of ACGTNA is no A
  EXPECT_EQ(of("ACGTNA"), 1u);
  EXPECT_EQ(of("NNNNNA"), 1u);
}

TEST(KmerColumns, CodesStandForCounts) {
  Stream random(4);
  const GappedKmers words(3);
  std::vector<std::vector<seq::Token>> sequences(150);
  for (auto& sequence : sequences)
    for (std::size_t i = 0, n = 20 + random.below(900); i < n; ++i) sequence.push_back(static_cast<seq::Token>(random.below(5)));
  const BinnedColumns binned = binned_counts(sequences, words, 255);
  const Columns counts = counts_of(sequences, words);
  ASSERT_EQ(binned.rows(), 150);
  ASSERT_EQ(binned.columns(), 125);
  for (std::int64_t word = 0; word < 125; ++word)
    for (std::int64_t row = 0; row < 150; ++row)
      ASSERT_EQ(binned.value(row, word), counts.values[static_cast<std::size_t>(word)][static_cast<std::size_t>(row)]);
  // Few bins: the same as those of the columns.
  const BinnedColumns few = binned_counts(sequences, words, 7), wanted(counts, 7);
  for (std::int64_t word = 0; word < 125; ++word)
    EXPECT_TRUE(std::equal(few.codes(word), few.codes(word) + 150, wanted.codes(word))) << words.name(word);
}

TEST(KmerColumns, SequencesByTheNamesOfRows) {
  const testing_files::Folder folder;
  const auto fasta = folder.file("x.fa", ">b\nACGR\n>c\nTT\n>a more\nGGn\n");
  const RowSequences found = read_sequences(fasta, {"a", "b", "a"});
  EXPECT_EQ(seq::decode(found.sequences[0]), "GGN");
  EXPECT_EQ(seq::decode(found.sequences[1]), "ACGN");
  EXPECT_EQ(found.sequences[2], found.sequences[0]);
  EXPECT_THAT(found.notes, testing::ElementsAre(HasSubstr("1 sequences belong to no row"), HasSubstr("1 ambiguous letters are N")));
  EXPECT_THAT(error_text<DataError>([&] {
                read_sequences(fasta, {"a", "d", "e"});
              }),
              HasSubstr("has no sequence for 2 of 3 rows; the first is 'd'"));
}

TEST(GappedKmers, Errors) {
  EXPECT_THAT(error_text<ArgumentError>([] { GappedKmers(9); }), HasSubstr("gapped k-mers of 9 letters; there must be 1 to 8"));
  std::vector<std::uint32_t> counts(3);
  EXPECT_THAT(error_text<ArgumentError>([&] { GappedKmers(2).count({}, counts); }), HasSubstr("3 counts for 25 gapped k-mers"));
  EXPECT_THAT(error_text<ArgumentError>([] { GappedKmers(2).name(25); }), HasSubstr("gapped k-mer 25 of 25"));
}

}  // namespace
}  // namespace basewise::learn
