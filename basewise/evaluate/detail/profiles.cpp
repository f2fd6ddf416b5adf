// Profiles: every example is measured when its batch comes, and only its values are kept.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <unordered_set>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/heads.h"
#include "basewise/metrics/profile.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate::detail {
namespace {

using Values = std::vector<std::vector<double>>;  // (metrics, examples)

const std::vector<std::string>& default_metrics() {
  static const std::vector<std::string> names = {"jsd",
                                                 "profile_pearson",
                                                 "profile_spearman",
                                                 "profile_pearson_as_published",
                                                 "profile_spearman_as_published",
                                                 "multinomial_nll",
                                                 "cross_entropy_per_read"};
  return names;
}

/// Metrics that mean something where the prediction is itself a few reads: likelihoods do not, it has no probability at most bases.
std::vector<std::string> of_reads(const std::vector<std::string>& names) {
  std::vector<std::string> kept;
  for (const auto& name : names)
    if (name != "multinomial_nll" && name != "cross_entropy_per_read") kept.push_back(name);
  return kept;
}

void append(Values& to, const Values& from) {
  to.resize(from.size());
  for (std::size_t m = 0; m < from.size(); ++m) to[m].insert(to[m].end(), from[m].begin(), from[m].end());
}

at::Tensor rows_of(const at::Tensor& x) { return x.to(at::kCPU, at::kFloat).contiguous(); }

/// What is known of an example besides its values.
struct Place {
  std::int64_t chromosome = -1;
  std::int64_t start = 0;
  double reads = 0;
};

class ProfileMeasure final : public HeadMeasure {
 public:
  explicit ProfileMeasure(EvaluateOptions options) : options_(std::move(options)) {
    names_ = options_.metrics.empty() ? default_metrics() : options_.metrics;
    if (!options_.tolerances.empty()) throw ArgumentError("tolerances match calls to labels; profiles have neither");
    if (options_.floor.defined()) options_.floor = rows_of(options_.floor);
  }

  void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) override;
  EvaluationResult result(const infer::ScoreFn& score, const data::DatasetPtr& dataset) override;

 private:
  metrics::ProfileBatch batch_of(const at::Tensor& predictions, const at::Tensor& counts, const at::Tensor& mask,
                                 metrics::ProfileScale scale) const;
  void add_places(const at::Tensor& counts, const Bundle& batch);
  OutputEvaluation summary(const std::string& name, const std::vector<std::string>& names, const Values& values) const;
  void add_figures(EvaluationResult& result, const infer::ScoreFn& score, const data::DatasetPtr& dataset) const;
  LocusTracks tracks_of(std::int64_t example, const char* choice, const infer::ScoreFn& score, const data::DatasetPtr& dataset) const;
  std::vector<std::string> strand_names() const;

  EvaluateOptions options_;
  std::vector<std::string> names_;
  std::string output_, ceiling_;
  std::int64_t strands_ = 0, length_ = 0;
  bool placed_ = false;
  Values values_, ceiling_values_, floor_values_;
  std::vector<std::int64_t> blocks_;
  std::vector<Place> places_;
};

metrics::ProfileBatch ProfileMeasure::batch_of(const at::Tensor& predictions, const at::Tensor& counts, const at::Tensor& mask,
                                               metrics::ProfileScale scale) const {
  metrics::ProfileBatch b{.predictions = float_span(predictions),
                          .counts = float_span(counts),
                          .mask = {},
                          .strands = strands_,
                          .length = length_,
                          .scale = scale};
  if (mask.defined()) b.mask = {static_cast<const std::uint8_t*>(mask.const_data_ptr()), static_cast<std::size_t>(mask.numel())};
  return b;
}

void ProfileMeasure::add(std::int64_t first, const Bundle& outputs, const Bundle& batch) {
  output_ = head_name(options_.output, outputs);
  const at::Tensor predictions = rows_of(outputs.at(output_)), counts = rows_of(batch.at(options_.target));
  if (predictions.sizes() != counts.sizes() || predictions.dim() != 3)
    throw ShapeError(format("output '{}' has shape {} and target '{}' has shape {}: expected the same (N, strands, positions)", output_,
                            shape_text(predictions.sizes()), options_.target, shape_text(counts.sizes())));
  strands_ = counts.size(1);
  length_ = counts.size(2);
  at::Tensor mask = mask_of(batch, options_.target, counts);
  if (mask.defined()) mask = mask.to(at::kByte);
  const auto scale =
      parse_scale(options_.scale) == metrics::ScoreScale::logit ? metrics::ProfileScale::logit : metrics::ProfileScale::counts;
  append(values_, metrics::compute_profiles(names_, batch_of(predictions, counts, mask, scale)));
  if (first == 0) ceiling_ = ceiling_name(options_, batch);
  if (!ceiling_.empty()) {
    const at::Tensor second = rows_of(batch.at(ceiling_));
    if (second.sizes() != counts.sizes())
      throw ShapeError(format("'{}' has shape {} and '{}' has shape {}: expected the same", ceiling_, shape_text(second.sizes()),
                              options_.target, shape_text(counts.sizes())));
    append(ceiling_values_, metrics::compute_profiles(of_reads(names_), batch_of(second, counts, mask, metrics::ProfileScale::counts)));
  }
  if (options_.floor.defined()) {
    const at::Tensor same = options_.floor.expand_as(counts).contiguous();
    append(floor_values_, metrics::compute_profiles(names_, batch_of(same, counts, mask, metrics::ProfileScale::counts)));
  }
  add_places(counts, batch);
}

