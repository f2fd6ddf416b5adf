// How much each letter of a sequence matters to a prediction:
// gradients and differences from references.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/infer/strands.h"
#include "basewise/interpret/references.h"
#include "basewise/interpret/target.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret {

enum class AttributionMethod { deeplift, integrated_gradients, gradient, gradient_x_input, smoothgrad };
constexpr auto words_of(AttributionMethod) {
  return words<AttributionMethod>(
      {{AttributionMethod::deeplift, "deeplift", "differences from references, rescale rule (DeepLIFT, DeepSHAP)"},
       {AttributionMethod::integrated_gradients, "integrated_gradients", "gradients along the straight way from references"},
       {AttributionMethod::gradient, "gradient", "of all four letters"},
       {AttributionMethod::gradient_x_input, "gradient_x_input", "of the letters that are there"},
       {AttributionMethod::smoothgrad, "smoothgrad", "mean gradient at noisy copies of the sequence"}});
}

/// Where on the way from a reference to a sequence gradients are taken. Both take as many.
enum class Path { even, adaptive };
constexpr auto words_of(Path) {
  return words<Path>({{Path::even, "even", "in the middles of equal pieces"},
                      {Path::adaptive, "adaptive", "half evenly, then where pieces miss the change of the target most"}});
}

/// Where the gradients of an interval between reference and sequence are taken.
enum class PathSum { midpoint, left };
constexpr auto words_of(PathSum) {
  return words<PathSum>({{PathSum::midpoint, "midpoint", "(k + 0.5) / steps: the error falls with the square of the steps"},
                         {PathSum::left, "left", "k / steps, as in published code: the error falls with the steps"}});
}

/// What multipliers (DeepLIFT, integrated gradients) become for the letter that is there.
enum class ScoreProduct { projected, times_input, difference_times_input };
constexpr auto words_of(ScoreProduct) {
  return words<ScoreProduct>(
      {{ScoreProduct::projected, "projected", "the hypothetical score of the letter; scores of a sequence sum to the difference"},
       {ScoreProduct::times_input, "times_input", "multiplier times input"},
       {ScoreProduct::difference_times_input, "difference_times_input", "multiplier times (input - reference) times input"}});
}

/// What published code did otherwise.
struct AttributionLegacy {
  PathSum path_sum = PathSum::midpoint;
  ScoreProduct product = ScoreProduct::projected;
};
void describe(Visitor& v, AttributionLegacy& o);

struct AttributionOptions {
  AttributionMethod method = AttributionMethod::deeplift;
  std::string input = "sequence";    ///< of a model with several: attributed, the others are held
  ReferenceOptions references = {};  ///< deeplift, integrated_gradients
  std::int64_t steps = 64;           ///< integrated_gradients: gradients for each pair of reference and sequence
  Path path = Path::even;            ///< integrated_gradients; fewer than 4 steps and legacy left sums are even
  std::int64_t samples = 50;         ///< smoothgrad
  double noise = 0.1;                ///< smoothgrad: standard deviation of what is added to each number
  std::uint64_t seed = 1;            ///< smoothgrad: of the noise
  bool simplex = false;              ///< gradients minus their mean over the letters
  std::int64_t batch = 0;            ///< sequences, or pairs of sequence and reference, in one pass; 0: what fits about 1 GiB, at most 256
  AttributionLegacy legacy = {};
};
void describe(Visitor& v, AttributionOptions& o);

/// Differences above this are counted.
constexpr double kConvergenceThreshold = 1e-3;

struct AttributionResult {
  /// (N, 4, L): what each letter would have in place of the one that is there. Of gradients the
  /// gradient itself; of multipliers m against references r, for letter a, the mean over references
  /// of sum over b of (1[a = b] - r_b) m_b.
  at::Tensor hypothetical;
  /// (N, 4, L): scores of the letters that are there, zero elsewhere; of `gradient` and
  /// `smoothgrad` the gradient of all letters.
  at::Tensor scores;
  at::Tensor prediction;  ///< (N): the target
  at::Tensor reference;   ///< (N): its mean over references; undefined without
  /// (N): sum of multipliers times (input - reference) minus the difference of the targets, of the
  /// reference where it is largest in size; undefined without references.
  at::Tensor convergence;
};

/// A convergence summary over the sequences of any number of results.
struct Convergence {
  double largest = 0;               ///< in size
  std::int64_t over_threshold = 0;  ///< sequences above `kConvergenceThreshold`
  std::int64_t examples = 0;
  void add(const at::Tensor& convergence);
};

/// A batch of inputs (N rows; sequences one-hot or tokens), which are examples first ..
/// first + N - 1, to attributions of the input that the options name. `references` (N, R, 4, L) or
/// (1, R, 4, L) for ReferenceKind::given.
using AttributionFn = std::function<AttributionResult(const Bundle& inputs, std::int64_t first, const at::Tensor& references)>;

/// The model in evaluation mode on its device, through the strand strategy; results are on the
/// device of the input. Numbers depend on the batch and on `options.batch` by rounding alone.
///
/// DeepLIFT follows the rescale rule (Shrikumar et al. 2017) by the rules that layers state
/// (`nn::Layer::attribution_rule`): linear layers pass multipliers on, functions of single numbers
/// have difference of outputs / difference of inputs (their derivative at the sequence where the
/// inputs differ by less than 1e-6), the largest of a window shares its difference between its
/// places in sequence and reference, and softmax and the like have their derivatives averaged along
/// the straight way between both (Gauss-Legendre, 32 places).
///
/// Errors: ArgumentError for a layer without a rule, by its name, for a model that is not made of
/// layers, for strands merged by their maximum or by probability (DeepLIFT), for references of
/// another shape, and for an input that the model does not have.
AttributionFn attribution_fn(nn::ModelPtr model, Target target, const AttributionOptions& options = {}, infer::StrandStrategy strands = {},
                             infer::OutputForms forms = {});
AttributionFn attribution_fn(nn::Model& model, Target target, const AttributionOptions& options = {}, infer::StrandStrategy strands = {},
                             infer::OutputForms forms = {});

}  // namespace basewise::interpret
