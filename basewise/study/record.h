// The record of a study, results.tsv: one line for each measurement of each run. It is made to be
// committed: sorted, and written the same whatever the order in which runs ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/study/expand.h"

namespace basewise::study {

/// What the file shows where there is no value.
inline constexpr const char* kAbsent = "NA";

/// One measurement. Facts and metrics are kept as the text that the file shows.
struct Row {
  std::string run = {};
  std::vector<std::string> values = {};  ///< of the axes
  std::string evaluation = {};
  std::string split = {};
  std::string weights = {};
  std::string hash = {};
  /// Beside the metrics: parameters, epochs, seconds of training and of measuring, threads,
  /// device, machine, version.
  std::map<std::string, std::string> facts = {};
  std::map<std::string, std::string> metrics = {};  ///< by name; kAbsent: not defined

  bool same_key(const Row& other) const;
};

/// A number among facts or metrics; NaN where it is absent or not there.
double number_of(const std::map<std::string, std::string>& texts, const std::string& name);

class Record {
 public:
  /// An empty one, with the axes of the study.
  explicit Record(const Study& study);

  /// Reads results.tsv; a file that is not there gives an empty record.
  /// Errors: DataError with file and line.
  static Record read(const Study& study, const std::filesystem::path& file);

  const std::vector<Row>& rows() const { return rows_; }

  /// The row of a measurement, whatever its hash; nullptr if there is none.
  const Row* find(const Run& run, const Measurement& measurement) const;

  /// Adds a row or replaces the one of the same key.
  void put(Row row);
  void erase(const Run& run, const Measurement& measurement);

  /// The text of the file: lines in the order of the study's runs, rows that the study does not
  /// know last.
  std::string text(const std::vector<Run>& order) const;

 private:
  std::vector<std::string> axes_;
  std::vector<Row> rows_;
  std::map<std::string, std::size_t> index_;
};

/// A row from the JSON that a worker leaves behind, and back.
nlohmann::ordered_json to_json(const Row& row);
Row row_from_json(const nlohmann::ordered_json& json);

/// Reads results.tsv, lets `change` work on it and writes it, while other processes wait (a lock
/// file beside it). Nothing is written if the text stays the same.
/// Returns the record as it then is.
Record update_record(const Study& study, const std::vector<Run>& order, const std::function<void(Record&)>& change);

}  // namespace basewise::study
