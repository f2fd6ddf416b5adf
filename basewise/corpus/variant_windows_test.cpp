#include "basewise/corpus/variant_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/io/vcf.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using enum AlleleStatus;

//                               0123456789 123456789
const std::string kChromosome = "AACCGGTTACGTACGTTGCA";

seq::Genome genome_of(const std::string& letters = kChromosome, bool circular = false) {
  seq::Genome genome("g.fa");
  genome.add("chr1", seq::encode(letters), circular);
  return genome;
}

io::VcfRecord row(std::int64_t pos, const std::string& ref, const std::vector<std::string>& alts, const std::string& chrom = "chr1") {
  io::VcfRecord record{.chrom = chrom, .position = pos - 1, .ref = ref, .alts = alts};
  record.kinds.assign(alts.size(), io::AlleleKind::letters);
  return record;
}

std::string window(const VariantWindows& windows, const PlacedVariant& v, const std::string& allele, std::int64_t offset = 0) {
  std::vector<seq::Token> tokens(static_cast<std::size_t>(windows.length()), 9);
  windows.read(v, allele, offset, tokens);
  return seq::decode(tokens);
}

/// Reference and first alternative.
std::pair<std::string, std::string> both(std::int64_t length, std::int64_t pos, const std::string& ref, const std::string& alt,
                                         WindowFill fill = WindowFill::n, const seq::Genome& genome = genome_of()) {
  VariantWindows windows(genome, length, fill);
  const PlacedVariant v = windows.place(row(pos, ref, {alt}));
  EXPECT_TRUE(v.scored());
  return {window(windows, v, v.ref), window(windows, v, alt)};
}

using Pair = std::pair<std::string, std::string>;

// Of 8 bases the variant is at index 3, of 9 too.
TEST(VariantWindows, InTheMiddleOfAChromosome) {
  EXPECT_EQ(both(8, 9, "A", "T"), (Pair{"GTTACGTA", "GTTTCGTA"}));
  EXPECT_EQ(both(9, 9, "A", "T"), (Pair{"GTTACGTAC", "GTTTCGTAC"}));
  EXPECT_EQ(both(8, 9, "A", "AGG"), (Pair{"GTTACGTA", "GTTAGGCG"}));
  EXPECT_EQ(both(8, 9, "ACG", "A"), (Pair{"GTTACGTA", "GTTATANN"}));
  EXPECT_EQ(both(8, 9, "ACG", "A", WindowFill::genome), (Pair{"GTTACGTA", "GTTATACG"}));
  EXPECT_EQ(both(8, 9, "ACG", "TTT"), (Pair{"GTTACGTA", "GTTTTTTA"}));
  EXPECT_EQ(both(8, 9, "acg", "cc"), (Pair{"GTTACGTA", "GTTCCTAN"}));
  EXPECT_EQ(both(8, 9, "ACGTACGTT", "A"), (Pair{"GTTACGTA", "GTTANNNN"}));
  EXPECT_EQ(both(8, 9, "A", "ATTTTTTTT"), (Pair{"GTTACGTA", "GTTATTTT"}));
}

TEST(VariantWindows, AtBothEndsOfAChromosome) {
  EXPECT_EQ(both(8, 1, "A", "G"), (Pair{"NNNAACCG", "NNNGACCG"}));
  EXPECT_EQ(both(8, 2, "A", "ATT"), (Pair{"NNAACCGG", "NNAATTCC"}));
  EXPECT_EQ(both(8, 1, "AAC", "A"), (Pair{"NNNAACCG", "NNNACGNN"}));
  EXPECT_EQ(both(8, 1, "AAC", "A", WindowFill::genome), (Pair{"NNNAACCG", "NNNACGGT"}));
  EXPECT_EQ(both(8, 20, "A", "G"), (Pair{"TGCANNNN", "TGCGNNNN"}));
  EXPECT_EQ(both(8, 20, "A", "ACC"), (Pair{"TGCANNNN", "TGCACCNN"}));
  EXPECT_EQ(both(8, 18, "GCA", "G"), (Pair{"GTTGCANN", "GTTGNNNN"}));
  EXPECT_EQ(both(8, 18, "GCA", "G", WindowFill::genome), (Pair{"GTTGCANN", "GTTGNNNN"}));
  const seq::Genome genome = genome_of();
  EXPECT_EQ(both(30, 9, "A", "AC", WindowFill::n, genome), (Pair{"NNNNNNAACCGGTTACGTACGTTGCANNNN", "NNNNNNAACCGGTTACCGTACGTTGCANNN"}));
  VariantWindows windows(genome, 8);
  EXPECT_TRUE(windows.place(row(1, "A", {"G"})).padded);
  EXPECT_FALSE(windows.place(row(4, "C", {"G"})).padded);
  EXPECT_FALSE(windows.place(row(16, "T", {"G"})).padded);
  EXPECT_TRUE(windows.place(row(17, "T", {"G"})).padded);
}

