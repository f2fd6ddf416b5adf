#include "basewise/prepare/methylation_show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

TEST(MethylationShow, TheFirstSitesOfARegion) {
  const Folder folder;
  MethylationShowOptions options;
  options.inputs.calls = {folder.file("a.tsv", "chr1\t3\t1\nchr1\t8\t0\nchr2\t4\t1\n"),
                          folder.file("b.tsv", "chr1\t8\t0.5\nchr1\t12\t1\n")};
  options.inputs.genome = folder.file("x.fa", ">chr1\nAACGTTTCGTACG\n>chr2\nTTACGA\n");
  options.region = "1:4-20";
  options.neighbours = 2;
  options.dna = 5;
  options.most = 1;
  const MethylationShowResult result = methylation_show(options);
  EXPECT_THAT(result.cells, ElementsAre("a", "b"));
  EXPECT_EQ(result.in_region, 2);
  ASSERT_EQ(result.sites.size(), 1U);
  const ShownSite& site = result.sites.front();
  EXPECT_EQ(site.chromosome, "chr1");
  EXPECT_EQ(site.position, 7);
  EXPECT_EQ(site.dna, "TTCGT");
  EXPECT_EQ(site.cells[0].share, 0);
  EXPECT_THAT(site.cells[0].states, ElementsAre(1, -1));
  EXPECT_THAT(site.cells[0].distances, ElementsAre(5, -1));
  EXPECT_EQ(site.cells[1].share, 0.5F);
  EXPECT_THAT(site.cells[1].states, ElementsAre(-1, 1));
  options.region = "chr2";
  options.neighbours = 0;
  const auto of_chromosome = methylation_show(options);
  ASSERT_EQ(of_chromosome.sites.size(), 1U);
  EXPECT_EQ(of_chromosome.sites.front().cells[1].share, -1);
  EXPECT_TRUE(of_chromosome.sites.front().cells[0].states.empty());
  options.region = "";
  EXPECT_EQ(methylation_show(options).in_region, 4);
  options.region = "chr9";
  EXPECT_THAT(error_text<ArgumentError>([&] { methylation_show(options); }), HasSubstr("no cell has calls on chr9; there are chr1, chr2"));
  options.region = "chr1:x";
  EXPECT_THAT(error_text<ArgumentError>([&] { methylation_show(options); }), HasSubstr("region: "));
  options.dna = 4;
  EXPECT_THAT(error_text<ArgumentError>([&] { methylation_show(options); }), HasSubstr("dna is 4 bases"));
}

}  // namespace
}  // namespace basewise::prepare
