// Quantiles of scores among those of a background.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/safetensors.h"
#include "basewise/variants/detail/test_variants.h"

namespace basewise::variants {
namespace {

using metrics::VariantScore;
using ::testing::HasSubstr;

class VariantBackground : public testing::VariantTest {
 protected:
  static double share(const std::vector<std::string>& background, double x, bool sizes) {
    double below = 0;
    for (const std::string& text : background) below += (sizes ? std::abs(std::stod(text)) : std::stod(text)) < x;
    return below / static_cast<double>(background.size());
  }

  VariantOptions for_background() {
    VariantOptions o = options(rows(), "background");
    o.scores = {VariantScore::sad, VariantScore::ref, VariantScore::alt};
    o.outputs = {"rates"};
    o.background_out = folder_ / "background.safetensors";
    return o;
  }
};

TEST_F(VariantBackground, QuantilesAreSharesOfSmallerScores) {
  VariantOptions o = for_background();
  EXPECT_EQ(score(o).files.back(), o.background_out);
  const auto background = table(o.tsv);
  VariantOptions with = options(rows() + row(100, 1, other(100)) + row(100, 1, "<DEL>"));
  with.scores = o.scores;
  with.outputs = o.outputs;
  with.background = o.background_out;
  with.hdf5 = folder_ / "scores.h5";
  const VariantResult result = score(with);
  EXPECT_EQ(result.fields.size(), 3u * 3 * 2 + 3);
  const auto found = table(with.tsv);
  for (const std::string track : {"rates:0", "rates:1", "rates:2"})
    for (std::size_t i = 0; i < 11; ++i) {
      const auto of = [&](const std::string& name) { return std::stod(found.at(name + ":" + track)[i]); };
      EXPECT_NEAR(of("SAD_pct"), share(background.at("SAD:" + track), std::abs(of("SAD")), true), 1e-6) << track << i;
      EXPECT_NEAR(of("active_allele_quantile"), share(background.at("REF:" + track), std::max(of("REF"), of("ALT")), false), 1e-6);
    }
  EXPECT_EQ(found.at("SAD_pct:rates:0")[11], "nan");
  EXPECT_THAT(read_file(with.out), HasSubstr("|SAD_pct:rates:0|"));
}

TEST_F(VariantBackground, ShufflesAreDrawnFromTheSeed) {
  VariantOptions o = for_background();
  o.out = o.tsv = "";
  o.shuffles = 23;
  EXPECT_EQ(score(o).rows, 23);
  const std::string bytes = read_file(o.background_out);
  EXPECT_EQ(io::SafetensorsFile(o.background_out).at("0/score/SAD:rates:0").shape.at(0), 29);  // the last row, three times, has three
  score(o);
  EXPECT_EQ(read_file(o.background_out), bytes);
  o.seed = 2;
  score(o);
  EXPECT_NE(read_file(o.background_out), bytes);
  o.tsv = folder_ / "x.tsv";
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("shuffles are for a background alone"));
  o.tsv = "";
  o.vcf = "-";
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("the VCF needs a file"));
}

TEST_F(VariantBackground, OthersAreRefused) {
  VariantOptions o = for_background();
  score(o);
  VariantOptions with = options(rows());
  with.background = o.background_out;
  with.scores = {VariantScore::d1};
  with.outputs = {"rates"};
  EXPECT_THAT(error_text([&] { score(with); }), HasSubstr("the background has no '0/score/D1:rates:0'"));
  with.scores = {VariantScore::sad};
  with.pseudocount = 2;
  EXPECT_THAT(error_text([&] { score(with); }), HasSubstr("is the background of other runs, or of other options"));
  with.pseudocount = 1;
  score(with);
  write_file(folder_ / "bad.safetensors", "no");
  with.background = folder_ / "bad.safetensors";
  EXPECT_THAT(error_text([&] { score(with); }), HasSubstr("bad.safetensors"));
}

}  // namespace
}  // namespace basewise::variants
