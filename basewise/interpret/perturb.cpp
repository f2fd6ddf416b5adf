#include "basewise/interpret/perturb.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/interpret/detail/perturb_files.h"
#include "basewise/interpret/detail/perturb_plan.h"
#include "basewise/interpret/detail/perturb_scores.h"
#include "basewise/run/example_source.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

using detail::Condition;
using detail::Tokens;

constexpr std::uint64_t kBackground = 0x4261636b, kChange = 0x4368616e;

/// Numbers of the examples of one condition: (examples, K) each.
struct PerturbSeen {
  std::vector<std::int64_t> examples = {};
  std::vector<double> before = {}, after = {}, control = {};
};

/// Changed sequences, and which row of the batch each is of.
struct Changed {
  std::vector<Tokens> sequences = {};
  std::vector<std::int64_t> rows = {};
};

at::Tensor one_hot(const std::vector<Tokens>& sequences, std::size_t begin, std::size_t end) {
  const auto length = std::ssize(sequences[begin]);
  at::Tensor tokens = at::empty({static_cast<std::int64_t>(end - begin), length}, at::kByte);
  auto* to = tokens.mutable_data_ptr<std::uint8_t>();
  for (std::size_t i = begin; i < end; ++i) to = std::copy(sequences[i].begin(), sequences[i].end(), to);
  return one_hot_of(tokens).contiguous();
}

class Perturbation {
 public:
  Perturbation(const run::OpenRun& run, const PerturbOptions& options)
      : run_(run), o_(options), scores_(run, run::strategy_of(options.strand_strategy, run), options.targets) {
    std::vector<motifs::MotifMatrix> motifs;
    if (!o_.collection.empty()) motifs = annotate::load_motif_source(o_.collection, result_.notes).motifs;
    inserts_ = detail::inserts_of(o_.motifs, motifs);
    background_ = o_.background.value_or(o_.experiment == Experiment::ablate ? Background::given : Background::dinucleotide);
  }

  PerturbResult done();

 private:
  void add(const run::ExampleBatch& batch);
  void add_condition(std::size_t c, const run::ExampleBatch& batch, const std::vector<Tokens>& backgrounds, const at::Tensor& before);
  Changed changed(std::size_t c, bool control, const run::ExampleBatch& batch, const std::vector<Tokens>& backgrounds) const;
  at::Tensor means(const Changed& changed, const run::ExampleBatch& batch);
  at::Tensor scored(const std::vector<Tokens>& sequences, const std::vector<std::int64_t>& rows, const run::ExampleBatch& batch);
  void tell(std::size_t c);
  void note();
  detail::PerturbArrays arrays() const;

  const run::OpenRun& run_;
  const PerturbOptions& o_;
  detail::PerturbScores scores_;
  std::vector<detail::Insert> inserts_ = {};
  Background background_ = Background::given;
  std::vector<Condition> conditions_ = {};
  std::vector<PerturbSeen> seen_ = {};
  std::vector<std::string> names_ = {};  ///< of the examples, for arrays
  std::vector<double> before_ = {};      ///< (examples, K), for arrays
  PerturbResult result_ = {};
};

/// (rows, K) of sequences that stand in the place of the input of some rows of a batch.
at::Tensor Perturbation::scored(const std::vector<Tokens>& sequences, const std::vector<std::int64_t>& rows,
                                const run::ExampleBatch& batch) {
  std::vector<at::Tensor> parts;
  const auto most = static_cast<std::size_t>(o_.batch_size);
  for (std::size_t begin = 0; begin < sequences.size(); begin += most) {
    const std::size_t end = std::min(begin + most, sequences.size());
    Bundle inputs;
    const at::Tensor some = at::tensor(at::ArrayRef<std::int64_t>(rows.data() + begin, end - begin), at::kLong);
    for (const auto& [name, values] : batch.inputs)
      inputs.set(name, name == o_.input ? one_hot(sequences, begin, end) : values.index_select(0, some.to(values.device())));
    parts.push_back(scores_(inputs));
  }
  return at::cat(parts);
}

