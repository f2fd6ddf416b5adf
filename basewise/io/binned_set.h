// Folders of binned training sets, as Basenji and Baskerville write them: statistics.json,
// targets.txt, sequences.bed and tfrecords/<set>-<number>.tfr.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace basewise::io {

/// What statistics.json says of the records: `length` bases, of which the `bins` bins of `bin`
/// bases between `crop` bases at each end have values of `targets` tracks.
struct BinnedStatistics {
  std::int64_t targets = 0;
  std::int64_t length = 0;
  std::int64_t bin = 0;
  std::int64_t crop = 0;
  std::int64_t bins = 0;
  std::vector<std::pair<std::string, std::int64_t>> sets = {};  ///< sequences by the word of their set, in the order of the file
};

/// Keys that are not used are passed over; without "crop_bp" the bins lie in the middle.
/// Errors: DataError naming the file: no JSON, a key that is missing or no whole number, lengths
/// that do not fit each other.
BinnedStatistics read_binned_statistics(const std::filesystem::path& file);

/// A row of targets.txt.
struct BinnedTarget {
  std::int64_t index = 0;  ///< of the column of the records: the first column, or the number of the row
  std::string identifier = {};
  std::string description = {};
  std::optional<std::int64_t> strand_pair = {};  ///< index of the same experiment on the other strand, itself where it has no strand
};

/// The rows of a table of targets, of all or some of them.
/// Errors: DataError with file and line: no column "identifier", an index that is no whole number
/// of 0 or more or comes twice, an identifier that comes twice.
std::vector<BinnedTarget> read_binned_targets(const std::filesystem::path& file);

/// The set and number that a file's name says ("valid-12.tfr": valid, 12); nothing for others.
std::optional<std::pair<std::string, std::int64_t>> binned_file_name(const std::filesystem::path& file);

/// The files of a set among `files`, in the order of their numbers.
std::vector<std::filesystem::path> files_of_binned_set(const std::vector<std::filesystem::path>& files, std::string_view set);

/// Places of the records of each set in order, of sequences.bed: chromosome, start, end (0-based,
/// half-open; of the part with values) and the word of the set.
struct BinnedPlace {
  std::string chromosome;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::string set;
};

/// Errors: DataError with file and line.
std::vector<BinnedPlace> read_binned_places(const std::filesystem::path& file);

}  // namespace basewise::io
