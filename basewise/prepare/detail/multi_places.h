// Reads that fit several places: how likely each place is, by the coverage around it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "basewise/prepare/detail/event_store.h"
#include "basewise/prepare/detail/gaussian.h"

namespace basewise::prepare::detail {

/// One place of a read.
struct Place {
  std::uint32_t chrom = 0;
  std::uint32_t position = 0;
  bool reverse = false;
  bool counted_reverse = false;  ///< the strand that it counts for
};

/// The places of reads with several of them.
class MultiPlaces {
 public:
  /// A read whose places are all known.
  void add_read(std::span<const Place> places);

  /// One place of a read that comes in several records: those of equal `read` are one read.
  void add_record(std::uint64_t read, const Place& place) { records_.push_back({read, place}); }

  /// Joins the records of each read; then nothing may be added any more.
  void close();

  std::size_t reads() const { return first_.size() - 1; }
  const std::vector<Place>& places() const { return places_; }
  std::vector<Place>& places() { return places_; }

  /// Places of read r are [first()[r], first()[r + 1]).
  const std::vector<std::size_t>& first() const { return first_; }

 private:
  struct Record {
    std::uint64_t read;
    Place place;
  };
  std::vector<Record> records_;
  std::vector<std::size_t> first_ = {0};
  std::vector<Place> places_;
};

/// A name of a read as a number: equal names, equal numbers.
std::uint64_t read_number(std::string_view name, bool second);

/// What the rounds of `ShareModel` do.
struct ShareOptions {
  double pseudocount = 0.01;
  double tolerance = 0.05;  ///< it stops where the shares of a read change by less, as a mean over reads of the sum over places
  std::int64_t iterations = 10;
};

/// Shares of reads among their places (expectation maximisation): the share of a place is
/// proportional to the mean coverage around it under a Gaussian, plus a pseudocount. The coverage
/// is that of both strands, of reads with one place as 1 and of the others by their shares so far,
/// which begin equal. All positions are those of moved reads.
class ShareModel {
 public:
  ShareModel(const MultiPlaces& reads, const Gaussian& gaussian, std::vector<std::int64_t> chrom_lengths);

  /// Adds the reads with one place of a chromosome: events in any order.
  void add_single(std::size_t chrom, std::vector<Event> events);

  /// Shares by place. `rounds` becomes the number of rounds.
  std::vector<double> fit(const ShareOptions& options, std::int64_t& rounds);

 private:
  struct Base {
    std::uint32_t chrom;
    std::uint32_t position;
  };
  void smooth(const std::vector<double>& shares, std::vector<double>& around) const;

  const MultiPlaces& reads_;
  const Gaussian& gaussian_;
  std::vector<std::int64_t> lengths_;
  std::vector<Base> bases_;             // of all places, in order, each once
  std::vector<std::size_t> base_of_;    // by place
  std::vector<double> single_;          // by base: weighted sum of the reads with one place
  std::vector<double> inside_;          // by base: sum of the weights on the chromosome
};

}  // namespace basewise::prepare::detail
