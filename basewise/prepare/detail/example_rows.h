// Examples of a data set, some at a time: sequences, bins of all targets, masks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "basewise/prepare/detail/bins_folder.h"
#include "basewise/prepare/detail/bins_plan.h"
#include "basewise/prepare/detail/genome_reader.h"

namespace basewise::prepare::detail {

/// Everything that examples are made of. Threads may share it.
struct ExampleSource {
  const BinsOptions& options;
  const TargetsTable& targets;
  const BinsPlan& plan;
  const GenomeReader& genome;
  const BinsFolder& folder;

  std::int64_t bins() const { return bin_count(options); }
  std::int64_t target_count() const { return std::ssize(targets.targets); }
};

/// A file of examples and what lies in it: [first, behind) of all windows.
struct ExampleFile {
  std::filesystem::path path;
  std::int64_t first = 0;
  std::int64_t behind = 0;
};

/// Examples that are held at once: at most `per_file`, and 256 MiB of bins.
std::int64_t rows_at_once(const BinsOptions& options, std::int64_t targets);

/// Bins of examples [first, behind) as they are kept: (rows, bins, targets) in half precision, with
/// unmappable bins kept below their quantile and values rounded where that is asked for.
/// Errors: StateError for coverage of another size; those of `H5File`.
std::vector<std::uint16_t> read_bins(const ExampleSource& source, std::int64_t first, std::int64_t behind);

/// The sequence of example `row`, crops included.
void read_sequence(const ExampleSource& source, std::int64_t row, std::span<seq::Token> tokens);

/// Which of its bins are unmappable; none of a plan without masks.
std::vector<std::uint8_t> mask_of(const ExampleSource& source, std::int64_t row);

}  // namespace basewise::prepare::detail
