// Counts on a genome, on their way from the order of a file to that of the chromosomes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "basewise/core/files.h"

namespace basewise::prepare::detail {

/// A weight at a base of a chromosome; where stretches are counted it is added to this base and all
/// that follow.
struct Event {
  std::uint32_t position = 0;
  float weight = 0;
};

/// Which events belong together: those of one chromosome whose reads lie on the same strand, count
/// for the same strand, and have one place or several.
struct Lane {
  std::size_t chrom = 0;
  bool reverse = false;          ///< where the read lies, and so where it is moved
  bool counted_reverse = false;  ///< the strand that it counts for
  bool multi = false;

  static constexpr std::size_t kPerChrom = 8;
  std::size_t number() const { return chrom * kPerChrom + (multi ? 4U : 0U) + (counted_reverse ? 2U : 0U) + (reverse ? 1U : 0U); }
};

/// Events by lane, in the order in which they came. Some millions wait in memory, the others in a
/// temporary file beside `neighbour`, gone when this is destroyed or a signal ends the process.
class EventStore {
 public:
  EventStore(std::size_t lanes, std::filesystem::path neighbour, std::size_t in_memory = std::size_t{1} << 23);

  /// Errors: DataError (disk full).
  void add(std::size_t lane, std::int64_t position, double weight) {
    waiting_.push_back({static_cast<std::uint32_t>(lane), {static_cast<std::uint32_t>(position), static_cast<float>(weight)}});
    sorted_ = false;
    if (waiting_.size() >= in_memory_) flush();
  }

  /// All events of a lane. Errors: DataError (the file cannot be read back).
  std::vector<Event> load(std::size_t lane);

 private:
  struct Waiting {
    std::uint32_t lane;
    Event event;
  };
  struct Block {
    std::int64_t offset = 0;  // events before it in the file
    std::int64_t count = 0;
  };
  void flush();
  void sort_waiting();

  std::filesystem::path neighbour_;
  std::size_t in_memory_;
  std::vector<Waiting> waiting_;
  bool sorted_ = false;                      // `ordered_` and `starts_` are those of what waits
  std::vector<Event> ordered_;               // what waits, in that order
  std::vector<std::size_t> starts_;          // (lanes + 1)
  std::vector<std::vector<Block>> blocks_;   // by lane
  std::int64_t in_file_ = 0;
  std::optional<AtomicFile> file_;
};

}  // namespace basewise::prepare::detail
