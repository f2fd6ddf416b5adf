#include "basewise/spec/writer.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/names.h"
#include "basewise/spec/reader.h"
#include "tests/support/error_text.h"

namespace basewise::spec {
namespace {

using testing::HasSubstr;

std::vector<fs::path> model_files() {
  std::vector<fs::path> files;
  for (const char* root : {"recipes", "tests/support/models"})
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().string().ends_with(".model.toml")) files.push_back(entry.path());
  return files;
}

void expect_there_and_back(const ModelSpec& model) {
  const std::string text = to_toml(model, "a comment");
  SCOPED_TRACE(text);
  const ModelSpec again = parse_spec(text, "written.toml");
  EXPECT_TRUE(again == model);
  EXPECT_EQ(to_toml(again, "a comment"), text);
}

TEST(Writer, EveryModelOfTheTreeComesBackEqual) {
  int found = 0;
  for (const fs::path& file : model_files()) {
    SCOPED_TRACE(file.string());
    const ModelSpec model = parse_spec(read_file(file), file.string());
    expect_there_and_back(model);
    expect_there_and_back(expanded(model));
    ++found;
  }
  EXPECT_GE(found, 75);
}

/// Any model file's value, sense aside.
class RandomModel {
 public:
  explicit RandomModel(std::uint64_t seed) : draw_(seed) {}

  ModelSpec model() {
    ModelSpec model;
    if (chance()) model.parts.push_back({"dna", {}, text(), chance()});
    model.inputs.push_back(input("sequence"));
    if (chance()) model.inputs.push_back(input(chance() ? "control" : "an odd \"name\""));
    model.layers = layers(2);
    for (const char* name : {"logits", "profile"}) {
      HeadSpec head;
      head.name = name;
      if (chance()) head.from = names();
      if (chance()) head.combine = Combine::concat;
      if (chance()) head.strands = StrandRule::paired;
      if (chance()) head.bias_initial = chance() ? number() : SpecValue{std::vector<SpecValue>{number(), number()}, {}};
      head.layers = layers(1);
      model.heads.push_back(head);
    }
    Names().give(model.layers);
    for (HeadSpec& head : model.heads) Names().give(head.layers);
    return model;
  }

 private:
  bool chance() { return draw_.below(2) == 0; }

  InputSpec input(const std::string& name) {
    InputSpec input;
    input.name = name;
    input.channels = 2 + 2 * static_cast<std::int64_t>(draw_.below(1000));
    input.positions = chance();
    if (input.positions && chance()) input.length = 1 + static_cast<std::int64_t>(draw_.below(1'000'000));
    if (chance()) input.strands = chance() ? StrandRule::complemented : StrandRule::unchanged;
    return input;
  }

  std::vector<LayerSpec> layers(int depth) {
    std::vector<LayerSpec> all(draw_.below(4));
    for (std::size_t i = 0; i < all.size(); ++i) {
      LayerSpec& layer = all[i];
      if (chance()) layer.name = format("part.layer-{}", i);
      layer.type = chance() ? "conv" : "block";
      if (chance()) layer.from = names();
      if (chance()) layer.combine = Combine::add;
      if (chance()) layer.repeat = 1 + static_cast<std::int64_t>(draw_.below(5));
      for (std::uint64_t k = draw_.below(4); k > 0; --k) layer.options.push_back({format("option {}", k), value(2)});
      if (depth > 0) layer.layers = layers(depth - 1);
    }
    return all;
  }

  std::vector<std::string> names() {
    std::vector<std::string> all(1 + draw_.below(3));
    for (std::string& name : all) name = text();
    return all;
  }

  std::string text() {
    std::string letters = "x";
    for (std::uint64_t k = draw_.below(9); k > 0; --k) letters += "ab \"'\\\n\t#=[]{}\x01\x7f"[draw_.below(17)];
    return chance() ? letters : letters + "µ";
  }

  SpecValue number() {
    if (chance()) return {static_cast<std::int64_t>(draw_.bits64()), {}};
    const int power = static_cast<int>(draw_.below(600)) - 300;
    return {chance() ? static_cast<double>(draw_.below(100)) : std::ldexp(draw_.uniform(-1, 1), power), {}};
  }

