#include "basewise/spec/share_strands.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/spec/reader.h"
#include "basewise/spec/strand_forms.h"
#include "basewise/spec/wrap_layers.h"
#include "tests/support/error_text.h"

namespace basewise::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kStart = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 100\n";  // lines 1 to 4
const std::string kConv = "[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 5\n";
const std::string kDense = "[[heads]]\nname = \"logits\"\n[[heads.layers]]\ntype = \"dense\"\nunits = 1\n";

const StrandForm* form(std::string_view type) {
  static const std::map<std::string_view, const StrandForm*> known{
      {"conv", &forms::kConvolution},           {"dense", &forms::kDense}, {"activation", &forms::kActivation},
      {"flip_channels", &forms::kFlipChannels}, {"block", &forms::kBlock}, {"both", &forms::kStranded}};
  const auto it = known.find(type);
  return it == known.end() ? nullptr : it->second;
}

ModelSpec shared(const std::string& toml, const SharingOptions& options = {}, const StrandForms& forms = form) {
  return share_strands(parse_spec(toml, "m.toml"), options, forms);
}

std::vector<std::string> types(const std::vector<LayerSpec>& layers) {
  std::vector<std::string> all;
  for (const LayerSpec& layer : layers) all.push_back(layer.type);
  return all;
}

std::string error_of(const std::function<void()>& f) { return error_text<ArgumentError>(f); }

TEST(ShareStrands, LayersBecomeWhatTheirFormsSay) {
  const ModelSpec model = shared(kStart + kConv + "[[layers]]\ntype = \"activation\"\n" + kDense, {.filters = 0.5});
  EXPECT_THAT(types(model.layers), ElementsAre("rc_conv", "activation"));
  EXPECT_EQ(model.layers[0].whole("filters", 0), 3);
  EXPECT_THAT(types(model.heads[0].layers), ElementsAre("rc_pool", "dense"));
  EXPECT_EQ(model.heads[0].layers[1].path, "logits.dense");
}

// The pass knows no type: a new one comes with its form.
TEST(ShareStrands, ANewTypeBringsItsForm) {
  static constexpr StrandForm kDouble{.rewrite = [](LayerSpec layer, const StrandPlace& place, StrandWriter& out) {
    layer.type = "attention_of_pairs";
    layer.set("heads", {2 * layer.whole("heads", 1), {}});
    out.put(std::move(layer));
    return place.input;
  }};
  const std::string text = kStart + kConv + "[[layers]]\ntype = \"attention\"\nheads = 3\n" + kDense;
  const ModelSpec model =
      shared(text, {}, [](std::string_view type) { return type == "attention" ? &kDouble : form(type); });
  EXPECT_THAT(types(model.layers), ElementsAre("rc_conv", "attention_of_pairs"));
  EXPECT_EQ(model.layers[1].whole("heads", 0), 6);
  // A type without a form stays as it is; building the model says what is wrong with it.
  EXPECT_THAT(types(shared(text).layers), ElementsAre("rc_conv", "attention"));
}

TEST(ShareStrands, TracksWithoutStrandGoOnBothSides) {
  const std::string track = "[inputs.control]\nchannels = 2\nlength = 100\nstrands = \"mirrored\"\n";
  const ModelSpec model = shared(
      kStart + track + kConv +
      "[[heads]]\nname = \"profile\"\nstrands = \"paired\"\nfrom = [\"conv\", \"control\"]\ncombine = \"concat\"\n"
      "bias_initial = [1.5, 1.5]\n[[heads.layers]]\ntype = \"conv\"\nfilters = 2\nwidth = 1\n");
  EXPECT_THAT(model.heads[0].from, ElementsAre("control_flipped", "conv", "control"));
  EXPECT_THAT(types(model.layers), ElementsAre("rc_conv", "flip_channels"));
  EXPECT_THAT(model.heads[0].bias_values(), ElementsAre(1.5));
}

