// Profiles: every example is measured when its batch comes, and only its values are kept.
#include "basewise/evaluate/detail/profile_measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <unordered_set>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/example_spread.h"
#include "basewise/evaluate/detail/figures.h"
#include "basewise/evaluate/detail/loci.h"
#include "basewise/metrics/profile.h"
#include "basewise/metrics/profile_summary.h"
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

/// Metrics that mean something where the prediction is itself a few reads: likelihoods do not, it
/// has no probability at most bases.
std::vector<std::string> of_reads(std::vector<std::string> names) {
  for (const char* likelihood : {"multinomial_nll", "cross_entropy_per_read"}) std::erase(names, likelihood);
  return names;
}

void append(Values& to, const Values& from) {
  to.resize(from.size());
  for (std::size_t m = 0; m < from.size(); ++m) to[m].insert(to[m].end(), from[m].begin(), from[m].end());
}

at::Tensor rows_of(const at::Tensor& x) { return x.to(at::kCPU, at::kFloat).contiguous(); }

/// What is known of an example besides its values.
struct Place {
  std::int64_t example = 0;
  std::int64_t chromosome = -1;
  std::int64_t start = 0;
  double reads = 0;
};

class ProfileMeasure final : public Measure {
 public:
  explicit ProfileMeasure(const MeasureOptions& options) : options_(options) {
    names_ = options_.head.metrics.empty() ? default_metrics() : options_.head.metrics;
    scale_ = options_.head.scale == metrics::ScoreScale::logit ? metrics::ProfileScale::logit : metrics::ProfileScale::counts;
    if (!options_.head.tolerances.empty()) throw ArgumentError("tolerances match calls to labels; profiles have neither");
    if (options_.floor.defined()) options_.floor = rows_of(options_.floor);
  }

  void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) override;
  void merge(Measure& other) override;
  Measured finish(const Source& source) override;
  std::int64_t bytes() const override;

 private:
  metrics::ProfileBatch batch_of(const at::Tensor& predictions, const at::Tensor& counts, const at::Tensor& mask,
                                 metrics::ProfileScale scale) const;
  void add_ceiling(const at::Tensor& counts, const at::Tensor& mask, const Bundle& batch);
  void add_places(std::int64_t first, const at::Tensor& counts, const Bundle& batch);
  results::OutputEvaluation summary(const std::vector<std::string>& names, const Values& values) const;
  results::EvaluationFigures figures_of(const Source& source) const;
  results::LocusTracks tracks_of(const Place& place, const char* choice, const Source& source) const;
  std::vector<std::string> strand_names() const;

  MeasureOptions options_;
  metrics::ProfileScale scale_ = metrics::ProfileScale::logit;
  std::vector<std::string> names_;
  std::string output_;
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
  const std::string& target = options_.head.target;
  output_ = head_name(options_.head.output, outputs);
  const at::Tensor predictions = rows_of(outputs.at(output_)), counts = rows_of(batch.at(target));
  if (predictions.sizes() != counts.sizes() || predictions.dim() != 3)
    throw ShapeError(format("output '{}' has shape {} and target '{}' has shape {}: expected the same (N, strands, positions)", output_,
                            shape_text(predictions.sizes()), target, shape_text(counts.sizes())));
  strands_ = counts.size(1);
  length_ = counts.size(2);
  at::Tensor mask = mask_of(batch, target, counts);
  if (mask.defined()) mask = mask.to(at::kByte);
  append(values_, metrics::compute_profiles(names_, batch_of(predictions, counts, mask, scale_)));
  if (!options_.ceiling.empty()) add_ceiling(counts, mask, batch);
  if (options_.floor.defined()) {
    const at::Tensor same = options_.floor.expand_as(counts).contiguous();
    append(floor_values_, metrics::compute_profiles(names_, batch_of(same, counts, mask, metrics::ProfileScale::counts)));
  }
  add_places(first, counts, batch);
}

