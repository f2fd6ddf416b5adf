#include "basewise/corpus/negatives.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/format.h"

namespace basewise::corpus {

namespace {

// Draws starts evenly over every window that lies wholly inside a region.
class WindowDrawer {
 public:
  WindowDrawer(const std::vector<seq::Interval>& regions, std::int64_t length) : length_(length) {
    for (const seq::Interval& region : regions) {
      if (region.length() < length) continue;
      regions_.push_back(region);
      total_ += region.length() - length + 1;
      ends_.push_back(total_);
    }
  }
  bool empty() const { return total_ == 0; }
  seq::Interval draw(Stream& stream) const {
    const auto at = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(total_)));
    const auto r = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), at) - ends_.begin());
    const std::int64_t start = regions_[r].start + at - (r == 0 ? 0 : ends_[r - 1]);
    return {regions_[r].chrom, start, start + length_, seq::Strand::none};
  }

 private:
  std::vector<seq::Interval> regions_;
  std::vector<std::int64_t> ends_;
  std::int64_t total_ = 0;
  std::int64_t length_;
};

std::int64_t bin_of(std::span<const seq::Token> tokens, const BackgroundOptions& o) {
  return o.match_gc ? static_cast<std::int64_t>(std::floor(seq::gc_fraction(tokens) / o.bin + 1e-9)) : 0;
}

bool has_few_n(std::span<const seq::Token> tokens, double max_n) {
  const auto n = std::count(tokens.begin(), tokens.end(), seq::kN);
  return static_cast<double>(n) <= max_n * static_cast<double>(tokens.size());
}

// Windows wanted in each bin of G+C.
std::map<std::int64_t, std::int64_t> wanted_bins(const seq::Genome& genome, const std::vector<seq::Interval>& positives,
                                                 const BackgroundOptions& o) {
  std::map<std::int64_t, std::int64_t> wanted;
  for (const seq::Interval& positive : positives) {
    if (positive.length() != positives.front().length())
      throw ArgumentError(
          format("background windows need positives of one length; found {} and {} bases", positives.front().length(), positive.length()));
    wanted[bin_of(genome.fetch(positive, seq::Edges::pad).tokens, o)] += o.ratio;
  }
  return wanted;
}

}  // namespace

void describe(Visitor& v, BackgroundOptions& o) {
  v("ratio", o.ratio, "background windows per positive", between(1, 1000000));
  v("match_gc", o.match_gc, "as many windows as positives in each bin of G+C content");
  v("bin", o.bin, "width of a bin of G+C content", between(0.001, 1));
  v("max_n", o.max_n, "share of N that a window may have", fraction());
  v("tries", o.tries, "draws per window before giving up", at_least(1));
}

std::string BackgroundResult::summary() const {
  std::string text = format("{} background windows", windows.size());
  if (unmatched == 0) return text;
  text += format(", {} of {} could not be matched: ", unmatched, wanted);
  if (draws == 0) return text + "no stretch of the set is as long as a window";
  return text + format("of {} draws {} met sites or windows drawn before, {} had too many N, {} had another G+C content", draws, taken,
                       unknown, other_gc);
}

BackgroundResult background_windows(const seq::Genome& genome, const std::vector<seq::Interval>& positives,
                                    const std::vector<seq::Interval>& regions, const std::vector<seq::Interval>& avoid,
                                    const BackgroundOptions& o, Stream stream) {
  BackgroundResult result;
  if (positives.empty()) return result;
  std::map<std::int64_t, std::int64_t> wanted = wanted_bins(genome, positives, o);
  result.wanted = result.unmatched = static_cast<std::int64_t>(positives.size()) * o.ratio;
  const WindowDrawer drawer(regions, positives.front().length());
  const seq::IntervalSet taken(avoid);
  std::set<seq::Interval> found;
  for (std::int64_t tries = drawer.empty() ? 0 : o.tries * result.wanted; tries > 0 && result.unmatched > 0; --tries) {
    const seq::Interval window = drawer.draw(stream);
    ++result.draws;
    if (taken.overlaps(window) || found.contains(window)) {
      ++result.taken;
      continue;
    }
    const std::vector<seq::Token> tokens = genome.fetch(window).tokens;
    if (!has_few_n(tokens, o.max_n)) {
      ++result.unknown;
      continue;
    }
    const auto bin = wanted.find(bin_of(tokens, o));
    if (bin == wanted.end() || bin->second == 0) {
      ++result.other_gc;
      continue;
    }
    --bin->second;
    --result.unmatched;
    found.insert(window);
  }
  result.windows.assign(found.begin(), found.end());
  return result;
}

}  // namespace basewise::corpus
