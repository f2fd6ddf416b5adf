#include "basewise/run/predict.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/run/detail/predict_reads.h"
#include "basewise/run/detail/predict_rows.h"
#include "basewise/run/detail/predict_split.h"
#include "basewise/run/detail/predict_tracks.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

void check_inputs(const PredictOptions& o) {
  const int kinds = sources_given(o.examples);
  if (kinds != 1)
    throw ArgumentError(
        format("predict needs exactly one of genome, fasta, table and split; {} are given", kinds == 0 ? "none" : "several"));
  check_places(o.examples);
  if (!o.examples.regions.empty() && !o.examples.bed.empty())
    throw ArgumentError("regions and bed both say where to predict: give one of them");
  if (o.out.empty()) throw ArgumentError("predict needs a prefix for its files (out)");
}

/// The head to predict. Errors: ArgumentError that lists the heads there are.
std::string chosen_output(const nn::Model& model, const std::string& wanted) {
  const auto names = model.output_names();
  if (wanted.empty() && names.size() == 1) return names[0];
  if (wanted.empty()) throw ArgumentError(format("the model has outputs [{}]: say which one to predict (output)", fmt::join(names, ", ")));
  for (const auto& name : names)
    if (name == wanted) return name;
  throw ArgumentError(format("the model has no output '{}'; its outputs are {}", wanted, fmt::join(names, ", ")));
}

/// The heads that make expected reads: that of a multinomial loss, and that of the loss whose
/// target was derived from the same counts.
/// Errors: ArgumentError where the run has no such heads.
detail::ReadHeads read_heads(const OpenRun& run) {
  const std::vector<nn::LossOptions> losses = make_total_loss(run.recipe).options();
  for (const nn::LossOptions& profile : losses) {
    if (profile.type != nn::LossType::multinomial) continue;
    for (const nn::LossOptions& counts : losses) {
      const Field* target = run.schema.find(counts.target);
      if (!target || target->of != profile.target || target->role != Role::target) continue;
      return {profile.output, counts.output, profile.distribution == nn::Distribution::all};
    }
  }
  throw ArgumentError(
      "expected reads (reads) need a head with the multinomial loss and one whose loss has the counts of the same windows as "
      "target: this run has no such pair");
}

std::vector<std::string> names_of(const OpenRun& run, const std::string& output) {
  const auto found = run.names.find(output);
  return found == run.names.end() ? std::vector<std::string>{} : found->second;
}

/// [ensemble] of the run, with what the options put in its place.
infer::EnsembleOptions ensemble_of(const PredictOptions& o, const OpenRun& run) {
  infer::EnsembleOptions ensemble = run.recipe.ensemble;
  if (!o.shifts.empty()) ensemble.shifts = o.shifts;
  if (o.mc > 0) ensemble.mc = o.mc;
  return ensemble;
}

/// Variances as channels behind those of the output, so that whatever writes an output writes both.
infer::ScoreFn with_variance(infer::ScoreFn score, const std::string& output) {
  return [score = std::move(score), output](const Bundle& batch) {
    Bundle outputs = score(batch);
    outputs.set(output, at::cat({outputs.at(output), outputs.at(infer::variance_name(output))}, 1));
    return outputs;
  };
}

void check_variance(const PredictOptions& o) {
  if (!o.variance || (!o.reads && o.activation == infer::OutputActivation::none)) return;
  throw ArgumentError("a variance is that of what the model gives: leave out activation and reads, or variance");
}

bool wants_track(const detail::PredictJob& job) {
  const PredictOptions& o = job.options;
  if (o.formats.empty()) return job.reads ? o.examples.bed.empty() : !(o.examples.window > 0 && !o.examples.bed.empty());
  return std::find(o.formats.begin(), o.formats.end(), PredictFormat::bigwig) != o.formats.end();
}