TEST(ShareStrands, ABlockAndARepetitionAreRewrittenInside) {
  const ModelSpec model =
      shared(kStart +
             "[[layers]]\ntype = \"block\"\nname = \"body\"\nrepeat = 2\n[[layers.layers]]\ntype = \"conv\"\nfilters = "
             "[6, 8]\nwidth = 3\n" +
             "[[layers.layers]]\ntype = \"activation\"\nfrom = \"conv\"\n" + kDense + "from = \"body\"\n");
  EXPECT_EQ(model.layers[0].repeat, 2);
  EXPECT_THAT(types(model.layers[0].layers), ElementsAre("rc_conv", "activation"));
  EXPECT_EQ(model.heads[0].layers[0].from, std::vector<std::string>{"body"});
}

TEST(ShareStrands, Mistakes) {
  const auto error = [](const std::string& toml, const SharingOptions& options = {}) {
    return error_of([&] { shared(toml, options); });
  };
  EXPECT_THAT(
      error(kStart + kConv + "groups = 2\n" + kDense),
      HasSubstr("m.toml:5: layer 'conv' (conv): has no form that is shared between the strands: groups of channels"));
  EXPECT_THAT(error(kStart + "[[layers]]\ntype = \"both\"\n" + kDense),
              HasSubstr("m.toml:5: layer 'both' (both): the model has layers of both strands"));
  EXPECT_THAT(error(kStart + kConv + "from = \"sequense\"\n" + kDense),
              HasSubstr("names nothing above it; did you mean \"sequence\"?"));
  EXPECT_THAT(error(kStart + kConv + kDense, {.filters = 0}), HasSubstr("strand.filters is 0"));
  EXPECT_THAT(error(kStart + kDense, {.wrapped = true}), HasSubstr("m.toml:1: no convolution to wrap"));
  EXPECT_THAT(error(kStart + kConv + kDense +
                    "[[heads.layers]]\nname = \"sum\"\ntype = \"activation\"\n[[heads.layers]]\ntype = "
                    "\"dense\"\nunits = 1\nfrom = \"conv\"\non = \"channels\"\n"),
              HasSubstr("name 'sum' is used twice"));
}

TEST(ShareStrands, WrappedLayersAreFoundByTheirRole) {
  const ModelSpec model = wrap_layers(
      parse_spec(kStart + kConv + "[[layers]]\ntype = \"activation\"\n" + kConv + kDense, "m.toml"), {"conv"}, form);
  EXPECT_THAT(types(model.layers), ElementsAre("rc_wrap", "conv"));
  EXPECT_THAT(types(model.layers[0].layers), ElementsAre("conv", "activation"));
  EXPECT_EQ(model.layers[0].layers[0].path, "wrap.conv");
}

TEST(StrandRule, OfWhatTheFileDoesNotSay) {
  const auto input = [](const std::string& name, std::int64_t channels) {
    return usual_strand_rule(false, name, channels, true);
  };
  EXPECT_EQ(input("sequence", 4), StrandRule::complemented);
  EXPECT_EQ(input("sequence", 5), StrandRule::complemented);
  EXPECT_EQ(input("window", 4), StrandRule::complemented);
  EXPECT_EQ(input("track", 1), StrandRule::mirrored);
  EXPECT_EQ(input("track", 2), StrandRule::paired);
  EXPECT_EQ(usual_strand_rule(true, "profile", 2, true), StrandRule::paired);
  EXPECT_EQ(usual_strand_rule(true, "logits", 4, true), std::nullopt);
  EXPECT_EQ(usual_strand_rule(false, "counts", 7, false), StrandRule::unchanged);
  // Three tracks may be a strand pair and one without, or three without: nobody but the writer of
  // the file knows, and a wrong guess would make a model that looks equivariant and is not.
  EXPECT_EQ(input("tracks", 3), std::nullopt);
  EXPECT_EQ(error_of([] {
              shared("format = 1\n[inputs.sequence]\nchannels = 4\n[inputs.tracks]\nchannels = 3\n" + kConv + kDense);
            }),
            "m.toml:4: 'tracks' has 3 channels with positions, and the model file does not say how they look from the "
            "other strand: add "
            "strands = \"paired\", \"mirrored\", \"complemented\" or \"unchanged\" to it");
}

}  // namespace
}  // namespace basewise::spec
