// Files of predictions row by row: a table, arrays with the names of their rows, or both.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "basewise/io/npz_writer.h"
#include "basewise/io/tsv.h"
#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// Fields of a table, one list for each row.
using RowFields = std::vector<std::vector<std::string>>;

/// Writes "<out>.tsv" (names, then one column per channel; of expected reads the total of each
/// strand), "<out>.npz" with one array and, without a table, "<out>.rows.tsv" with the names alone.
/// Without formats a table holds values, arrays what has positions. Memory holds what `add` is
/// given.
class RowWriter {
 public:
  /// `columns` name the fields before the values; one that is called as a channel becomes
  /// "observed.<name>". `kept` are files that must not be replaced, beside those of the job.
  RowWriter(const PredictJob& job, std::vector<std::string> columns, std::vector<GivenPath> kept = {});

  /// The next rows: n lists of fields and values (n, C) or (n, C, L).
  /// Errors: ArgumentError for formats that cannot hold the values, and files that must stay.
  void add(const RowFields& rows, const at::Tensor& values);

  /// Files appear. `more` may add arrays to those of an .npz file.
  /// Errors: DataError where there was no row.
  void finish(PredictResult& result, const std::function<void(io::NpzWriter&)>& more = {});

 private:
  void open(const at::Tensor& values);

  const PredictJob& job_;
  std::vector<std::string> columns_;
  std::vector<GivenPath> kept_;
  bool opened_ = false;
  std::optional<io::TsvWriter> table_ = {};
  std::optional<io::TsvWriter> names_ = {};
  std::optional<io::NpzWriter> arrays_ = {};
  std::vector<std::filesystem::path> files_ = {};
  std::int64_t rows_ = 0;
  std::int64_t values_ = 0;
};

/// A field of a table without tabs and line breaks.
std::string field_text(std::string text);

}  // namespace basewise::run::detail
