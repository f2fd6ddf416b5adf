// What calls have computed of a file so far: a file of some rows each, beside the output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/fnv.h"
#include "basewise/core/shard.h"
#include "basewise/io/vcf.h"
#include "basewise/variants/detail/row_files.h"

namespace basewise::variants::detail {

/// What becomes of a row.
enum class RowTask {
  compute,
  known,  ///< its scores are in a part
  other,  ///< another shard computes it
};

/// Rows go by in their order, a part of them after the other.
/// What a part holds is compared with the rows that go by.
class Parts {
 public:
  /// `facts` say what the numbers depend on. A folder of other facts is emptied, or refused where
  /// several calls share the work. Nothing is kept, and nothing found, where `folder` is empty.
  /// Errors: StateError for a folder of other options, DataError for one that cannot be made.
  Parts(std::filesystem::path folder, const nlohmann::ordered_json& facts, std::int64_t rows_each, Shard shard);

  /// The next row.
  /// Errors: DataError for a damaged part, and for one of other facts, which another call put there
  /// meanwhile.
  RowTask next(const io::VcfRecord& record);

  /// The scores of the row of the last `next` that was `known`.
  const AlleleTexts& known() const { return texts_; }

  /// Scores of the rows to compute, in their order.
  void keep(const AlleleTexts& texts);

  /// Whether the part is full.
  bool full() const { return rows_ == each_; }

  /// The part ends, and all of its rows were kept: its file appears.
  /// `last`: there are no more rows.
  /// Errors: DataError where a part is of other rows.
  void finish(bool last);

  /// All of them are in the output.
  void remove() const;

 private:
  void begin();
  std::filesystem::path file() const;
  std::string stamp() const;  ///< what the numbers depend on and which rows they are of: first line of a part
  void write() const;
  [[noreturn]] void refuse(const std::string& why) const;

  std::filesystem::path folder_;
  std::string facts_;
  std::string facts_hash_;
  std::int64_t each_;
  Shard shard_;
  std::int64_t part_ = 0, rows_ = 0;
  std::uint64_t hash_ = kFnvStart;
  RowTask task_ = RowTask::compute;
  std::vector<std::string> lines_ = {};  ///< known ones, or those to be written
  std::string stated_ = {};              ///< stamp of a known part
  AlleleTexts texts_ = {};
};

}  // namespace basewise::variants::detail