TEST(VariantWindows, RunOverTheOriginOfACircularChromosome) {
  const seq::Genome circle = genome_of(kChromosome, true);
  EXPECT_EQ(both(8, 1, "A", "G", WindowFill::n, circle), (Pair{"GCAAACCG", "GCAGACCG"}));
  EXPECT_EQ(both(8, 20, "A", "ACC", WindowFill::n, circle), (Pair{"TGCAAACC", "TGCACCAA"}));
  EXPECT_EQ(both(8, 18, "GCA", "G", WindowFill::genome, circle), (Pair{"GTTGCAAA", "GTTGAACC"}));
}

// What follows an indel lies as it does in the window of the shorter allele.
TEST(VariantWindows, OfTheLongerAlleleAreShiftedToCompensate) {
  const seq::Genome genome = genome_of();
  VariantWindows windows(genome, 8);
  const PlacedVariant insertion = windows.place(row(9, "A", {"AGG"})), deletion = windows.place(row(9, "ACG", {"A"}));
  EXPECT_EQ(window(windows, insertion, "A"), "GTTACGTA");
  EXPECT_EQ(window(windows, insertion, "AGG", 2), "TAGGCGTA");
  EXPECT_EQ(window(windows, deletion, "A"), "GTTATANN");
  EXPECT_EQ(window(windows, deletion, "ACG", 2), "TACGTANN");
  EXPECT_EQ(window(windows, insertion, "AGG", 5), "GCGTANNN");
}

TEST(VariantWindows, MayHaveSeveralAlternatives) {
  const seq::Genome genome = genome_of();
  VariantWindows windows(genome, 8);
  const PlacedVariant v = windows.place(row(9, "AC", {"A", "G", "ACC"}));
  EXPECT_THAT(v.status, testing::Each(as_written));
  EXPECT_EQ(window(windows, v, v.ref), "GTTACGTA");
  EXPECT_EQ(window(windows, v, "A"), "GTTAGTAN");
  EXPECT_EQ(window(windows, v, "G"), "GTTGGTAN");
  EXPECT_EQ(window(windows, v, "ACC"), "GTTACCGT");
}

TEST(VariantWindows, SwappedAllelesHaveTheSameWindows) {
  for (const WindowFill fill : {WindowFill::n, WindowFill::genome}) {
    const seq::Genome genome = genome_of();
    VariantWindows windows(genome, 8, fill);
    for (const auto& [ref, alt] : {Pair{"A", "T"}, Pair{"A", "AGG"}, Pair{"ACG", "A"}, Pair{"ACG", "TT"}}) {
      const PlacedVariant as_given = windows.place(row(9, ref, {alt})), swapped = windows.place(row(9, alt, {ref}));
      EXPECT_EQ(as_given.status[0], as_written);
      // A deletion turned around is an insertion whose first base the genome has.
      EXPECT_EQ(swapped.status[0], alt == "A" ? as_written : flipped) << ref << alt;
      if (swapped.status[0] != flipped) continue;
      EXPECT_EQ(window(windows, swapped, swapped.ref), window(windows, as_given, alt));
      EXPECT_EQ(window(windows, swapped, ref), window(windows, as_given, ref));
    }
  }
}

