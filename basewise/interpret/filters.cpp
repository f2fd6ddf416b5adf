#include "basewise/interpret/filters.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/corpus/registry.h"
#include "basewise/interpret/detail/filter_folder.h"
#include "basewise/interpret/detail/filter_layer.h"
#include "basewise/run/example_source.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

/// A match that is told as one: the threshold of Tomtom's -evalue -thresh in Koo and Ploenzke.
constexpr double kMatchE = 0.1;

/// A batch of activations (N, F, P) and the sequences (N, L) that they are of.
struct Seen {
  const float* values = nullptr;
  const seq::Token* tokens = nullptr;
  std::int64_t examples = 0, filters = 0, places = 0, length = 0;

  std::span<const float> of(std::int64_t n, std::int64_t f) const {
    return {values + (n * filters + f) * places, static_cast<std::size_t>(places)};
  }
  std::span<const seq::Token> sequence(std::int64_t n) const { return {tokens + n * length, static_cast<std::size_t>(length)}; }
};

class Work {
 public:
  Work(const run::OpenRun& run, const FilterRunOptions& options)
      : run_(run), o_(options), rules_(motifs::rules_of(options.rules)),
        layer_(detail::filter_layer(*run.model, options.layer, options.before_function)) {
    for (const auto& parameter : run.model->parameters()) device_ = parameter.device();
    if (rules_.window == 0 && layer_.reach() == 0)
      throw ArgumentError(format("layer '{}' reads the whole sequence: say how long its sites are (site_window)", layer_.layer));
    window_ = rules_.window > 0 ? rules_.window : layer_.reach();
  }

  FilterRunResult done();
  FilterRunResult look(run::ExampleSource& source);

 private:
  using Filters = std::function<void(const Seen& seen, std::int64_t filter)>;
  std::int64_t pass(run::ExampleSource& source, std::int64_t total, const Filters& each) const;
  void look_at(const run::ExampleBatch& batch, const Filters& each) const;
  void check_finite() const;
  void count_sites(const Seen& seen, std::int64_t filter);
  void note();

  const run::OpenRun& run_;
  const FilterRunOptions& o_;
  motifs::FilterRules rules_;
  detail::FilterLayer layer_;
  at::Device device_ = at::kCPU;
  std::int64_t window_ = 0;
  std::vector<motifs::ActivationSummary> summaries_ = {};
  std::vector<double> thresholds_ = {};
  std::vector<motifs::SiteCounts> counts_ = {};
  FilterRunResult result_ = {};
};

/// One batch; each filter is the work of one thread, so that sums have one order.
void Work::look_at(const run::ExampleBatch& batch, const Filters& each) const {
  const at::Tensor& sequences = batch.inputs.at(layer_.input);
  const auto tokens = sequences.dim() == 3 && sequences.size(1) == 4 ? tokens_of(sequences.to(at::kCPU, at::kFloat).contiguous())
                                                                     : std::nullopt;
  if (!tokens)
    throw ArgumentError(format("layer '{}' reads input '{}', which holds no sequences of DNA: its filters have no motifs", layer_.layer,
                               layer_.input));
  const auto run = run_.model->run(batch.inputs.to(device_), {.heads = std::vector<std::string>{}, .activations = {layer_.activation}});
  at::Tensor values = run.activations.at(layer_.activation);
  if (layer_.both_strands) values = values.slice(0, 0, batch.size());
  values = values.to(at::kCPU, at::kFloat).contiguous();
  const Seen seen{.values = values.const_data_ptr<float>(),
                  .tokens = reinterpret_cast<const seq::Token*>(tokens->const_data_ptr<std::uint8_t>()),
                  .examples = values.size(0),
                  .filters = values.size(1),
                  .places = values.size(2),
                  .length = tokens->size(1)};
  parallel_for(seen.filters, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t f = begin; f < end; ++f) each(seen, f);
  });
}

std::int64_t Work::pass(run::ExampleSource& source, std::int64_t total, const Filters& each) const {
  const at::NoGradGuard no_gradients;
  Progress progress(total < 0 ? "filters: thresholds" : "filters: sites", total, "sequences");
  std::int64_t sequences = 0;
  while (const auto batch = source.next(o_.batch_size, [](std::int64_t) { return true; })) {
    with_context(format("examples {} to {}", sequences, sequences + batch->size() - 1), [&] { look_at(*batch, each); });
    sequences += batch->size();
    progress.advance(batch->size());
  }
  progress.finish();
  return sequences;
}

void Work::check_finite() const {
  for (std::size_t f = 0; f < summaries_.size(); ++f)
    if (!summaries_[f].finite())
      throw StateError(format("filter {} of '{}' has activations that are no finite numbers: look at the weights of the run", f,
                              layer_.activation));
}

void Work::count_sites(const Seen& seen, std::int64_t filter) {
  const auto f = static_cast<std::size_t>(filter);
  if (motifs::state_of(summaries_[f], rules_) != motifs::FilterState::kept) return;
  const double threshold = thresholds_[f];
  for (std::int64_t n = 0; n < seen.examples; ++n) {
    const auto values = seen.of(n, filter);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = values[i];
      if (!(x > threshold || (rules_.inclusive && x == threshold))) continue;
      counts_[f].add(seen.sequence(n), layer_.start(static_cast<std::int64_t>(i), rules_.window), rules_.margin);
    }
  }
}

