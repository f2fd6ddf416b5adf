#include "basewise/run/detail/predict_job.h"

#include "basewise/core/error.h"
#include "basewise/io/fasta_genome.h"

namespace basewise::run::detail {

std::vector<std::string> channel_names(const PredictJob& job, std::int64_t channels, bool positions) {
  const auto& asked = job.options.names;
  if (!asked.empty()) {
    if (static_cast<std::int64_t>(asked.size()) != channels)
      throw ArgumentError(
          format("{} names were given, but output '{}' has {} channels", asked.size(), job.output, channels));
    return asked;
  }
  if (static_cast<std::int64_t>(job.names.size()) == channels) return job.names;
  if (channels == 1) return {job.output};
  if (channels == 2 && positions) return {"forward", "reverse"};
  std::vector<std::string> names;
  for (std::int64_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
  return names;
}

seq::Genome load_genome(const PredictOptions& o, PredictResult& result) {
  const bool all = o.circular == std::vector<std::string>{"all"};
  io::GenomeOptions read{.path = o.genome, .ambiguity = o.ambiguity};
  if (!all) read.circular = o.circular;
  if (!o.aliases.empty()) read.aliases = o.aliases;
  auto loaded = io::load_genome(read);
  for (std::size_t i = 0; all && i < loaded.genome.sizes().size(); ++i)
    loaded.genome.sizes().set_circular(loaded.genome.sizes()[i].name);
  if (!loaded.report.notes.empty())
    result.notes.push_back(format("{}: {}", o.genome.string(), loaded.report.summary()));
  result.notes.insert(result.notes.end(), loaded.report.remarks.begin(), loaded.report.remarks.end());
  return std::move(loaded.genome);
}

}  // namespace basewise::run::detail
