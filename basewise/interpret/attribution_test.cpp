// Laws of attributions: sums, independence of batches and threads, mirrored strands, orders of
// convergence, differences of predictions.
#include "basewise/interpret/attribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/interpret/detail/test_networks.h"
#include "basewise/tensor/scopes.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

using namespace detail;
using testing::AllOf;
using testing::HasSubstr;

constexpr infer::StrandStrategy kBoth{true, infer::StrandMerge::mean};

AttributionOptions with(AttributionMethod method, ReferenceKind kind = ReferenceKind::dinucleotide, std::int64_t count = 3) {
  AttributionOptions o;
  o.method = method;
  o.references = {kind, count, 7};
  return o;
}

AttributionResult attributed(nn::Model& model, const AttributionOptions& o, const std::string& target = "logits:1",
                             infer::StrandStrategy strands = {}, const at::Tensor& x = random_sequences(5, 37),
                             const at::Tensor& given = {}) {
  return attribution_fn(model, parse_target(target, model), o, strands)({{"sequence", x}}, 0, given);
}

/// Scores of a sequence sum to the difference of its prediction from that of its references.
void expect_sums(const std::string& layers, double within, at::ScalarType type = at::kDouble, const std::string& target = "logits:1",
                 infer::StrandStrategy strands = {}) {
  const nn::ModelPtr model = network(layers, type);
  for (const ReferenceKind kind : {ReferenceKind::dinucleotide, ReferenceKind::uniform}) {
    const AttributionResult r = attributed(*model, with(AttributionMethod::deeplift, kind), target, strands);
    EXPECT_LT(r.convergence.abs().max().item<double>(), within) << layers << target;
    const at::Tensor sums = r.scores.to(at::kDouble).sum({1, 2});
    EXPECT_LT(apart(sums, r.prediction - r.reference), within + (type == at::kFloat ? 1e-5 : 0)) << layers;
    EXPECT_GT((r.prediction - r.reference).abs().min().item<double>(), 1e-4) << layers << "nothing to attribute";
  }
}

TEST(DeepLift, SumsToTheDifference) {
  for (const char* kind : {"relu", "softplus", "exponential", "gelu", "elu", "silu", "tanh", "sigmoid", "leaky_relu", "linear", "exp_relu",
                           "log_relu", "gelu_sigmoid", "exp_linear"})
    expect_sums(convolutions(kind), 1e-9);
  for (const char* modified : {"\"relu\"\nshift = 0.2\npower = 3", "\"tanh\"\nshift = 1\nout_scale = 5\noffset = 5"})
    expect_sums(layer_text("conv", "filters = 7\nwidth = 5") + layer_text("activation", format("kind = {}", modified)), 1e-9);
  expect_sums(dilated_residual("relu"), 1e-9);
  expect_sums(dilated_residual("gelu"), 1e-9);
  expect_sums(layer_text("conv", "filters = 7\nwidth = 5") + layer_text("dense_link", "repeat = 2") +
                  layer_text("conv", "filters = 3\nwidth = 3\npadding = \"valid\"", "layers.layers") +
                  layer_text("activation", "kind = \"gelu_tanh\"", "layers.layers") + layer_text("conv", "filters = 5\nwidth = 1"),
              1e-9);
  // A function of the letters themselves, as the blocks of later Basenjis have it.
  expect_sums(function_text("gelu_sigmoid") + convolutions("relu"), 1e-9);
  const std::string conv = layer_text("conv", "filters = 7\nwidth = 5"), norm = layer_text("batch_norm");
  expect_sums(conv + norm + function_text("relu") + layer_text("pool", "width = 4"), 1e-9);
  expect_sums(conv + function_text("gelu") + layer_text("pool", "width = 5\nstride = 2") + layer_text("conv", "filters = 5\nwidth = 3") +
                  function_text("relu") + layer_text("pool", "kind = \"max\"\nglobal = true"),
              1e-9);
}

