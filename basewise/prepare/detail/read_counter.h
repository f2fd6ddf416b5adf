// Reads as events: what all kinds of files have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/io/alignments.h"
#include "basewise/prepare/coverage_options.h"
#include "basewise/prepare/detail/event_store.h"
#include "basewise/prepare/detail/multi_places.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::prepare::detail {

/// What was met while reading.
struct ReadTally {
  std::int64_t records = 0;  ///< alignments, or lines
  std::int64_t used = 0;     ///< reads, or fragments, that are counted; one with several places once
  std::int64_t multi = 0;    ///< of these: with several places
  std::map<std::string, std::int64_t> left_out = {};  ///< records, or reads of lines, by reason
  std::map<std::string, std::int64_t> notes = {};
  std::vector<std::string> remarks = {};
  std::int64_t templates = 0;  ///< pairs whose length is known
  double template_bases = 0;   ///< sum of these lengths
};

/// Takes reads where they lie, not yet moved, and keeps them by chromosome.
class ReadCounter {
 public:
  /// `neighbour`: beside it lies the temporary file. What is given must outlive this.
  ReadCounter(const CoverageOptions& o, const seq::ChromSizes& s, const std::filesystem::path& neighbour)
      : options(o), sizes(s), events(s.size() * Lane::kPerChrom, neighbour) {}

  const CoverageOptions& options;
  const seq::ChromSizes& sizes;
  EventStore events;
  MultiPlaces multi;
  ReadTally tally;

  void leave_out(const std::string& why, std::int64_t times = 1) { tally.left_out[why] += times; }

  /// Its 5' end, or its blocks, as `count` says.
  void add_read(const Lane& lane, const std::vector<io::AlignedStretch>& blocks, const io::AlignedStretch& whole, double weight);
  void add_stretch(const Lane& lane, const io::AlignedStretch& stretch, double weight);

  /// A fragment that stands for so many; one that the shift of Tn5 would turn round is left out.
  void add_fragment(const Lane& lane, const io::AlignedStretch& whole, std::int64_t times);

  /// The fragment of a single read, of `fragment_length` bases from its 5' end on.
  /// Errors: ArgumentError where that is not known.
  io::AlignedStretch extended(const Lane& lane, const io::AlignedStretch& read) const;
};

/// The strand that a read counts for, true for reverse.
bool counted_strand(StrandOf strand_of, bool reverse, bool paired, bool second);

}  // namespace basewise::prepare::detail
