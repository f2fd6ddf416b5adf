#include "basewise/corpus/liftover.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/io/tsv.h"

namespace basewise::corpus {

namespace {

// What is wrong with a stretch behind another one, as positions from 1; empty if nothing is.
std::string problem(const LiftedStretch& s, const LiftedStretch* before) {
  if (s.start < 0) return format("old_start is {}; positions count from 1", s.start + 1);
  if (s.end <= s.start) return format("old_end {} lies before old_start {}", s.end, s.start + 1);
  if (!before || s.start >= before->end) return {};
  if (s.end <= before->start)
    return format("old positions {} to {} stand behind {} to {}; expected stretches in rising order", s.start + 1, s.end,
                  before->start + 1, before->end);
  return format("old positions {} to {} overlap {} to {}; each position has one place in the new sequence", s.start + 1, s.end,
                before->start + 1, before->end);
}

}  // namespace

Liftover::Liftover(std::vector<LiftedStretch> stretches) : stretches_(std::move(stretches)) {
  const LiftedStretch* before = nullptr;
  for (const LiftedStretch& s : stretches_) {
    if (const std::string wrong = problem(s, before); !wrong.empty()) throw ArgumentError("liftover: " + wrong);
    before = &s;
  }
}

std::optional<std::int64_t> Liftover::lift(std::int64_t position) const {
  const auto behind = std::upper_bound(stretches_.begin(), stretches_.end(), position,
                                       [](std::int64_t p, const LiftedStretch& s) { return p < s.start; });
  if (behind == stretches_.begin() || position >= std::prev(behind)->end) return std::nullopt;
  return position + std::prev(behind)->add;
}

Liftover read_liftover(const std::filesystem::path& path) {
  // Lengths of sequences are far below: sums of two of these do not overflow.
  constexpr std::int64_t kFarthest = std::int64_t{1} << 40;
  io::TsvReader table(path);
  const std::size_t start = table.column("old_start"), end = table.column("old_end"), add = table.column("add");
  std::vector<LiftedStretch> stretches;
  while (table.next()) {
    for (const std::size_t column : {start, end, add})
      if (const std::int64_t value = table.integer(column); value > kFarthest || value < -kFarthest)
        table.fail(format("column '{}': {} is no position of a sequence", table.columns()[column], table.text(column)));
    const LiftedStretch s{table.integer(start) - 1, table.integer(end), table.integer(add)};
    if (const std::string wrong = problem(s, stretches.empty() ? nullptr : &stretches.back()); !wrong.empty()) table.fail(wrong);
    stretches.push_back(s);
  }
  if (stretches.empty()) throw DataError(format("{}: there is no stretch in the table", path.string()));
  return Liftover(std::move(stretches));
}

}  // namespace basewise::corpus
