// Intervals of a BED file as windows, one for each line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "basewise/io/bed.h"
#include "basewise/run/detail/predict_job.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::run::detail {

/// Where the window of a line lies.
struct BedRow {
  io::BedRecord record = {};   ///< as the file has it; the chromosome by its name in the genome where it has one
  bool there = false;          ///< whether the interval lies in the genome; if not, nothing below is known
  std::size_t chrom = 0;       ///< index in the chromosome sizes
  std::int64_t middle = 0;     ///< base on which the window is centred, 0-based
  bool reverse = false;        ///< the window is read from the other strand
};

/// Reads a file line by line. Errors: those of `io::BedReader`.
class BedRows {
 public:
  BedRows(const PredictJob& job, const seq::ChromSizes& sizes);

  /// False at the end. Errors also: DataError for a file none of whose chromosomes is known.
  bool next(BedRow& row);

  /// Rows that are not in the genome, and those without a summit where windows were to be centred
  /// on it. `what` says what became of the former.
  void note(PredictResult& result, const std::string& what) const;

 private:
  PredictPoint point() const;
  std::optional<std::size_t> place_of(const std::string& name) const;

  const PredictJob& job_;
  const seq::ChromSizes& sizes_;
  io::BedReader reader_;
  std::map<std::string, std::optional<std::size_t>> places_ = {};  ///< in the genome, by the names of the file
  std::string translated_ = {};
  bool forward_ = false;
  std::string unknown_ = {};  ///< the first chromosome that is not in the genome
  std::int64_t rows_ = 0, elsewhere_ = 0, outside_ = 0, without_summit_ = 0;
};

}  // namespace basewise::run::detail