Changed Perturbation::changed(std::size_t c, bool control, const run::ExampleBatch& batch, const std::vector<Tokens>& backgrounds) const {
  const Condition& condition = conditions_[c];
  const bool destroys = condition.placed.empty();
  const std::int64_t repeats = destroys || control || o_.sampled ? o_.shuffles : 1;
  Changed changed;
  for (std::int64_t n = 0; n < batch.size(); ++n) {
    const Tokens& background = backgrounds[static_cast<std::size_t>(n)];
    const Stream own(o_.seed, kChange, static_cast<std::uint64_t>(batch.numbers[static_cast<std::size_t>(n)]), 2 * c + control);
    const detail::Spans spans = destroys ? detail::spans_of(condition, inserts_, background, o_.hit) : detail::Spans();
    if (destroys && spans.empty()) continue;
    for (std::int64_t r = 0; r < repeats; ++r) {
      Stream stream = own.fork(static_cast<std::uint64_t>(r));
      auto sequence = destroys ? detail::without_spans(background, spans, control, stream)
                               : std::optional(detail::with_motifs(background, condition, inserts_, o_.sampled, control, stream));
      if (!sequence) break;
      changed.sequences.push_back(std::move(*sequence));
      changed.rows.push_back(n);
    }
  }
  return changed;
}

/// (N, K): the mean over what was made of each row; NaN for rows of which nothing was.
at::Tensor Perturbation::means(const Changed& changed, const run::ExampleBatch& batch) {
  const auto outputs = std::ssize(scores_.names());
  at::Tensor sums = at::zeros({batch.size(), outputs}, at::kDouble);
  at::Tensor counts = at::zeros({batch.size(), 1}, at::kDouble);
  if (!changed.rows.empty()) {
    const at::Tensor values = scored(changed.sequences, changed.rows, batch);
    for (std::size_t i = 0; i < changed.rows.size(); ++i) {
      sums[changed.rows[i]].add_(values[static_cast<std::int64_t>(i)]);
      counts[changed.rows[i]].add_(1);
    }
  }
  return (sums / counts).contiguous();
}

void Perturbation::add_condition(std::size_t c, const run::ExampleBatch& batch, const std::vector<Tokens>& backgrounds,
                                 const at::Tensor& before) {
  const Changed after = changed(c, false, batch, backgrounds);
  if (after.rows.empty()) return;
  const at::Tensor y_after = means(after, batch), y_control = means(changed(c, true, batch, backgrounds), batch);
  std::vector<bool> there(static_cast<std::size_t>(batch.size()), false);
  for (const std::int64_t row : after.rows) there[static_cast<std::size_t>(row)] = true;
  const std::int64_t outputs = before.size(1);
  for (std::int64_t n = 0; n < batch.size(); ++n) {
    if (!there[static_cast<std::size_t>(n)]) continue;
    seen_[c].examples.push_back(result_.examples + n);
    const auto append = [&](std::vector<double>& to, const at::Tensor& from) {
      const double* row = from.const_data_ptr<double>() + n * outputs;
      to.insert(to.end(), row, row + outputs);
    };
    append(seen_[c].before, before);
    append(seen_[c].after, y_after);
    append(seen_[c].control, y_control);
  }
}

void Perturbation::add(const run::ExampleBatch& batch) {
  const auto tokens = tokens_of(batch.inputs.at(o_.input).to(at::kCPU, at::kFloat).contiguous());
  if (!tokens) throw ArgumentError(format("input '{}' holds no sequences of DNA: only these can be changed", o_.input));
  const std::int64_t length = tokens->size(1);
  if (conditions_.empty()) {
    conditions_ = detail::conditions_of(o_, inserts_, length);
    seen_.resize(conditions_.size());
  }
  std::vector<Tokens> backgrounds;
  std::vector<std::int64_t> rows;
  for (std::int64_t n = 0; n < batch.size(); ++n) {
    Stream stream(o_.seed, kBackground, static_cast<std::uint64_t>(batch.numbers[static_cast<std::size_t>(n)]));
    const std::span given(tokens->const_data_ptr<std::uint8_t>() + n * length, static_cast<std::size_t>(length));
    backgrounds.push_back(detail::background_of(given, background_, stream));
    rows.push_back(n);
  }
  const at::Tensor before = scored(backgrounds, rows, batch);
  for (std::size_t c = 0; c < conditions_.size(); ++c) add_condition(c, batch, backgrounds, before);
  if (!o_.arrays.empty()) {
    const double* values = before.const_data_ptr<double>();
    before_.insert(before_.end(), values, values + before.numel());
    for (const run::Example& example : batch.examples) names_.push_back(example.name);
  }
  result_.examples += batch.size();
}

