#include "basewise/seq/chrom_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::seq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

const std::optional<std::size_t> kNowhere;

ChromSizes genome(const std::vector<std::string>& names) {
  ChromSizes sizes({}, "g.fa");
  for (const std::string& name : names) sizes.add({name, 100, false});
  return sizes;
}

TEST(NameMatch, AnExactNameWinsAlsoWhenATranslatedOneExists) {
  const NameMatch both = match_names(genome({"chr1", "chrX", "X"}), {"chr1", "X"}, "t.bw");
  EXPECT_THAT(both.places, ElementsAre(Optional(0U), Optional(2U)));
  EXPECT_EQ(both.translated + both.left_out, "");
  const NameMatch shadowed = match_names(genome({"chr1", "chrX"}), {"chr1", "X", "chrX"}, "t.bw");
  EXPECT_THAT(shadowed.places, ElementsAre(Optional(0U), kNowhere, Optional(1U)));
  EXPECT_THAT(shadowed.unmatched, ElementsAre("X"));
  EXPECT_EQ(shadowed.left_out, "'X' is not taken for another spelling of a name that t.bw has as well");
}

TEST(NameMatch, TranslationsAreCountedWithAnExample) {
  const NameMatch match = match_names(genome({"chr1", "chr2", "chrM"}), {"chr2", "1", "MT"}, "a.bed");
  EXPECT_THAT(match.places, ElementsAre(Optional(1U), Optional(0U), Optional(2U)));
  EXPECT_EQ(match.translated, "2 names are translated, such as '1' to 'chr1' of g.fa");
}

TEST(NameMatch, TwoNamesAreNeverMergedBySpelling) {
  EXPECT_THAT(error_text([] { match_names(genome({"chr1"}), {"1", "Chr1"}, "a.bed"); }),
              HasSubstr("a.bed has the names '1' and 'Chr1', and both would be 'chr1' of g.fa; say with a table of aliases"));
  ChromSizes told = genome({"chr1"});
  told.add_aliases({{"chr1", "1", "Chr1"}});
  const NameMatch match = match_names(told, {"1", "Chr1"}, "a.bed");
  EXPECT_THAT(match.places, ElementsAre(Optional(0U), Optional(0U)));
  EXPECT_THAT(names_by_sequence(told, {"1", "Chr1"}, match), ElementsAre(Optional(0U)));
  EXPECT_THAT(names_by_sequence(told, {"1", "chr1"}, match_names(told, {"1", "chr1"}, "a.bw")), ElementsAre(Optional(1U)));
}

TEST(NameMatch, EitherSideMayKnowTheNumbers) {
  std::vector<std::string> roman, arabic;
  for (int n = 1; n <= 16; ++n) {
    roman.push_back(number_to_roman(n));
    arabic.push_back("chr" + std::to_string(n));
  }
  const NameMatch forward = match_names(genome(roman), arabic, "t.bw"), backward = match_names(genome(arabic), roman, "t.bw");
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(forward.places[i], i);
    EXPECT_EQ(backward.places[i], i) << "ten Roman names in a row: X is a number";
  }
  EXPECT_THAT(match_names(genome({"chr1", "chr10"}), {"1", "X"}, "t.bw").places, ElementsAre(Optional(0U), kNowhere));
}

TEST(NameMatch, WhatWasNotAskedForIsKnownAndNotUsed) {
  ChromSizes sizes = genome({"chrX"});
  sizes.add_unused("X");
  sizes.add_unused("chrM");
  sizes.add_aliases({{"chrM", "NC_012920.1"}, {"chrX", "NC_000023.11"}, {"chr7", "seven"}});
  const NameMatch match = match_names(sizes, {"X", "MT", "NC_012920.1", "NC_000023.11", "chrUn"}, "a.bed");
  EXPECT_THAT(match.places, ElementsAre(kNowhere, kNowhere, kNowhere, Optional(0U), kNowhere));
  EXPECT_EQ(match.left_out,
            "'X', 'MT', 'NC_012920.1' are not among the chromosomes that were asked for; 'chrUn' is not in g.fa, which has 'chrX'");
  EXPECT_EQ(sizes.look_up("chrX").rule, NameRule::exact);
  EXPECT_EQ(sizes.look_up("NC_000023.11").rule, NameRule::table);
  EXPECT_EQ(sizes.look_up("seven").rule, NameRule::none);
  EXPECT_THAT(error_text([&] { sizes.index("MT", "x.bed"); }), HasSubstr("x.bed uses 'MT', which g.fa holds but which was not asked for"));
}

TEST(NameMatch, LongListsEndInACount) {
  std::vector<std::string> contigs;
  for (int i = 0; i < 3004; ++i) contigs.push_back("scaffold_" + std::to_string(i));
  EXPECT_THAT(match_names(genome(contigs), {"chr99"}, "a.tsv").left_out, HasSubstr("'scaffold_4' and 2999 more"));
}

}  // namespace
}  // namespace basewise::seq
