// What is in methylation calls: sites, means and reads of every cell, inside and outside of
// annotations, and how far simple guesses go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/prepare/methylation_baselines.h"
#include "basewise/prepare/methylation_inputs.h"

namespace basewise::prepare {

struct MethylationStatsOptions {
  MethylationInputs inputs = {};
  std::vector<std::filesystem::path> annotations = {};  ///< BED
  bool baselines = false;
  std::filesystem::path bulk = {};  ///< calls of a bulk sample, for the baseline of that name
  std::int64_t neighbours = 50;     ///< of a site in its cell, both sides together
  std::filesystem::path out = {};   ///< table, TSV; empty: none
};
void describe(Visitor& v, MethylationStatsOptions& o);

/// One baseline on the sites of a row.
struct BaselineOf {
  MethylationBaseline baseline = MethylationBaseline::mean;
  BaselineResult result = {};
};

/// The sites of one cell, all or those inside an annotation.
struct MethylationRow {
  std::string cell = {};
  std::string annotation = {};  ///< empty: all sites
  std::int64_t sites = 0;       ///< that were measured in the cell
  std::int64_t all = 0;         ///< that were measured in any cell
  double mean = 0;              ///< of the shares; NaN without sites
  double variance = 0;          ///< of the shares (population)
  double reads_per_site = 0;    ///< NaN where the file does not say, and for annotations
  std::vector<BaselineOf> baselines = {};
};

struct MethylationStatsResult {
  std::vector<CellReport> cells = {};
  std::vector<MethylationRow> rows = {};  ///< cell after cell: all sites, then annotation after annotation
  std::int64_t sites = 0;                 ///< that were measured in any cell
  std::int64_t in_two = 0;                ///< in two or more
  std::int64_t chromosomes = 0;
  std::int64_t bytes = 0;               ///< of memory that the packed calls take
  std::vector<std::string> notes = {};  ///< what the user should know; none is an error
  double seconds = 0;
};

/// Reads the calls and counts. A baseline of a cell guesses the state of each of its sites from the
/// other sites of the same cell, or from the bulk sample, and is measured by its AUC.
/// Errors: those of `read_methylation`; ArgumentError for a bulk sample without baselines.
MethylationStatsResult methylation_stats(const MethylationStatsOptions& options);

}  // namespace basewise::prepare
