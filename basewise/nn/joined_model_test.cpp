// Models joined from parts: they compute what their parts compute, with the parts' weights under
// the names that `joined_name` gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/nn/model.h"
#include "basewise/spec/join.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

const std::string kDna = R"(format = 1
[inputs.sequence]
channels = 4
length = 37
[[layers]]
name = "stem"
type = "conv"
filters = 6
width = 5
[[layers]]
type = "batch_norm"
[[layers]]
name = "body"
type = "residual"
repeat = 2
  [[layers.layers]]
  type = "conv"
  filters = 6
  width = 3
[[layers]]
name = "pooled"
type = "pool"
global = true
from = "body"
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 3
)";

const std::string kCells = R"(format = 1
[inputs.cells]
features = 7
[[layers]]
type = "dense"
units = 5
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 2
)";

const std::string kJoint = R"(format = 1
[parts.dna]
model = "dna"
[parts.cpg]
model = "cpg"
[[layers]]
name = "joint"
type = "dense"
from = ["dna", "cpg"]
combine = "concat"
units = 4
[[heads]]
name = "methylation"
)";

/// Gives the part `name` of `whole` the weights of `model`.
void load_part(Model& whole, const Model& model, const spec::ModelSpec& spec, const std::string& name) {
  const NoGradScope no_grad;
  const auto parameters = whole.named_parameters(), buffers = whole.named_buffers();
  for (const auto& item : model.named_parameters())
    parameters[spec::joined_name(spec, name, item.key())].copy_(item.value());
  for (const auto& item : model.named_buffers()) buffers[spec::joined_name(spec, name, item.key())].copy_(item.value());
}

TEST(JoinedModel, ComputesWhatItsPartsCompute) {
  const spec::ModelSpec dna = spec::parse_spec(kDna, "dna.toml"), cells = spec::parse_spec(kCells, "cells.toml");
  spec::ModelSpec own = spec::parse_spec(kJoint, "joint.toml");
  own.parts.clear();
  const spec::ModelSpec joined = spec::join({{"dna", {}, dna, true}, {"cpg", {}, cells, true}}, own);
  const ModelPtr whole = build_model(joined, 1), first = build_model(dna, 2), second = build_model(cells, 3);
  EXPECT_EQ(whole->specification(), spec::to_toml(joined));
  EXPECT_THAT(whole->output_names(), testing::ElementsAre("dna_logits", "cpg_logits", "methylation"));
  EXPECT_EQ(whole->named_parameters().size(), first->named_parameters().size() + second->named_parameters().size() + 2);
  load_part(*whole, *first, dna, "dna");
  load_part(*whole, *second, cells, "cpg");
  const NoGradScope no_grad;
  const Bundle inputs{{"sequence", random_one_hot(3, 37, Stream(1))}, {"cells", random_normal({3, 7}, Stream(2))}};
  for (const ModelPtr& model : {whole, first, second}) model->eval();
  const Bundle outputs = whole->forward(inputs);
  EXPECT_TRUE(at::equal(outputs.at("dna_logits"), first->forward(inputs).at("logits")));
  EXPECT_TRUE(at::equal(outputs.at("cpg_logits"), second->forward(inputs).at("logits")));
  EXPECT_EQ(outputs.at("methylation").sizes(), (std::vector<std::int64_t>{3, 4}));
}

TEST(JoinedModel, PartsThatAreNotReadAreNotBuilt) {
  EXPECT_THAT(error_text<ArgumentError>([&] { build_model(spec::parse_spec(kJoint, "joint.toml"), 1); }),
              testing::HasSubstr("joint.toml:2: part 'dna' is not joined yet"));
}

}  // namespace
}  // namespace basewise::nn
