#include "basewise/methylation/annotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::methylation {
namespace {

using testing::HasSubstr;
using testing_files::Folder;

TEST(Annotation, RegionsOnTheChromosomesOfATable) {
  const Folder folder;
  const Annotation islands(
      folder.file("CGI.bed.gz", testing_files::gzip("chr2\t10\t20\nchr1\t5\t6\nchr2\t15\t30\nchr2\t40\t41\nchrY\t1\t9\n")),
      {"1", "2", "3"});
  EXPECT_EQ(islands.name(), "CGI");
  EXPECT_EQ(islands.left_out(), 1);
  for (const auto& [chrom, position, inside] : std::vector<std::tuple<std::size_t, std::int64_t, bool>>{{0, 4, false},
                                                                                                        {0, 5, true},
                                                                                                        {0, 6, false},
                                                                                                        {1, 9, false},
                                                                                                        {1, 10, true},
                                                                                                        {1, 29, true},
                                                                                                        {1, 30, false},
                                                                                                        {1, 40, true},
                                                                                                        {1, 41, false},
                                                                                                        {2, 5, false}})
    EXPECT_EQ(islands.contains({chrom, position}), inside) << chrom << ':' << position;
}

TEST(Annotation, Errors) {
  const Folder folder;
  const auto bed = folder.file("a.bed", "chrZ\t1\t9\n"), same = folder.file("a.bed.gz", testing_files::gzip("1\t1\t9\n"));
  EXPECT_THAT(error_text<DataError>([&] { Annotation(bed, {"1"}); }), HasSubstr("a.bed: has no region on 1"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read_annotations({same, same}, {"1"}); }), HasSubstr("are both called 'a'"));
}

TEST(Annotation, ExonsOfMouse) {
  const auto exons = testing_files::shared_data("deepcpg/annos/exons.bed.gz");
  if (!exons) GTEST_SKIP() << "deepcpg is not in BASEWISE_DATA or ../shared/data";
  const Annotation annotation(*exons, {"18", "19"});
  for (const std::int64_t position : {3'267'095, 4'375'924, 5'592'169}) EXPECT_TRUE(annotation.contains({0, position - 1})) << position;
  EXPECT_FALSE(annotation.contains({0, 3'000'023 - 1}));
  EXPECT_FALSE(annotation.contains({1, 4'438'754 - 1}));
}

}  // namespace
}  // namespace basewise::methylation
