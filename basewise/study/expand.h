// A study to its runs and the rows that each of them gives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/study/conditions.h"
#include "basewise/study/study.h"

namespace basewise::study {

/// One measurement of a run: one row of the record.
struct Measurement {
  std::string evaluation = {};
  results::Set split = results::Set::test;
  std::string weights = {};
  std::vector<std::string> set = {};  ///< options of the evaluation alone
  std::string measure = {};               ///< see `EvaluationPlan`
  std::vector<std::string> options = {};  ///< of the measure
  bool outputs = false;                   ///< see `EvaluationPlan`
  std::string label() const;          ///< "conjoined, test, best"
};

/// A run whose weights another starts with.
struct Prerequisite {
  std::string run = {};  ///< its name
  After how = {};
};

/// One training.
struct Run {
  std::string name = {};                 ///< "augmented_seed1535": a folder name
  std::vector<std::string> values = {};  ///< of the axes, in their order
  std::vector<std::string> set = {};     ///< options of the recipe
  std::vector<Measurement> measurements = {};
  std::vector<Prerequisite> after = {};  ///< runs that come first
};

/// Axes and "run".
Labels labels(const Study& study, const Run& run);
/// With "evaluation", "split", "weights" and, where one fits, "method".
Labels labels(const Study& study, const Run& run, const Measurement& measurement);

/// All runs in the order of the axes (the first varies slowest), without those excluded and those
/// that nothing is measured of.
/// Errors: ArgumentError for two runs of one name, for a study without runs, for a run that comes
/// after one that is not there, and for runs that wait for each other.
std::vector<Run> expand(const Study& study);

/// The runs that every "axis=value,value" (or "run=NAME", "axis!=value") holds for; a condition on
/// "evaluation", "split", "weights" or "method" keeps only those measurements.
/// Errors: ArgumentError for a name or value that there is not.
std::vector<Run> select(const Study& study, std::vector<Run> runs, const std::vector<std::string>& where);

/// Part "2/5" of the runs: every fifth, from the second; the five are a partition.
/// Empty text: all. Errors: ArgumentError.
std::vector<Run> shard(std::vector<Run> runs, const std::string& part);

}  // namespace basewise::study