detail::PerturbArrays Perturbation::arrays() const {
  const std::size_t outputs = scores_.names().size(), all = names_.size() * outputs;
  detail::PerturbArrays arrays{.examples = names_, .outputs = scores_.names(), .y_before = before_};
  for (std::size_t c = 0; c < conditions_.size(); ++c) {
    arrays.conditions.push_back({conditions_[c].text, conditions_[c].orientation, conditions_[c].distance});
    const auto spread = [&](std::vector<double>& to, const std::vector<double>& seen) {
      const std::size_t begin = to.size();
      to.resize(begin + all, std::numeric_limits<double>::quiet_NaN());
      for (std::size_t i = 0; i < seen_[c].examples.size(); ++i)
        std::copy_n(seen.data() + i * outputs, outputs, to.data() + begin + static_cast<std::size_t>(seen_[c].examples[i]) * outputs);
    };
    spread(arrays.y_after, seen_[c].after);
    spread(arrays.control, seen_[c].control);
  }
  return arrays;
}

/// The mean of what is there.
double mean_of(const std::vector<double>& values, std::span<const std::uint32_t> counts, std::size_t k, std::size_t outputs) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i * outputs < values.size(); ++i) {
    const double x = values[i * outputs + k];
    if (std::isnan(x)) continue;
    const double times = counts.empty() ? 1 : counts[i];
    sum += times * x;
    n += times;
  }
  return n > 0 ? sum / n : std::numeric_limits<double>::quiet_NaN();
}

void Perturbation::tell(std::size_t c) {
  const PerturbSeen& seen = seen_[c];
  const std::size_t outputs = scores_.names().size();
  const auto examples = std::ssize(seen.examples);
  std::vector<double> difference(seen.before.size()), control(seen.before.size());
  for (std::size_t i = 0; i < seen.before.size(); ++i) {
    difference[i] = seen.after[i] - seen.before[i];
    control[i] = seen.control[i] - seen.before[i];
  }
  const auto compute = [&](std::span<const std::uint32_t> counts, std::span<double> to) {
    for (std::size_t k = 0; k < outputs; ++k) {
      to[2 * k] = mean_of(difference, counts, k, outputs);
      to[2 * k + 1] = mean_of(control, counts, k, outputs);
    }
  };
  const auto intervals = metrics::bootstrap_together(examples, {{.size = 2 * outputs, .compute = compute}}, o_.bootstrap);
  for (std::size_t k = 0; k < outputs; ++k) {
    const auto estimate = [&](const std::vector<double>& values, const metrics::BootstrapResult& interval) {
      return Estimate{mean_of(values, {}, k, outputs), interval.low, interval.high};
    };
    result_.rows.push_back({.condition = conditions_[c].text,
                            .orientation = conditions_[c].orientation,
                            .distance = conditions_[c].distance,
                            .output = scores_.names()[k],
                            .examples = examples,
                            .y_before = mean_of(seen.before, {}, k, outputs),
                            .y_after = mean_of(seen.after, {}, k, outputs),
                            .difference = estimate(difference, intervals[2 * k]),
                            .control = estimate(control, intervals[2 * k + 1])});
  }
}

void Perturbation::note() {
  for (std::size_t c = 0; c < conditions_.size(); ++c) {
    const auto examples = std::ssize(seen_[c].examples);
    if (examples < result_.examples)
      result_.notes.push_back(format("{}: {} of {} examples have none and are left out", conditions_[c].text, result_.examples - examples,
                                     result_.examples));
  }
  for (const detail::Insert& insert : inserts_)
    if (std::all_of(insert.letters.begin(), insert.letters.end(), [&](seq::Token t) { return t == insert.letters[0]; }))
      result_.notes.push_back(format("every order of the letters of '{}' is the same: it has no shuffled control", insert.name));
}

