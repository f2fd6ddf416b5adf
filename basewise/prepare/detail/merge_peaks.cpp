#include "basewise/prepare/detail/merge_peaks.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <tuple>

namespace basewise::prepare::detail {
namespace {

/// A pair of neighbours that overlap enough. `change` is that of the left peak when it was found: a
/// pair of which one peak has changed since is no longer one.
struct Overlap {
  std::int64_t bases;
  std::size_t left, right;
  std::int64_t left_change, right_change;

  /// The one to merge first is the largest.
  bool operator<(const Overlap& other) const { return std::tie(bases, other.left) < std::tie(other.bases, left); }
};

/// Peaks in order, as a list.
class Merger {
 public:
  Merger(std::vector<Peak> peaks, std::int64_t size, std::int64_t least, std::optional<std::int64_t> length)
      : peaks_(std::move(peaks)), size_(size), least_(least), length_(length), next_(peaks_.size()), before_(peaks_.size()),
        changes_(peaks_.size(), 0) {
    for (std::size_t i = 0; i < peaks_.size(); ++i) {
      next_[i] = i + 1;
      before_[i] = i - 1;
    }
    for (std::size_t i = 0; i + 1 < peaks_.size(); ++i) look(i, i + 1);
  }

  std::vector<Peak> merge() {
    while (!overlaps_.empty()) {
      const Overlap o = overlaps_.top();
      overlaps_.pop();
      if (changes_[o.left] == o.left_change && changes_[o.right] == o.right_change) join(o.left, o.right);
    }
    std::vector<Peak> kept;
    for (std::size_t i = 0; i < peaks_.size(); ++i)
      if (changes_[i] != kGone) kept.push_back(std::move(peaks_[i]));
    return kept;
  }

 private:
  static constexpr std::int64_t kGone = -1;

  void look(std::size_t left, std::size_t right) {
    const std::int64_t bases = peaks_[left].end - peaks_[right].start;
    if (bases >= least_) overlaps_.push({bases, left, right, changes_[left], changes_[right]});
  }

  void join(std::size_t left, std::size_t right) {
    Peak& a = peaks_[left];
    const Peak& b = peaks_[right];
    const auto weight = [](const Peak& p) { return 1 + static_cast<std::int64_t>(p.active.size()); };
    const auto twice_middle = [](const Peak& p) { return p.start + p.end - 1; };
    const std::int64_t wa = weight(a), wb = weight(b);
    const std::int64_t middle = (wa * twice_middle(a) + wb * twice_middle(b) + wa + wb) / (2 * (wa + wb));
    std::vector<std::int32_t> active;
    std::set_union(a.active.begin(), a.active.end(), b.active.begin(), b.active.end(), std::back_inserter(active));
    a = around(middle, size_, length_, std::move(active));
    ++changes_[left];
    changes_[right] = kGone;
    peaks_[right] = {};
    next_[left] = next_[right];
    if (next_[left] < peaks_.size()) {
      before_[next_[left]] = left;
      look(left, next_[left]);
    }
    if (before_[left] < peaks_.size()) look(before_[left], left);  // that of the first is past all
  }

  std::vector<Peak> peaks_;
  std::int64_t size_, least_;
  std::optional<std::int64_t> length_;
  std::vector<std::size_t> next_, before_;
  std::vector<std::int64_t> changes_;
  std::priority_queue<Overlap> overlaps_;
};

}  // namespace

Peak around(std::int64_t middle, std::int64_t size, std::optional<std::int64_t> length, std::vector<std::int32_t> active) {
  std::int64_t start = std::max<std::int64_t>(0, middle - size / 2);
  if (length) start = std::min(start, *length - size);
  return {start, start + size, std::move(active)};
}

std::vector<Peak> merge_peaks(std::vector<Peak> peaks, std::int64_t size, std::int64_t merge_overlap, std::optional<std::int64_t> length) {
  std::sort(peaks.begin(), peaks.end(),
            [](const Peak& a, const Peak& b) { return std::tie(a.start, a.active) < std::tie(b.start, b.active); });
  return Merger(std::move(peaks), size, merge_overlap, length).merge();
}

}  // namespace basewise::prepare::detail