TEST(VariantWindows, SayWhyThereIsNone) {
  const seq::Genome genome = genome_of("AACCNNTT");
  VariantWindows windows(genome, 8);
  const auto status = [&](const io::VcfRecord& record) { return windows.place(record).status.at(0); };
  EXPECT_EQ(status(row(1, "C", {"G"})), mismatch);
  EXPECT_EQ(status(row(5, "N", {"G"})), mismatch);
  EXPECT_EQ(status(row(0, "A", {"G"})), outside);
  EXPECT_EQ(status(row(9, "A", {"G"})), outside);
  EXPECT_EQ(status(row(8, "TG", {"T"})), outside);
  EXPECT_EQ(status(row(1, "A", {"G"}, "chr7")), elsewhere);
  EXPECT_EQ(windows.unknown_names(), std::vector<std::string>{"chr7"});
  EXPECT_EQ(status(row(1, "A", {"G"}, "1")), as_written);
  io::VcfRecord mixed = row(1, "A", {"<DEL>", "G", "*"});
  mixed.kinds = {io::AlleleKind::symbolic, io::AlleleKind::letters, io::AlleleKind::overlapped};
  EXPECT_THAT(windows.place(mixed).status, testing::ElementsAre(symbolic, as_written, overlapped));
  mixed.position = 99;
  EXPECT_THAT(windows.place(mixed).status, testing::ElementsAre(symbolic, outside, overlapped));
  EXPECT_FALSE(windows.place(mixed).scored());
  EXPECT_THAT(error_text([&] { VariantWindows(genome, 1); }), testing::HasSubstr("give at least 2"));
}

// Against the sequence with the allele, written out.
RC_GTEST_PROP(VariantWindows, AreCutFromTheSequenceWithTheAllele, ()) {
  const auto letters = [](int from, int to) {
    return rc::gen::mapcat(rc::gen::inRange(from, to), [](int n) {
      return rc::gen::container<std::string>(static_cast<std::size_t>(n), rc::gen::elementOf(std::string("ACGT")));
    });
  };
  const std::string chromosome = *letters(1, 40), allele = *letters(1, 9);
  const auto position = *rc::gen::inRange<std::size_t>(0, chromosome.size());
  const std::string ref = chromosome.substr(position, *rc::gen::inRange<std::size_t>(1, 9));
  const auto length = *rc::gen::inRange<std::int64_t>(2, 30);
  const auto offset = *rc::gen::inRange<std::int64_t>(0, 12);
  const seq::Genome genome = genome_of(chromosome);
  VariantWindows windows(genome, length, WindowFill::genome);
  const PlacedVariant v = windows.place(row(static_cast<std::int64_t>(position) + 1, ref, {allele}));
  RC_ASSERT(v.scored());
  const std::string around(60, 'N');
  std::string changed = around + chromosome + around;
  changed.replace(60 + position, ref.size(), allele);
  RC_ASSERT(window(windows, v, allele, offset) ==
            changed.substr(60 + position - static_cast<std::size_t>(windows.left()) + static_cast<std::size_t>(offset),
                           static_cast<std::size_t>(length)));
}

TEST(VariantWindows, FlanksAreShuffledAndAllelesStay) {
  std::string letters;
  Stream draw(5);
  for (int i = 0; i < 400; ++i) letters += "ACGT"[draw.below(4)];
  const seq::Genome genome = genome_of(letters);
  VariantWindows windows(genome, 60, WindowFill::genome);
  const std::string ref = letters.substr(199, 3);
  const PlacedVariant v = windows.place(row(200, ref, {"GGGGG", ref.substr(0, 1)}));
  const ShuffledFlanks flanks = windows.shuffled(v, Stream(3));
  EXPECT_EQ(flanks.left, windows.shuffled(v, Stream(3)).left);
  EXPECT_NE(flanks.right, windows.shuffled(v, Stream(4)).right);
  const auto pairs = [](const std::string& text) {
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) ++counts[text.substr(i, 2)];
    return counts;
  };
  EXPECT_EQ(pairs(seq::decode(flanks.left)), pairs(letters.substr(139, 60)));
  EXPECT_EQ(pairs(seq::decode(flanks.right)), pairs(letters.substr(202, 60)));
  const auto shuffled = [&](const std::string& allele, std::int64_t offset = 0) {
    std::vector<seq::Token> tokens(60, 9);
    windows.read(v, allele, offset, tokens, &flanks);
    return seq::decode(tokens);
  };
  const std::string left = seq::decode(flanks.left), right = seq::decode(flanks.right);
  EXPECT_EQ(shuffled(ref), left.substr(31) + ref + right.substr(0, 28));
  EXPECT_EQ(shuffled("GGGGG"), left.substr(31) + "GGGGG" + right.substr(0, 26));
  EXPECT_EQ(shuffled("GGGGG", 2), left.substr(33) + "GGGGG" + right.substr(0, 28));
  EXPECT_EQ(shuffled(ref.substr(0, 1)), left.substr(31) + ref.substr(0, 1) + right.substr(0, 30));
}

}  // namespace
}  // namespace basewise::corpus
