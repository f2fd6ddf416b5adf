#include "basewise/interpret/detail/call.h"

#include <algorithm>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/interpret/references.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret::detail {
namespace {

at::Tensor checked(const at::Tensor& given, const at::Tensor& x) {
  const bool fits = given.defined() && given.dim() == 4 && (given.size(0) == 1 || given.size(0) == x.size(0)) && given.size(1) > 0 &&
                    given.size(2) == x.size(1) && given.size(3) == x.size(2);
  if (fits) return given;
  throw ShapeError(format("references are {}; expected ({} or 1, R, {}, {}) for sequences {}",
                          given.defined() ? shape_text(given.sizes()) : "missing", x.size(0), x.size(1), x.size(2), shape_text(x.sizes())));
}

/// Rows whose activations take about 1 GiB.
std::int64_t fitting(const nn::Model& model, infer::StrandStrategy strands, std::int64_t length) {
  constexpr double kNumbers = double{1 << 27};
  constexpr std::int64_t kMost = 256;
  double numbers = 1;
  for (const nn::ActivationRow& row : model.activation_paths(length)) {
    double product = strands.both || row.both_strands ? 2 : 1;
    for (const std::int64_t n : row.shape) product *= static_cast<double>(n < 0 ? length : n);
    numbers += product;
  }
  return std::clamp(static_cast<std::int64_t>(kNumbers / numbers), std::int64_t{1}, kMost);
}

}  // namespace

bool compares(AttributionMethod method) {
  return method == AttributionMethod::deeplift || method == AttributionMethod::integrated_gradients;
}

at::Tensor Call::of(const Piece& piece) const {
  const at::Tensor own =
      references.size(0) == 1 ? references.expand({piece.end - piece.begin, -1, -1, -1}) : references.slice(0, piece.begin, piece.end);
  return own.slice(1, piece.from, piece.to).flatten(0, 1);
}

void check(const nn::Model& model, const AttributionOptions& options, infer::StrandStrategy strands) {
  const std::vector<std::string> inputs = model.input_names();
  if (std::find(inputs.begin(), inputs.end(), options.input) == inputs.end()) {
    const auto near = nearest(options.input, inputs);
    throw ArgumentError(format("the model has no input '{}' to attribute to; {}there are: {}", options.input,
                               near ? format("did you mean '{}'? ", *near) : std::string(), fmt::join(inputs, ", ")));
  }
  if (options.simplex && compares(options.method))
    throw ArgumentError(format("simplex is for gradients; scores of {} sum to a difference of predictions as they are", options.method));
  if (options.steps < 1 || options.samples < 1 || options.batch < 0 || !(options.noise >= 0))
    throw ArgumentError("attribution needs at least one step and one sample, a batch of 0 or more, and no negative noise");
  if (options.method != AttributionMethod::deeplift) return;
  if (model.graph() == nullptr)
    throw ArgumentError(
        "DeepLIFT needs the layers of a model, and this one is not made of layers; take integrated_gradients or gradient_x_input");
  if (strands.both && strands.merge != infer::StrandMerge::mean)
    throw ArgumentError(format("DeepLIFT has no rule for strands merged by {}; take the mean, or integrated_gradients", strands.merge));
}

Call call_of(const nn::Model& model, const AttributionOptions& options, infer::StrandStrategy strands, const Bundle& batch,
             std::int64_t first, const at::Tensor& given) {
  const std::vector<at::Tensor> parameters = model.parameters();
  const at::TensorOptions as =
      parameters.empty() ? at::TensorOptions().dtype(at::kFloat) : parameters.front().options().requires_grad(false);
  Call call;
  call.first = first;
  for (const std::string& name : model.input_names())
    if (name != options.input) call.others.set(name, batch.at(name).to(as.device()));
  const at::Tensor& x = batch.at(options.input);
  call.sequences = (is_tokens(x) ? one_hot_of(x) : x).detach().to(as).contiguous();
  if (call.sequences.dim() != 3 || call.sequences.size(1) != seq::kChannels)
    throw ShapeError(format("input '{}' is {}; attribution needs sequences (N, 4, L)", options.input, shape_text(call.sequences.sizes())));
  call.most = options.batch > 0 ? options.batch : fitting(model, strands, call.sequences.size(2));
  if (!compares(options.method)) return call;
  if (options.references.kind == ReferenceKind::given)
    call.references = checked(given, call.sequences).to(as);
  else
    call.references = references_of(x, options.references, first).to(as);
  return call;
}

}  // namespace basewise::interpret::detail