void ProfileMeasure::add_ceiling(const at::Tensor& counts, const at::Tensor& mask, const Bundle& batch) {
  const at::Tensor second = rows_of(batch.at(options_.ceiling));
  if (second.sizes() != counts.sizes())
    throw ShapeError(format("'{}' has shape {} and '{}' has shape {}: expected the same", options_.ceiling, shape_text(second.sizes()),
                            options_.head.target, shape_text(counts.sizes())));
  append(ceiling_values_, metrics::compute_profiles(of_reads(names_), batch_of(second, counts, mask, metrics::ProfileScale::counts)));
}

void ProfileMeasure::add_places(std::int64_t first, const at::Tensor& counts, const Bundle& batch) {
  const at::Tensor position = scalar_per_example(batch, "position"), chromosome = scalar_per_example(batch, "chromosome");
  placed_ = position.defined() && chromosome.defined();
  const auto n = float_span(counts);
  const auto row = static_cast<std::size_t>(strands_ * length_);
  for (std::int64_t i = 0; i < counts.size(0); ++i) {
    Place place{.example = first + i};
    if (placed_) place.chromosome = int64_span(chromosome)[i], place.start = int64_span(position)[i];
    for (const float x : n.subspan(static_cast<std::size_t>(i) * row, row)) place.reads += x > 0 ? x : 0;
    // Windows overlap and neighbours are alike: they are drawn together.
    const std::int64_t middle = place.start + length_ * options_.bases_per_value / 2;
    if (placed_ && options_.settings.block > 0) blocks_.push_back(block_of(place.chromosome, middle, options_.settings.block));
    places_.push_back(place);
  }
}

void ProfileMeasure::merge(Measure& other) {
  auto* profiles = dynamic_cast<ProfileMeasure*>(&other);
  if (!profiles) throw ArgumentError("profiles are merged with another kind of measure");
  if (places_.empty()) {
    std::swap(*this, *profiles);
    return;
  }
  append(values_, profiles->values_);
  append(ceiling_values_, profiles->ceiling_values_);
  append(floor_values_, profiles->floor_values_);
  blocks_.insert(blocks_.end(), profiles->blocks_.begin(), profiles->blocks_.end());
  places_.insert(places_.end(), profiles->places_.begin(), profiles->places_.end());
  *profiles = ProfileMeasure(options_);
}

std::int64_t ProfileMeasure::bytes() const {
  std::size_t bytes = blocks_.size() * sizeof(std::int64_t) + places_.size() * sizeof(Place);
  for (const Values* values : {&values_, &ceiling_values_, &floor_values_})
    for (const auto& of_metric : *values) bytes += of_metric.size() * sizeof(double);
  return static_cast<std::int64_t>(bytes);
}

results::OutputEvaluation ProfileMeasure::summary(const std::vector<std::string>& names, const Values& values) const {
  results::OutputEvaluation output;
  output.name = results::kPooled;
  output.counts.examples = std::ssize(places_);
  output.counts.positives = std::nan("");
  for (std::size_t m = 0; m < names.size(); ++m) {
    const auto s =
        metrics::summarise_examples(values.empty() ? std::span<const double>() : values[m], blocks_, options_.settings.bootstrap);
    output.metrics.push_back({.metric = names[m],
                              .higher_is_better = metrics::find_metric(names[m]).higher_is_better,
                              .value = s.mean,
                              .interval = s.interval,
                              .examples = results::ExampleFacts{s.median, s.examples, s.undefined}});
  }
  return output;
}

std::vector<std::string> ProfileMeasure::strand_names() const {
  if (std::ssize(options_.head.names) == strands_) return options_.head.names;
  std::vector<std::string> names;
  for (std::int64_t s = 0; s < strands_; ++s) names.push_back(std::to_string(s));
  return names;
}

