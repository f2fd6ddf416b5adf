#include "basewise/seq/chrom_sizes.h"
#include "tests/support/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace basewise::seq {
namespace {

using testing::HasSubstr;

ChromSizes yeast() {
  ChromSizes sizes({}, "genome.fa");
  for (int n = 1; n <= 16; ++n) sizes.add({number_to_roman(n), 1000 * n, false});
  sizes.add({"Mito", 85779, true});
  return sizes;
}

ChromSizes human() {
  ChromSizes sizes({}, "hg38.fa");
  for (int n = 1; n <= 22; ++n) sizes.add({"chr" + std::to_string(n), 1000 * n, false});
  for (const char* name : {"chrX", "chrY", "chrM"}) sizes.add({name, 500, false});
  return sizes;
}

std::string found(const ChromSizes& sizes, std::string_view name) {
  const auto i = sizes.find(name);
  return i ? sizes[*i].name : "";
}

TEST(Roman, NumbersThereAndBack) {
  for (int n = 1; n < 400; ++n) EXPECT_EQ(roman_to_number(number_to_roman(n)), n);
  EXPECT_FALSE(roman_to_number("IIII"));
  EXPECT_FALSE(roman_to_number("chrI"));
}

TEST(ChromSizes, FindsNamesByRule) {
  const ChromSizes y = yeast();
  EXPECT_EQ(found(y, "IV"), "IV");
  EXPECT_EQ(found(y, "chrIV"), "IV");
  EXPECT_EQ(found(y, "chr4"), "IV");
  EXPECT_EQ(found(y, "4"), "IV");
  EXPECT_EQ(found(y, "chr10"), "X");
  EXPECT_EQ(found(y, "chrX"), "X");
  for (const char* name : {"M", "MT", "chrM", "chrMito", "Mito", "mitochondrion"}) EXPECT_EQ(found(y, name), "Mito") << name;
  EXPECT_EQ(found(y, "17"), "");
  EXPECT_EQ(found(y, ""), "");
  const ChromSizes h = human();
  EXPECT_EQ(found(h, "1"), "chr1");
  EXPECT_EQ(found(h, "X"), "chrX");
  EXPECT_EQ(found(h, "MT"), "chrM");
  EXPECT_EQ(found(h, "IV"), "chr4");
}

TEST(ChromSizes, SexChromosomeXIsNoNumber) {
  const ChromSizes worm({{"I", 1, false}, {"II", 2, false}, {"III", 3, false}, {"IV", 4, false}, {"V", 5, false}, {"X", 6, false}},
                        "ce11.fa");
  EXPECT_EQ(found(worm, "10"), "");
  EXPECT_EQ(found(worm, "5"), "V");
  const ChromSizes autosomes({{"chr1", 1, false}, {"chr10", 2, false}}, "a.fa");
  EXPECT_EQ(found(autosomes, "chrX"), "");
  EXPECT_EQ(found(autosomes, "X"), "");
}

TEST(ChromSizes, RefusesAmbiguousSpellings) {
  const ChromSizes both({{"chr2", 1, false}, {"Chr2", 2, false}}, "odd.fa");
  EXPECT_EQ(found(both, "chr2"), "chr2");
  EXPECT_EQ(found(both, "2"), "");
}

TEST(ChromSizes, TableOfAliases) {
  ChromSizes y = yeast();
  EXPECT_EQ(y.add_aliases({{"I", "NC_001133.9"}, {"X", "ten"}, {"other", "thing"}}), 1);
  EXPECT_EQ(found(y, "NC_001133.9"), "I");
  EXPECT_EQ(found(y, "ten"), "X");
  EXPECT_THAT(error_text([&] { y.add_aliases({{"I", "II"}}); }), HasSubstr("names the two chromosomes 'I' and 'II' of genome.fa"));
  EXPECT_THAT(error_text([&] { y.add_aliases({{"II", "ten"}}); }), HasSubstr("'ten' stands for 'X' and for 'II'"));
}

TEST(ChromSizes, ErrorsNameBothSides) {
  const std::string error = error_text([] { yeast().index("chr2L", "x.bed"); });
  EXPECT_THAT(error, HasSubstr("x.bed uses 'chr2L', genome.fa has 'I', 'II', 'III', 'IV', 'V' and 12 more; known aliases were tried"));
  const ChromSizes coli({{"NC_000913.3", 4641652, true}}, "coli.fa");
  EXPECT_THAT(error_text([&] { coli.index("NC_000913.2", "old.gff"); }), HasSubstr("'NC_000913.2' is another version of 'NC_000913.3'"));
  std::vector<Interval> list = {{"4", 0, 1, Strand::none}, {"q", 0, 1, Strand::none}, {"p", 0, 1, Strand::none}, {"q", 5, 6, Strand::none}};
  EXPECT_THAT(error_text([&] { yeast().rename(list, "x.bed"); }), HasSubstr("x.bed uses 'q', 'p', genome.fa has"));
  list.resize(1);
  yeast().rename(list, "x.bed");
  EXPECT_EQ(list[0].chrom, "IV");
}

TEST(ChromSizes, ConstructionErrors) {
  EXPECT_THAT(error_text([] {
                ChromSizes({{"a", 1, false}, {"a", 2, false}}, "x.sizes");
              }),
              HasSubstr("x.sizes: chromosome 'a' occurs twice"));
  EXPECT_THAT(error_text([] { ChromSizes({{"", 1, false}}, "x.sizes"); }), HasSubstr("empty name"));
  EXPECT_THAT(error_text([] { ChromSizes({{"a", -1, false}}, "x.sizes"); }), HasSubstr("negative length -1"));
}

TEST(ChromSizes, ChecksIntervals) {
  const ChromSizes y = yeast();
  EXPECT_NO_THROW(y.check({"chrI", 0, 1000, Strand::none}, "x.bed"));
  EXPECT_THAT(error_text([&] {
                y.check({"chrI", 990, 1001, Strand::none}, "x.bed:7");
              }),
              HasSubstr("x.bed:7: interval chrI [990, 1001) (0-based) does not lie inside 'I', which has 1000 bases in genome.fa"));
  EXPECT_FALSE(y.fits({"I", -1, 5, Strand::none}));
  EXPECT_TRUE(y.fits({"Mito", 85000, 86000, Strand::none}));
  EXPECT_FALSE(y.fits({"Mito", 85000, 85000 + 85780, Strand::none}));
}

TEST(ChromSizes, SumsLengths) { EXPECT_EQ(yeast().total_length(), 136000 + 85779); }

}  // namespace
}  // namespace basewise::seq