PerturbResult Perturbation::done() {
  const auto started = std::chrono::steady_clock::now();
  const auto source = run::open_examples(run_, o_.examples);
  Progress progress(format("{}", o_.experiment), o_.max > 0 ? o_.max : -1, "examples");
  const auto every = [](std::int64_t) { return true; };
  for (std::int64_t left = o_.max > 0 ? o_.max : std::numeric_limits<std::int64_t>::max(); left > 0;) {
    const auto batch = source->next(std::min(left, o_.batch_size), every);
    if (!batch) break;
    with_context(format("examples from {}", batch->numbers.front()), [&] { add(*batch); });
    progress.advance(batch->size());
    left -= batch->size();
  }
  progress.finish();
  if (result_.examples == 0) throw DataError("there is no example to change");
  result_.outputs = scores_.names();
  for (const std::string& text : source->notes()) result_.notes.push_back(text);
  for (std::size_t c = 0; c < conditions_.size(); ++c) tell(c);
  note();
  detail::write_perturbation(result_, o_);
  if (!o_.arrays.empty()) {
    detail::write_perturb_arrays(o_.arrays, arrays());
    result_.files.push_back(o_.arrays);
  }
  result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result_;
}

}  // namespace

void describe(Visitor& v, PerturbOptions& o) {
  v("run", o.run, "run folder with model.toml and weights.safetensors");
  v("out", o.out, "prefix of the files that are written");
  v("arrays", o.arrays, "file .npz or .h5 for the numbers of each example");
  v("experiment", o.experiment, "what is done to sequences");
  run::describe(v, o.examples);
  v("motifs", o.motifs, "letters, where N leaves the base as it is, or names of motifs of the collection");
  v("collection", o.collection, "file of motifs, or a collection by name (jaspar2024)");
  v("sampled", o.sampled, "sites are drawn from the motifs; else their most probable letters");
  v("position", o.position, "first base of the first motif; none: in the middle", counted(0));
  v("span", o.span, "ablate: begin-end of what is destroyed, 0-based and half-open, such as 490-511");
  v("hit", o.hit, "ablate: share of a motif's best log-odds score from which on a place is a hit", between(0.01, 1));
  v("distances", o.distances, "space: bases between the two motifs; product: the last of them is kept between all");
  v("background", o.background, "of the examples; none: given for ablate, else dinucleotide");
  v("shuffles", o.shuffles, "of each example, for ablate and for controls; their mean is taken", counted(1));
  v("targets", o.targets, "what is looked at, as in logits:3 or mean(tracks:0[450:500]); empty: every channel, its mean over positions");
  v("strand_strategy", o.strand_strategy, "one strand, or how both are merged");
  v("input", o.input, "of a model with several inputs the one that is changed; the others are held");
  v("max", o.max, "examples, the first ones; 0: all", counted(0));
  v("replicates", o.bootstrap.replicates, "bootstrap replicates of the intervals", at_least(1));
  v("confidence", o.bootstrap.confidence, "share of replicates inside the interval", between(0.5, 0.9999));
  v("seed", o.seed, "of shuffles and sampled sites");
  v("batch_size", o.batch_size, "sequences at once; changes speed and memory, not numbers", counted(1));
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

PerturbResult perturb_run(const PerturbOptions& options) {
  if (options.run.empty()) throw ArgumentError("perturb needs a run folder (run)");
  return perturb_run(run::open_run(options.run, {.weights = {}, .set = {}, .device = options.device}), options);
}

PerturbResult perturb_run(const run::OpenRun& run, const PerturbOptions& options) {
  PerturbOptions some = options;
  if (run::sources_given(some.examples) == 0) some.examples.split = run::PredictSplit::test;
  detail::check_perturb_files(some);
  return Perturbation(run, some).done();
}

}  // namespace basewise::interpret