/// A prediction as counts: the probabilities times what was observed on the strand.
results::LocusTracks ProfileMeasure::tracks_of(const Place& place, const char* choice, const Source& source) const {
  results::LocusTracks locus{.choice = choice,
                             .chromosome = place.chromosome,
                             .example = place.example,
                             .start = place.start,
                             .length = length_ * options_.bases_per_value,
                             .bases_per_value = options_.bases_per_value,
                             .target_sum = place.reads,
                             .predicted = {},
                             .observed = {}};
  const Bundle batch = stack({source.dataset->get(place.example, Stream(0))});
  const at::Tensor counts = rows_of(batch.at(options_.head.target)).squeeze(0);
  at::Tensor share = rows_of(source.score(batch).at(output_)).squeeze(0);
  share = scale_ == metrics::ProfileScale::logit ? at::softmax(share, 1) : share / share.sum(1, true).clamp_min(1e-30);
  const at::Tensor expected = (share * counts.sum(1, true)).contiguous();
  const auto row = [](const at::Tensor& x, std::int64_t s) {
    const at::Tensor values = x.select(0, s).contiguous();
    return std::vector<float>(float_span(values).begin(), float_span(values).end());
  };
  for (std::int64_t s = 0; s < strands_; ++s) {
    locus.predicted.push_back(row(expected, s));
    locus.observed.push_back(row(counts, s));
  }
  return locus;
}

results::EvaluationFigures ProfileMeasure::figures_of(const Source& source) const {
  results::EvaluationFigures figures;
  figures.binary = false;
  const auto second = of_reads(names_);
  for (std::size_t m = 0; m < names_.size() && !values_.empty(); ++m) {
    const auto at = std::find(second.begin(), second.end(), names_[m]) - second.begin();
    const bool there = at < std::ssize(second) && !ceiling_values_.empty();
    figures.examples.push_back(histogram_of(names_[m], values_[m], there ? &ceiling_values_[static_cast<std::size_t>(at)] : nullptr,
                                            floor_values_.empty() ? nullptr : &floor_values_[m]));
  }
  if (places_.empty()) return figures;
  std::vector<Place> order = places_;
  std::stable_sort(order.begin(), order.end(), [](const Place& a, const Place& b) { return a.reads > b.reads; });
  figures.channels = strand_names();
  for (const auto& [choice, rank] : ranks_to_show(order.size(), order.size() - 1))
    figures.loci.push_back(tracks_of(order[rank], choice, source));
  return figures;
}

Measured ProfileMeasure::finish(const Source& source) {
  Measured found;
  results::HeadEvaluation& head = found.head;
  head.output = output_.empty() ? options_.head.output : output_;
  head.target = options_.head.target;
  head.profile = true;
  head.strands = strands_;
  head.length = length_;
  head.bases_per_value = options_.bases_per_value;
  head.pooled = summary(names_, values_);
  head.outputs.push_back(head.pooled);
  head.outputs[0].name = head.output;
  head.mean = head.pooled.metrics;
  for (results::MetricValue& m : head.mean) m.interval = {};
  if (!ceiling_values_.empty()) head.ceiling = results::Comparison{options_.ceiling, summary(of_reads(names_), ceiling_values_)};
  if (!floor_values_.empty()) head.floor = results::Comparison{"mean profile", summary(names_, floor_values_)};
  const auto drawn = std::unordered_set<std::int64_t>(blocks_.begin(), blocks_.end()).size();
  head.blocks = !options_.settings.bootstrap ? "none"
                : blocks_.empty()            ? "examples"
                                             : format("blocks of {} bases ({})", options_.settings.block, drawn);
  if (options_.figures) found.figures = figures_of(source);
  return found;
}

constexpr bool claims_profiles(metrics::MetricKind kind) { return kind == metrics::MetricKind::profile; }

std::unique_ptr<Measure> make_profile_measure(const MeasureOptions& options) { return std::make_unique<ProfileMeasure>(options); }

}  // namespace

const MeasureType kProfile = {MeasureKind::profile, claims_profiles, make_profile_measure};

}  // namespace basewise::evaluate::detail
