// Rows of a source of sites, before it is known where they lie on the genome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/corpus/site_source.h"

namespace basewise::corpus::detail {

/// A base as its file gives it, counted from 0 in the assembly of the file.
struct SourceRow {
  std::size_t name = 0;  ///< number of the name of its sequence
  std::int64_t position = 0;
  seq::Strand strand = seq::Strand::none;
  std::optional<double> score = {};
  std::int64_t line = 0;
};

struct SourceRows {
  std::vector<SourceRow> rows;
  std::vector<std::string> names;  ///< of sequences, each once; empty where a table has no column for them
  std::string nothing = {};        ///< where no row is left: why
};

/// The rows of one file; counts go to `result`. Errors: those of `read_source` about single rows.
SourceRows read_source_rows(const SiteSourceOptions& options, const std::filesystem::path& path, SourceSites& result);

}  // namespace basewise::corpus::detail
