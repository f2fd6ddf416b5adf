// The variants of Baskerville's own tests: eight eQTLs, 74 tracks of which 54 are strands of 27.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/tsv.h"
#include "basewise/nn/model.h"
#include "basewise/variants/detail/test_variants.h"
#include "tests/support/test_files.h"

namespace basewise::variants {
namespace {

using metrics::VariantScore;
using testing_files::shared_data;

class BasenjiVariants : public testing::VariantTest {
 protected:
  /// The other strand of each target.
  static std::vector<std::int64_t> partners(const fs::path& targets) {
    io::TsvReader rows(targets, {.separator = "\t"});
    std::vector<std::int64_t> all;
    while (rows.next()) all.push_back(rows.integer("strand_pair"));
    return all;
  }
};

TEST_F(BasenjiVariants, EightTimesFortySevenAndTheirNegatives) {
  const auto data = shared_data("baskerville_tiny");
  if (!data) GTEST_SKIP() << "baskerville_tiny is not in BASEWISE_DATA or ../shared/data";
  run_.model = nn::build_model_file("recipes/basenji/overfit.model.toml", 1);
  run_.model->eval();
  const std::string head = run_.model->output_names()[0];
  run_.forms.partners[head] = partners(*data / "hg38/targets.txt");
  VariantOptions o;
  o.genome = *data / "fasta/hg38_1m.fa.gz";
  o.vcf = *data / "snp/eqtl.vcf";
  o.tsv = folder_ / "a.tsv";
  o.scores = {VariantScore::sad, VariantScore::log_sad, VariantScore::log_sed, VariantScore::sax, VariantScore::d1, VariantScore::log_d2};
  o.batch_size = 4;
  const VariantResult result = score(o);
  EXPECT_EQ(result.rows, 8);
  EXPECT_EQ(result.status, (std::map<std::string, std::int64_t>{{"as_written", 8}}));
  EXPECT_EQ(result.fields.size(), 6 * 47);
  EXPECT_EQ(result.window, 131'072);
  const auto found = table(o.tsv);
  o.vcf = *data / "snp/eqtl_flip.vcf";
  o.tsv = folder_ / "b.tsv";
  EXPECT_EQ(score(o).status, (std::map<std::string, std::int64_t>{{"flipped", 8}}));
  const auto flipped = table(o.tsv);
  for (const std::string& field : result.fields) {
    const double sign = field.starts_with("D1") || field.starts_with("logD2") ? 1 : -1;
    ASSERT_EQ(found.at(field).size(), 8u);
    for (std::size_t i = 0; i < 8; ++i) {
      const double value = std::stod(found.at(field)[i]);
      if (field.starts_with("D1")) {
        EXPECT_GT(value, 0) << field << i;
      }
      EXPECT_EQ(value, sign * std::stod(flipped.at(field)[i])) << field << i;
    }
  }
  o.tracks = {"0", "73"};
  o.vcf = *data / "snp/eqtl.vcf";
  const VariantResult some = score(o);
  EXPECT_EQ(some.fields.size(), 6 * 2);
  const auto chosen = table(o.tsv);
  for (const std::string& field : some.fields) EXPECT_EQ(chosen.at(field), found.at(field)) << field;
}

}  // namespace
}  // namespace basewise::variants