  SpecValue value(int depth) {
    switch (draw_.below(depth > 0 ? 4 : 3)) {
      case 0:
        return {chance(), {}};
      case 1:
        return {text(), {}};
      case 2:
        return number();
      default:
        break;
    }
    std::vector<SpecValue> list(draw_.below(4));
    for (SpecValue& one : list) one = value(depth - 1);
    return {std::move(list), {}};
  }

  Stream draw_;
};

TEST(Writer, RandomModelsComeBackEqual) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) expect_there_and_back(RandomModel(seed).model());
}

TEST(Writer, NumbersKeepTheirKindAndLayersTheirRepetition) {
  const std::string text = R"(# Given.
format = 1

[inputs.sequence]
channels = 4

[[layers]]
name = "tower"
type = "block"
repeat = 3
rate = 1.0
scale = 1e-07
widths = [3, 5, 7]

  [[layers.layers]]
  name = "conv"
  type = "conv"
  from = ["a", "b"]
  combine = "add"

[[heads]]
name = "logits"
bias_initial = [-6.3, 2]
)";
  EXPECT_EQ(to_toml(parse_spec(text, "m.toml"), "Given."), text);
}

TEST(Reader, PartsAndDottedNames) {
  const ModelSpec model = parse_spec(
      "format = 1\n[parts.cpg]\nmodel = \"runs/cpg\"\n[parts.dna]\nmodel = \"dna.toml\"\nheads = true\n"
      "[[layers]]\nname = \"a.b\"\ntype = \"conv\"\n",
      "m.toml");
  ASSERT_EQ(model.parts.size(), 2u);
  EXPECT_EQ(model.parts[0].model, "runs/cpg");
  EXPECT_TRUE(model.parts[1].heads);
  EXPECT_EQ(model.layers[0].label(), "m.toml:7: layer 'a.b' (conv)");
}

TEST(Reader, MistakesOfNamesAndParts) {
  const std::string input = "format = 1\n[inputs.sequence]\nchannels = 4\n", head = "[[heads]]\nname = \"out\"\n";
  const auto layer = [](const std::string& name) { return "[[layers]]\ntype = \"conv\"\nname = \"" + name + "\"\n"; };
  const std::pair<std::string, std::string> table[] = {
      {input + layer("a b") + head, "m.toml:6: name \"a b\" must consist of letters, digits, _ and -"},
      {input + layer("a..b") + head, "m.toml:6: name \"a..b\" has an empty part beside a dot"},
      {input + layer("a.") + head, "m.toml:6: name \"a.\" has an empty part beside a dot"},
      {input + layer("stem") + layer("stem.0") + head,
       "m.toml:7: name 'stem.0' would lie inside 'stem'; the other is in line 4"},
      {input + layer("stem.0") + layer("stem") + head,
       "m.toml:7: name 'stem.0' would lie inside 'stem'; the other is in line 4"},
      {input + "[[heads]]\nname = \"a.b\"\n", "m.toml:5: name \"a.b\" must consist of letters, digits, _ and -"},
      {"format = 1\n[parts.dna]\n", "m.toml:2: part 'dna' needs 'model', a model file or a run folder"},
      {"format = 1\n[parts.dna]\nmodl = \"x\"\n", "m.toml:3: unknown key 'modl' in part 'dna'; did you mean 'model'?"},
      {"format = 1\n[parts]\ndna = 3\n", "m.toml:3: part 'dna' must be a table [parts.dna]; found a TOML integer"},
      {"format = 1\n[parts.dna]\nmodel = \"x\"\nheads = 1\n",
       "m.toml:4: 'heads' must be true or false; found a TOML integer"},
  };
  for (const auto& [toml, message] : table) {
    SCOPED_TRACE(toml);
    EXPECT_THAT(error_text<ArgumentError>([&] { parse_spec(toml, "m.toml"); }), HasSubstr(message));
  }
}

TEST(Names, GivenOnesWinAndTypesAreNumbered) {
  const ModelSpec model = parse_spec(
      "format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\ntype = \"conv\"\n[[layers]]\ntype = \"conv\"\n"
      "[[layers]]\nname = \"conv_2\"\ntype = \"pool\"\n[[layers]]\ntype = \"out\"\n[[heads]]\nname = \"out\"\n",
      "m.toml");
  std::vector<std::string> names;
  for (const LayerSpec& layer : model.layers) names.push_back(layer.name);
  EXPECT_THAT(names, testing::ElementsAre("conv", "conv_3", "conv_2", "out_2"));
}

}  // namespace
}  // namespace basewise::spec
