// bedGraph: "chromosome start end value" per line, 0-based half-open; plain or gzip-compressed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/io/read_report.h"

namespace basewise::io {

struct BedGraphRecord {
  std::string chromosome;
  std::int64_t start = 0;
  std::int64_t end = 0;
  double value = 0;
  bool operator==(const BedGraphRecord&) const = default;
};

/// Calls `each` for every record in the order of the file.
/// Fields are separated by tabs or blanks; values may be "nan".
/// Errors: DataError "file:line: ..." for the first line that is not four fields with
/// 0 <= start < end and a finite number or NaN. Comment, blank, "track" and "browser" lines are
/// skipped and counted.
ReadReport for_each_bedgraph(const std::filesystem::path& path, const std::function<void(const BedGraphRecord&)>& each);

/// Bases of a chromosome, where they are known; an empty function knows none.
using LengthOf = std::function<std::optional<std::int64_t>(std::string_view chromosome)>;

/// The same of a file that is to be read as one value per base: the rows of a chromosome stand
/// together, each behind the end of the one before it, none behind the end of its chromosome.
/// Errors: further DataErrors "file:line: ..." for rows that are not sorted or overlap, for one
/// that is longer than its chromosome, for values that no float holds, and for wiggle files.
ReadReport for_each_bedgraph_in_order(const std::filesystem::path& path, const LengthOf& length_of,
                                      const std::function<void(const BedGraphRecord&)>& each);

/// Every record of the file.
std::vector<BedGraphRecord> read_bedgraph(const std::filesystem::path& path);

/// Writes bedGraph lines, atomically; gzip-compressed when the name ends in .gz. Values are written
/// with as many digits as tell two floats apart; NaN stretches are left out (not measured).
class BedGraphWriter {
 public:
  explicit BedGraphWriter(const std::filesystem::path& path);
  ~BedGraphWriter();
  BedGraphWriter(const BedGraphWriter&) = delete;
  BedGraphWriter& operator=(const BedGraphWriter&) = delete;

  /// Errors: ArgumentError for an empty or negative stretch or a name with white space.
  void add(std::string_view chromosome, const TrackInterval& interval);

  /// One value per base from `start`; equal neighbours are merged into one line.
  void add_run(std::string_view chromosome, std::int64_t start, std::span<const float> values);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
