// The function behind the verb evaluate: a run folder to metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/core/outputs.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/results/metrics_document.h"
#include "basewise/run/kept_data.h"
#include "basewise/run/open_run.h"
#include "basewise/run/recipe.h"

namespace basewise::run {

struct EvaluateRequest {
  std::filesystem::path run = {};  ///< run folder
  results::Set split = results::Set::test;
  std::string weights = {};           ///< value of `train.select.also` whose best weights are measured; empty: the final ones
  std::vector<std::string> set = {};  ///< "strand.predict=conjoined"
  std::vector<std::int64_t> shifts = {};  ///< in place of ensemble.shifts of the run; empty: those of the run
  std::int64_t mc = 0;                    ///< in place of ensemble.mc of the run; 0: that of the run
  /// empty: metrics.json in the run folder, metrics.<split>.json for another set than test,
  /// metrics.<weights>.json
  std::filesystem::path out = {};
  std::string device = "cpu";
  std::int64_t threads = 0;
  bool report = true;  ///< for the program: write the page of the run
};
void describe(Visitor& v, EvaluateRequest& o);

/// The request with `shifts` and `mc` among the options that replace those of the run: there the
/// record of the measurement tells them.
EvaluateRequest with_ensemble(EvaluateRequest request);

struct EvaluateResult {
  evaluate::EvaluationResult evaluation = {};
  std::filesystem::path file = {};  ///< what was written
  results::Set split = results::Set::test;
  std::string weights = {};
  results::Strands strands = results::Strands::single;
  std::vector<ReferenceOptions> references = {};  ///< of the recipe, for this set
  std::vector<std::string> set = {};              ///< options in place of those of the run
  std::vector<std::string> inputs = {};           ///< files that were read, where these name other data
  std::vector<std::string> notes = {};            ///< what a page will lack, and why
  double confidence = 0;                          ///< of the intervals
  double seconds = 0;
};

/// Measures the weights of a run on one of its sets and writes the metrics atomically. Unless `out`
/// names another place, what a page shows beside them goes into the run folder too: curves.json
/// and, per base, tracks.json (curves.<split>.json, tracks.<split>.json for another set than test);
/// model.json and data.json where training did not leave them.
/// Errors: StateError when the folder holds no finished run; ArgumentError and DataError as
/// `load_recipe` and `data::build_data`.
EvaluateResult evaluate_run(const EvaluateRequest& request);

/// The same with the data of an earlier call where they fit, for several measurements one after
/// another.
EvaluateResult evaluate_run(const EvaluateRequest& request, KeptData& kept);

/// The same for a run that is open, with data of the caller: what a program does with a model of
/// its own. Of the request, `split`, `weights` (for names of files), `set` (for the record) and
/// `out` count.
/// Errors: ArgumentError for an empty set.
EvaluateResult evaluate_run(const OpenRun& run, const data::DataSplits& data, const EvaluateRequest& request);

std::string to_text(const EvaluateResult& result);
nlohmann::ordered_json to_json(const EvaluateResult& result);

/// What a file of measured numbers must not replace: files of the run, `inputs`, and TOML files
/// (recipes and models, which no run knows by their names). `out` may be empty.
/// Errors: ArgumentError that names the file.
void require_free(const std::filesystem::path& run, const std::filesystem::path& out, std::vector<GivenPath> inputs);

}  // namespace basewise::run
