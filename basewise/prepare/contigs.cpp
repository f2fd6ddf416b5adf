#include "basewise/prepare/contigs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace basewise::prepare {
namespace {

seq::Interval as_interval(const Contig& contig, const seq::ChromSizes& sizes) {
  return {sizes[contig.chrom].name, contig.start, contig.end};
}

/// A heap of the longest contig, with the moves of Python's heapq, so that what is left in it
/// stands in the order of the published programs.
class LongestFirst {
 public:
  explicit LongestFirst(const std::vector<seq::ChromSizes>& genomes) : genomes_(genomes) {}

  const std::vector<Contig>& contigs() const { return heap_; }

  void push(const Contig& contig) {
    heap_.push_back(contig);
    rise(heap_.size() - 1);
  }

  Contig pop() {
    Contig item = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return item;
    std::swap(item, heap_[0]);
    sink_to_a_leaf();
    return item;
  }

 private:
  bool less(const Contig& a, const Contig& b) const { return a.length() != b.length() ? a.length() > b.length() : before(a, b, genomes_); }

  void rise(std::size_t place) {
    const Contig item = heap_[place];
    for (; place > 0 && less(item, heap_[(place - 1) / 2]); place = (place - 1) / 2) heap_[place] = heap_[(place - 1) / 2];
    heap_[place] = item;
  }

  void sink_to_a_leaf() {
    const Contig item = heap_[0];
    std::size_t place = 0;
    for (std::size_t child = 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && !less(heap_[child], heap_[child + 1])) ++child;
      heap_[place] = heap_[child];
      place = child;
    }
    heap_[place] = item;
    rise(place);
  }

  const std::vector<seq::ChromSizes>& genomes_;
  std::vector<Contig> heap_ = {};
};

/// Joins intervals that share a base; those that only touch stay apart.
std::vector<seq::Interval> joined_where_they_overlap(std::vector<seq::Interval> regions) {
  std::sort(regions.begin(), regions.end());
  std::vector<seq::Interval> joined;
  for (seq::Interval& region : regions) {
    if (!joined.empty() && joined.back().overlaps(region))
      joined.back().end = std::max(joined.back().end, region.end);
    else
      joined.push_back(std::move(region));
  }
  return joined;
}

}  // namespace

bool before(const Contig& a, const Contig& b, const std::vector<seq::ChromSizes>& genomes) {
  if (a.genome != b.genome) return a.genome < b.genome;
  if (a.chrom != b.chrom) return genomes[a.genome][a.chrom].name < genomes[b.genome][b.chrom].name;
  return std::pair(a.start, a.end) < std::pair(b.start, b.end);
}

std::int64_t overlap(const Contig& a, const Contig& b) {
  if (a.genome != b.genome || a.chrom != b.chrom) return 0;
  return std::max<std::int64_t>(0, std::min(a.end, b.end) - std::max(a.start, b.start));
}

std::int64_t total_length(const std::vector<Contig>& contigs) {
  std::int64_t total = 0;
  for (const Contig& contig : contigs) total += contig.length();
  return total;
}

std::vector<Contig> contigs_without_gaps(const seq::ChromSizes& sizes, const std::vector<seq::Interval>& gaps, std::size_t genome) {
  std::map<std::string, std::vector<seq::Interval>> of_chromosome;
  for (const seq::Interval& gap : seq::merge(gaps)) of_chromosome[gap.chrom].push_back(gap);
  std::vector<Contig> contigs;
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    std::int64_t start = 0;
    const auto keep = [&](std::int64_t end) {
      if (end > start) contigs.push_back({genome, chrom, start, end});
    };
    for (const seq::Interval& gap : of_chromosome[sizes[chrom].name]) {
      keep(gap.start);
      start = gap.end;
    }
    keep(sizes[chrom].length);
  }
  return contigs;
}

std::vector<Contig> limited_to(const std::vector<Contig>& contigs, const std::vector<seq::Interval>& regions,
                               const seq::ChromSizes& sizes) {
  const std::vector<seq::Interval> merged = seq::IntervalSet(regions).intervals();
  std::vector<Contig> kept;
  for (const Contig& contig : contigs) {
    const seq::Interval whole = as_interval(contig, sizes);
    // The first region that ends behind the start of the contig.
    auto region = std::partition_point(merged.begin(), merged.end(), [&](const seq::Interval& r) {
      return std::pair(r.chrom, r.end) <= std::pair(whole.chrom, whole.start);
    });
    for (; region != merged.end() && region->overlaps(whole); ++region)
      kept.push_back({contig.genome, contig.chrom, std::max(region->start, contig.start), std::min(region->end, contig.end)});
  }
  return kept;
}

std::vector<seq::Interval> peak_regions(std::vector<seq::Interval> peaks, std::int64_t width, std::int64_t crop) {
  for (seq::Interval& peak : peaks) {
    if (peak.length() < width) {
      peak.start = (peak.start + peak.end) / 2 - width / 2;
      peak.end = peak.start + width;
    }
    peak.start = std::max<std::int64_t>(0, peak.start - crop);
    peak.end += crop;
    peak.strand = seq::Strand::none;
  }
  std::vector<seq::Interval> regions = seq::merge(std::move(peaks));
  for (seq::Interval& region : regions) {
    const std::int64_t middle = (region.start + region.end) / 2;
    const auto bins = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(region.length()) / static_cast<double>(width)));
    region.start = std::max<std::int64_t>(0, middle - bins * width / 2);
    region.end = region.start + bins * width;
  }
  return joined_where_they_overlap(std::move(regions));
}

std::vector<Contig> broken(const std::vector<Contig>& contigs, std::int64_t longest, const std::vector<seq::ChromSizes>& genomes,
                           Faults faults) {
  LongestFirst heap(genomes);
  for (const Contig& contig : contigs) heap.push(contig);
  while (!heap.contigs().empty()) {
    if (heap.contigs().front().length() <= longest && faults == Faults::mended) break;
    const Contig contig = heap.pop();
    if (contig.length() <= longest) break;
    const std::int64_t middle = contig.start + contig.length() / 2;
    heap.push({contig.genome, contig.chrom, contig.start, middle});
    heap.push({contig.genome, contig.chrom, middle, contig.end});
  }
  return heap.contigs();
}

std::vector<Contig> rejoined(const std::vector<Contig>& contigs) {
  std::vector<std::pair<std::size_t, std::size_t>> order;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Contig>> of_chromosome;
  for (const Contig& contig : contigs) {
    auto& list = of_chromosome[{contig.genome, contig.chrom}];
    if (list.empty()) order.emplace_back(contig.genome, contig.chrom);
    list.push_back(contig);
  }
  std::vector<Contig> joined;
  for (const auto& place : order) {
    auto& list = of_chromosome[place];
    std::stable_sort(list.begin(), list.end(), [](const Contig& a, const Contig& b) { return a.start < b.start; });
    bool first = true;
    for (const Contig& contig : list) {
      if (!first && joined.back().end == contig.start)
        joined.back().end = contig.end;
      else
        joined.push_back(contig);
      first = false;
    }
  }
  return joined;
}

}  // namespace basewise::prepare
