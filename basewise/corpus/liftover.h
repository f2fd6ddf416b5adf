// Positions of one assembly in another that differs from it by insertions and deletions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace basewise::corpus {

/// Bases [start, end) of the old sequence, 0-based half-open, and what is added to their positions.
struct LiftedStretch {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t add = 0;

  friend bool operator==(const LiftedStretch&, const LiftedStretch&) = default;
};

/// A liftover of one sequence that adds a constant in each stretch of old positions. Strands stay.
class Liftover {
 public:
  /// Stretches in rising order that share no base.
  /// Errors: ArgumentError for stretches that are empty, not in order, or overlap.
  explicit Liftover(std::vector<LiftedStretch> stretches);

  /// The new position; nothing where no stretch holds the old one. Both count from 0.
  std::optional<std::int64_t> lift(std::int64_t position) const;

  std::span<const LiftedStretch> stretches() const { return stretches_; }

 private:
  std::vector<LiftedStretch> stretches_;
};

/// Reads a table with the columns `old_start`, `old_end` (counted from 1, the end included) and
/// `add`, by tabs or commas; other columns are not looked at, lines that start with # are comments.
/// Errors: DataError "file:line: ..." for a start below 1, an end before its start, stretches that
/// overlap or are not in rising order; DataError for a table without rows.
Liftover read_liftover(const std::filesystem::path& path);

}  // namespace basewise::corpus
