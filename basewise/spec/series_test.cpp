// Rules for options along a repetition, and layers that are left out.
#include "basewise/spec/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/spec/assign.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "tests/support/error_text.h"

namespace basewise::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::int64_t> values(std::string_view rule, std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(series_value(rule, i, count, {"m.toml", 7, 0}, "it"));
  return all;
}

// Sizes of the published models: docs of the towers give 288 to 512 in steps of 16, the paper of
// 2020 its six widths and eleven dilations.
TEST(Series, GivesTheSizesOfPublishedTowers) {
  EXPECT_THAT(values("from 339 times 1.1776", 6), ElementsAre(339, 399, 470, 554, 652, 768));
  EXPECT_THAT(values("from 288 to 512, multiples of 16", 6), ElementsAre(288, 320, 368, 400, 464, 512));
  EXPECT_THAT(values("from 64 times 1.125", 2), ElementsAre(64, 72));
  EXPECT_THAT(values("from 80 to 128, multiples of 8", 6), ElementsAre(80, 88, 96, 104, 120, 128));
  EXPECT_THAT(values("from 1 times 1.5, rounded", 11), ElementsAre(1, 2, 3, 4, 6, 9, 14, 21, 32, 48, 72));
  EXPECT_THAT(values("from 2 times 2", 6), ElementsAre(2, 4, 8, 16, 32, 64));
  EXPECT_THAT(values("from 5 to 9", 1), ElementsAre(5));
}

// Without "rounded" 2.25 goes on: 1, 1.5, 2.25, 3.375, 5.0625; halves go to the even neighbour.
TEST(Series, RoundsHalvesToEven) {
  EXPECT_THAT(values("from 1 times 1.5", 5), ElementsAre(1, 2, 2, 3, 5));
  EXPECT_THAT(values("from 2.5 times 3", 2), ElementsAre(2, 8));
}

std::string error_of(std::string_view rule, std::int64_t count = 3) {
  return error_text<ArgumentError>([&] { return values(rule, count); });
}

TEST(Series, Mistakes) {
  for (const char* rule :
       {"from", "from 3", "from 3 up 4", "from 3 to -4", "from 3 to x", "from 3 times 2 rounded up", "from 1 to 2, multiples",
        "from 1 to 2, multiples of 1.5", "from 0 times 2", "from inf times 2", "from 1e400 to 2", "1, 2, 3"})
    EXPECT_THAT(error_of(rule), HasSubstr("expected \"from A to B\" or \"from A times B\"")) << rule;
  EXPECT_THAT(error_of("from 3 times 1e9"),
              HasSubstr("m.toml:7: it is \"from 3 times 1e9\", which gives 3000000000 for repetition 1; expected 1 to"));
  EXPECT_THAT(error_of("from 0.2 times 2"), HasSubstr("gives 0 for repetition 0"));
}

const std::string kTower = R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
name = "stem"
type = "conv"
filters = 6
width = 3
[[layers]]
name = "body"
type = "residual"
repeat = 3
  [[layers.layers]]
  name = "conv"
  type = "conv"
  filters = 6
  width = 3
  dilation = "from 2 times 2"
[[layers]]
name = "after"
type = "activation"
[[heads]]
name = "out"
)";

std::vector<std::string> names(const ModelSpec& model) {
  std::vector<std::string> all;
  for (const LayerSpec& layer : model.layers) all.push_back(layer.name);
  return all;
}

TEST(Series, FollowsTheNumberOfRepetitions) {
  for (const std::int64_t repeat : {1, 3, 7}) {
    ModelSpec model = parse_spec(kTower, "m.toml");
    assign(model, format("body.repeat={}", repeat), "--set model.");
    EXPECT_TRUE(parse_spec(to_toml(model), "again.toml") == model);
    const ModelSpec all = expanded(model);
    ASSERT_EQ(std::ssize(all.layers), repeat + 2);
    EXPECT_EQ(all.layers[static_cast<std::size_t>(repeat)].layers[0].whole("dilation", 0), std::int64_t{1} << repeat);
  }
}

TEST(LeftOut, ALayerThatIsRepeatedNoTimesIsNotThere) {
  ModelSpec model = parse_spec(kTower, "m.toml");
  assign(model, "body.repeat=0", "--set model.");
  EXPECT_TRUE(parse_spec(to_toml(model), "again.toml") == model);
  EXPECT_THAT(names(expanded(model)), ElementsAre("stem", "after"));
  EXPECT_TRUE(expanded(model).layers[1].from.empty());
}

TEST(LeftOut, WhoReadsItReadsWhatItRead) {
  const std::string start =
      "format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\nname = \"a\"\ntype = \"activation\"\n"
      "[[layers]]\nname = \"b\"\ntype = \"activation\"\n";
  const std::string gone = "[[layers]]\nname = \"c\"\ntype = \"activation\"\nfrom = \"a\"\nrepeat = 0\n";
  const ModelSpec named = expanded(parse_spec(start + gone +
                                                  "[[layers]]\nname = \"d\"\ntype = \"activation\"\nfrom = [\"b\", \"c\"]\ncombine = "
                                                  "\"add\"\n[[heads]]\nname = \"out\"\nfrom = \"c\"\n",
                                              "m.toml"));
  EXPECT_THAT(named.layers[2].from, ElementsAre("b", "a"));
  EXPECT_THAT(named.heads[0].from, ElementsAre("a"));
  const ModelSpec above =
      expanded(parse_spec(start + gone + "[[layers]]\nname = \"d\"\ntype = \"activation\"\n[[heads]]\nname = \"out\"\n", "m.toml"));
  EXPECT_THAT(above.layers[2].from, ElementsAre("a"));
  EXPECT_TRUE(above.heads[0].from.empty());
  const ModelSpec last = expanded(parse_spec(start + gone + "[[heads]]\nname = \"out\"\n", "m.toml"));
  EXPECT_THAT(last.heads[0].from, ElementsAre("a"));
  const ModelSpec first =
      expanded(parse_spec("format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\nname = \"c\"\ntype = \"activation\"\nrepeat = 0\n"
                          "[[heads]]\nname = \"out\"\nfrom = \"c\"\n",
                          "m.toml"));
  EXPECT_THAT(first.heads[0].from, ElementsAre("sequence"));
}

TEST(LeftOut, Mistakes) {
  const auto error = [](const std::string& layer) {
    return error_text<ArgumentError>([&] {
      return expanded(parse_spec("format = 1\n[inputs.sequence]\nchannels = 4\n" + layer + "[[heads]]\nname = \"out\"\n", "m.toml"));
    });
  };
  EXPECT_THAT(error("[[layers]]\ntype = \"activation\"\nfrom = [\"sequence\", \"sequence\"]\ncombine = \"add\"\nrepeat = 0\n"),
              HasSubstr("layer 'activation' is left out by repeat = 0, but it takes 2 sources"));
  EXPECT_THAT(error("[[layers]]\ntype = \"block\"\n[[layers.layers]]\ntype = \"activation\"\nrepeat = 0\n"),
              HasSubstr("layer 'block': all layers inside are left out"));
  EXPECT_THAT(error("[[layers]]\ntype = \"activation\"\nrepeat = -1\n"), HasSubstr("'repeat' is -1; expected 1 to 1000"));
}

}  // namespace
}  // namespace basewise::spec
