#include "basewise/prepare/detail/multi_places.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "basewise/core/fnv.h"
#include "basewise/core/parallel.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::int64_t kGrain = 4096;

bool before(const Place& a, const Place& b) {
  return std::tie(a.chrom, a.position, a.reverse) < std::tie(b.chrom, b.position, b.reverse);
}

}  // namespace

void MultiPlaces::add_read(std::span<const Place> places) {
  places_.insert(places_.end(), places.begin(), places.end());
  first_.push_back(places_.size());
}

void MultiPlaces::close() {
  std::sort(records_.begin(), records_.end(), [](const Record& a, const Record& b) {
    return a.read != b.read ? a.read < b.read : before(a.place, b.place);
  });
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (i > 0 && records_[i].read != records_[i - 1].read) first_.push_back(places_.size());
    places_.push_back(records_[i].place);
  }
  if (!records_.empty()) first_.push_back(places_.size());
  records_ = {};
}

// FNV-1a, finished so that names which differ in one letter differ everywhere.
std::uint64_t read_number(std::string_view name, bool second) {
  std::uint64_t number = fnv1a(second ? "\2" : "\1", fnv1a(name));
  number = (number ^ (number >> 31)) * 0x9e3779b97f4a7c15U;
  return number ^ (number >> 29);
}

ShareModel::ShareModel(const MultiPlaces& reads, const Gaussian& gaussian, std::vector<std::int64_t> chrom_lengths)
    : reads_(reads), gaussian_(gaussian), lengths_(std::move(chrom_lengths)) {
  const auto& places = reads.places();
  bases_.reserve(places.size());
  for (const Place& p : places) bases_.push_back({p.chrom, p.position});
  const auto less = [](const Base& a, const Base& b) { return std::tie(a.chrom, a.position) < std::tie(b.chrom, b.position); };
  const auto equal = [](const Base& a, const Base& b) { return a.chrom == b.chrom && a.position == b.position; };
  std::sort(bases_.begin(), bases_.end(), less);
  bases_.erase(std::unique(bases_.begin(), bases_.end(), equal), bases_.end());
  base_of_.resize(places.size());
  for (std::size_t i = 0; i < places.size(); ++i)
    base_of_[i] = static_cast<std::size_t>(
        std::lower_bound(bases_.begin(), bases_.end(), Base{places[i].chrom, places[i].position}, less) - bases_.begin());
  single_.assign(bases_.size(), 0);
  for (const Base& b : bases_) inside_.push_back(gaussian.inside(b.position, lengths_[b.chrom]));
}

void ShareModel::add_single(std::size_t chrom, std::vector<Event> events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.position < b.position; });
  const std::int64_t radius = gaussian_.radius();
  const auto in_chrom = [](const Base& b, std::size_t c) { return b.chrom < c; };
  auto base = std::lower_bound(bases_.begin(), bases_.end(), chrom, in_chrom);
  std::size_t from = 0;
  for (; base != bases_.end() && base->chrom == chrom; ++base) {
    const auto at = static_cast<std::int64_t>(base->position);
    while (from < events.size() && static_cast<std::int64_t>(events[from].position) < at - radius) ++from;
    double sum = 0;
    for (std::size_t i = from; i < events.size() && static_cast<std::int64_t>(events[i].position) <= at + radius; ++i)
      sum += gaussian_.weight(std::abs(static_cast<std::int64_t>(events[i].position) - at)) * static_cast<double>(events[i].weight);
    single_[static_cast<std::size_t>(base - bases_.begin())] += sum;
  }
}

// The mean coverage around every base.
void ShareModel::smooth(const std::vector<double>& shares, std::vector<double>& around) const {
  std::vector<double> own(bases_.size(), 0);
  for (std::size_t i = 0; i < shares.size(); ++i) own[base_of_[i]] += shares[i];
  const std::int64_t radius = gaussian_.radius();
  parallel_for(static_cast<std::int64_t>(bases_.size()), kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      const Base& here = bases_[static_cast<std::size_t>(b)];
      double sum = single_[static_cast<std::size_t>(b)];
      const auto distance = [&](std::int64_t other) {
        return std::abs(static_cast<std::int64_t>(bases_[static_cast<std::size_t>(other)].position) -
                        static_cast<std::int64_t>(here.position));
      };
      const auto near = [&](std::int64_t other) {
        return other >= 0 && other < static_cast<std::int64_t>(bases_.size()) &&
               bases_[static_cast<std::size_t>(other)].chrom == here.chrom && distance(other) <= radius;
      };
      const auto part = [&](std::int64_t other) { return gaussian_.weight(distance(other)) * own[static_cast<std::size_t>(other)]; };
      for (std::int64_t other = b; near(other); --other) sum += part(other);
      for (std::int64_t other = b + 1; near(other); ++other) sum += part(other);
      around[static_cast<std::size_t>(b)] = sum / inside_[static_cast<std::size_t>(b)];
    }
  });
}

std::vector<double> ShareModel::fit(const ShareOptions& options, std::int64_t& rounds) {
  const auto& first = reads_.first();
  std::vector<double> shares(reads_.places().size());
  for (std::size_t r = 0; r + 1 < first.size(); ++r)
    std::fill(shares.begin() + static_cast<std::ptrdiff_t>(first[r]), shares.begin() + static_cast<std::ptrdiff_t>(first[r + 1]),
              1.0 / static_cast<double>(first[r + 1] - first[r]));
  std::vector<double> around(bases_.size());
  rounds = 0;
  double change = options.tolerance;
  while (rounds < options.iterations && change >= options.tolerance && reads_.reads() > 0) {
    smooth(shares, around);
    double moved = 0;
    for (std::size_t r = 0; r + 1 < first.size(); ++r) {
      double total = 0;
      for (std::size_t i = first[r]; i < first[r + 1]; ++i) total += around[base_of_[i]] + options.pseudocount;
      for (std::size_t i = first[r]; i < first[r + 1]; ++i) {
        const double share = (around[base_of_[i]] + options.pseudocount) / total;
        moved += std::abs(share - shares[i]);
        shares[i] = share;
      }
    }
    change = moved / static_cast<double>(reads_.reads());
    ++rounds;
  }
  return shares;
}

}  // namespace basewise::prepare::detail