void Work::note() {
  const auto say = [&](motifs::FilterState state, const std::string& what) {
    if (const auto n = result_.count(state); n > 0)
      result_.notes.push_back(format("{} of {} filters {}: they have no motif", n, result_.filters.size(), what));
  };
  say(motifs::FilterState::dead, "are dead (the same activation everywhere)");
  say(motifs::FilterState::not_positive, "have no activation above 0");
  say(motifs::FilterState::few_sites, format("have fewer than {} sites", rules_.min_sites));
  say(motifs::FilterState::uninformative, format("have no column of more than {} bits", rules_.trim));
  if (layer_.reach() > window_)
    result_.notes.push_back(format("a place of '{}' reads {} bases, but sites have {}: --site-window 0 takes all of them",
                                   layer_.activation, layer_.reach(), window_));
  if (layer_.layer == layer_.activation && !o_.before_function)
    result_.notes.push_back(format("there is no function behind '{}': its own output is looked at", layer_.layer));
  if (o_.rules.legacy && result_.count(motifs::FilterState::kept) < std::ssize(result_.filters))
    result_.notes.push_back("legacy: filters without motif stand in filters.meme as uniform motifs");
}

FilterRunResult Work::done() {
  const auto started = std::chrono::steady_clock::now();
  detail::require_free(o_.out, o_.overwrite);
  look(*run::open_examples(run_, o_.examples));
  const auto matches = detail::filter_matches(o_, result_.filters, result_.notes);
  result_.matched = std::count_if(matches.begin(), matches.end(),
                                  [](const detail::FilterMatch& m) { return !m.target.empty() && m.match.e_value <= kMatchE; });
  note();
  detail::write_filter_folder(result_, o_, matches);
  result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result_;
}

FilterRunResult Work::look(run::ExampleSource& source) {
  summaries_.assign(static_cast<std::size_t>(layer_.filters), motifs::ActivationSummary(rules_.most));
  counts_.assign(static_cast<std::size_t>(layer_.filters), motifs::SiteCounts(window_));
  result_.sequences = pass(source, -1, [&](const Seen& seen, std::int64_t f) {
    for (std::int64_t n = 0; n < seen.examples; ++n) summaries_[static_cast<std::size_t>(f)].add(seen.of(n, f));
  });
  result_.notes = source.notes();
  if (result_.sequences == 0) throw DataError("there is no sequence to look at");
  check_finite();
  for (const motifs::ActivationSummary& summary : summaries_) thresholds_.push_back(motifs::threshold_of(summary, rules_));
  source.rewind();
  if (pass(source, result_.sequences, [&](const Seen& seen, std::int64_t f) { count_sites(seen, f); }) != result_.sequences)
    throw StateError("the second pass found another number of sequences: an input file was changed, or is a pipe: write it to a file");
  for (std::size_t f = 0; f < summaries_.size(); ++f)
    result_.filters.push_back(motifs::filter_motif(format("filter{}", f), summaries_[f], counts_[f], rules_, o_.rules.legacy));
  result_.layer = layer_.layer;
  result_.activation = layer_.activation;
  result_.reach = layer_.reach();
  result_.window = window_;
  return result_;
}

}  // namespace

void describe(Visitor& v, FilterRunOptions& o) {
  v("run", o.run, "run folder with model.toml and weights.safetensors");
  v("out", o.out, "folder of motifs");
  run::describe(v, o.examples);
  v("layer", o.layer,
    "path of a convolution, or of another layer along positions (basewise inspect lists them); empty: the first convolution");
  v("before_function", o.before_function, "what the convolution gives; else what the function behind it makes of that");
  motifs::describe(v, o.rules);
  v("motifs", o.motifs, "file of motifs, or a collection by name (jaspar2024), for each filter's best match; empty: none");
  v("distance", o.distance, "how columns are compared with those of motifs");
  v("batch_size", o.batch_size, "sequences at once; changes speed and memory, not numbers", counted(1));
  v("overwrite", o.overwrite, "replace motifs of filters that are there");
  v("report", o.report, "the page report.html in the folder");
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

std::int64_t FilterRunResult::count(motifs::FilterState state) const {
  return std::count_if(filters.begin(), filters.end(), [&](const motifs::FilterMotif& filter) { return filter.state == state; });
}

FilterRunResult filter_run(const FilterRunOptions& options) {
  detail::require_free(options.out, options.overwrite);
  if (options.run.empty()) throw ArgumentError("motifs filters needs a run folder (run)");
  return filter_run(run::open_run(options.run, {.weights = {}, .set = {}, .device = options.device}), options);
}

FilterRunResult filter_run(const run::OpenRun& run, const FilterRunOptions& options) {
  FilterRunOptions some = options;
  if (run::sources_given(some.examples) == 0) some.examples.split = run::PredictSplit::test;
  return Work(run, some).done();
}

FilterRunResult motifs_of_filters(const run::OpenRun& run, const FilterRunOptions& options, run::ExampleSource& source) {
  return Work(run, options).look(source);
}

}  // namespace basewise::interpret