void ProfileMeasure::add_places(const at::Tensor& counts, const Bundle& batch) {
  const at::Tensor position = scalar_per_example(batch, "position"), chromosome = scalar_per_example(batch, "chromosome");
  placed_ = position.defined() && chromosome.defined();
  const auto n = float_span(counts);
  const auto row = static_cast<std::size_t>(strands_ * length_);
  for (std::int64_t i = 0; i < counts.size(0); ++i) {
    Place place;
    if (placed_) place.chromosome = int64_span(chromosome)[i], place.start = int64_span(position)[i];
    for (const float x : n.subspan(static_cast<std::size_t>(i) * row, row)) place.reads += x > 0 ? x : 0;
    // Windows overlap and neighbours are alike: they are drawn together.
    if (placed_ && options_.block > 0) blocks_.push_back(block_of(place.chromosome, place.start + length_ / 2, options_.block));
    places_.push_back(place);
  }
}

OutputEvaluation ProfileMeasure::summary(const std::string& name, const std::vector<std::string>& names, const Values& values) const {
  OutputEvaluation output;
  output.name = name;
  output.counts.examples = static_cast<std::int64_t>(places_.size());
  output.counts.positives = std::nan("");
  const auto bootstrap = options_.intervals ? std::optional(options_.bootstrap) : std::nullopt;
  for (std::size_t m = 0; m < names.size(); ++m) {
    const auto s = metrics::summarise_examples(values.empty() ? std::span<const double>() : values[m], blocks_, bootstrap);
    output.metrics.push_back({names[m], metrics::find_metric(names[m]).higher_is_better, s.mean, s.interval,
                              ExampleFacts{.median = s.median, .examples = s.examples, .undefined = s.undefined}});
  }
  return output;
}

std::vector<std::string> ProfileMeasure::strand_names() const {
  if (static_cast<std::int64_t>(options_.names.size()) == strands_) return options_.names;
  std::vector<std::string> names;
  for (std::int64_t s = 0; s < strands_; ++s) names.push_back(std::to_string(s));
  return names;
}

/// Where `values` lie, and those of the other predictions on the same axis.
ExampleHistogram histogram_of(const std::string& metric, const std::vector<double>& values, const std::vector<double>* ceiling,
                              const std::vector<double>* floor) {
  constexpr std::int64_t kBins = 40;
  ExampleHistogram h{.metric = metric};
  std::vector<double> all;
  for (const auto* part : {&values, ceiling, floor})
    if (part != nullptr) std::copy_if(part->begin(), part->end(), std::back_inserter(all), [](double v) { return std::isfinite(v); });
  if (all.empty()) return h;
  std::sort(all.begin(), all.end());
  // The outermost thousandth at either end would squeeze the rest together.
  const std::size_t cut = all.size() / 1000;
  h.low = all[cut];
  h.high = all[all.size() - 1 - cut];
  if (!(h.high > h.low)) h.high = h.low + std::max(1e-9, std::abs(h.low) * 1e-9);
  const auto count = [&](const std::vector<double>* part) {
    std::vector<std::int64_t> counts;
    if (part == nullptr) return counts;
    counts.resize(kBins);
    for (const double v : *part) {
      if (!std::isfinite(v)) continue;
      if (v < h.low || v > h.high) {
        ++h.outside;
        continue;
      }
      ++counts[static_cast<std::size_t>(
          std::min<std::int64_t>(kBins - 1, static_cast<std::int64_t>((v - h.low) / (h.high - h.low) * kBins)))];
    }
    return counts;
  };
  h.counts = count(&values);
  h.ceiling = count(ceiling);
  h.floor = count(floor);
  return h;
}

/// A prediction as counts: the probabilities times what was observed on the strand.
LocusTracks ProfileMeasure::tracks_of(std::int64_t example, const char* choice, const infer::ScoreFn& score,
                                      const data::DatasetPtr& dataset) const {
  const Place& place = places_[static_cast<std::size_t>(example)];
  LocusTracks locus{.choice = choice,
                    .chromosome = place.chromosome,
                    .example = example,
                    .start = place.start,
                    .length = length_,
                    .target_sum = place.reads,
                    .predicted = {},
                    .observed = {}};
  const Bundle batch = stack({dataset->get(example, Stream(0))});
  const at::Tensor counts = rows_of(batch.at(options_.target)).squeeze(0);
  at::Tensor share = rows_of(score(batch).at(output_)).squeeze(0);
  share = parse_scale(options_.scale) == metrics::ScoreScale::logit ? at::softmax(share, 1) : share / share.sum(1, true).clamp_min(1e-30);
  const at::Tensor expected = (share * counts.sum(1, true)).contiguous();
  const auto row = [](const at::Tensor& x, std::int64_t s) {
    const auto values = float_span(x.select(0, s).contiguous());
    return std::vector<float>(values.begin(), values.end());
  };
  for (std::int64_t s = 0; s < strands_; ++s) {
    locus.predicted.push_back(row(expected, s));
    locus.observed.push_back(row(counts, s));
  }
  return locus;
}