// Layers that are made of others: both strands side by side, and channels that change their sign.
TEST(DeepLift, PassesThroughModelsThatAreEquivariantByThemselves) {
  for (const char* name : {"binary_100_hybrid_all", "binary_100_hybrid_late", "simulated_200_rcps", "irreducible/binary_ab_16_16_k2"}) {
    const nn::ModelPtr model = nn::build_model_file(format("recipes/rc_equivariance/models/{}.model.toml", name), 2);
    model->to(at::kDouble);
    shake(*model, 0.3);
    const at::Tensor x = random_sequences(2, model->typical_length());
    const AttributionResult r = attributed(*model, with(AttributionMethod::deeplift, ReferenceKind::permuted, 2), "logits:0", {}, x);
    EXPECT_LT(r.convergence.abs().max().item<double>(), 1e-9) << name;
    EXPECT_GT((r.prediction - r.reference).abs().min().item<double>(), 1e-6) << name;
  }
}

TEST(DeepLift, SumsInSinglePrecisionByTheFusedKernels) {
  expect_sums(convolutions("relu"), 1e-4, at::kFloat);
  expect_sums(convolutions("gelu"), 1e-4, at::kFloat);
  expect_sums(dilated_residual("relu"), 1e-4, at::kFloat);
}

TEST(DeepLift, LayersThatMixNumbersHaveTheirDerivativesAveraged) {
  const std::string conv = layer_text("conv", "filters = 7\nwidth = 5");
  expect_sums(conv + layer_text("layer_norm") + function_text("relu"), 1e-4);
  expect_sums(conv + function_text("softmax"), 1e-5);
  expect_sums(conv + layer_text("pool", "kind = \"attention\"\nwidth = 4"), 1e-3);
}

TEST(DeepLift, FunctionsOfOutputsSumToTheirOwnDifference) {
  for (const char* target : {"logits:0 - logits:2", "variance(logits)", "mean(logits)", "profile(logits)"})
    expect_sums(convolutions("relu"), 1e-9, at::kDouble, target);
  expect_sums(convolutions("relu") + layer_text("pool", "kind = \"mean\"\nglobal = true"), 1e-9, at::kDouble,
              "2*logits:0 + variance(logits:1,2)");
}

TEST(DeepLift, BothStrandsSumToTheDifferenceOfWhatIsMerged) { expect_sums(convolutions("softplus"), 1e-9, at::kDouble, "logits:1", kBoth); }

// One layer by hand: y = relu(w x + b) has (y - y') / (x - x') as its multiplier.
TEST(DeepLift, OfOneLayerIsTheRatioOfDifferences) {
  const nn::ModelPtr model = network(layer_text("conv", "filters = 2\nwidth = 1") + function_text("relu"));
  const at::Tensor x = random_sequences(2, 37), reference = random_sequences(2, 37, 9).unsqueeze(1);
  const AttributionResult r = attributed(*model, with(AttributionMethod::deeplift, ReferenceKind::given), "logits:0", {}, x, reference);
  std::map<std::string, at::Tensor> p;
  for (const auto& item : model->named_parameters()) p.emplace(item.key(), item.value().detach());
  at::Tensor w, b, head;
  for (const auto& [name, value] : p) {
    if (value.dim() == 3) w = value.squeeze(2);
    if (value.dim() == 1 && value.size(0) == 2) b = value;
    if (value.dim() == 2) head = value.select(0, 0).view({1, 2, 37});
  }
  const auto before = [&](const at::Tensor& s) { return at::einsum("fc,ncl->nfl", {w, s.to(at::kDouble)}) + b.view({1, 2, 1}); };
  const at::Tensor z = before(x), z0 = before(reference.squeeze(1)), in = z - z0;
  const at::Tensor ratio = at::where(in.abs() < 1e-6, (z > 0).to(at::kDouble), (z.relu() - z0.relu()) / in);
  const at::Tensor m = at::einsum("fc,nfl->ncl", {w, ratio * head});
  const at::Tensor expected = m - (m * reference.squeeze(1)).sum(1, true);
  EXPECT_LT(apart(r.hypothetical, expected), 1e-12);
}

