#include "basewise/corpus/sites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/corpus/site_index.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using seq::Strand;
using testing::HasSubstr;

std::filesystem::path file(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "basewise_corpus_sites" / name;
  write_file(path, text);
  return path;
}

seq::ChromSizes sizes() { return seq::ChromSizes({{"chr1", 100, false}, {"chr2", 50, true}}, "toy.fa"); }

const std::string kTable = "chrom\tpos\tstrand\tkind\nchr1\t1\t+\ta\n1\t100\t-\ta\nchr2\t7\t+\tb\nchr2\t7\t+\tb\nchr2\t7\t-\tb\n";

SiteOptions table(const std::string& name, const std::string& text) {
  return {.file = file(name, text), .chromosome = "chrom", .position = "pos", .position_base = 1, .strand = "strand"};
}

TEST(Sites, TablesAreFilteredAndDeduplicated) {
  SiteOptions o = table("a.tsv", kTable);
  const SiteTable all = read_sites(o, sizes());
  EXPECT_EQ(all.sites,
            (std::vector<Site>{{0, 0, Strand::forward}, {0, 99, Strand::reverse}, {1, 6, Strand::forward}, {1, 6, Strand::reverse}}));
  EXPECT_EQ(all.rows, 5);
  EXPECT_EQ(all.duplicates, 1);
  o.where = {"kind=b"};
  const SiteTable some = read_sites(o, sizes());
  EXPECT_EQ(some.sites.size(), 2U);
  EXPECT_EQ(some.filtered, 2);
  EXPECT_EQ(some.summary(),
            "2 sites (1 on the reverse strand) from 5 rows, 2 rows did not meet the conditions, 1 rows were repeats of another one");
  o.where.clear();
  o.task = "kind";
  EXPECT_EQ(read_sites(o, sizes()).tasks, (std::vector<std::string>{"a", "b"}));
}

TEST(Sites, BedPoints) {
  const auto path = file("p.narrowPeak", "chr1\t10\t21\tx\t0\t-\t5\t-1\t-1\t3\n");
  const auto at = [&](SitePoint point) { return read_sites({.file = path, .point = point}, sizes()).sites.at(0).position; };
  EXPECT_EQ(at(SitePoint::centre), 15);
  EXPECT_EQ(at(SitePoint::summit), 13);
  EXPECT_EQ(at(SitePoint::start), 20) << "the 5' end of a feature on the reverse strand";
}

TEST(Sites, ErrorsNameFileAndLine) {
  EXPECT_THAT(error_text([] { read_sites(table("b.tsv", "chrom\tpos\tstrand\nchr1\t101\t+\n"), sizes()); }),
              HasSubstr("b.tsv:2: position 101 is not in 1 to 100 of chr1 (positions are counted from 1"));
  EXPECT_THAT(error_text([] { read_sites(table("c.tsv", "chrom\tpos\tstrand\nchr9\t1\t+\n"), sizes()); }),
              HasSubstr("chromosome 'chr9' is not in toy.fa, which has chr1, chr2"));
  EXPECT_THAT(error_text([] { read_sites(table("d.tsv", "chrom\tpos\tstrand\nchr1\t1\tx\n"), sizes()); }),
              HasSubstr("strand 'x' is none of + - ."));
  SiteOptions o = table("e.tsv", kTable);
  o.chromosome.clear();
  EXPECT_THAT(error_text([&] { read_sites(o, sizes()); }), HasSubstr("must name the column with chromosomes, for toy.fa has 2 sequences"));
}

TEST(Sites, KeysOfAnotherFormatAreRefused) {
  const auto read = [](const std::string& toml) {
    SiteOptions o;
    return maybe_error_text([&] { read_toml(described(o), toml, "r.toml"); });
  };
  EXPECT_EQ(read("point = \"summit\"\nstrand = \"strand\"\n"), "") << "the name of the file will tell";
  EXPECT_EQ(read("format = \"narrowpeak\"\npoint = \"summit\"\ntask = \"name\"\n"), "");
  EXPECT_THAT(read("format = \"bed\"\nposition_base = 1\n"),
              HasSubstr("position_base means nothing with format = \"bed\"; format = \"auto\" or \"table\" uses it"));
  EXPECT_THAT(read("format = \"table\"\npoint = \"start\"\n"),
              HasSubstr("point means nothing with format = \"table\"; format = \"auto\", \"bed\" or \"narrowpeak\" uses it"));
}

TEST(Sites, IndexFindsRanges) {
  const SiteTable sites{{{0, 5, Strand::forward}, {0, 9, Strand::none}, {0, 20, Strand::reverse}, {1, 5, Strand::forward}}, {"labels"}};
  const SiteIndex index(sites, sizes());
  EXPECT_THAT(index.range(0, Strand::forward, 5, 20), testing::ElementsAre(5, 9));
  EXPECT_THAT(index.range(0, Strand::reverse, 5, 21), testing::ElementsAre(9, 20));
  EXPECT_THAT(index.range(0, Strand::forward, 6, 9), testing::IsEmpty());
  EXPECT_EQ(index.count(0, 0, 100), 4);
  EXPECT_EQ(index.count(1, 0, 50), 1);
}

}  // namespace
}  // namespace basewise::corpus
