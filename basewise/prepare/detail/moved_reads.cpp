#include "basewise/prepare/detail/moved_reads.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/prepare/detail/fragment_shift.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::int64_t kTn5Forward = 4, kTn5Reverse = 5;

/// The lanes of one chromosome that `wanted` takes.
template <class F>
void for_lanes(std::size_t chrom, const F& each) {
  for (const bool multi : {false, true})
    for (const bool counted : {false, true})
      for (const bool reverse : {false, true}) each(Lane{chrom, reverse, counted, multi});
}

/// 5' ends out of the steps of stretches: forward reads begin at their first step up, reverse ones
/// at the base before the last step down.
std::vector<Event> ends_of(std::vector<Event> events, bool reverse, bool stretches) {
  if (!stretches) return events;
  std::erase_if(events, [&](const Event& e) { return (e.weight < 0) != reverse; });
  for (Event& e : events) {
    e.weight = std::abs(e.weight);
    if (reverse) --e.position;
  }
  return events;
}

}  // namespace

MovedReads::MovedReads(ReadCounter& counter) : counter_(counter), out_(counter.sizes.size() * Lane::kPerChrom, 0) {
  settle_shift();
  if (counter_.options.multi == MultiReads::model) share();
}

void MovedReads::settle_shift() {
  const CoverageOptions& o = counter_.options;
  switch (o.shift) {
    case ShiftKind::none: break;
    case ShiftKind::given:
      forward_ = o.shift_forward;
      reverse_ = o.shift_reverse;
      break;
    case ShiftKind::tn5:
      forward_ = kTn5Forward;
      reverse_ = kTn5Reverse;
      break;
    case ShiftKind::tn5_centre: forward_ = reverse_ = kTn5Forward; break;
    case ShiftKind::fragment:
      fragment_ = counter_.tally.templates > 0
                      ? std::llround(counter_.tally.template_bases / static_cast<double>(counter_.tally.templates))
                      : estimated_fragment();
      forward_ = reverse_ = fragment_ / 2;
      break;
  }
}

// Of the chromosome with most bases.
std::int64_t MovedReads::estimated_fragment() {
  const seq::ChromSizes& sizes = counter_.sizes;
  std::size_t chrom = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i].length > sizes[chrom].length) chrom = i;
  std::vector<Event> forward, reverse;
  for_lanes(chrom, [&](const Lane& lane) {
    if (lane.multi) return;
    const std::vector<Event> events = ends_of(counter_.events.load(lane.number()), lane.reverse, stretches());
    auto& to = lane.reverse ? reverse : forward;
    to.insert(to.end(), events.begin(), events.end());
  });
  const auto distance = estimate_fragment(std::move(forward), std::move(reverse), sizes[chrom].length);
  if (!distance)
    throw DataError(format("shift: the length of fragments cannot be told: {}, the longest chromosome, lacks reads of one strand; "
                           "take shift = given, or none",
                           sizes[chrom].name));
  return *distance;
}

// False where the base leaves the chromosome.
bool MovedReads::move(std::int64_t& position, bool reverse, std::int64_t length) const {
  position += reverse ? -reverse_ : forward_;
  if (stretches()) {
    position = std::clamp<std::int64_t>(position, 0, length);
    return true;
  }
  return position >= 0 && position < length;
}

std::vector<Event> MovedReads::moved(const Lane& lane) {
  std::vector<Event> events = counter_.events.load(lane.number());
  if (lane.multi && counter_.options.multi == MultiReads::model) return events;  // places were moved before they were shared
  const std::int64_t length = counter_.sizes[lane.chrom].length;
  const bool fragments = counter_.options.count == ReadCount::fragments;  // both ends move inwards
  std::size_t kept = 0;
  for (const Event& e : events) {
    std::int64_t position = e.position;
    if (move(position, fragments ? e.weight < 0 : lane.reverse, length)) events[kept++] = {static_cast<std::uint32_t>(position), e.weight};
  }
  out_[lane.number()] = static_cast<std::int64_t>(events.size() - kept);
  events.resize(kept);
  return events;
}

// What was shared goes back to the other events, as moved.
void MovedReads::share() {
  MultiPlaces& reads = counter_.multi;
  reads.close();
  const seq::ChromSizes& sizes = counter_.sizes;
  std::vector<bool> outside(reads.places().size(), false);
  for (std::size_t i = 0; i < reads.places().size(); ++i) {
    Place& place = reads.places()[i];
    std::int64_t position = place.position;
    outside[i] = !move(position, place.reverse, sizes[place.chrom].length);
    place.position = static_cast<std::uint32_t>(std::clamp<std::int64_t>(position, 0, sizes[place.chrom].length - 1));
  }
  std::vector<std::int64_t> lengths;
  for (const seq::Chrom& chrom : sizes) lengths.push_back(chrom.length);
  const Gaussian gaussian(counter_.options.multi_smooth);
  ShareModel model(reads, gaussian, lengths);
  Progress progress("sharing reads", static_cast<std::int64_t>(sizes.size()), "chromosomes");
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    std::vector<Event> single;
    for_lanes(chrom, [&](const Lane& lane) {
      if (lane.multi) return;
      const std::vector<Event> events = moved(lane);
      single.insert(single.end(), events.begin(), events.end());
    });
    model.add_single(chrom, std::move(single));
    progress.advance();
  }
  const std::vector<double> shares = model.fit({.iterations = counter_.options.multi_iterations}, rounds_);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Place& place = reads.places()[i];
    if (outside[i])
      ++shared_out_;
    else
      counter_.events.add(Lane{place.chrom, place.reverse, place.counted_reverse, true}.number(), place.position, shares[i]);
  }
}

std::int64_t MovedReads::moved_out() const { return std::accumulate(out_.begin(), out_.end(), shared_out_); }

TrackChrom MovedReads::take(std::size_t chrom, TrackStrands strands) {
  const std::int64_t length = counter_.sizes[chrom].length;
  std::vector<Event> single, multi;
  for_lanes(chrom, [&](const Lane& lane) {
    if (!(lane.counted_reverse ? strands.reverse : strands.forward)) return;
    const std::vector<Event> events = moved(lane);
    auto& to = lane.multi ? multi : single;
    to.insert(to.end(), events.begin(), events.end());
  });
  return {ChromCounts(single, length, stretches()), ChromCounts(multi, length, stretches()), length};
}

}  // namespace basewise::prepare::detail