void ProfileMeasure::add_figures(EvaluationResult& result, const infer::ScoreFn& score, const data::DatasetPtr& dataset) const {
  EvaluationFigures& figures = result.figures;
  figures.binary = false;
  const auto second = of_reads(names_);
  for (std::size_t m = 0; m < names_.size() && !values_.empty(); ++m) {
    const auto at = std::find(second.begin(), second.end(), names_[m]) - second.begin();
    const bool there = at < std::ssize(second) && !ceiling_values_.empty();
    figures.examples.push_back(histogram_of(names_[m], values_[m], there ? &ceiling_values_[static_cast<std::size_t>(at)] : nullptr,
                                            floor_values_.empty() ? nullptr : &floor_values_[m]));
  }
  std::vector<std::int64_t> order(places_.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (order.empty()) return;
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return places_[a].reads > places_[b].reads; });
  const std::size_t last = order.size() - 1;
  figures.channels = strand_names();
  std::vector<std::size_t> taken;
  for (const auto& [choice, rank] :
       {std::pair("densest", std::size_t{0}), {"upper quartile", last / 4}, {"median", last / 2}, {"sparsest", last}}) {
    if (std::find(taken.begin(), taken.end(), rank) != taken.end()) continue;
    taken.push_back(rank);
    figures.loci.push_back(tracks_of(order[rank], choice, score, dataset));
  }
}

EvaluationResult ProfileMeasure::result(const infer::ScoreFn& score, const data::DatasetPtr& dataset) {
  EvaluationResult result;
  result.output = output_.empty() ? options_.output : output_;
  result.target = options_.target;
  result.examples = dataset->size();
  result.profile = true;
  result.strands = strands_;
  result.length = length_;
  result.pooled = summary("pooled", names_, values_);
  result.outputs.push_back(result.pooled);
  result.outputs[0].name = result.output;
  result.mean = result.pooled.metrics;
  for (MetricValue& m : result.mean) m.interval = {};
  if (!ceiling_values_.empty()) result.ceiling = {ceiling_, summary("pooled", of_reads(names_), ceiling_values_)};
  if (!floor_values_.empty()) result.floor = {"mean profile", summary("pooled", names_, floor_values_)};
  const auto drawn = std::unordered_set<std::int64_t>(blocks_.begin(), blocks_.end()).size();
  result.blocks = !options_.intervals ? "none" : blocks_.empty() ? "examples" : format("blocks of {} bases ({})", options_.block, drawn);
  if (options_.figures) add_figures(result, score, dataset);
  return result;
}

}  // namespace

std::unique_ptr<HeadMeasure> measure_profiles(EvaluateOptions options) { return std::make_unique<ProfileMeasure>(std::move(options)); }

}  // namespace basewise::evaluate::detail

namespace basewise::evaluate {

at::Tensor mean_profile(const data::DatasetPtr& dataset, const std::string& target, const infer::BatchOptions& batches) {
  at::Tensor sum, strands;
  // Nothing is predicted: the data set is read through the same loop.
  infer::predict_batches(
      dataset, [](const Bundle&) { return Bundle(); }, batches,
      [&](std::int64_t, const Bundle&, const Bundle& batch) {
        const at::Tensor counts = batch.at(target).to(at::kCPU, at::kDouble);
        if (counts.dim() != 3)
          throw ShapeError(format("'{}' has shape {}: expected (N, strands, positions)", target, shape_text(counts.sizes())));
        const at::Tensor mask = detail::mask_of(batch, target, counts);
        const at::Tensor clean = mask.defined() ? at::where(mask, counts, at::zeros({}, counts.options())) : counts;
        at::Tensor used = clean.sum(2).gt(0);
        if (mask.defined()) used = used.logical_and(mask.all(2));
        const at::Tensor share = (clean / clean.sum(2, true).clamp_min(1e-30)) * used.unsqueeze(2);
        sum = sum.defined() ? sum + share.sum(0) : share.sum(0);
        strands = strands.defined() ? strands + used.sum(0) : used.sum(0);
      });
  if (!sum.defined()) throw ArgumentError("the mean profile of a data set without examples was asked for");
  return (sum / strands.clamp_min(1).unsqueeze(1)).to(at::kFloat);
}

}  // namespace basewise::evaluate