TEST(Attribution, BatchesAndThreadsChangeNothing) {
  for (const AttributionMethod method :
       {AttributionMethod::deeplift, AttributionMethod::integrated_gradients, AttributionMethod::smoothgrad, AttributionMethod::gradient}) {
    const nn::ModelPtr model = network(dilated_residual("relu"), at::kFloat);
    AttributionOptions o = with(method);
    o.steps = 5, o.samples = 4;
    const AttributionResult all = attributed(*model, o);
    for (const std::int64_t batch : {1, 2, 7}) {
      o.batch = batch;
      const AttributionResult few = attributed(*model, o);
      EXPECT_LT(apart(few.hypothetical, all.hypothetical), 1e-6) << to_word(method) << batch;
      EXPECT_LT(apart(few.prediction, all.prediction), 1e-6) << to_word(method) << batch;
    }
    o.batch = 0;
    set_threads(1);
    const AttributionResult one = attributed(*model, o);
    set_threads(0);
    EXPECT_TRUE(at::equal(one.hypothetical, all.hypothetical)) << to_word(method);
    // Sequence 3 of 5 by itself, under its own number.
    const AttributionFn f = attribution_fn(*model, parse_target("logits:1", *model), o);
    const AttributionResult own = f({{"sequence", random_sequences(5, 37).slice(0, 3, 4)}}, 3, {});
    EXPECT_LT(apart(own.scores, all.scores.slice(0, 3, 4)), 1e-6) << to_word(method);
  }
}

TEST(Attribution, TheOtherStrandHasMirroredScores) {
  const at::Tensor x = random_sequences(3, 37), turned = x.flip({1, 2});
  const at::Tensor references = random_sequences(6, 37, 8).view({3, 2, 4, 37});
  const nn::ModelPtr model = network(convolutions("gelu"));
  for (const AttributionMethod method :
       {AttributionMethod::deeplift, AttributionMethod::integrated_gradients, AttributionMethod::gradient}) {
    const AttributionOptions o = with(method, ReferenceKind::given);
    const AttributionResult a = attributed(*model, o, "logits:2", kBoth, x, references);
    const AttributionResult b = attributed(*model, o, "logits:2", kBoth, turned, references.flip({2, 3}));
    EXPECT_LT(apart(a.hypothetical, b.hypothetical.flip({1, 2})), 1e-12) << to_word(method);
    const AttributionResult one = attributed(*model, o, "logits:2", {}, x, references);
    EXPECT_GT(apart(a.hypothetical, one.hypothetical), 1e-4);
  }
}

TEST(IntegratedGradients, ConvergeByTheOrderOfTheirSum) {
  const nn::ModelPtr model = network(convolutions("softplus"));
  const auto off = [&](Path path, PathSum sum, std::int64_t steps) {
    AttributionOptions o = with(AttributionMethod::integrated_gradients);
    o.path = path, o.legacy.path_sum = sum, o.steps = steps;
    return attributed(*model, o).convergence.abs().max().item<double>();
  };
  EXPECT_NEAR(off(Path::even, PathSum::midpoint, 8) / off(Path::even, PathSum::midpoint, 16), 4, 0.4);
  EXPECT_NEAR(off(Path::even, PathSum::left, 32) / off(Path::even, PathSum::left, 64), 2, 0.2);
  EXPECT_LT(off(Path::even, PathSum::midpoint, 256), 1e-5);
  // Left sums have even places whatever the path.
  EXPECT_EQ(off(Path::even, PathSum::left, 32), off(Path::adaptive, PathSum::left, 32));
  EXPECT_NEAR(off(Path::adaptive, PathSum::midpoint, 32) / off(Path::adaptive, PathSum::midpoint, 128), 16, 4);
}

// Neither other sequences nor threads have a say in where gradients are taken: bit for bit.
TEST(IntegratedGradients, PlacesOfASequenceAreItsOwn) {
  const nn::ModelPtr model = network(convolutions("relu"), at::kFloat);
  AttributionOptions o = with(AttributionMethod::integrated_gradients);
  o.steps = 24, o.path = Path::adaptive;
  const AttributionResult all = attributed(*model, o);
  const AttributionFn f = attribution_fn(*model, parse_target("logits:1", *model), o);
  const AttributionResult own = f({{"sequence", random_sequences(5, 37).slice(0, 3, 4)}}, 3, {});
  EXPECT_TRUE(at::equal(own.hypothetical, all.hypothetical.slice(0, 3, 4)));
  set_threads(1);
  EXPECT_TRUE(at::equal(attributed(*model, o).hypothetical, all.hypothetical));
  set_threads(0);
}

