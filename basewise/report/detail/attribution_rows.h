// Examples of a folder of attributions: which have the most to show, and their rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace basewise::report::detail {

/// A row of loci.tsv. Numbers are NaN and texts empty where the cell is.
struct ExampleRow {
  std::string name;
  std::string chrom;
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool reverse = false;
  double prediction = 0;
  double convergence = 0;
};

/// An example that is drawn.
struct DrawnExample {
  std::int64_t number = 0;
  double sum = 0;                ///< of the attributions of the letters that are there
  std::string letters;           ///< L of ACGT and N
  std::vector<float> projected;  ///< L
  std::vector<float> scores;     ///< (4, L), as they stand in the file
};

struct AttributionRows {
  std::int64_t examples = 0;   ///< N of the arrays
  std::int64_t length = 0;     ///< L
  std::int64_t looked_at = 0;  ///< of N
  std::vector<double> sums;    ///< of those looked at
  std::vector<DrawnExample> drawn;
};

/// Rows of loci.tsv in their order. Errors: DataError.
std::vector<ExampleRow> read_examples(const std::filesystem::path& file);

/// The examples with the largest |sum|, up to `most`, the first among equals; of more than
/// `most_looked_at` examples these are spread evenly over the file. Memory is that of some rows.
/// Errors: DataError for arrays that are not (N, 4, L) or do not fit each other.
AttributionRows read_attribution_rows(const std::filesystem::path& folder, std::size_t most, std::int64_t most_looked_at);

/// A named stretch [start, end) of an example.
struct NamedSpan {
  std::int64_t example = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::string name;
};

/// Seqlets of seqlets.tsv (example_idx, start, end, motif), else of seqlets.bed (chrom, start, end,
/// name, ..., example) of the folder. Positions of a BED are those of `examples`, turned where an
/// example reads the other strand.
/// Errors: DataError.
std::vector<NamedSpan> read_spans(const std::filesystem::path& folder, const std::vector<ExampleRow>& examples);

}  // namespace basewise::report::detail
