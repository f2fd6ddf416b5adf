// Measures that write tables beside their numbers.
#pragma once

#include <filesystem>

#include "basewise/data/build.h"
#include "basewise/run/measure.h"

namespace basewise::run {

/// What such a measure may use beside a run and one of its sets.
struct MeasureContext {
  const data::DataSplits* data = nullptr;  ///< what the set is of; null: not known
  std::filesystem::path tables = {};       ///< folder for tables that other tools read; empty: none are written
};

class TableMeasure : public Measure {
 public:
  MeasureNumbers measure(const OpenRun& run, const data::DatasetPtr& set) const final { return measure_with(run, set, {}); }

  /// The same with what else there is; numbers do not depend on whether tables are written.
  virtual MeasureNumbers measure_with(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context) const = 0;
};

/// As `measure_run`, with tables in a folder (empty: none).
/// Errors also: ArgumentError for tables of a measure that has none.
MeasureResult measure_run(const MeasureRequest& request, KeptData& kept, const std::filesystem::path& tables);

}  // namespace basewise::run
