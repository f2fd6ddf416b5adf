#include "basewise/spec/expand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/spec/reader.h"
#include "tests/support/error_text.h"

namespace basewise::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kStart = "format = 1\n[inputs.sequence]\nchannels = 4\n";  // lines 1 to 3
const std::string kHead = "[[heads]]\nname = \"out\"\n";

const std::string kTower = R"([[layers]]
type = "block"
name = "tower"
from = ["sequence", "sequence"]
combine = "add"
repeat = 3
  [[layers.layers]]
  type = "conv"
  filters = [6, 7, 8]
  width = 3
  [[layers.layers]]
  type = "conv"
  filters = 5
  width = [1, 3]
  repeat = 2
)";

TEST(Expand, RepetitionsTakeTheirOwnValuesAndFollowEachOther) {
  const ModelSpec model = expanded(parse_spec(kStart + kTower + kHead, "m.toml"));
  ASSERT_EQ(model.layers.size(), 3u);
  for (std::int64_t i = 0; i < 3; ++i) {
    const LayerSpec& one = model.layers[static_cast<std::size_t>(i)];
    EXPECT_EQ(one.name, format("tower.{}", i));
    EXPECT_EQ(one.from.size(), i == 0 ? 2u : 0u);
    EXPECT_EQ(one.combine, i == 0 ? std::optional(Combine::add) : std::nullopt);
    EXPECT_EQ(one.layers[0].whole("filters", 0), 6 + i);
    ASSERT_EQ(one.layers.size(), 3u);
    EXPECT_EQ(one.layers[2].path, format("tower.{}.conv_2.1", i));
    EXPECT_EQ(one.layers[2].whole("width", 0), 3);
  }
}

TEST(Expand, WhatIsWrittenOutStays) {
  const ModelSpec once = expanded(parse_spec(kStart + kTower + kHead, "m.toml"));
  EXPECT_TRUE(expanded(once) == once);
}

std::string error_of(const std::string& toml) {
  return error_text<ArgumentError>([&] { expanded(parse_spec(toml, "m.toml")); });
}

TEST(Expand, Mistakes) {
  EXPECT_THAT(error_of(kStart + "[[layers]]\ntype = \"conv\"\nrepeat = 3\ndilation = [1, 2]\n" + kHead),
              HasSubstr("m.toml:7: layer 'conv': option 'dilation' lists 2 values, but the repetition has 3; give one "
                        "value for all or 3"));
  EXPECT_THAT(
      error_of(kStart +
               "[[layers]]\ntype = \"block\"\nrepeat = 1000\n[[layers.layers]]\ntype = \"conv\"\nrepeat = 11\n" +
               kHead),
      HasSubstr("m.toml:4: layer 'block': with it and its repetitions the model has 12000 layers or more; at most "
                "10000 are allowed"));
  EXPECT_THAT(error_of("format = 1\n[parts.dna]\nmodel = \"dna.toml\"\n"),
              HasSubstr("m.toml:2: part 'dna' is not joined yet"));
}

// A model that no file holds is held to the same limit.
TEST(Expand, LimitsHoldForValues) {
  ModelSpec model = parse_spec(kStart + "[[layers]]\ntype = \"conv\"\nrepeat = 1000\n" + kHead, "m.toml");
  model.layers[0].layers = std::vector<LayerSpec>(10, made_layer("inner", "conv", {}));
  EXPECT_THROW(expanded(model), ArgumentError);
}

}  // namespace
}  // namespace basewise::spec
