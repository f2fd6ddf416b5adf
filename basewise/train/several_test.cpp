// Two data sets with targets of their own train one trunk in turn.
#include "basewise/data/several.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/tensor/scopes.h"
#include "basewise/train/trainer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using testing::fresh_folder;

/// Random sequences (4, 37) with a run of one letter for each label that is 1; the labels of a
/// species have a name of its own.
class Species final : public data::Dataset {
 public:
  Species(std::string target, std::int64_t size, std::int64_t tasks, std::uint64_t seed)
      : target_(std::move(target)), size_(size), tasks_(tasks), seed_(seed) {}
  std::int64_t size() const override { return size_; }
  std::string summary() const override { return target_; }
  Bundle get(std::int64_t i, Stream draw) const override {
    const Stream own(seed_, static_cast<std::uint64_t>(i));
    const at::Tensor sequence = random_one_hot(1, 37, own.fork(0)).squeeze(0);
    const at::Tensor labels = random_uniform({tasks_}, own.fork(1)).lt(0.5).to(at::kFloat);
    for (std::int64_t t = 0; t < tasks_; ++t) {
      if (labels[t].item<float>() == 0) continue;
      sequence.narrow(1, 7 * t, 7).zero_();
      sequence[t].narrow(0, 7 * t, 7).fill_(1);
    }
    return {{"sequence", sequence}, {target_, draw.bernoulli(0.05) ? 1 - labels : labels}};  // augmentation draws, too
  }

 private:
  std::string target_;
  std::int64_t size_, tasks_;
  std::uint64_t seed_;
};

/// A trunk with a head of 4 and one of 3 outputs.
class TwoHeads final : public nn::Model {
 public:
  TwoHeads() {
    const Stream draw(1);
    filters_ = register_parameter("filters", random_normal({6, 4, 3}, draw.fork(0), 0, 0.3));
    human_ = register_parameter("human", random_normal({4, 6}, draw.fork(1), 0, 0.3));
    mouse_ = register_parameter("mouse", random_normal({3, 6}, draw.fork(2), 0, 0.3));
  }
  Bundle forward(const Bundle& inputs) override {
    const at::Tensor h = at::dropout(at::relu(at::conv1d(inputs.at("sequence"), filters_)).mean(2), 0.1, is_training());
    return {{"human", at::linear(h, human_)}, {"mouse", at::linear(h, mouse_)}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"human", "mouse"}; }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return "# two heads\n"; }

 private:
  at::Tensor filters_, human_, mouse_;
};

nn::TotalLoss loss() {
  nn::LossOptions human, mouse;
  human.output = human.target = "human";
  mouse.output = mouse.target = "mouse";
  return nn::TotalLoss({human, mouse});
}

data::DatasetPtr two_species() {
  return data::several({std::make_shared<Species>("human", 67, 4, 3), std::make_shared<Species>("mouse", 29, 3, 4)});
}

double loss_on(nn::Model& model, const Species& set, const char* target) {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < set.size(); ++i) examples.push_back(set.get(i, Stream(99, static_cast<std::uint64_t>(i))));
  const Bundle batch = stack(examples);
  nn::LossOptions o;
  o.output = o.target = target;
  const EvalScope mode(model);
  const NoGradScope no_grad;
  return nn::TotalLoss({o})(model.forward(batch), batch).item<double>();
}

TrainOptions options(std::int64_t workers) {
  TrainOptions o;
  o.epochs = 30;
  o.loader = {.batch_size = 8, .workers = workers};
  o.optimizer.learning_rate = 0.02;
  o.checkpoint.every_steps = 5;
  return o;
}

TrainerResult train(nn::Model& model, std::int64_t workers, const fs::path& folder = {}) {
  TrainerContext c;
  c.seed = 7;
  c.folder = folder;
  c.resume = !folder.empty();
  return train_model(model, loss(), two_species(), options(workers), c);
}

void expect_equal(const nn::Model& a, const nn::Model& b) {
  for (const auto& [name, tensor] : weights_of(a)) EXPECT_TRUE(at::equal(tensor, weights_of(b).at(name))) << name;
}

TEST(TrainInTurn, EachSetLearnsAndWorkersDoNotMatter) {
  const TensorThreadScope threads(1);
  const Species human("human", 67, 4, 3), mouse("mouse", 29, 3, 4);
  TwoHeads none, one, two;
  const double human_before = loss_on(none, human, "human"), mouse_before = loss_on(none, mouse, "mouse");
  EXPECT_EQ(train(none, 0).steps, 30 * (8 + 4)) << "batches of both sets";
  EXPECT_LT(loss_on(none, human, "human"), human_before - 0.05);
  EXPECT_LT(loss_on(none, mouse, "mouse"), mouse_before - 0.05);
  train(one, 1);
  train(two, 2);
  expect_equal(none, one);
  expect_equal(none, two);
}

TEST(TrainInTurn, AResumedRunEqualsAnUninterruptedOne) {
  const TensorThreadScope threads(1);
  TwoHeads whole, stopped, resumed;
  train(whole, 1);
  const fs::path folder = fresh_folder("in_turn");
  {
    // Dies after the third epoch: what is left is the checkpoint of the last fifth step.
    TrainOptions o = options(1);
    TrainerContext c;
    c.seed = 7;
    c.folder = folder;
    c.validate = [n = 0](nn::Model&) mutable -> NamedValues {
      if (++n == 3) throw StateError("the power is gone");
      return {{"loss", 1.0}};
    };
    o.select.keep_best = false;
    EXPECT_THROW(train_model(stopped, loss(), two_species(), o, c), StateError);
  }
  train(resumed, 2, folder);
  expect_equal(whole, resumed);
}

// A head of the other set is not computed: its running statistics know batches of its own set
// alone.
TEST(TrainInTurn, OnlyHeadsOfTheBatchsOwnSetAreComputed) {
  const auto head = [](const std::string& name, int units) {
    return format(
        "[[heads]]\nname = \"{0}\"\n[[heads.layers]]\ntype = \"batch_norm\"\nname = \"norm\"\n[[heads.layers]]\n"
        "type = \"dense\"\nunits = {1}\n",
        name, units);
  };
  const std::string toml =
      "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 37\n[[layers]]\ntype = \"conv\"\nfilters = 6\nwidth = 3\n"
      "[[layers]]\ntype = \"batch_norm\"\nname = \"norm\"\n[[layers]]\ntype = \"pool\"\nglobal = true\n" +
      head("human", 4) + head("mouse", 3);
  const nn::ModelPtr model = nn::build_model(toml, "m.toml", 5);
  TrainOptions o = options(0);
  o.epochs = 2;
  o.select.keep_best = false;
  TrainerContext c;
  c.seed = 7;
  train_model(*model, loss(), two_species(), o, c);
  const auto batches = [&](const std::string& norm) { return model->named_buffers()[norm + ".num_batches_tracked"].item<std::int64_t>(); };
  EXPECT_EQ(batches("norm"), 2 * (8 + 4));
  EXPECT_EQ(batches("human.norm"), 2 * 8);
  EXPECT_EQ(batches("mouse.norm"), 2 * 4);
}

TEST(TrainInTurn, ATargetOfNoSetIsAnError) {
  TwoHeads model;
  nn::LossOptions rat;
  rat.output = "human";
  rat.target = "rat";
  EXPECT_THAT(error_text<ArgumentError>([&] { train_model(model, nn::TotalLoss({rat}), two_species(), {}, {}); }),
              ::testing::HasSubstr("loss binary_cross_entropy(human): none of the data sets has a 'rat'; there are: "
                                   "human, mouse"));
}

}  // namespace
}  // namespace basewise::train