PredictResult predicted(const detail::PredictJob& job) {
  const PredictOptions& o = job.options;
  if (o.examples.split != PredictSplit::none) return detail::predict_split(job);
  if (o.examples.genome.empty()) return detail::predict_sequences(job);
  const bool track = wants_track(job);
  if (job.reads) return track ? detail::predict_reads(job) : detail::predict_windows(job);
  const bool positions = job.model.context(job.output).has_length;
  const bool windows = o.examples.window > 0 && !o.examples.bed.empty();
  return positions && (track || !windows) ? detail::predict_tracks(job) : detail::predict_windows(job);
}

}  // namespace

infer::StrandStrategy strategy_of(PredictStrands asked, const OpenRun& run) {
  switch (asked) {
    case PredictStrands::automatic:
      return run.strands;
    case PredictStrands::single:
      return {};
    case PredictStrands::mean:
      return {true, infer::StrandMerge::mean};
    case PredictStrands::max:
      return {true, infer::StrandMerge::max};
    case PredictStrands::probability:
      return {true, infer::StrandMerge::probability};
  }
  throw InternalError("unknown strategy of a prediction");
}

void describe(Visitor& v, PredictOptions& o) {
  v("run", o.run, "run folder with model.toml and weights.safetensors");
  v("out", o.out, "prefix of the files that are written");
  describe(v, o.examples);
  v("output", o.output, "head of the model; empty: the only one");
  v("reads", o.reads,
    "expected reads: the probabilities of the profile head times the counts of the counts head; tsv: total of each window, "
    "bigwig: at each base");
  v("names", o.names, "names of the output's channels; empty: those of the run, else forward and reverse for two strands, else numbers");
  v("strand_strategy", o.strand_strategy, "one strand, or how both are merged");
  v("shifts", o.shifts, "bases by which sequences are moved, each a prediction of its own, as ensemble.shifts; empty: those of the run");
  v("mc", o.mc, "passes with dropout for each prediction, as ensemble.mc; 0: as the run says", non_negative());
  v("variance", o.variance, "write the variance over strands, shifts and passes too, as channels NAME.variance behind those of the output");
  v("activation", o.activation, "applied to the output, after strands were merged");
  v("formats", o.formats, "empty: bigwig along a genome, tsv for one value a sequence, npz for values along windows");
  v("batch_size", o.batch_size, "sequences at once; changes speed and memory, not numbers", counted(1));
  v("tile", o.tile, "bases of a genome predicted at once; changes speed and memory, not numbers", counted(1));
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

PredictResult predict_run(const PredictOptions& options) {
  check_inputs(options);
  if (options.run.empty()) throw ArgumentError("predict needs a run folder (run)");
  return predict_run(open_run(options.run, {.weights = {}, .set = {}, .device = options.device}), options);
}

PredictResult predict_run(const OpenRun& run, const PredictOptions& asked) {
  check_inputs(asked);
  PredictOptions options = asked;
  options.examples = detail::with_files_found(run, asked.examples);
  const auto started = std::chrono::steady_clock::now();
  const infer::StrandStrategy strands = strategy_of(options.strand_strategy, run);
  const auto reads = options.reads ? std::optional(read_heads(run)) : std::nullopt;
  if (reads && options.activation != infer::OutputActivation::none)
    throw ArgumentError(format("expected reads (reads) are counts: activation = \"{}\" has no meaning for them", options.activation));
  check_variance(options);
  const infer::EnsembleOptions ensemble = ensemble_of(options, run);
  const std::string output = reads ? reads->profile : chosen_output(*run.model, options.output);
  detail::PredictJob job{.options = options,
                               .run = run,
                               .model = *run.model,
                               .output = output,
                               .names = names_of(run, output),
                               .score = infer::ensemble_fn(run.model, strands, run.forms, ensemble, run.recipe.seed, options.variance),
                               .strands = strands,
                               .shift = infer::farthest_shift(ensemble),
                               .reads = reads};
  if (options.variance) job.score = with_variance(std::move(job.score), output);
  PredictResult result = predicted(job);
  result.strands = strands_told(strands);
  result.members = infer::members(ensemble, strands);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

}  // namespace basewise::run
