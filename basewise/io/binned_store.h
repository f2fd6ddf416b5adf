// Records of a binned training set by number: read once from beginning to end, then kept without
// compression, in memory or, where they are many, in a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/binned_records.h"

namespace basewise::io {

/// What is kept of each record, and of how many.
struct BinnedChoice {
  std::vector<std::int64_t> targets = {};  ///< columns, in the order wanted; empty: all
  std::int64_t crop = 0;                   ///< bins left out at each end
  std::int64_t most = 0;                   ///< so many first records; 0: all
};

/// Where records are kept.
struct BinnedKeeping {
  std::int64_t memory = std::int64_t{1} << 30;  ///< bytes from which on a set goes into a file
  std::filesystem::path folder = {};            ///< of such files
  std::string name = {};                        ///< of the file: the same for the same records and choice alone, see `fingerprint`
};

/// A text that changes when one of the files does: names, sizes and times of change.
/// Errors: DataError naming a file that is not there.
std::string fingerprint(const std::vector<std::filesystem::path>& files);

/// Immutable; threads may share it.
class BinnedStore {
 public:
  /// Reads what `open` gives, or takes the file of an earlier call. Memory is that of the longest
  /// record and of `keeping.memory` bytes. A file that is damaged is written anew.
  /// Errors: those of the reader and of writing; DataError for a column that is not there, a crop
  /// that leaves no bin, and for records that differ in kind (masks, float16).
  BinnedStore(const std::function<BinnedReaderPtr()>& open, const BinnedChoice& choice, const BinnedKeeping& keeping);
  ~BinnedStore();
  BinnedStore(BinnedStore&&) noexcept;
  BinnedStore& operator=(BinnedStore&&) noexcept;

  std::int64_t size() const;

  /// Of what is kept; without any record its targets may be 0.
  const BinnedShape& shape() const;

  /// Whether records say which bins cannot be mapped.
  bool has_masks() const;

  /// Values that are not a number or infinite, in all records; `values` gives them as not a number.
  std::int64_t missing() const;

  /// Bins that cannot be mapped, in all records.
  std::int64_t unmappable() const;

  /// Names of the records; empty where they have none.
  const std::vector<std::string>& names() const;

  /// Whether the records lie in a file.
  bool in_file() const;

  /// Of record i: tokens (length), values (targets, bins), and 1 where a bin cannot be mapped
  /// (bins).
  /// Errors: DataError naming the file, when it was cut short meanwhile.
  void tokens(std::int64_t i, std::span<std::uint8_t> out) const;
  void values(std::int64_t i, std::span<float> out) const;
  void unmappable(std::int64_t i, std::span<std::uint8_t> out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
