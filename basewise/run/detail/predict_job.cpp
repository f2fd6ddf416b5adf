#include "basewise/run/detail/predict_job.h"

#include <set>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/infer/ensemble.h"
#include "basewise/infer/genome.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/results/run_outputs.h"
#include "basewise/run/integrity.h"
#include "basewise/run/window_length.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {

namespace {

/// Probabilities (N, S, L) times counts (N, S), which heads give as log(1 + count).
at::Tensor expected_reads(const ReadHeads& heads, const Bundle& outputs) {
  const at::Tensor logits = outputs.at(heads.profile).to(at::kCPU, at::kFloat);
  const at::Tensor counts = outputs.at(heads.counts).to(at::kCPU, at::kFloat).expm1().clamp_min(0);
  const bool fits = logits.dim() == 3 && counts.dim() == 2 && counts.size(0) == logits.size(0);
  if (!fits || (counts.size(1) != logits.size(1) && counts.size(1) != 1))
    throw ShapeError(format("expected reads: '{}' has shape {} and '{}' has shape {}; expected (N, strands, positions) and (N, strands)",
                            heads.profile, shape_text(logits.sizes()), heads.counts, shape_text(counts.sizes())));
  if (!heads.all) return logits.softmax(2) * counts.unsqueeze(2);
  const at::Tensor together = logits.flatten(1).softmax(1).view_as(logits);
  return together * counts.sum(1, true).unsqueeze(2);
}

std::string without_ending(std::string name) {
  for (const std::string_view ending : {".gz", ".bw", ".bigWig", ".bigwig", ".bedGraph", ".bedgraph", ".bdg"})
    if (name.ends_with(ending)) name.erase(name.size() - ending.size());
  return name;
}

}  // namespace

at::Tensor value_of(const PredictJob& job, const Bundle& outputs) {
  if (job.reads) return expected_reads(*job.reads, outputs).contiguous();
  return infer::activate(outputs.at(job.output).to(at::kCPU, at::kFloat), job.options.activation).contiguous();
}

std::string value_name(const PredictJob& job) { return job.reads ? "reads" : job.output; }

std::int64_t window_length(const PredictJob& job) { return run::window_length(job.run, job.options.examples.window); }

void check_reads_sequence(const PredictJob& job) {
  const auto inputs = job.model.input_names();
  if (inputs == std::vector<std::string>{"sequence"}) return;
  throw ArgumentError(
      format("the model takes inputs [{}]: here only 'sequence' is there. The sets of its own recipe have all of them (split)",
             fmt::join(inputs, ", ")));
}

namespace {

std::vector<std::string> value_names(const PredictJob& job, std::int64_t channels, bool positions) {
  const auto& asked = job.options.names;
  if (!asked.empty()) {
    if (static_cast<std::int64_t>(asked.size()) != channels)
      throw ArgumentError(format("{} names were given, but output '{}' has {} channels", asked.size(), job.output, channels));
    return asked;
  }
  if (static_cast<std::int64_t>(job.names.size()) == channels) return job.names;
  if (channels == 1) return {job.output};
  if (channels == 2 && positions) return {"forward", "reverse"};
  std::vector<std::string> names;
  for (std::int64_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
  return names;
}

std::vector<std::string> with_variances(std::vector<std::string> names, bool variance) {
  for (std::size_t i = 0, n = names.size(); variance && i < n; ++i) names.push_back(infer::variance_name(names[i]));
  return names;
}

}  // namespace

std::vector<std::string> channel_names(const PredictJob& job, std::int64_t channels, bool positions) {
  const bool variance = job.options.variance;
  return with_variances(value_names(job, variance ? channels / 2 : channels, positions), variance);
}

std::vector<std::string> file_names(const PredictJob& job, std::int64_t channels) {
  const bool variance = job.options.variance;
  const std::vector<std::string> names = value_names(job, variance ? channels / 2 : channels, true);
  if (!job.options.names.empty()) return with_variances(names, variance);
  std::vector<std::string> shorter;
  for (const std::string& name : names) shorter.push_back(without_ending(name));
  const std::set<std::string> different(shorter.begin(), shorter.end());
  return with_variances(different.size() == names.size() && !different.contains("") ? shorter : names, variance);
}

ExampleOptions with_files_found(const OpenRun& run, ExampleOptions options) {
  std::vector<std::pair<std::string, std::filesystem::path>> inputs;
  for (std::filesystem::path* file : {&options.genome, &options.bed, &options.fasta, &options.table}) {
    if (file->empty()) continue;
    *file = corpus::resolve_path(file->string());
    inputs.emplace_back(file->string(), std::filesystem::absolute(*file));
  }
  warn_of_changed_inputs(run.folder, inputs);
  return options;
}

void check_outputs(const PredictJob& job, const std::vector<std::filesystem::path>& outputs, const std::vector<GivenPath>& also) {
  std::vector<GivenPath> inputs = given_files(job.options.examples, job.run.folder), given;
  inputs.insert(inputs.end(), also.begin(), also.end());
  for (const auto& file : outputs) given.push_back({"out", file});
  require_apart(inputs, given);
  results::require_no_run_file(job.run.folder, given);
}

seq::Genome load_genome(const ExampleOptions& o, PredictResult& result) {
  const bool all = o.circular == std::vector<std::string>{"all"};
  io::GenomeOptions read{.path = o.genome, .ambiguity = o.ambiguity};
  if (!all) read.circular = o.circular;
  if (!o.aliases.empty()) read.aliases = o.aliases;
  auto loaded = io::load_genome(read);
  for (std::size_t i = 0; all && i < loaded.genome.sizes().size(); ++i) loaded.genome.sizes().set_circular(loaded.genome.sizes()[i].name);
  if (!loaded.report.notes.empty()) result.notes.push_back(format("{}: {}", o.genome.string(), loaded.report.summary()));
  result.notes.insert(result.notes.end(), loaded.report.remarks.begin(), loaded.report.remarks.end());
  return std::move(loaded.genome);
}

}  // namespace basewise::run::detail
