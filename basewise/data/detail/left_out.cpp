#include "basewise/data/detail/left_out.h"

#include <algorithm>
#include <array>

#include "basewise/core/error.h"
#include "basewise/core/log.h"

namespace basewise::data::detail {

namespace {

// Far beyond every chromosome, and far from the largest number.
constexpr std::int64_t kNoBound = std::int64_t{1} << 60;

enum class Unplaced { leaves, over_origin, across, nowhere };
constexpr std::array kUnplacedTexts = {"they leave their chromosome", "they go over the origin of a circular chromosome",
                                       "they lie across a border between sets", "they lie in none of the sets"};

}  // namespace

void note_left_out(DataSplits& splits, std::int64_t count, const std::string& why, const std::string& what) {
  if (count == 0) return;
  splits.left_out.push_back(format("{} {} were left out: {}", count, what, why));
  splits.notes.push_back(splits.left_out.back());
}

void note_unplaced(DataSplits& splits, const std::vector<seq::Interval>& windows, const corpus::IndexSplit& indices,
                   const std::string& what) {
  if (indices.left_out == 0) return;
  std::vector<bool> placed(windows.size());
  std::vector<seq::Interval> all;
  for (std::size_t set = 0; set < 3; ++set) {
    for (const std::int64_t i : indices[set]) placed[static_cast<std::size_t>(i)] = true;
    all.insert(all.end(), splits.regions[set].begin(), splits.regions[set].end());
  }
  const seq::IntervalSet sets(all);
  const seq::ChromSizes& sizes = splits.genome->sizes();
  std::array<std::int64_t, kUnplacedTexts.size()> counts{};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (placed[i]) continue;
    const seq::Chrom& chrom = sizes[sizes.index(windows[i].chrom, what)];
    const bool leaves = windows[i].start < 0 || windows[i].end > chrom.length;
    const Unplaced why = leaves ? (chrom.circular ? Unplaced::over_origin : Unplaced::leaves)
                                : (sets.overlaps(windows[i]) ? Unplaced::across : Unplaced::nowhere);
    ++counts[static_cast<std::size_t>(why)];
  }
  for (std::size_t k = 0; k < counts.size(); ++k) note_left_out(splits, counts[k], kUnplacedTexts[k], what);
}

void warn_of_unknown(const seq::Genome& genome, std::string_view set, const std::vector<seq::Interval>& windows) {
  const auto unknown = [&](const seq::Interval& window) {
    return genome.letters(window, seq::Edges::pad).find_first_not_of("Nn") == std::string::npos;
  };
  const auto count = std::count_if(windows.begin(), windows.end(), unknown);
  if (count > 0)
    log_warning(
        "{}: {} of {} windows around sites hold nothing but N, and a model learns to tell N from letters; take a genome with repeats "
        "in lower case in place of N, or leave these sites out",
        set, count, windows.size());
}

TrainingRoom::TrainingRoom(const corpus::RegionSplit& regions, const seq::ChromSizes& sizes, std::int64_t separation)
    : others_(sizes.size()) {
  for (const auto* set : {&regions.validation, &regions.test})
    for (const seq::Interval& region : *set)
      others_[sizes.index(region.chrom, "a split")].push_back({region.start - separation, region.end + separation});
  for (auto& of_chrom : others_)
    std::sort(of_chrom.begin(), of_chrom.end(), [](const corpus::Stretch& a, const corpus::Stretch& b) { return a.low < b.low; });
  for (const seq::Chrom& chrom : sizes) circles_.push_back(chrom.circular ? chrom.length : 0);
}

corpus::Stretch TrainingRoom::around(std::size_t chrom, std::int64_t start, std::int64_t end) const {
  const std::vector<corpus::Stretch>& others = others_[chrom];
  corpus::Stretch room{-kNoBound, kNoBound};
  if (others.empty()) return room;
  if (const std::int64_t circle = circles_[chrom]; circle > 0) room = {others.back().high - circle, others.front().low + circle};
  for (const corpus::Stretch& other : others) {
    if (other.high <= start) room.low = std::max(room.low, other.high);
    if (other.low >= end) room.high = std::min(room.high, other.low);
  }
  // A window that is nearer to another set than that stays where it is.
  return {std::min(room.low, start), std::max(room.high, end)};
}

}  // namespace basewise::data::detail
