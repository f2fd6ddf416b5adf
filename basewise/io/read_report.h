// What a reading pass saw: nothing is dropped without being counted here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace basewise::io {

/// Counts of a reading pass.
struct ReadReport {
  std::int64_t records = 0;                     ///< records given out
  std::int64_t skipped = 0;                     ///< lines or records that were passed over: the sum of `reasons`
  std::map<std::string, std::int64_t> reasons;  ///< why something was passed over, and how often ("comment line", "blank line")
  std::map<std::string, std::int64_t> notes;    ///< peculiarities of records that were given out ("score is no number")
  std::vector<std::string> remarks;             ///< of the file as a whole ("3 names are translated, ..."); no part of the summary

  void skip(const std::string& reason, std::int64_t times = 1);
  void note(const std::string& what, std::int64_t times = 1) { notes[what] += times; }

  /// "346 records, 3 skipped (2 comment line, 1 blank line); 5 score is no number"
  std::string summary() const;
};

}  // namespace basewise::io