// Where the gradient jumps and steps are many, the scores themselves come closer, and not their sum
// alone.
TEST(IntegratedGradients, AdaptivePlacesAreCloserToTheScores) {
  const nn::ModelPtr model = network(convolutions("relu"));
  const auto scores = [&](Path path, std::int64_t steps) {
    AttributionOptions o = with(AttributionMethod::integrated_gradients);
    o.path = path, o.steps = steps;
    return attributed(*model, o).hypothetical;
  };
  const at::Tensor truth = scores(Path::even, 2048);
  const auto off = [&](Path path) { return (scores(path, 256) - truth).norm().item<double>(); };
  EXPECT_LT(off(Path::adaptive), 0.9 * off(Path::even));
}

TEST(Attribution, ProductsOfPublishedCode) {
  const nn::ModelPtr model = network(convolutions("softplus"));
  const at::Tensor x = random_sequences(5, 37).to(at::kDouble);
  for (const AttributionMethod method : {AttributionMethod::deeplift, AttributionMethod::integrated_gradients}) {
    AttributionOptions o = with(method, ReferenceKind::uniform);
    o.steps = 4;
    const AttributionResult projected = attributed(*model, o);
    o.legacy.product = ScoreProduct::times_input;
    const AttributionResult times = attributed(*model, o);
    o.legacy.product = ScoreProduct::difference_times_input;
    const AttributionResult difference = attributed(*model, o);
    // Of references 0.25: m - mean m, m, and 0.75 m of the letter that is there.
    EXPECT_LT(apart(times.scores * 0.75, difference.scores), 1e-12);
    const at::Tensor shift = (times.scores - projected.scores).sum(1, true);
    EXPECT_LT(apart((projected.hypothetical + shift).mean(1, true), shift), 1e-12);
    EXPECT_LT(apart(projected.scores, projected.hypothetical * x), 1e-12);
  }
}

TEST(Gradient, PredictsSmallChanges) {
  const nn::ModelPtr model = network(convolutions("softplus"));
  const Target target = parse_target("logits:0 - 2*logits:2", *model);
  const at::Tensor x = random_sequences(2, 37).to(at::kDouble);
  const AttributionResult r = attributed(*model, with(AttributionMethod::gradient), target.text(), {}, x);
  const auto value = [&](const at::Tensor& at) { return target(model->forward({{"sequence", at}})).detach(); };
  const at::Tensor way = at::sin(at::arange(x.numel(), at::kDouble)).view(x.sizes());
  const at::Tensor found = (value(x + way * 1e-5) - value(x - way * 1e-5)) / 2e-5;
  EXPECT_LT(apart(found, (r.hypothetical * way).sum({1, 2})), 1e-7);
  EXPECT_LT(apart(r.prediction, value(x)), 1e-12);
  EXPECT_TRUE(at::equal(r.scores, r.hypothetical));
  AttributionOptions o = with(AttributionMethod::gradient_x_input);
  EXPECT_LT(apart(attributed(*model, o, target.text(), {}, x).scores, r.hypothetical * x), 1e-12);
  o.simplex = true;
  EXPECT_LT(apart(attributed(*model, o, target.text(), {}, x).hypothetical.sum(1), at::zeros({2, 37})), 1e-12);
}

TEST(Gradient, OfNoNoiseIsThatOfTheSequence) {
  const nn::ModelPtr model = network(convolutions("gelu"));
  AttributionOptions o = with(AttributionMethod::smoothgrad);
  o.noise = 0, o.samples = 3;
  EXPECT_LT(apart(attributed(*model, o).scores, attributed(*model, with(AttributionMethod::gradient)).scores), 1e-12);
  o.noise = 0.1;
  EXPECT_GT(apart(attributed(*model, o).scores, attributed(*model, with(AttributionMethod::gradient)).scores), 1e-6);
}

