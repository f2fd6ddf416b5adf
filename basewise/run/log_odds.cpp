#include "basewise/run/log_odds.h"

#include <algorithm>
#include <cmath>

#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

/// Labels as (2, positions), 0 where not measured, and how far into the sequence they start.
struct Labels {
  at::Tensor values;
  at::Tensor measured;  ///< (2, positions) bool
  std::int64_t offset = 0;
};

// (4, L), whatever the encoding of the data.
at::Tensor one_hot_sequence(const Bundle& example) {
  const at::Tensor x = example.at("sequence");
  return x.dim() == 1 ? one_hot_of(x.unsqueeze(0))[0] : x;
}

Labels labels_of(const Bundle& example, const std::string& target) {
  const std::int64_t length = one_hot_sequence(example).size(1);
  at::Tensor values = example.at(target).to(at::kFloat);
  check_shape(values, target, {{"strand", 2}, {"positions"}});
  Labels labels{values, at::ones_like(values, at::kBool), (length - values.size(1)) / 2};
  if ((length - values.size(1)) % 2 != 0 || values.size(1) > length) {
    throw ShapeError(format("{} positions of '{}' do not lie in the middle of {} positions of 'sequence'",
                            values.size(1), target, length));
  }
  if (const std::string mask = target + ".mask"; example.contains(mask)) {
    labels.measured = (example.at(mask) > 0).expand_as(values);
    labels.values = at::where(labels.measured, values, at::zeros_like(values));
  }
  return labels;
}

/// Adds the columns around one site of the strand in which `sequence` (4, L) is written.
void count_site(const at::Tensor& sequence, std::int64_t site, std::int64_t left, at::Tensor& counts) {
  const std::int64_t begin = std::max<std::int64_t>(0, site - left);
  const std::int64_t end = std::min(sequence.size(1), site - left + counts.size(1));
  counts.slice(1, begin - (site - left), end - (site - left)).add_(sequence.slice(1, begin, end));
}

/// Letters at the measured positions of a set: with tiles of a genome, each base of its regions
/// once.
at::Tensor tokens_of(const data::Dataset& set, const std::string& target) {
  at::Tensor total = at::zeros({4}, at::kDouble);
  for (std::int64_t i = 0; i < set.size(); ++i) {
    const Bundle example = set.get(i, Stream(0));
    const Labels labels = labels_of(example, target);
    const at::Tensor middle = one_hot_sequence(example).slice(1, labels.offset, labels.offset + labels.values.size(1));
    total += (middle * labels.measured.any(0)).sum(1, false, at::kDouble);
  }
  return total;
}

at::Tensor background_of(const data::Dataset& training, const std::vector<data::DatasetPtr>& others,
                         const LogOddsOptions& options) {
  if (options.background == LogOddsBackground::uniform) return at::full({4}, 0.25, at::kDouble);
  at::Tensor letters = tokens_of(training, options.target);
  if (options.background == LogOddsBackground::all) {
    for (const data::DatasetPtr& set : others) letters += tokens_of(*set, options.target);
  }
  if (options.both_strands) letters = letters + letters.flip(0);
  return letters / letters.sum();
}

std::string parameter_list(const nn::Model& model) {
  std::string text;
  for (const auto& item : model.named_parameters())
    text += format("{}{} {}", text.empty() ? "" : ", ", item.key(), shape_text(item.value().sizes()));
  return text.empty() ? "none" : text;
}

std::pair<std::string, at::Tensor> find_parameter(const nn::Model& model, const std::string& wanted,
                                                  at::IntArrayRef shape) {
  std::vector<std::pair<std::string, at::Tensor>> fitting;
  for (const auto& item : model.named_parameters()) {
    if (item.value().sizes() == shape && (wanted.empty() || item.key() == wanted))
      fitting.emplace_back(item.key(), item.value());
  }
  if (fitting.size() == 1) return fitting.front();
  throw ArgumentError(format("log_odds: {} parameter{} of shape {}, expected exactly one; the model has {}",
                             fitting.empty() ? "no" : "several", wanted.empty() ? "" : format(" '{}'", wanted),
                             shape_text(shape), parameter_list(model)));
}

}  // namespace

void describe(Visitor& v, LogOddsOptions& o) {
  v("left", o.left, "columns before the site, in the direction of its strand", non_negative());
  v("right", o.right, "columns after the site", non_negative());
  v("pseudocount", o.pseudocount, "added to the count of each letter in each column", positive());
  v("background", o.background, "letters that odds are taken against");
  v.when("background", o.background, {LogOddsBackground::training, LogOddsBackground::all}, [&] {
    v("both_strands", o.both_strands, "the background counts both strands, so that A = T and C = G");
  });
  v("target", o.target, "tensor (2, positions) with the sites of the forward and the reverse strand");
  v("parameter", o.parameter, "convolution that receives the matrix; empty: the only one of fitting shape");
}

LogOdds count_log_odds(const data::Dataset& training, const std::vector<data::DatasetPtr>& others,
                       const LogOddsOptions& options) {
  LogOdds result;
  result.counts = at::zeros({4, options.left + 1 + options.right}, at::kDouble);
  for (std::int64_t i = 0; i < training.size(); ++i) {
    const Bundle example = training.get(i, Stream(0));
    const Labels labels = labels_of(example, options.target);
    result.positions += labels.measured.sum().item<std::int64_t>();
    const at::Tensor sequence = one_hot_sequence(example).to(at::kDouble);
    const at::Tensor opposite = sequence.flip({0, 1});
    const at::Tensor sites = at::nonzero(labels.values > 0.5);
    for (std::int64_t k = 0; k < sites.size(0); ++k) {
      const std::int64_t at = labels.offset + sites[k][1].item<std::int64_t>();
      const bool reverse = sites[k][0].item<std::int64_t>() == 1;
      count_site(reverse ? opposite : sequence, reverse ? sequence.size(1) - 1 - at : at, options.left, result.counts);
    }
    result.sites += sites.size(0);
  }
  if (result.sites == 0)
    throw DataError(
        format("log_odds: '{}' of the training set marks no site; the matrix would be empty", options.target));
  result.background = background_of(training, others, options);
  const at::Tensor smoothed = result.counts + options.pseudocount;
  result.weights = (smoothed / smoothed.sum(0, true) / result.background.unsqueeze(1)).log().to(at::kFloat);
  return result;
}

void write_log_odds(nn::Model& model, const LogOdds& matrix, const LogOddsOptions& options) {
  const std::int64_t reach = std::max(options.left, options.right), width = 2 * reach + 1;
  const auto [name, parameter] = find_parameter(model, options.parameter, {2, 4, width});
  at::Tensor forward = at::zeros({4, width});
  forward.slice(1, reach - options.left, reach + options.right + 1).copy_(matrix.weights);
  const at::NoGradGuard no_grad;
  parameter.copy_(at::stack({forward, forward.flip({0, 1})}));
  const std::string bias = name.substr(0, name.rfind("weight")) + "bias";
  for (const auto& item : model.named_parameters()) {
    if (item.key() != bias || item.value().sizes() != at::IntArrayRef{2}) continue;
    item.value().fill_(std::log(static_cast<double>(matrix.sites) /
                                static_cast<double>(std::max<std::int64_t>(1, matrix.positions - matrix.sites))));
  }
}

}  // namespace basewise::run
