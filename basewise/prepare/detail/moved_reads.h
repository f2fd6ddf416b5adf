// Reads moved along their strand, shared among their places, ready to become tracks.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/prepare/detail/read_counter.h"
#include "basewise/prepare/detail/tile.h"

namespace basewise::prepare::detail {

/// What belongs to a track: reads that count for the forward strand, the reverse strand, or both.
struct TrackStrands {
  bool forward = true;
  bool reverse = true;
};

class MovedReads {
 public:
  /// Settles how far reads move, and shares those with several places.
  /// Errors: DataError where the length of fragments is asked for and cannot be known.
  explicit MovedReads(ReadCounter& counter);

  std::int64_t forward() const { return forward_; }   ///< bases to the right
  std::int64_t reverse() const { return reverse_; }   ///< bases to the left
  std::int64_t fragment() const { return fragment_; }  ///< 0: was not asked for
  std::int64_t rounds() const { return rounds_; }

  /// 5' ends, or places of shared reads, that left their chromosome, of what was taken so far.
  std::int64_t moved_out() const;

  TrackChrom take(std::size_t chrom, TrackStrands strands);

 private:
  void settle_shift();
  std::int64_t estimated_fragment();
  void share();
  bool move(std::int64_t& position, bool reverse, std::int64_t length) const;
  std::vector<Event> moved(const Lane& lane);
  bool stretches() const { return counter_.options.count != ReadCount::ends; }

  ReadCounter& counter_;
  std::int64_t forward_ = 0, reverse_ = 0, fragment_ = 0, rounds_ = 0, shared_out_ = 0;
  std::vector<std::int64_t> out_;  // by lane
};

}  // namespace basewise::prepare::detail