TEST(Attribution, OtherInputsAreHeld) {
  const nn::ModelPtr model =
      nn::build_model("format = 1\n[inputs.sequence]\nchannels = 4\nlength = 37\n[inputs.cell]\nfeatures = 3\n" +
                          layer_text("conv", "name = \"conv\"\nfrom = \"sequence\"\nfilters = 5\nwidth = 5") + function_text("relu") +
                          layer_text("pool", "name = \"mean\"\nkind = \"mean\"\nglobal = true") +
                          layer_text("dense", "from = [\"mean\", \"cell\"]\ncombine = \"concat\"\nunits = 6") + function_text("gelu") +
                          head_text("logits", layer_text("dense", "units = 1", "heads.layers")),
                      "test", 4);
  model->to(at::kDouble);
  shake(*model, 0.5);
  const at::Tensor x = random_sequences(3, 37), cell = at::sin(at::arange(9, at::kDouble)).view({3, 3}) * 2;
  for (const ReferenceKind kind : {ReferenceKind::permuted, ReferenceKind::zeros}) {
    const AttributionFn f = attribution_fn(*model, usual_target(*model), with(AttributionMethod::deeplift, kind));
    const AttributionResult all = f({{"sequence", x}, {"cell", cell}}, 0, {});
    EXPECT_LT(all.convergence.abs().max().item<double>(), 1e-9);
    const AttributionResult second = f({{"sequence", x.slice(0, 1, 2)}, {"cell", cell.slice(0, 1, 2)}}, 1, {});
    EXPECT_LT(apart(second.scores, all.scores.slice(0, 1, 2)), 1e-12);
  }
  AttributionOptions o;
  o.input = "sequenc";
  EXPECT_THAT(error_text([&] { attribution_fn(*model, usual_target(*model), o); }),
              AllOf(HasSubstr("no input 'sequenc'"), HasSubstr("did you mean 'sequence'")));
}

TEST(Attribution, LeavesTheModelAsItWas) {
  const nn::ModelPtr model = network(convolutions("relu"));
  model->train();
  attributed(*model, with(AttributionMethod::deeplift));
  attributed(*model, with(AttributionMethod::gradient));
  EXPECT_TRUE(model->is_training());
  for (const at::Tensor& parameter : model->parameters()) {
    EXPECT_TRUE(parameter.requires_grad());
    EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST(Attribution, SequencesWithoutLettersAndNoSequences) {
  const nn::ModelPtr model = network(convolutions("relu"));
  at::Tensor x = random_sequences(2, 37);
  x[1].slice(1, 10, 20).zero_();
  const AttributionResult r = attributed(*model, with(AttributionMethod::deeplift), "logits:0", {}, x);
  EXPECT_EQ(r.scores[1].slice(1, 10, 20).abs().max().item<double>(), 0);
  EXPECT_TRUE(at::isfinite(r.hypothetical).all().item<bool>());
  for (const AttributionMethod method : {AttributionMethod::deeplift, AttributionMethod::integrated_gradients, AttributionMethod::gradient})
    EXPECT_EQ(attributed(*model, with(method), "logits:0", {}, x.slice(0, 0, 0)).scores.sizes(), (std::vector<std::int64_t>{0, 4, 37}))
        << to_word(method);
}

TEST(Attribution, RefusesWhatHasNoRule) {
  const nn::ModelPtr model = network(convolutions("relu"));
  const Target target = parse_target("logits:0", *model);
  const auto text = [&](AttributionOptions o, infer::StrandStrategy strands = {}) {
    return error_text([&] { attribution_fn(*model, target, o, strands); });
  };
  EXPECT_THAT(text(with(AttributionMethod::deeplift), {true, infer::StrandMerge::max}), HasSubstr("no rule for strands merged by max"));
  AttributionOptions simple = with(AttributionMethod::deeplift);
  simple.simplex = true;
  EXPECT_THAT(text(simple), HasSubstr("simplex is for gradients"));
  AttributionOptions given = with(AttributionMethod::deeplift, ReferenceKind::given);
  EXPECT_THAT(error_text([&] { attributed(*model, given); }), HasSubstr("references are missing; expected (5 or 1, R, 4, 37)"));
  EXPECT_THAT(error_text([&] { attributed(*model, given, "logits:0", {}, random_sequences(5, 37), at::zeros({4, 2, 4, 37})); }),
              HasSubstr("references are (4, 2, 4, 37); expected (5 or 1, R, 4, 37)"));
}

TEST(Convergence, CountsWhatIsAboveTheThreshold) {
  Convergence c;
  c.add(at::tensor({1e-5, -2e-3, 0.0}));
  c.add({});
  c.add(at::tensor({std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_EQ(c.examples, 4);
  EXPECT_EQ(c.over_threshold, 2);
  EXPECT_TRUE(std::isnan(c.largest));
}

}  // namespace
}  // namespace basewise::interpret
