// The file metrics.json of a run folder: what an evaluation found, as it is written and read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/choice.h"
#include "basewise/results/evaluation.h"
#include "basewise/results/run_files.h"

namespace basewise::results {

inline constexpr std::string_view kMetricsSchema = "basewise.metrics/1";

/// How predictions were made: of each sequence as given, or of both strands, merged by the mean or
/// the larger one of what the model gives, or by the mean of probabilities.
enum class Strands { single, mean, max, probability };
constexpr auto words_of(Strands) {
  return words<Strands>(
      {{Strands::single, "single"}, {Strands::mean, "mean"}, {Strands::max, "max"}, {Strands::probability, "probability"}});
}

/// A number to show a metric beside: a floor, a published value.
struct Reference {
  std::string metric = {};
  std::string label = {};
  double value = 0;
};

/// The file metrics.json of a run folder.
struct MetricsDocument {
  EvaluationResult evaluation = {};
  Set split = Set::test;
  std::string weights = {};             ///< empty: the final ones
  std::optional<Strands> strands = {};  ///< not set: not told
  double confidence = 0;                ///< of the intervals; 0: not told
  std::vector<Reference> references = {};
  std::vector<std::string> set = {};     ///< options in place of those of the run, "data.fasta.test_file=new.fa"
  std::vector<std::string> inputs = {};  ///< files that were read, where `set` named other data than the run's

  bool on_other_data() const { return !inputs.empty(); }
};

/// Schema kMetricsSchema. The members of the first head stand at the top, those of the others under
/// "heads"; a metric without value is null with its reason. Figures are a document of their own.
nlohmann::ordered_json to_json(const EvaluationResult& result);
nlohmann::ordered_json to_json(const MetricsDocument& document);

/// What `to_json` wrote, of this release or an older one:
/// members that are missing keep their defaults.
/// Errors: DataError for another schema and for a member of another type, which is named.
MetricsDocument metrics_from_json(const nlohmann::ordered_json& json);

}  // namespace basewise::results
