// The record of a study as a table: groups of rows that differ in the seed alone, beside what was
// published, and paired tests between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/metrics/paired.h"
#include "basewise/metrics/two_samples.h"
#include "basewise/study/expand.h"
#include "basewise/study/record.h"

namespace basewise::study {

/// One metric of a group.
struct GroupMetric {
  std::string metric = {};
  std::vector<std::pair<std::string, double>> values =
      {};                               ///< seed and value, in the order of the study; NaN where it is not defined
  metrics::SampleSummary summary = {};  ///< of the defined values
  std::optional<PublishedValue> published = {};
  std::string source = {};
  /// "ceiling" and "floor", where evaluation measured them: means over the rows.
  std::vector<std::pair<std::string, double>> bounds = {};
  /// (mean - published mean) / published sd, where all are there.
  std::optional<double> difference_in_sd() const;
};

/// Rows that differ in the axis `over` alone.
struct Group {
  Labels labels = {};                      ///< axes but `over`, evaluation, split, weights, method
  std::string name = {};                   ///< of the method, else of the values and the evaluation
  std::string title = {};                  ///< longer
  std::string variant = {};                ///< "scale 0.5": axes that the name does not tell
  std::vector<std::string> expected = {};  ///< seeds of the study
  std::vector<std::string> missing = {};   ///< of them, those without a row of the present configuration
  std::vector<GroupMetric> metrics = {};
  std::optional<double> train_seconds = {};  ///< median
  std::optional<double> epochs = {};         ///< median
  std::string parameters = {};

  const std::string& label(const char* key) const;
};

/// One paired test.
struct ComparisonResult {
  std::string name = {};
  std::string metric = {};
  std::string a = {};  ///< names of the groups
  std::string b = {};
  std::string where =
      {};  ///< what both share: "split test, weights best, scale 0.5"; axes that were pooled with the value "all"
  Labels shared = {};
  std::string split = {};  ///< of both sides; empty: they differ
  std::string weights = {};
  std::vector<std::pair<std::string, double>> differences = {};  ///< a - b by seed; pooled: "FACTOR SEED"
  std::int64_t unpaired = 0;                                     ///< seeds that only one side has
  metrics::SampleSummary summary = {};
  ComparisonTest by = ComparisonTest::wilcoxon;
  metrics::SignedRankResult test = {};  ///< wilcoxon
  metrics::TTestResult t_test = {};     ///< student, welch: of all values of both sides

  double p() const { return by == ComparisonTest::wilcoxon ? test.p_two_sided : t_test.p_two_sided; }
};

/// A run in a relation.
struct RelationPoint {
  std::string run = {};
  std::string group = {};  ///< values of the axes within which ranks are also taken
  double x = 0, y = 0;
};

/// Spearman's, with a percentile bootstrap interval over runs.
struct RankCorrelation {
  double value = std::numeric_limits<double>::quiet_NaN();
  metrics::BootstrapResult interval = {};
};

struct RelationResult {
  std::string name = {};
  std::string x = {}, y = {};
  std::vector<std::string> within_axes = {};
  std::vector<RelationPoint> points = {};
  RankCorrelation across = {};  ///< of all runs
  RankCorrelation within = {};  ///< mean over groups, by their numbers of runs; groups without spread are left out
};

struct StudyTable {
  std::string name = {};
  std::string title = {};
  std::string over = {};
  std::vector<Axis> axes = {};
  std::vector<EvaluationPlan> evaluations = {};
  std::vector<std::string> metrics = {};
  std::vector<Group> groups = {};
  std::vector<ComparisonResult> comparisons = {};
  std::vector<RelationResult> relations = {};
  std::int64_t rows_expected = 0;
  std::int64_t rows_present = 0;
  std::int64_t rows_stale = 0;    ///< of the study, but of another configuration: not used
  std::int64_t rows_unknown = 0;  ///< in the record, but not of the study
  double confidence = 0.95;
  std::vector<std::string> notes = {};  ///< what people should know: what is missing
};

/// Collects what runs left behind and makes the table.
/// Errors: as load_study; ArgumentError for published or compared metrics that are none, and for a
/// comparison of which a side has two groups that share everything else.
StudyTable make_table(const Study& study);

}  // namespace basewise::study
